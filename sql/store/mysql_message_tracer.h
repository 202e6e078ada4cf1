#pragma once

#include "common/core/store/message_tracer.h"
#include "sql/store/data_nodes.h"

namespace lanemq::sql {

/// Traces messages on one data node.
class MySqlMessageTracer final : public core::MessageTracer {
 public:
  /// `nodes` outlives the tracer.
  MySqlMessageTracer(const DataNodes& nodes, core::NodeId node) : nodes_(nodes), node_(node) {}

  Result<core::MessageTrace> Trace(const core::PartitionLocation& location, core::Offset offset,
                                   std::int32_t groups_max, Deadline deadline) override;
  Result<std::vector<std::vector<core::TracedDeed>>> Deeds(const core::PartitionKey& key,
                                                           core::Offset offset,
                                                           std::span<const std::string> groups,
                                                           WallTime since,
                                                           Deadline deadline) override;

 private:
  const DataNodes& nodes_;
  const core::NodeId node_;
};

}  // namespace lanemq::sql
