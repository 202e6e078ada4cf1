#include "common/core/placement/placement_planner.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace lanemq::core {
namespace {

struct Candidate {
  const DataNode* node = nullptr;
  std::vector<std::int32_t> tables;
  std::int64_t used = 0;
  std::int64_t capacity = 0;
  std::int64_t of_topic = 0;

  [[nodiscard]] bool HasRoom() const { return used < capacity; }
  /// Fewest partitions of the topic, then the smallest used share, then the lowest id.
  [[nodiscard]] bool IsBetterThan(const Candidate& other) const {
    if (of_topic != other.of_topic) return of_topic < other.of_topic;
    const std::int64_t own_share = used * other.capacity;
    const std::int64_t other_share = other.used * capacity;
    if (own_share != other_share) return own_share < other_share;
    return node->id < other.node->id;
  }
};

Candidate ToCandidate(const NodeUsage& usage, std::span<const Partition> existing) {
  Candidate candidate;
  candidate.node = &usage.node;
  candidate.tables = usage.tables;
  candidate.tables.resize(static_cast<std::size_t>(usage.node.schemas_max), 0);
  for (std::int32_t& count : candidate.tables) {
    count = std::min(count, usage.node.tables_per_schema_max);
    candidate.used += count;
  }
  candidate.capacity = std::int64_t{usage.node.schemas_max} * usage.node.tables_per_schema_max;
  candidate.of_topic = std::count_if(existing.begin(), existing.end(),
                                     [&](const Partition& p) { return p.node == usage.node.id; });
  return candidate;
}

Status CheckPinned(std::span<const NodeUsage> nodes, std::span<const std::string> pinned) {
  for (const std::string& name : pinned) {
    const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const NodeUsage& usage) {
      return usage.node.name == name;
    });
    if (found == nodes.end()) {
      return Error{ErrorCode::kInvalidRequest, "pinned node '" + name + "' does not exist"};
    }
    if (found->node.state != NodeState::kWritable) {
      return Error{ErrorCode::kFailedPrecondition, "pinned node '" + name + "' is not writable"};
    }
  }
  return {};
}

Error Insufficient(std::span<const Candidate> candidates, const PlacementRequest& request,
                   std::size_t nodes_known) {
  const std::int64_t free = std::accumulate(
      candidates.begin(), candidates.end(), std::int64_t{0},
      [](std::int64_t sum, const Candidate& c) { return sum + c.capacity - c.used; });
  std::string message = std::to_string(request.partitions) + " message tables are needed, " +
                        std::to_string(free) + " are free on " + std::to_string(candidates.size()) +
                        " eligible of " + std::to_string(nodes_known) + " data nodes";
  for (const Candidate& c : candidates) {
    message += "; " + c.node->name + ": " + std::to_string(c.used) + " of " +
               std::to_string(c.capacity) + " used";
  }
  message +=
      nodes_known == 0 ? "; add a data node first" : "; add a data node, or open a closed one";
  return {ErrorCode::kInsufficientCapacity, std::move(message)};
}

}  // namespace

std::int64_t NodeUsage::Used() const {
  return std::accumulate(tables.begin(), tables.end(), std::int64_t{0});
}

std::int64_t NodeUsage::Free() const {
  const std::int64_t capacity = std::int64_t{node.schemas_max} * node.tables_per_schema_max;
  return std::max<std::int64_t>(capacity - Used(), 0);
}

Result<std::vector<Placement>> PlanPlacement(std::span<const NodeUsage> nodes,
                                             const PlacementRequest& request) {
  LANEMQ_RETURN_IF_ERROR(CheckPinned(nodes, request.pinned_nodes));
  std::vector<Candidate> candidates;
  for (const NodeUsage& usage : nodes) {
    const auto& pinned = request.pinned_nodes;
    const bool is_wanted =
        pinned.empty() || std::find(pinned.begin(), pinned.end(), usage.node.name) != pinned.end();
    if (is_wanted && usage.node.state == NodeState::kWritable) {
      candidates.push_back(ToCandidate(usage, request.existing));
    }
  }
  // One look before the first placement, so that the figures in the error are the real ones.
  const std::int64_t free = std::accumulate(
      candidates.begin(), candidates.end(), std::int64_t{0},
      [](std::int64_t sum, const Candidate& c) { return sum + c.capacity - c.used; });
  if (free < request.partitions) return Insufficient(candidates, request, nodes.size());

  std::vector<Placement> placements;
  for (std::int32_t i = 0; i < request.partitions; ++i) {
    Candidate* best = nullptr;
    for (Candidate& candidate : candidates) {
      if (!candidate.HasRoom()) continue;
      if (best == nullptr || candidate.IsBetterThan(*best)) best = &candidate;
    }
    LANEMQ_CHECK(best != nullptr);
    const auto schema = std::min_element(best->tables.begin(), best->tables.end());
    LANEMQ_CHECK(*schema < best->node->tables_per_schema_max);
    placements.push_back(
        {best->node->id, static_cast<std::int32_t>(schema - best->tables.begin())});
    ++*schema;
    ++best->used;
    ++best->of_topic;
  }
  return placements;
}

std::vector<NodeUsage> UsageOf(const CatalogSnapshot& snapshot) {
  std::vector<NodeUsage> nodes;
  std::map<NodeId, std::size_t> by_id;
  for (const DataNode& node : snapshot.nodes) {
    by_id[node.id] = nodes.size();
    nodes.push_back({node, std::vector<std::int32_t>(static_cast<std::size_t>(node.schemas_max))});
  }
  const auto count = [&](NodeId node, std::int32_t schema_index) {
    const auto found = by_id.find(node);
    if (found == by_id.end()) return;
    std::vector<std::int32_t>& tables = nodes[found->second].tables;
    const auto schema = static_cast<std::size_t>(schema_index);
    if (schema >= tables.size()) tables.resize(schema + 1);
    ++tables[schema];
  };
  for (const Topic& topic : snapshot.topics) {
    for (const Partition& partition : topic.partitions) {
      count(partition.node, partition.schema_index);
    }
  }
  for (const PartitionLocation& place : snapshot.moving) count(place.node, place.schema_index);
  return nodes;
}

}  // namespace lanemq::core
