#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/store/catalog_store.h"
#include "common/core/types/audit.h"

namespace lanemq::core {

/// Which events; those conditions that are given must all hold. A search for neither an actor nor
/// one object, but for other conditions, looks at the 7 days before `until` (or now) unless it says
/// from when.
struct AuditSearch {
  std::string actor;
  std::string object_kind;
  std::string object_name;
  std::string action;
  std::optional<WallTime> from;   ///< Inclusive.
  std::optional<WallTime> until;  ///< Exclusive.
  std::optional<AuditResult> result;
  std::optional<std::int64_t> before_id;
  std::size_t max = 100;  ///< 1 to kPageMax.

  static constexpr std::size_t kPageMax = 1'000;
  /// Of texts and documents of a page's events.
  static constexpr std::size_t kPageBytesMax = 8u << 20;
  std::size_t bytes_max = kPageBytesMax;  ///< The same; a page has one event at least.
};

struct AuditPage {
  std::vector<AuditEvent> events;  ///< Newest first.
  bool has_more = false;
};

/// The audit log of the metadata database. Changes write their rows themselves, in their own
/// transactions; this is for the rest.
///
/// Implementation: sql::MySqlAuditLog; it passes tests/conformance/audit_log_suite.h.
/// Thread safety: every method from any thread. Errors: kMetadataUnavailable, kThrottled: nothing
/// was done. kOutcomeUnknown: perhaps it was.
class AuditLog {
 public:
  virtual ~AuditLog() = default;
  /// Keeps an attempt that was refused. Not repeatable: repeated, it is there twice.
  virtual Status AppendDenied(const AuditNote& note, const AuditedChange& attempted,
                              Deadline deadline) = 0;
  /// Keeps what was done without a change of the metadata database, such as a test of a channel.
  /// Not repeatable either.
  virtual Status AppendDone(const AuditNote& note, const AuditedChange& done,
                            Deadline deadline) = 0;
  /// As much as fits into `bytes_max`, at least one event; whether there is more is told.
  virtual Result<AuditPage> Search(const AuditSearch& search, Deadline deadline) = 0;
  /// Forgets what is older, at most `max` rows. How many. Errors: kFenced.
  virtual Result<std::int64_t> Expire(std::chrono::microseconds age, std::size_t max,
                                      const Fence& fence, Deadline deadline) = 0;
};

}  // namespace lanemq::core
