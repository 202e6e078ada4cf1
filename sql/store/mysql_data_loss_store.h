#pragma once

#include "common/core/store/data_loss_store.h"
#include "sql/store/data_nodes.h"

namespace lanemq::sql {

/// Rows of data_losses on one data node.
class MySqlDataLossStore final : public core::DataLossStore {
 public:
  /// `nodes` outlives the store.
  MySqlDataLossStore(const DataNodes& nodes, core::NodeId node) : nodes_(nodes), node_(node) {}

  Status Record(const core::DataLoss& loss, Deadline deadline) override;

 private:
  const DataNodes& nodes_;
  const core::NodeId node_;
};

}  // namespace lanemq::sql
