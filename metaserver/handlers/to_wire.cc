#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "common/core/placement/placement_planner.h"
#include "common/core/placement/preferred_broker.h"
#include "common/rpc/wire/catalog.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<const core::DataNode*> NodeNamed(const core::CatalogSnapshot& snapshot,
                                        const std::string& name) {
  const auto found = std::ranges::find(snapshot.nodes, name, &core::DataNode::name);
  if (found != snapshot.nodes.end()) return &*found;
  return Error{ErrorCode::kNotFound, "there is no data node '" + name + "'"};
}

idl::TopicMetadata ToWire(const core::Topic& topic, const core::CatalogSnapshot& snapshot) {
  idl::TopicMetadata out = wire::ToWire(topic);
  for (idl::PartitionMetadata& partition : out.partitions) {
    const auto preferred = core::PreferredBroker({topic.id, partition.partition}, snapshot.brokers);
    if (preferred) partition.__set_preferred_broker_id(preferred->value);
  }
  return out;
}

std::vector<idl::DataNode> ToWire(std::span<const core::DataNode> nodes,
                                  const core::CatalogSnapshot& snapshot) {
  std::map<core::NodeId, std::int64_t> used;
  for (const core::NodeUsage& usage : core::UsageOf(snapshot)) used[usage.node.id] = usage.Used();
  std::vector<idl::DataNode> out;
  for (const core::DataNode& node : nodes) {
    idl::DataNode& wire = out.emplace_back(wire::ToWire(node));
    const auto found = used.find(node.id);
    if (found != used.end()) wire.__set_tables_used(static_cast<std::int32_t>(found->second));
  }
  return out;
}

idl::DataNode ToWire(const core::DataNode& node, const core::CatalogSnapshot& snapshot) {
  return std::move(ToWire(std::span(&node, 1), snapshot).front());
}

idl::TopicResponse ToResponse(const core::Topic& topic, const SnapshotCache& cache) {
  const auto snapshot = cache.Current();
  idl::TopicResponse out;
  out.topic = ToWire(topic, *snapshot);
  out.__set_metadata_version(snapshot->version);
  return out;
}

}  // namespace lanemq::metaserver
