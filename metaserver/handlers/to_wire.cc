#include <algorithm>

#include "common/core/placement/placement_planner.h"
#include "common/core/placement/preferred_broker.h"
#include "common/rpc/wire/catalog.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

idl::TopicMetadata ToWire(const core::Topic& topic, const core::CatalogSnapshot& snapshot) {
  idl::TopicMetadata out = wire::ToWire(topic);
  for (idl::PartitionMetadata& partition : out.partitions) {
    const auto preferred = core::PreferredBroker({topic.id, partition.partition}, snapshot.brokers);
    if (preferred) partition.__set_preferred_broker_id(preferred->value);
  }
  return out;
}

idl::DataNode ToWire(const core::DataNode& node, const core::CatalogSnapshot& snapshot) {
  idl::DataNode out = wire::ToWire(node);
  for (const core::NodeUsage& usage : core::UsageOf(snapshot)) {
    if (usage.node.id == node.id) out.__set_tables_used(static_cast<std::int32_t>(usage.Used()));
  }
  return out;
}

idl::TopicResponse ToResponse(const core::Topic& topic, const SnapshotCache& cache) {
  const auto snapshot = cache.Current();
  idl::TopicResponse out;
  out.topic = ToWire(topic, *snapshot);
  out.__set_metadata_version(snapshot->version);
  return out;
}

}  // namespace lanemq::metaserver
