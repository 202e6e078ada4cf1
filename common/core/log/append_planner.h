#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "common/core/log/append_request.h"
#include "common/core/log/partition_tail.h"

namespace lanemq::core {

struct AppendPlanLimits {
  std::size_t records_max = 1'000;
  std::size_t bytes_max = 4u << 20;  ///< One larger request goes alone.
  /// A batch that leaves a gap waits this long for the missing one before it is refused: batches
  /// of one producer may overtake each other on different connections.
  std::chrono::nanoseconds gap_patience = std::chrono::milliseconds(500);
  /// After this long the tail is confirmed, since the missing batch may have gone through another
  /// broker. At most gap_patience.
  std::chrono::nanoseconds gap_confirm_after = std::chrono::milliseconds(20);
};

/// What happens to one request.
struct PlannedRequest {
  /// It stays in the queue until then at least; nothing else here is meaningful.
  std::optional<MonotonicTime> deferred_until;
  /// True: nothing is left to store (or it is refused); `outcome` is the answer.
  /// False: `outcome` is the answer once the plan's rows are stored.
  bool is_decided = false;
  AppendOutcome outcome;
  /// Leading records that had been stored before, or are rows of an earlier request of this plan.
  std::size_t records_skipped = 0;
};

/// One multi-row insert, and what it means for the requests at the front of the queue.
struct AppendPlan {
  std::vector<RecordPtr> rows;  ///< Consecutive offsets from tail.next(); empty: nothing to store.
  std::vector<PlannedRequest> requests;  ///< For the first requests.size() of the queue.
  /// The next request cannot be decided until the tail is confirmed.
  bool needs_current_tail = false;
  /// When the first deferred request is to be looked at again; nullopt: none is deferred.
  std::optional<MonotonicTime> gap_until;
  bool is_idle = true;  ///< Nothing is stored or decided.
};

/// Turns the requests at the front of `queue` into rows: whole requests only, up to `limits`; one
/// larger than that goes alone. Sets offset and timestamp of the records that become rows;
/// timestamps never go back.
///
/// Idempotent producers, by base sequence against what is stored or planned before:
///   - the next one: stored; all or some known already: only the rest is stored;
///   - all known: answered with the original offsets, kDuplicateSequence if they are forgotten;
///   - a gap: kOutOfOrderSequence;
///   - unknown producer, not starting at 0: kUnknownProducerId, since an earlier batch may be lost.
/// The last two are deferred for gap_patience. They could be wrong even then on a tail that is
/// behind (the missing batch went through another broker), so the plan ends before such a request
/// unless the tail was confirmed after it came. Records of other requests must carry an identity of
/// the broker's own and are always stored. Pure but for the records; running it again on the same
/// queue is harmless. Cost: linear in rows.
[[nodiscard]] AppendPlan PlanAppend(const std::deque<AppendRequest>& queue,
                                    const PartitionTail& tail, const AppendPlanLimits& limits,
                                    AppendTimes times);

}  // namespace lanemq::core
