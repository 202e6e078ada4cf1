#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "tests/checker/failure_checker.h"
#include "tests/e2e/cluster.h"

namespace lanemq::failures {

/// What one data node has of a topic.
struct TopicPart {
  testing::DatabaseServer* server = nullptr;
  std::string node_schema;                     ///< With group_offsets and the like.
  std::map<std::int32_t, std::string> tables;  ///< `schema`.`table` by partition.
};
/// All of it on the cluster's data node, where nothing moves.
[[nodiscard]] TopicPart WholeTopic(e2e::Cluster& cluster, const e2e::TestTopic& topic);

/// What the data nodes' tables say about the group and the topic, read in one transaction of each.
Result<checker::FailureTables> ReadTables(const std::vector<TopicPart>& parts,
                                          std::int64_t topic_id, const std::string& group);

/// Rows of the topic that wait for their due time.
Result<std::int64_t> CountDelayed(const std::vector<TopicPart>& parts, std::int64_t topic_id);
inline Result<std::int64_t> CountDelayed(e2e::Cluster& cluster, const e2e::TestTopic& topic) {
  return CountDelayed({WholeTopic(cluster, topic)}, topic.id);
}

}  // namespace lanemq::failures
