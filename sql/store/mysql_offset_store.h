#pragma once

#include "common/core/store/offset_store.h"
#include "sql/store/data_nodes.h"

namespace lanemq::sql {

/// Committed offsets on one data node. Claims and commits are in mysql_offset_store.cc, what
/// operators do in mysql_offset_operator.cc.
class MySqlOffsetStore final : public core::OffsetStore {
 public:
  /// `nodes` must outlive the store.
  MySqlOffsetStore(DataNodes& nodes, core::NodeId node) : nodes_(nodes), node_(node) {}

  Result<std::vector<Status>> Commit(std::string_view group, const core::OffsetOwner& owner,
                                     std::span<const core::OffsetCommit> commits,
                                     Deadline deadline) override;
  Result<std::vector<core::CommittedOffset>> Fetch(std::string_view group,
                                                   std::span<const core::PartitionKey> keys,
                                                   Deadline deadline) override;
  Result<std::vector<core::PartitionKey>> ListHere(Deadline deadline) override;
  Result<std::vector<core::OffsetClaim>> Claim(std::string_view group,
                                               const core::OffsetOwner& owner,
                                               std::span<const core::PartitionKey> keys,
                                               Deadline deadline) override;

  Result<std::vector<core::OffsetReset>> Reset(std::string_view group,
                                               std::span<const core::OffsetResetTo> resets,
                                               const core::OperatorNote& note,
                                               Deadline deadline) override;
  Result<std::vector<core::OffsetReset>> ListResets(std::string_view group, std::size_t max,
                                                    Deadline deadline) override;
  Status Pause(std::string_view group, std::span<const core::PartitionKey> keys,
               std::optional<WallTime> until, const core::OperatorNote& note,
               Deadline deadline) override;
  Result<std::int64_t> Resume(std::string_view group, std::span<const core::PartitionKey> keys,
                              const core::OperatorNote& note, Deadline deadline) override;
  Result<std::int64_t> Delete(std::string_view group, std::span<const core::PartitionKey> keys,
                              const core::OperatorNote& note, Deadline deadline) override;
  Result<std::int64_t> Expire(std::string_view group, core::Generation newest,
                              std::chrono::microseconds idle_for, Deadline deadline) override;

 private:
  DataNodes& nodes_;
  const core::NodeId node_;
};

}  // namespace lanemq::sql
