#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/retention/retention_types.h"
#include "common/core/store/catalog_store.h"
#include "common/core/store/offset_store.h"

namespace lanemq::core {

/// What moved a log start.
struct StartMoved {
  Offset old_start;
  Offset new_start;  ///< May be lower than asked for under kBlock, and higher when it was already.
  std::vector<GroupBelow> below;  ///< Groups that had not read up to new_start (or, when blocked or
                                  ///< in a dry run, up to what was asked for).
  std::int64_t lost = 0;          ///< Messages recorded as lost, over all groups.
};

struct StartMove {
  PartitionLocation location;
  Offset to;
  UnreadPolicy unread = UnreadPolicy::kWarn;
  std::string reason;  ///< time, size, trim.
  /// Under kBlock, groups without member and without a commit for that long do not block.
  std::chrono::microseconds group_idle_max{std::chrono::hours{168}};
};

/// A row that tells that a group lost unread messages.
struct RetentionLoss {
  std::string group;
  PartitionKey key;
  Offset from;
  Offset to;
  std::string reason;
  WallTime at;
};

/// Retention of the message tables of one data node.
///
/// The log start is the fence of every removal: it only grows, rows below it are read by nobody,
/// and a removal that comes late removes what was condemned before, or nothing. Implementation:
/// sql::MySqlRetentionStore, on both engines; it passes tests/conformance/retention_store_suite.h.
/// Thread safety: every method from any thread. Errors of every method: kDataNodeUnavailable,
/// kThrottled: nothing was done; kUnknownTopicOrPartition; writers also kOutcomeUnknown: read
/// again. Those that change a table: kConflict: it was busy for the lock wait (1 s), nothing was
/// done; try later.
class RetentionStore {
 public:
  virtual ~RetentionStore() = default;

  /// The facts of one partition, read one after the other: each was true at some moment of the
  /// call, and what has changed since makes a step smaller or void, never wrong.
  virtual Result<RetentionFacts> Look(const PartitionLocation& location, const RetentionLook& look,
                                      Deadline deadline) = 0;

  /// Moves the log start forward, in one transaction that checks the fence (nullopt: an
  /// operator's), share-locks the groups' rows under kBlock and writes losses. Never past end - 1:
  /// the newest row stays. kFenced.
  virtual Result<StartMoved> MoveStart(const StartMove& move, const std::optional<Fence>& fence,
                                       Deadline deadline) = 0;
  /// The same by an operator: `to` may be the end (then the newest row stays, unread by new
  /// readers). Writes partition_trims. kFailedPrecondition under kBlock when a live group is below.
  virtual Result<StartMoved> Trim(const StartMove& move, const OperatorNote& note, bool is_dry_run,
                                  Deadline deadline) = 0;

  /// DROP PARTITION of segments whose bounds are <= the committed log start, read again first.
  /// Those that are gone already count as done. How many were dropped.
  virtual Result<std::int64_t> DropSegments(const PartitionLocation& location,
                                            std::span<const Offset> bounds, Deadline deadline) = 0;
  /// Deletes at most `max` rows in [low, to), but none at or above the committed log start, which
  /// is read first. How many.
  virtual Result<std::int64_t> DeleteRows(const PartitionLocation& location, Offset low, Offset to,
                                          std::int64_t max, Deadline deadline) = 0;
  /// Splits the tail at `bound`. kAlreadyExists: the bound exists or is too low: somebody else
  /// split. kFailedPrecondition: the tail has more than `rows_max` rows.
  virtual Status SplitTail(const PartitionLocation& location, Offset bound, std::int64_t rows_max,
                           Deadline deadline) = 0;

  /// Losses since `since`, oldest first.
  virtual Result<std::vector<RetentionLoss>> Losses(WallTime since, std::size_t max,
                                                    Deadline deadline) = 0;
  /// Deletes at most `max` old rows by one of core/retention/expiry_rules.h; how many.
  virtual Result<std::int64_t> Expire(std::string_view rule, std::chrono::hours age,
                                      std::int32_t max, const Fence& fence, Deadline deadline) = 0;
};

}  // namespace lanemq::core
