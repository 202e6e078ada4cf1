#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/store/catalog_store.h"
#include "common/core/types/delayed_handle.h"
#include "common/core/types/ids.h"
#include "common/core/types/record.h"

namespace lanemq::core {

struct DelayedMessage {
  WallTime due;
  RecordPtr record;  ///< Offset and timestamp are not used; producer and sequence are.
};

enum class CancelResult {
  kCancelled,
  kDelivered,  ///< Its time has come and it is not there: delivered, unless it was cancelled
               ///< before.
  kNotFound,   ///< Its time has not come and it is not there: cancelled before, or never known.
};

/// The earliest due time of a partition.
struct DelayedFront {
  PartitionKey key;
  WallTime due;
};

/// A batch that became due and was appended.
struct DelayedMove {
  std::int32_t moved = 0;
  Offset first_offset;                ///< Of those moved.
  std::vector<std::int64_t> late_us;  ///< Of each: append time minus due time; never negative.
  std::optional<WallTime> next_due;   ///< Of what is left in the partition.
  WallTime now;                       ///< The data node's clock.
};

/// Delayed messages of one data node.
///
/// Implementation: sql::MySqlDelayedStore; passes tests/conformance/delayed_store_suite.h on both
/// engines. Thread safety: every method from any thread. Errors of every method:
/// kDataNodeUnavailable, kThrottled: nothing was done. kOutcomeUnknown: repeat the call: harmless.
/// Schedule(), Cancel() and Move() answer kDataNodeUnavailable for a partition that moves to
/// another data node, or is not on this one.
class DelayedStore {
 public:
  virtual ~DelayedStore() = default;

  /// Stores a producer's batch of one partition, in one piece. With a producer id each sequence is
  /// stored once: what was stored before is skipped (how many: the answer), whatever became of it
  /// since. kOutOfOrderSequence: an earlier batch is missing. kUnknownProducerId: the producer is
  /// not remembered, and this is not its first batch. Without one (0), rows are told apart by
  /// random sequences that this call gives, in order: read them from `ids`.
  struct Scheduled {
    std::int32_t duplicates = 0;
    std::vector<DelayedId> ids;  ///< Of each message, in order.
  };
  virtual Result<Scheduled> Schedule(const PartitionKey& key, std::span<const DelayedMessage> batch,
                                     Deadline deadline) = 0;

  /// In order. A cancelled message is never delivered; atomic with Move().
  virtual Result<std::vector<CancelResult>> Cancel(std::span<const DelayedId> ids,
                                                   Deadline deadline) = 0;

  struct Listed {
    DelayedId id;
    RecordPtr record;
  };
  /// By due time within partitions, after `after`, at most `max`.
  virtual Result<std::vector<Listed>> List(std::span<const PartitionKey> keys,
                                           const std::optional<DelayedId>& after, std::int32_t max,
                                           Deadline deadline) = 0;

  /// The front of every partition that has delayed messages, and the database's clock.
  struct Fronts {
    std::vector<DelayedFront> fronts;
    WallTime now;
  };
  virtual Result<Fronts> ReadFronts(Deadline deadline) = 0;

  /// Appends what is due in the partition, up to `max` rows and `bytes_max`, in the order of
  /// DelayedId, and removes it here: one transaction, which `fence` (a lease of node_leases) must
  /// allow: kFenced. `from`: nothing is due before it: where to begin the scan. Offsets follow the
  /// newest row's; timestamps are the database's clock and never go back. Loses races against
  /// other writers, and tries again within the deadline: kConflict at its end.
  virtual Result<DelayedMove> Move(const PartitionLocation& location, WallTime from,
                                   std::int32_t max, std::size_t bytes_max, const Fence& fence,
                                   Deadline deadline) = 0;

  /// Forgets up to `max` producers that scheduled nothing for `idle_for`: how many. kFenced.
  virtual Result<std::int64_t> ExpireProducers(std::chrono::microseconds idle_for, std::int32_t max,
                                               const Fence& fence, Deadline deadline) = 0;
};

}  // namespace lanemq::core
