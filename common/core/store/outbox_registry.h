#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/types/audit.h"

namespace lanemq::core {

/// What a relay tells of the outbox it empties. Counts and ages are by the outbox's database.
struct OutboxReport {
  std::string outbox;  ///< Unique in the cluster.
  std::string relay;   ///< Of the relay's process, for people.
  std::int64_t ready = 0;
  std::int64_t held = 0;
  std::int64_t dead = 0;
  std::optional<std::int64_t> holds;
  std::chrono::milliseconds oldest_age{0};
  std::int32_t relays = 0;
  std::int32_t unowned_buckets = 0;
  std::optional<std::int64_t> published;  ///< By this relay since it began.
  std::optional<std::int64_t> failed;     ///< The same.
  std::string last_error;                 ///< Empty: all is well.
  std::string version;
  bool operator==(const OutboxReport&) const = default;
};

/// An outbox of the cluster: its newest report.
struct RegisteredOutbox {
  OutboxReport report;
  WallTime first_seen;
  WallTime reported;
  std::chrono::microseconds silent_for{0};  ///< By the metadata database's clock, when read.
};

/// The outboxes of a cluster, as their relays reported them.
///
/// Implementation: sql::MySqlOutboxRegistry. Thread safety: every method from any thread.
/// Errors of every method: kMetadataUnavailable, kThrottled: nothing was changed. Repeating any
/// call is harmless.
class OutboxRegistry {
 public:
  static constexpr std::size_t kOutboxesMax = 10'000;
  static constexpr std::size_t kNameBytesMax = 128;  ///< Of outboxes and relays.
  static constexpr std::size_t kErrorBytesMax = 1'024;
  static constexpr std::size_t kVersionBytesMax = 64;

  virtual ~OutboxRegistry() = default;

  /// Keeps the report as the outbox's newest. Its texts are within the limits above. `reporter`
  /// is the principal that reports, and alone may do so from then on, until it is not heard of for
  /// a day or the outbox is forgotten: kClusterAuthorizationFailed names who else it is. Empty:
  /// anybody, authentication is off.
  /// kInsufficientCapacity: a new outbox, and there are kOutboxesMax of them.
  virtual Status Report(const OutboxReport& report, std::string_view reporter,
                        Deadline deadline) = 0;
  /// All of them, by name.
  virtual Result<std::vector<RegisteredOutbox>> List(Deadline deadline) = 0;
  /// Leaves its row in the audit log in the same transaction. kNotFound: there is none of the name.
  virtual Status Forget(std::string_view outbox, const AuditNote& note, Deadline deadline) = 0;
};

}  // namespace lanemq::core
