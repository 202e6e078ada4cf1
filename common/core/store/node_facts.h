#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/types/ids.h"

namespace lanemq::core {

/// Dead letters of a group that are of one topic.
struct DeadLetterFacts {
  std::string group;
  TopicId topic;
  std::int64_t letters = 0;          ///< Among the newest of the group that were looked at.
  std::int64_t recent = 0;           ///< Of those, given up within NodeFactsQuery::letters_within.
  std::optional<WallTime> newest{};  ///< When the newest of them was given up, by the node's clock.
  bool operator==(const DeadLetterFacts&) const = default;
};

/// Acknowledged messages of a partition that are missing.
struct DataLossFacts {
  PartitionKey key;
  std::int64_t messages = 0;  ///< Ever, as long as rows are kept.
  std::int64_t recent = 0;    ///< Noticed within NodeFactsQuery::losses_within.
  bool operator==(const DataLossFacts&) const = default;
};

struct NodeFactsQuery {
  std::chrono::microseconds letters_within = std::chrono::minutes{10};
  std::chrono::microseconds losses_within = std::chrono::hours{1};
  std::int32_t groups_max = 1'000;    ///< With dead letters; by name.
  std::int32_t letters_max = 20'000;  ///< Of each group, the newest.
  std::int32_t losses_max = 2'000;    ///< Partitions, by key.
  /// Topics that are deleted: nobody delivers their delayed messages, as it should be. Sorted.
  std::vector<TopicId> deleted{};
};

/// What alerts are about on one data node, besides lag.
struct NodeFacts {
  std::vector<DeadLetterFacts> dead_letters;  ///< By group and topic.
  std::vector<DataLossFacts> losses;          ///< By partition.
  /// Since the oldest delayed message is due, by the node's clock; 0: none is. Those of
  /// NodeFactsQuery::deleted are left out.
  std::chrono::microseconds overdue{0};
  /// Nothing was beyond the limits but letters of groups that have more of them.
  bool is_whole = true;
  bool operator==(const NodeFacts&) const = default;
};

/// Reads facts on one data node. Nothing is locked.
///
/// Implementation: sql::MySqlNodeFacts. Thread safety: every method from any thread.
/// Errors of every method: kDataNodeUnavailable, kThrottled.
class NodeFactsSource {
 public:
  virtual ~NodeFactsSource() = default;
  virtual Result<NodeFacts> Read(const NodeFactsQuery& query, Deadline deadline) = 0;
  /// Bytes of the files of the node's tables, as the engine knows them; logs of the server are not
  /// among them. Reads the names of all files: not for every few seconds.
  virtual Result<std::int64_t> UsedBytes(Deadline deadline) = 0;
};

}  // namespace lanemq::core
