#include "sql/store/catalog_rows.h"

#include <algorithm>

#include <fmt/format.h>

#include "sql/statements/statements.h"
#include "sql/store/move_rows.h"

namespace lanemq::sql {
namespace {

using core::Broker;
using core::BrokerRecord;
using core::BrokerState;
using core::DataNode;
using core::NodeId;
using core::NodeState;
using core::NodeUsage;
using core::TopicId;
using core::TopicRecord;
using core::TopicState;

// The enumerators have the numbers of the ENUM columns' values.
static_assert(static_cast<int>(NodeState::kWritable) == 1 &&
              static_cast<int>(NodeState::kDisabled) == 3);
static_assert(static_cast<int>(TopicState::kCreating) == 1 &&
              static_cast<int>(TopicState::kDeleting) == 3);
static_assert(static_cast<int>(BrokerState::kActive) == 1 &&
              static_cast<int>(BrokerState::kDead) == 3);

/// 'deleted': a topic that can be brought back, whose state is kDeleting to everybody else.
constexpr std::int64_t kDeletedState = 4;

std::int32_t Int32(const Row& row, unsigned column) {
  return static_cast<std::int32_t>(row.Int64(column));
}

TopicRecord ToTopic(const Row& row) {
  TopicRecord record;
  record.topic.id = TopicId{row.Int64(0)};
  record.topic.name = row.String(1);
  const bool is_deleted = row.Int64(2) == kDeletedState;
  record.topic.state = is_deleted ? TopicState::kDeleting : static_cast<TopicState>(row.Int64(2));
  record.topic.description = row.String(3);
  record.topic.created_at = WallTime{row.Int64(4)};
  record.changed_at = WallTime{row.Int64(5)};
  if (is_deleted) {
    record.topic.deletion = {WallTime{row.Int64(6)}, WallTime{row.Int64(7)}, row.String(8)};
  }
  return record;
}

/// Rows come by partition index: partitions are ready as long as all before them are.
void AddPartition(TopicRecord& record, const Row& row) {
  const bool all_ready = record.ready == static_cast<std::int32_t>(record.topic.partitions.size());
  record.topic.partitions.push_back({Int32(row, 1), NodeId{row.Int64(2)}, Int32(row, 3)});
  if (all_ready && row.Int64(4) != 0) ++record.ready;
}

/// Shows the rows of `statement`, which start with a topic id, to the record of that topic.
template <typename Add>
Status Distribute(Connection& connection, const Statement& statement,
                  std::initializer_list<Param> params, const std::map<TopicId, TopicRecord*>& by_id,
                  const Add& add) {
  return connection.Query(statement, params, [&](const Row& row) {
    const auto found = by_id.find(TopicId{row.Int64(0)});
    if (found != by_id.end()) add(*found->second, row);
    return true;
  });
}

void AddConfig(TopicRecord& record, const Row& row) {
  record.topic.config[row.String(1)] = row.String(2);
}

}  // namespace

Result<ClusterRow> ReadCluster(Connection& connection) {
  std::optional<ClusterRow> cluster;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadCluster, {}, [&](const Row& row) {
    cluster = ClusterRow{row.Int64(0), row.String(1)};
    return false;
  }));
  if (!cluster) return Error{ErrorCode::kMetadataUnavailable, "the metadata schema is empty"};
  return *std::move(cluster);
}

Result<std::vector<DataNode>> ReadNodes(Connection& connection) {
  std::vector<DataNode> nodes;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadNodes, {}, [&](const Row& row) {
    nodes.push_back({NodeId{row.Int64(0)}, row.String(1), row.String(2), Int32(row, 3),
                     row.String(4), static_cast<NodeState>(row.Int64(5)), Int32(row, 6),
                     Int32(row, 7), row.String(8)});
    return true;
  }));
  return nodes;
}

Result<std::vector<TopicRecord>> ReadTopics(Connection& connection) {
  std::vector<TopicRecord> topics;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadTopics, {}, [&](const Row& row) {
    topics.push_back(ToTopic(row));
    return true;
  }));
  std::map<TopicId, TopicRecord*> by_id;
  for (TopicRecord& record : topics) by_id[record.topic.id] = &record;
  LANEMQ_RETURN_IF_ERROR(
      Distribute(connection, statements::kReadAllPartitions, {}, by_id, AddPartition));
  LANEMQ_RETURN_IF_ERROR(Distribute(connection, statements::kReadAllConfig, {}, by_id, AddConfig));
  return topics;
}

Result<std::optional<TopicRecord>> ReadTopic(Connection& connection, std::string_view name) {
  std::optional<TopicRecord> record;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadTopic, {name}, [&](const Row& row) {
    record = ToTopic(row);
    return false;
  }));
  if (!record) return record;
  const std::int64_t id = record->topic.id.value;
  const std::map<TopicId, TopicRecord*> by_id = {{record->topic.id, &*record}};
  LANEMQ_RETURN_IF_ERROR(
      Distribute(connection, statements::kReadPartitionsOfTopic, {id}, by_id, AddPartition));
  LANEMQ_RETURN_IF_ERROR(
      Distribute(connection, statements::kReadConfigOfTopic, {id}, by_id, AddConfig));
  return record;
}

Result<TopicRecord> ReadExistingTopic(Connection& connection, std::string_view name) {
  LANEMQ_ASSIGN_OR_RETURN(auto record, ReadTopic(connection, name));
  if (record) return *std::move(record);
  return Error{ErrorCode::kUnknownTopicOrPartition, fmt::format("there is no topic '{}'", name)};
}

Result<std::vector<std::string>> ReadUnfinishedNames(Connection& connection) {
  std::vector<std::string> names;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kReadUnfinishedTopics, {}, [&](const Row& row) {
        names.push_back(row.String(0));
        return true;
      }));
  return names;
}

Result<std::vector<BrokerRecord>> ReadBrokers(Connection& connection, Param now) {
  std::vector<BrokerRecord> brokers;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadBrokers, {now}, [&](const Row& row) {
    BrokerRecord& record = brokers.emplace_back();
    Broker& broker = record.broker;
    broker.id = core::BrokerId{Int32(row, 0)};
    broker.incarnation = row.Int64(1);
    broker.host = row.String(2);
    broker.port = Int32(row, 3);
    broker.admin_port = Int32(row, 4);
    broker.state = static_cast<BrokerState>(row.Int64(5));
    broker.version = row.String(6);
    broker.started_at = WallTime{row.Int64(7)};
    broker.last_heartbeat = WallTime{row.Int64(8)};
    record.silent_for = std::chrono::microseconds{row.Int64(9)};
    return true;
  }));
  return brokers;
}

Result<std::vector<core::Endpoint>> ReadMetaservers(Connection& connection) {
  std::vector<core::Endpoint> metaservers;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadMetaservers, {}, [&](const Row& row) {
    metaservers.push_back({row.String(0), Int32(row, 1)});
    return true;
  }));
  return metaservers;
}

Result<std::vector<NodeUsage>> ReadUsage(Connection& connection) {
  LANEMQ_ASSIGN_OR_RETURN(std::vector<DataNode> nodes, ReadNodes(connection));
  std::vector<NodeUsage> usage;
  for (DataNode& node : nodes) usage.push_back({std::move(node), {}});
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kCountTables, {}, [&](const Row& row) {
    const auto found = std::find_if(usage.begin(), usage.end(), [&](const NodeUsage& u) {
      return u.node.id.value == row.Int64(0);
    });
    if (found == usage.end()) return true;
    const auto schema = static_cast<std::size_t>(row.Int64(1));
    if (found->tables.size() <= schema) found->tables.resize(schema + 1);
    found->tables[schema] = Int32(row, 2);
    return true;
  }));
  LANEMQ_ASSIGN_OR_RETURN(const auto moving, ReadMovingPlaces(connection));
  for (const core::PartitionLocation& place : moving) {
    const auto found = std::find_if(usage.begin(), usage.end(),
                                    [&](const NodeUsage& u) { return u.node.id == place.node; });
    if (found == usage.end()) continue;
    const auto schema = static_cast<std::size_t>(place.schema_index);
    if (found->tables.size() <= schema) found->tables.resize(schema + 1);
    ++found->tables[schema];
  }
  return usage;
}

bool KeepsTables(std::int64_t state) {
  return state == static_cast<std::int64_t>(TopicState::kActive) || state == kDeletedState;
}

std::string_view ToSql(NodeState state) {
  switch (state) {
    case NodeState::kWritable:
      return "writable";
    case NodeState::kClosed:
      return "closed";
    case NodeState::kDisabled:
      return "disabled";
  }
  LANEMQ_CHECK(false);
}

std::string_view ToSql(BrokerState state) {
  switch (state) {
    case BrokerState::kActive:
      return "active";
    case BrokerState::kDraining:
      return "draining";
    case BrokerState::kDead:
      return "dead";
  }
  LANEMQ_CHECK(false);
}

}  // namespace lanemq::sql
