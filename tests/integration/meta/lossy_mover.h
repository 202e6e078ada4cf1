#pragma once

#include <atomic>
#include <vector>

#include "common/core/store/partition_mover.h"
#include "sql/store/mysql_partition_mover.h"

namespace lanemq::testing {

/// A real mover, whose steps backwards find nobody while the test says so.
class LossyMover final : public core::PartitionMover {
 public:
  explicit LossyMover(sql::DataNodes& nodes) : real_(nodes) {}

  std::atomic<bool> is_unseal_lost{false};
  std::atomic<bool> is_drop_lost{false};  ///< Of the copy, and of the old place.
  std::atomic<int> refused{0};

  Status BeginArrival(const core::PartitionMove& move, Deadline deadline) override {
    return real_.BeginArrival(move, deadline);
  }
  Result<core::LogCopied> CopyLog(const core::PartitionMove& move, core::CopyLimits limits,
                                  Deadline deadline) override {
    return real_.CopyLog(move, limits, deadline);
  }
  Result<core::StateCopied> CopyAhead(const core::PartitionMove& move,
                                      const core::StatePlace& after, core::CopyLimits limits,
                                      Deadline deadline) override {
    return real_.CopyAhead(move, after, limits, deadline);
  }
  Status Seal(const core::PartitionMove& move, Deadline deadline) override {
    return real_.Seal(move, deadline);
  }
  Status Unseal(const core::PartitionMove& move, Deadline deadline) override {
    if (is_unseal_lost) return Lost();
    return real_.Unseal(move, deadline);
  }
  Result<core::StateCopied> CopyState(const core::PartitionMove& move,
                                      const core::StatePlace& after, core::CopyLimits limits,
                                      Deadline deadline) override {
    return real_.CopyState(move, after, limits, deadline);
  }
  Result<std::vector<core::MoveCount>> Compare(const core::PartitionMove& move,
                                               Deadline deadline) override {
    return real_.Compare(move, deadline);
  }
  Status Open(const core::PartitionMove& move, Deadline deadline) override {
    return real_.Open(move, deadline);
  }
  Status DropArrival(const core::PartitionMove& move, Deadline deadline) override {
    if (is_drop_lost) return Lost();
    return real_.DropArrival(move, deadline);
  }
  Result<bool> DropSource(const core::PartitionMove& move, Deadline deadline) override {
    if (is_drop_lost) return Lost();
    return real_.DropSource(move, deadline);
  }

 private:
  Error Lost() {
    ++refused;
    return {ErrorCode::kDataNodeUnavailable, "lost"};
  }

  sql::MySqlPartitionMover real_;
};

}  // namespace lanemq::testing
