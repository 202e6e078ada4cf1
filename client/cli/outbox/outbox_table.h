#pragma once

#include <chrono>
#include <cstdint>
#include <lanemq_types.h>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/output/table.h"
#include "common/core/store/outbox_store.h"
#include "common/core/types/outbox.h"

/// How outboxes look, and what is the matter with them: pure, from what was asked.
namespace lanemq::cli {

/// What a verdict is made of.
struct OutboxFacts {
  std::int64_t ready = 0;
  std::int64_t held = 0;
  std::int64_t dead = 0;
  std::chrono::microseconds oldest_age{0};
  std::int32_t relays = 0;  ///< That live.
  std::int32_t unowned_buckets = 0;
  std::chrono::microseconds silent_for{0};  ///< 0 when the database itself was asked.
};

struct OutboxVerdict {
  int rank = 0;  ///< 0: fine; the higher the worse.
  std::string text;
};

/// The worst that is the matter first, then the rest.
[[nodiscard]] OutboxVerdict Judge(const OutboxFacts& facts);

/// Times as "3.2 s", or as milliseconds in columns that say so.
enum class Times : bool { kForPeople, kMillis };

/// Registered outboxes, worst first.
[[nodiscard]] Table OutboxesTable(const std::vector<idl::OutboxListing>& outboxes, Times times);

/// One outbox as its database has it.
struct OutboxDetail {
  std::string name;  ///< schema@host:port
  core::OutboxStats stats;
  std::vector<core::OutboxPeer> peers;
  std::vector<core::OutboxHold> holds;
};

[[nodiscard]] Table OutboxPeersTable(const std::vector<core::OutboxPeer>& peers);
[[nodiscard]] Table OutboxHoldsTable(const std::vector<core::OutboxHold>& holds, Times times);
/// All of it: figures, relays, and why what is held is held.
[[nodiscard]] std::string OutboxDetailText(const OutboxDetail& detail);
/// The same as one JSON object on one line.
[[nodiscard]] std::string OutboxDetailJson(const OutboxDetail& detail);

/// A line per message; with `has_bodies` their bodies too.
[[nodiscard]] Table OutboxMessagesTable(const std::vector<core::OutboxMessage>& messages,
                                        bool has_bodies);
/// One as a JSON object on one line. Without `has_body` there is no field for the body.
[[nodiscard]] std::string OutboxMessageJson(const core::OutboxMessage& message, bool has_body);

}  // namespace lanemq::cli
