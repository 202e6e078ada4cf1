#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"

namespace lanemq::core {

/// Who makes a change, from where and why: kept in the transaction of the change itself.
struct AuditNote {
  std::string actor = "anonymous";  ///< "service:billing".
  std::string on_behalf_of;         ///< Empty: of nobody else.
  std::string source;               ///< "10.1.2.3:4567".
  std::string request_id;
  std::string action;  ///< The RPC's name, or what a server does by itself.
  std::string reason;  ///< What the person said; empty: nothing.

  static constexpr std::size_t kReasonBytesMax = 500;
};

/// What an event is about: "topic" and "orders".
struct AuditObject {
  std::string kind;
  std::string name;
  bool operator==(const AuditObject&) const = default;
};

/// What was changed. JSON documents without secrets; empty: there was, or is, none.
struct AuditedChange {
  std::string object_kind;
  std::string object_name;
  std::string before_json;
  std::string after_json;
  /// Searches for these find the event, too: of a grant its topic and whom it is to. Not read back.
  std::vector<AuditObject> also = {};
};

/// How it ended. What failed for other reasons changed nothing and is not kept.
enum class AuditResult : std::uint8_t { kOk = 1, kDenied = 2 };

/// A row of the audit log.
struct AuditEvent {
  std::int64_t id = 0;
  WallTime at;  ///< By the database's clock.
  AuditNote note;
  AuditedChange change;
  AuditResult result = AuditResult::kOk;
};

}  // namespace lanemq::core
