#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "common/core/store/catalog_store.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

// Reads of the catalogue's tables on one connection. Errors are the driver's.

struct ClusterRow {
  std::int64_t version = 0;
  std::string cluster_id;
};
/// kMetadataUnavailable when the cluster's row has not been made yet.
Result<ClusterRow> ReadCluster(Connection& connection);

Result<std::vector<core::DataNode>> ReadNodes(Connection& connection);
/// Every topic with all its partitions, by name.
Result<std::vector<core::TopicRecord>> ReadTopics(Connection& connection);
Result<std::optional<core::TopicRecord>> ReadTopic(Connection& connection, std::string_view name);
/// kUnknownTopicOrPartition when there is none.
Result<core::TopicRecord> ReadExistingTopic(Connection& connection, std::string_view name);
Result<std::vector<std::string>> ReadUnfinishedNames(Connection& connection);
Result<std::vector<core::BrokerRecord>> ReadBrokers(Connection& connection, Param now);
Result<std::vector<core::Endpoint>> ReadMetaservers(Connection& connection);
Result<std::vector<core::NodeUsage>> ReadUsage(Connection& connection);

/// Of a column `state + 0` of a topic: it is active, or deleted and can be brought back.
[[nodiscard]] bool KeepsTables(std::int64_t state);

/// The names of the tables' ENUM values.
[[nodiscard]] std::string_view ToSql(core::NodeState state);
[[nodiscard]] std::string_view ToSql(core::BrokerState state);

}  // namespace lanemq::sql
