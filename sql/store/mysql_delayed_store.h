#pragma once

#include "common/core/store/delayed_store.h"
#include "sql/store/data_nodes.h"

namespace lanemq::sql {

/// Delayed messages on one data node.
class MySqlDelayedStore final : public core::DelayedStore {
 public:
  /// `nodes` must outlive the store.
  MySqlDelayedStore(DataNodes& nodes, core::NodeId node) : nodes_(nodes), node_(node) {}

  Result<Scheduled> Schedule(const core::PartitionKey& key,
                             std::span<const core::DelayedMessage> batch,
                             Deadline deadline) override;
  Result<std::vector<core::CancelResult>> Cancel(std::span<const core::DelayedId> ids,
                                                 Deadline deadline) override;
  Result<std::vector<Listed>> List(std::span<const core::PartitionKey> keys,
                                   const std::optional<core::DelayedId>& after, std::int32_t max,
                                   Deadline deadline) override;
  Result<Fronts> ReadFronts(Deadline deadline) override;
  Result<core::DelayedMove> Move(const core::PartitionLocation& location, WallTime from,
                                 std::int32_t max, std::size_t bytes_max, const core::Fence& fence,
                                 Deadline deadline) override;
  Result<std::int64_t> ExpireProducers(std::chrono::microseconds idle_for, std::int32_t max,
                                       const core::Fence& fence, Deadline deadline) override;

 private:
  DataNodes& nodes_;
  const core::NodeId node_;
};

}  // namespace lanemq::sql
