#pragma once

#include <cstdint>
#include <vector>

#include "common/core/store/partition_mover.h"
#include "sql/store/data_nodes.h"

namespace lanemq::sql {

/// Moves between data nodes on MySQL or MariaDB. Rows go through this process, in chunks: one chunk
/// is held in memory. Calls end at most ConnectionOptions::io_timeout after their deadline.
///
/// Rows are copied byte for byte, times as well: both servers' sessions are in UTC. Times of the
/// node (when a retry is due, how long a pause or a lease lasts) were written by the source's clock
/// and are judged by the target's from then on: they are off by as much as the two clocks are.
///
/// A hole in the log (offsets that the source does not have above its log start; only a disaster
/// leaves one) is copied as a hole, as readers would have met it; the log says so, and Compare()
/// then counts every row of both logs, which takes as long as reading them.
///
/// Tables are sealed and opened by the name of a column (TableRole), which both servers change at
/// once and in one piece, whenever they are killed.
///
/// Besides the port's errors: kInvalidRequest when both places are on one node; kMessageTooLarge
/// when a row exceeds the target's max_allowed_packet; kFailedPrecondition from BeginArrival() when
/// the target has the partition or a table of its name.
class MySqlPartitionMover final : public core::PartitionMover {
 public:
  /// `nodes` must outlive the mover.
  explicit MySqlPartitionMover(DataNodes& nodes) : nodes_(nodes) {}

  Status BeginArrival(const core::PartitionMove& move, Deadline deadline) override;
  Result<core::LogCopied> CopyLog(const core::PartitionMove& move, core::CopyLimits limits,
                                  Deadline deadline) override;
  Result<core::StateCopied> CopyAhead(const core::PartitionMove& move,
                                      const core::StatePlace& after, core::CopyLimits limits,
                                      Deadline deadline) override;
  Status Seal(const core::PartitionMove& move, Deadline deadline) override;
  Status Unseal(const core::PartitionMove& move, Deadline deadline) override;
  Result<core::StateCopied> CopyState(const core::PartitionMove& move,
                                      const core::StatePlace& after, core::CopyLimits limits,
                                      Deadline deadline) override;
  Result<std::vector<core::MoveCount>> Compare(const core::PartitionMove& move,
                                               Deadline deadline) override;
  Status Open(const core::PartitionMove& move, Deadline deadline) override;
  Status DropArrival(const core::PartitionMove& move, Deadline deadline) override;
  Result<bool> DropSource(const core::PartitionMove& move, Deadline deadline) override;

 private:
  DataNodes& nodes_;
};

}  // namespace lanemq::sql
