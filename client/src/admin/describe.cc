#include "client/src/admin/describe.h"

#include <fmt/format.h>

#include "common/rpc/wire/state_names.h"

namespace lanemq {
TopicDescription Describe(const idl::TopicMetadata& topic, const NodesById& nodes) {
  TopicDescription out;
  out.name = topic.name;
  out.topic_id = topic.topic_id;
  out.state = wire::StateName(topic.state);
  out.config = topic.config;
  out.description = topic.description;
  out.created_at_us = topic.created_at_us;
  for (const idl::PartitionMetadata& partition : topic.partitions) {
    PartitionDescription& p = out.partitions.emplace_back();
    p.partition = partition.partition;
    p.node_id = partition.node_id;
    if (partition.__isset.preferred_broker_id) {
      p.preferred_broker_id = partition.preferred_broker_id;
    }
    const auto node = nodes.find(partition.node_id);
    if (node == nodes.end()) continue;
    p.node_name = node->second.name;
    p.table = fmt::format("{}_{:02}.msg_{}_{}", node->second.schema_prefix, partition.schema_index,
                          topic.topic_id, partition.partition);
  }
  return out;
}

NodeDescription Describe(const idl::DataNode& node) {
  NodeDescription out;
  out.node_id = node.node_id;
  out.name = node.name;
  out.host = node.host;
  out.port = node.port;
  out.schema_prefix = node.schema_prefix;
  out.state = wire::StateName(node.state);
  out.tables_used = node.tables_used;
  out.tables_max = node.schemas_max * node.tables_per_schema_max;
  return out;
}

BrokerDescription Describe(const idl::Broker& broker) {
  return {broker.broker_id,
          broker.host,
          broker.port,
          broker.admin_port,
          wire::StateName(broker.state),
          broker.version,
          broker.started_at_us,
          broker.last_heartbeat_us};
}

}  // namespace lanemq
