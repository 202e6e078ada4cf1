#include "client/cli/commands/topic_table.h"

#include <map>

#include <fmt/format.h>

#include "client/cli/output/cells.h"
#include "client/cli/output/json_text.h"
#include "client/cli/text/time_text.h"
#include "common/rpc/wire/state_names.h"

namespace lanemq::cli {
namespace {

constexpr std::int64_t kLogStart = -2;
constexpr std::int64_t kLogEnd = -1;

std::string ConfigText(const idl::TopicMetadata& topic) {
  std::string text;
  for (const auto& [name, value] : topic.config) {
    text += (text.empty() ? "" : ",") + name + "=" + value;
  }
  return text;
}

}  // namespace

Table TopicsTable(const std::vector<idl::TopicMetadata>& topics) {
  Table table{{"topic", "partitions", "state", "topic_id", "created_at", "config", "description"},
              {}};
  for (const idl::TopicMetadata& topic : topics) {
    table.rows.push_back({topic.name, static_cast<std::int64_t>(topic.partitions.size()),
                          wire::StateName(topic.state), Id{topic.topic_id},
                          TimeCell(topic.__isset.created_at_us, topic.created_at_us),
                          ConfigText(topic), topic.description});
  }
  return table;
}

Table DeletedTopicsTable(const std::vector<idl::TopicMetadata>& topics) {
  Table table{{"topic", "partitions", "state", "topic_id", "deleted_at", "purge_at", "deleted_by"},
              {}};
  for (const idl::TopicMetadata& topic : topics) {
    if (topic.state != idl::TopicState::DELETING) continue;
    const bool is_kept = topic.__isset.deletion;
    table.rows.push_back({topic.name, static_cast<std::int64_t>(topic.partitions.size()),
                          std::string(is_kept ? "deleted" : "purging"), Id{topic.topic_id},
                          TimeCell(is_kept, topic.deletion.deleted_at_us),
                          TimeCell(is_kept, topic.deletion.purge_at_us),
                          topic.deletion.deleted_by});
  }
  return table;
}

Result<TopicDetail> DetailOf(Cluster& cluster, const std::string& name) {
  idl::DescribeTopicRequest request;
  request.__set_name(name);
  LANEMQ_ASSIGN_OR_RETURN(const auto reply,
                          cluster.Control(&rpc::ControlPlaneClient::DescribeTopicSync, request));
  const auto nodes = cluster.Control(&rpc::ControlPlaneClient::ListDataNodesSync, {});
  // Not everybody may see them; everything else is worth showing all the same.
  const bool may_see = nodes.ok() || nodes.error().code != ErrorCode::kClusterAuthorizationFailed;
  if (!nodes.ok() && may_see) return nodes.error();
  std::map<std::int64_t, idl::DataNode> node_of;
  if (may_see) {
    for (const idl::DataNode& node : nodes->nodes) node_of[node.node_id] = node;
  }

  TopicDetail detail{.topic = reply.topic, .partitions = {}, .offsets_missing = {}};
  const auto count = static_cast<std::int32_t>(reply.topic.partitions.size());
  const auto starts = cluster.Offsets(name, count, kLogStart);
  const auto ends = cluster.Offsets(name, count, kLogEnd);
  if (!starts.ok()) detail.offsets_missing = starts.error().message;
  if (!ends.ok()) detail.offsets_missing = ends.error().message;
  for (const idl::PartitionMetadata& partition : reply.topic.partitions) {
    const idl::DataNode& node = node_of[partition.node_id];
    TopicDetail::Partition row;
    row.index = partition.partition;
    row.node = node.name;
    if (!node.schema_prefix.empty()) {
      row.table = fmt::format("{}_{:02}.msg_{}_{}", node.schema_prefix, partition.schema_index,
                              reply.topic.topic_id, partition.partition);
    }
    if (partition.__isset.preferred_broker_id) {
      row.preferred_broker = std::int64_t{partition.preferred_broker_id};
    }
    if (detail.offsets_missing.empty()) {
      const auto index = static_cast<std::size_t>(partition.partition);
      row.log_start = Id{(*starts)[index]};
      row.log_end = Id{(*ends)[index]};
      row.messages = (*ends)[index] - (*starts)[index];
    }
    detail.partitions.push_back(std::move(row));
  }
  return detail;
}

Table PartitionsTable(const TopicDetail& detail) {
  Table table{{"partition", "log_start_offset", "log_end_offset", "messages", "preferred_broker",
               "node", "table"},
              {}};
  for (const TopicDetail::Partition& row : detail.partitions) {
    table.rows.push_back({std::int64_t{row.index}, row.log_start, row.log_end, row.messages,
                          row.preferred_broker, row.node, row.table});
  }
  return table;
}

std::string SummaryOf(const TopicDetail& detail) {
  const idl::TopicMetadata& topic = detail.topic;
  std::string text =
      fmt::format("TOPIC        {}\nTOPIC-ID     {}\nSTATE        {}\nCREATED-AT   {}\n",
                  MakeVisible(topic.name), topic.topic_id, wire::StateName(topic.state),
                  FormatTime(WallTime{topic.created_at_us}));
  if (!topic.config.empty()) text += fmt::format("CONFIG       {}\n", ConfigText(topic));
  if (!topic.description.empty()) {
    text += fmt::format("DESCRIPTION  {}\n", MakeVisible(topic.description));
  }
  if (!detail.offsets_missing.empty()) {
    text += fmt::format("OFFSETS      not known: {}\n", detail.offsets_missing);
  }
  return text + "\n";
}

std::string JsonOf(const TopicDetail& detail) {
  const idl::TopicMetadata& topic = detail.topic;
  std::string config;
  for (const auto& [name, value] : topic.config) {
    config += (config.empty() ? "" : ",") + JsonString(name) + ":" + JsonCell(value);
  }
  const Table table = PartitionsTable(detail);
  std::string partitions;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    partitions += (row > 0 ? ",\n  " : "\n  ") + JsonRow(table, row);
  }
  return fmt::format(
      "{{\"topic\":{},\"topic_id\":\"{}\",\"state\":\"{}\",\"created_at\":{},\"config\":{{{}}},"
      "\"description\":{},\"partitions\":[{}\n]}}\n",
      JsonCell(topic.name), topic.topic_id, wire::StateName(topic.state),
      JsonCell(TimeCell(topic.__isset.created_at_us, topic.created_at_us)), config,
      JsonCell(topic.description), partitions);
}

}  // namespace lanemq::cli
