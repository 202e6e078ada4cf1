#pragma once

#include "common/core/store/retry_store.h"
#include "sql/store/data_nodes.h"

namespace lanemq::sql {

/// Failed records of consumer groups on one data node. Settlements are in mysql_retry_settle.cc,
/// deliveries in mysql_retry_lease.cc, the backlog and policies in mysql_retry_store.cc.
class MySqlRetryStore final : public core::RetryStore {
 public:
  /// `nodes` must outlive the store.
  MySqlRetryStore(DataNodes& nodes, core::NodeId node) : nodes_(nodes), node_(node) {}

  Result<std::vector<core::PartitionSettled>> Settle(
      std::string_view group, const core::OffsetOwner& owner,
      std::span<const core::PartitionSettlement> partitions, Deadline deadline) override;
  Result<core::LeasedRetries> Lease(std::string_view group, const core::OffsetOwner& owner,
                                    std::span<const core::RetryWish> wishes,
                                    core::RetryLimits limits, std::chrono::milliseconds lease,
                                    bool take_over, Deadline deadline) override;
  Result<std::vector<core::RetryBacklog>> Backlog(std::string_view group,
                                                  Deadline deadline) override;
  Result<std::vector<core::StoredRetryPolicy>> Policies(std::string_view group,
                                                        Deadline deadline) override;
  Status SetPolicy(std::string_view group, std::optional<core::TopicId> topic,
                   const std::optional<core::RetryPolicy>& policy, const core::OperatorNote& note,
                   Deadline deadline) override;

 private:
  DataNodes& nodes_;
  const core::NodeId node_;
};

}  // namespace lanemq::sql
