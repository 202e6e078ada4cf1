#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "common/base/mutex.h"
#include "common/core/store/retention_store.h"
#include "sql/store/data_nodes.h"

namespace lanemq::sql {

/// Retention on a MySQL or MariaDB data node. DDL waits at most a second for its lock, on a session
/// that waits as usual again before it goes back to its pool.
class MySqlRetentionStore final : public core::RetentionStore {
 public:
  /// `nodes` must outlive the store. `sizes_max_age`: the sizes of all files of the node come from
  /// one statement, which looks at every file the server has, and are kept for so long.
  MySqlRetentionStore(DataNodes& nodes, core::NodeId node,
                      std::chrono::milliseconds sizes_max_age = std::chrono::seconds{60})
      : nodes_(nodes), node_(node), sizes_max_age_(sizes_max_age) {}

  Result<core::RetentionFacts> Look(const core::PartitionLocation& location,
                                    const core::RetentionLook& look, Deadline deadline) override;
  Result<core::StartMoved> MoveStart(const core::StartMove& move,
                                     const std::optional<core::Fence>& fence,
                                     Deadline deadline) override;
  Result<core::StartMoved> Trim(const core::StartMove& move, const core::OperatorNote& note,
                                bool is_dry_run, Deadline deadline) override;
  Result<std::int64_t> DropSegments(const core::PartitionLocation& location,
                                    std::span<const core::Offset> bounds,
                                    Deadline deadline) override;
  Result<std::int64_t> DeleteRows(const core::PartitionLocation& location, core::Offset low,
                                  core::Offset to, std::int64_t max, Deadline deadline) override;
  Status SplitTail(const core::PartitionLocation& location, core::Offset bound,
                   std::int64_t rows_max, Deadline deadline) override;
  Result<std::vector<core::RetentionLoss>> Losses(WallTime since, std::size_t max,
                                                  Deadline deadline) override;
  Result<std::int64_t> Expire(std::string_view rule, std::chrono::hours age, std::int32_t max,
                              const core::Fence& fence, Deadline deadline) override;

 private:
  using Sizes = std::map<std::string, std::int64_t>;

  Result<std::shared_ptr<const Sizes>> SizesOf(Connection& connection, std::string_view prefix);

  DataNodes& nodes_;
  const core::NodeId node_;
  const std::chrono::milliseconds sizes_max_age_;
  Mutex mutex_;
  std::shared_ptr<const Sizes> sizes_ LANEMQ_GUARDED_BY(mutex_);
  MonotonicTime sizes_read_at_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::sql
