#pragma once

#include "common/core/store/offset_store.h"
#include "sql/store/data_nodes.h"

namespace lanemq::sql {

class Connection;

/// Committed offsets on one data node.
class MySqlOffsetStore final : public core::OffsetStore {
 public:
  /// `nodes` must outlive the store.
  MySqlOffsetStore(DataNodes& nodes, core::NodeId node) : nodes_(nodes), node_(node) {}

  Result<std::vector<Status>> Commit(std::string_view group, core::Generation generation,
                                     std::span<const core::OffsetCommit> commits,
                                     Deadline deadline) override;
  Result<std::vector<core::CommittedOffset>> Fetch(std::string_view group,
                                                   std::span<const core::PartitionKey> keys,
                                                   Deadline deadline) override;

 private:
  DataNodes& nodes_;
  const core::NodeId node_;
};

}  // namespace lanemq::sql
