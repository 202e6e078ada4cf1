#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/core/types/catalog.h"

namespace lanemq::core {

/// A data node and how many message tables each of its schemas holds, those of topics in creation
/// or deletion included, and those of unfinished moves on both sides.
struct NodeUsage {
  DataNode node;
  std::vector<std::int32_t> tables;  ///< By schema; missing ones count as 0.

  [[nodiscard]] std::int64_t Used() const;
  /// Tables that still fit, whatever the node's state.
  [[nodiscard]] std::int64_t Free() const;
};

/// What is to be placed.
struct PlacementRequest {
  std::int32_t partitions = 1;  ///< New ones.
  /// Names of the nodes to use; empty: every writable one.
  std::vector<std::string> pinned_nodes;
  /// Where the topic's present partitions are, when it grows.
  std::vector<Partition> existing;
};

/// A place for one message table.
struct Placement {
  NodeId node;
  std::int32_t schema_index = 0;
  bool operator==(const Placement&) const = default;
};

/// A place for each new partition, in the order of their indexes.
///
/// A topic is spread: no eligible node with room gets two partitions more of it than another. Among
/// equals the least loaded node (used share of its tables) gets the next one, in its least used
/// schema; then the lowest id. Only writable nodes are eligible.
/// Pure: the answer depends on the arguments alone.
///
/// Errors: kInvalidRequest when a pinned name is unknown, kFailedPrecondition when a pinned node is
/// not writable, kInsufficientCapacity, with figures, when not everything fits: nothing is placed.
/// Cost: partitions times nodes.
Result<std::vector<Placement>> PlanPlacement(std::span<const NodeUsage> nodes,
                                             const PlacementRequest& request);

/// How many tables the catalogue, moves included, has on each node.
[[nodiscard]] std::vector<NodeUsage> UsageOf(const CatalogSnapshot& snapshot);

}  // namespace lanemq::core
