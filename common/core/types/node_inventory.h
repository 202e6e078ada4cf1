#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/core/types/ids.h"

namespace lanemq::core {

/// A table in one of a data node's message schemas.
struct NodeTable {
  std::int32_t schema_index = 0;  ///< Of `<prefix>_<schema_index>`, two digits.
  std::string name;
  auto operator<=>(const NodeTable&) const = default;
};

struct NodeTableFacts {
  NodeTable table;
  std::int64_t rows = 0;  ///< As the server estimates.
  /// Since it was made, or something of it was written, as far as the server remembers.
  std::optional<std::chrono::microseconds> age;
};

/// A row of partition_state.
struct NodePartition {
  PartitionKey key;
  std::int32_t schema_index = 0;
  std::string topic_name;  ///< For people.
  bool is_sealed = false;  ///< A move has sealed it.
};

/// The rows of group_offsets of one group and topic.
struct NodeOffsets {
  std::string group;
  TopicId topic;
  std::int64_t rows = 0;
  Generation generation;             ///< The newest; 0: assigned explicitly, by no group.
  std::chrono::microseconds idle{};  ///< Since the newest commit, by the node's clock.
};

/// What is on a data node, read statement by statement: what changes meanwhile is there in part.
struct NodeInventory {
  std::vector<NodeTable> tables;
  std::vector<NodePartition> partitions;
  std::vector<NodeOffsets> offsets;
  std::int32_t schema_version = 0;        ///< The newest migration of `<prefix>_node`.
  std::int32_t schema_version_known = 0;  ///< The newest that this program has.
  bool is_whole = true;                   ///< False: there is more than is read at once.
};

}  // namespace lanemq::core
