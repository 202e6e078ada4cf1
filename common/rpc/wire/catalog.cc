#include "common/rpc/wire/catalog.h"

#include <algorithm>
#include <cstdint>

#include "lanemq_types.h"

namespace lanemq::wire {
namespace {

idl::TopicMetadata HeadOf(const core::Topic& topic) {
  idl::TopicMetadata out;
  out.name = topic.name;
  out.topic_id = topic.id.value;
  out.state = static_cast<idl::TopicState::type>(topic.state);
  if (!topic.config.empty()) out.__set_config(topic.config);
  if (!topic.description.empty()) out.__set_description(topic.description);
  out.__set_created_at_us(topic.created_at.micros);
  if (topic.deletion) {
    idl::TopicDeletion deletion;
    deletion.__set_deleted_at_us(topic.deletion->deleted_at.micros);
    deletion.__set_purge_at_us(topic.deletion->purge_at.micros);
    deletion.__set_deleted_by(topic.deletion->by);
    out.__set_deletion(deletion);
  }
  return out;
}

}  // namespace

idl::DataNode ToWire(const core::DataNode& node) {
  idl::DataNode out;
  out.node_id = node.id.value;
  out.name = node.name;
  out.host = node.host;
  out.port = node.port;
  out.schema_prefix = node.schema_prefix;
  out.state = static_cast<idl::NodeState::type>(node.state);
  out.__set_schemas_max(node.schemas_max);
  out.__set_tables_per_schema_max(node.tables_per_schema_max);
  if (!node.sealed_credentials.empty()) out.__set_has_credentials(true);
  return out;
}

core::DataNode FromWire(const idl::DataNode& node) {
  core::DataNode out;
  out.id = core::NodeId{node.node_id};
  out.name = node.name;
  out.host = node.host;
  out.port = node.port;
  out.schema_prefix = node.schema_prefix;
  out.state = static_cast<core::NodeState>(node.state);
  if (node.__isset.schemas_max) out.schemas_max = node.schemas_max;
  if (node.__isset.tables_per_schema_max) out.tables_per_schema_max = node.tables_per_schema_max;
  if (node.__isset.sealed_credentials) out.sealed_credentials = node.sealed_credentials;
  return out;
}

idl::TopicMetadata ToWire(const core::Topic& topic) {
  idl::TopicMetadata out = HeadOf(topic);
  for (const core::Partition& partition : topic.partitions) {
    idl::PartitionMetadata& p = out.partitions.emplace_back();
    p.partition = partition.index;
    p.node_id = partition.node.value;
    p.schema_index = partition.schema_index;
  }
  return out;
}

idl::TopicMetadata ToWireWithoutPartitions(const core::Topic& topic) {
  idl::TopicMetadata out = HeadOf(topic);
  out.__set_partition_count(static_cast<std::int32_t>(topic.partitions.size()));
  out.__isset.node_ids = true;
  for (const core::Partition& partition : topic.partitions) {
    out.node_ids.push_back(partition.node.value);
  }
  std::ranges::sort(out.node_ids);
  out.node_ids.erase(std::ranges::unique(out.node_ids).begin(), out.node_ids.end());
  return out;
}

core::Topic FromWire(const idl::TopicMetadata& topic) {
  core::Topic out;
  out.name = topic.name;
  out.id = core::TopicId{topic.topic_id};
  out.state = static_cast<core::TopicState>(topic.state);
  for (const idl::PartitionMetadata& p : topic.partitions) {
    out.partitions.push_back({p.partition, core::NodeId{p.node_id}, p.schema_index});
  }
  if (topic.__isset.config) out.config = topic.config;
  if (topic.__isset.description) out.description = topic.description;
  if (topic.__isset.created_at_us) out.created_at = WallTime{topic.created_at_us};
  if (topic.__isset.deletion) {
    const idl::TopicDeletion& deletion = topic.deletion;
    out.deletion = {WallTime{deletion.deleted_at_us}, WallTime{deletion.purge_at_us},
                    deletion.deleted_by};
  }
  return out;
}

idl::Broker ToWire(const core::Broker& broker) {
  idl::Broker out;
  out.broker_id = broker.id.value;
  out.host = broker.host;
  out.port = broker.port;
  out.state = static_cast<idl::BrokerState::type>(broker.state);
  out.__set_admin_port(broker.admin_port);
  out.__set_version(broker.version);
  out.__set_started_at_us(broker.started_at.micros);
  out.__set_last_heartbeat_us(broker.last_heartbeat.micros);
  return out;
}

core::Broker FromWire(const idl::Broker& broker) {
  core::Broker out;
  out.id = core::BrokerId{broker.broker_id};
  out.host = broker.host;
  out.port = broker.port;
  out.state = static_cast<core::BrokerState>(broker.state);
  if (broker.__isset.admin_port) out.admin_port = broker.admin_port;
  if (broker.__isset.version) out.version = broker.version;
  if (broker.__isset.started_at_us) out.started_at = WallTime{broker.started_at_us};
  if (broker.__isset.last_heartbeat_us) out.last_heartbeat = WallTime{broker.last_heartbeat_us};
  return out;
}

idl::CatalogResponse ToWire(const core::CatalogSnapshot& snapshot) {
  idl::CatalogResponse out;
  out.version = snapshot.version;
  out.is_unchanged = false;
  out.__set_cluster_id(snapshot.cluster_id);
  out.__isset.nodes = out.__isset.topics = out.__isset.brokers = out.__isset.metaservers = true;
  for (const auto& node : snapshot.nodes) {
    idl::DataNode& n = out.nodes.emplace_back(ToWire(node));
    if (!node.sealed_credentials.empty()) n.__set_sealed_credentials(node.sealed_credentials);
  }
  for (const auto& topic : snapshot.topics) out.topics.push_back(ToWire(topic));
  for (const auto& broker : snapshot.brokers) out.brokers.push_back(ToWire(broker));
  for (const auto& endpoint : snapshot.metaservers) {
    idl::Endpoint& e = out.metaservers.emplace_back();
    e.host = endpoint.host;
    e.port = endpoint.port;
  }
  return out;
}

core::CatalogSnapshot FromWire(const idl::CatalogResponse& response) {
  core::CatalogSnapshot out;
  out.version = response.version;
  out.cluster_id = response.cluster_id;
  for (const auto& node : response.nodes) out.nodes.push_back(FromWire(node));
  for (const auto& topic : response.topics) out.topics.push_back(FromWire(topic));
  for (const auto& broker : response.brokers) out.brokers.push_back(FromWire(broker));
  for (const auto& endpoint : response.metaservers) {
    out.metaservers.push_back({endpoint.host, endpoint.port});
  }
  return out;
}

}  // namespace lanemq::wire
