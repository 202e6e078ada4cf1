#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/types/ids.h"
#include "common/core/types/move.h"

namespace lanemq::core {

/// How much one step may copy.
struct CopyLimits {
  std::int64_t rows_max = 2'000;
  std::int64_t bytes_max = 4 << 20;  ///< The first row always fits.
};

struct LogCopied {
  std::int64_t rows = 0;  ///< In this step.
  std::int64_t bytes = 0;
  Offset copied_end;  ///< The offset the next copied row will have.
  Offset source_end;  ///< The end of the source's log when this step read it.
  [[nodiscard]] bool IsLevel() const { return copied_end >= source_end; }
};

/// How far a walk over the state has come; default: it begins. To forget one costs time, no more.
struct StatePlace {
  std::size_t table = 0;
  std::vector<std::string> after;  ///< The key of a row, as text; empty: before the first one.
  bool operator==(const StatePlace&) const = default;
};

struct StateCopied {
  std::int64_t rows = 0;  ///< Written or deleted at the target in this step, of all tables.
  std::int64_t bytes = 0;
  bool is_whole = false;          ///< The walk has come to its end.
  StatePlace next = {};           ///< Where the next step goes on, unless it has.
  std::int64_t rows_checked = 0;  ///< Of the source, in this step, equal or not.
};

/// What both sides of a move have of one kind of thing.
struct MoveCount {
  std::string what;  ///< "log rows", "first offset", "group_offsets", "group_offsets (check)", ...
  std::int64_t source = 0;
  std::int64_t target = 0;
};

/// Carries one partition from its data node to another one; docs/adr has the protocol. Decides
/// nothing: the order of the steps is the caller's (core/move).
///
/// Every step is harmless to repeat, by anybody, after any error. A caller that is late does no
/// harm: kFenced when a newer move of the partition has begun there, or when this one has gone on
/// to a state that rules the step out. Blocking; ends by its deadline, or a few seconds later when
/// a server hangs. Errors of every method: kDataNodeUnavailable, kThrottled, kConflict: nothing was
/// done; kOutcomeUnknown: repeat it; kUnknownTopicOrPartition: the source has no such partition.
///
/// Implementation: sql::MySqlPartitionMover; passes tests/conformance/partition_mover_suite.h on
/// both engines. Thread safety: every method from any thread.
class PartitionMover {
 public:
  virtual ~PartitionMover() = default;

  /// The target gets an empty table of the arrival, with the source's segments, and the row of the
  /// arrival. What an older move of the partition left there is dropped first.
  virtual Status BeginArrival(const PartitionMove& move, Deadline deadline) = 0;
  /// Copies the log from where the copy ends, or from the source's log start when that is later.
  virtual Result<LogCopied> CopyLog(const PartitionMove& move, CopyLimits limits,
                                    Deadline deadline) = 0;
  /// One step of a walk over what CopyState() would copy long: dead letters, retries and delayed
  /// messages. It begins at `after` and copies what differs, while everybody works on: it is true
  /// for that moment only, and a later walk costs what has changed meanwhile, and a look at the
  /// rest. When the source is sealed, nothing is copied and the walk is at its end.
  virtual Result<StateCopied> CopyAhead(const PartitionMove& move, const StatePlace& after,
                                        CopyLimits limits, Deadline deadline) = 0;

  /// From here on nobody changes anything of the partition at the source. Waits for transactions
  /// under way, at most two seconds (kConflict: some go on; nothing is sealed, or a repeat goes on
  /// from there).
  virtual Status Seal(const PartitionMove& move, Deadline deadline) = 0;
  /// The source as it was before Seal(): for a move that is given up. Harmless when it is not
  /// sealed by this move.
  virtual Status Unseal(const PartitionMove& move, Deadline deadline) = 0;

  /// One step of a walk that makes the target equal in what belongs to the partition beside its
  /// log: offsets with claims, pauses, resets, retries, dead letters, delayed messages and their
  /// producers, the producers' snapshot, records of losses and trims. What is equal already, since
  /// CopyAhead() has copied it, is compared and left alone. The source must be sealed
  /// (kFailedPrecondition). Whoever begins to carry the move out begins the walk as well.
  virtual Result<StateCopied> CopyState(const PartitionMove& move, const StatePlace& after,
                                        CopyLimits limits, Deadline deadline) = 0;
  /// Counts both sides, and compares the content of small tables; the source must be sealed and
  /// copied.
  virtual Result<std::vector<MoveCount>> Compare(const PartitionMove& move, Deadline deadline) = 0;

  /// The target becomes the partition, with the source's log start. No way back after this.
  virtual Status Open(const PartitionMove& move, Deadline deadline) = 0;

  /// Removes what a move that was given up has left at the target. Harmless when there is nothing;
  /// kFailedPrecondition when it was opened.
  virtual Status DropArrival(const PartitionMove& move, Deadline deadline) = 0;
  /// Removes the partition from the source, sealed by this move, in parts: true when nothing is
  /// left. The catalogue must say that it is elsewhere.
  virtual Result<bool> DropSource(const PartitionMove& move, Deadline deadline) = 0;
};

}  // namespace lanemq::core
