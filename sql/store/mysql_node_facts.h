#pragma once

#include "common/core/store/node_facts.h"
#include "sql/store/data_nodes.h"

namespace lanemq::sql {

/// Facts of one data node.
class MySqlNodeFacts final : public core::NodeFactsSource {
 public:
  /// `nodes` outlives the store.
  MySqlNodeFacts(const DataNodes& nodes, core::NodeId node) : nodes_(nodes), node_(node) {}

  Result<core::NodeFacts> Read(const core::NodeFactsQuery& query, Deadline deadline) override;
  Result<std::int64_t> UsedBytes(Deadline deadline) override;

 private:
  const DataNodes& nodes_;
  const core::NodeId node_;
};

}  // namespace lanemq::sql
