#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "common/base/error.h"
#include "common/base/strong_id.h"
#include "common/base/time.h"
#include "common/core/types/record.h"

namespace lanemq::core {

using AppendRequestId = StrongId<struct AppendRequestIdTag, std::uint64_t>;

/// Read once per event by the shell.
struct AppendTimes {
  MonotonicTime now;
  WallTime wall;
};

/// One producer's batch for one partition; stored in one piece or not at all.
struct AppendRequest {
  AppendRequestId id;  ///< Chosen by the caller, unique within the partition.
  /// With a positive id the batch is stored once however often it is sent.
  ProducerId producer;
  std::int64_t base_sequence = 0;  ///< Of the first record; with a producer only.
  /// At least one. The log sets offset, timestamp, producer and sequence.
  std::vector<std::shared_ptr<Record>> records;
  std::size_t bytes = 0;   ///< Sum of SizeOf() of the records.
  MonotonicTime deadline;  ///< Given up then, unless an insert of it is running.

  /// For AppendMachine: when it was submitted.
  MonotonicTime submitted_at;
  /// For AppendMachine: an insert of it was tried, so its rows may turn up in the log.
  bool is_attempted = false;
  /// For AppendMachine: an insert of it, with this first offset, may still take effect.
  std::optional<Offset> doubtful_at;
};

/// Consecutive offsets; -1 as the first: stored, but nobody remembers where.
struct OffsetRun {
  Offset first;
  std::int64_t count = 0;
  bool operator==(const OffsetRun&) const = default;
};
inline constexpr Offset kForgottenOffset{-1};

/// The answer to an AppendRequest.
struct AppendOutcome {
  /// nullopt: stored, durably. kDuplicateSequence comes with is_duplicate and forgotten offsets.
  std::optional<Error> error;
  std::vector<OffsetRun> offsets;  ///< Of all records, in order.
  /// Of the stored rows; nullopt for what had been stored before.
  std::optional<WallTime> timestamp;
  bool is_duplicate = false;  ///< The whole batch had been stored before.
};

}  // namespace lanemq::core
