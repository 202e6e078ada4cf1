#include "common/core/move/move_planner.h"

#include <algorithm>
#include <set>
#include <utility>

namespace lanemq::core {
namespace {

const NodeUsage* FindNode(std::span<const NodeUsage> nodes, const std::string& name) {
  const auto found = std::find_if(nodes.begin(), nodes.end(),
                                  [&](const NodeUsage& usage) { return usage.node.name == name; });
  return found == nodes.end() ? nullptr : &*found;
}

Status CheckTarget(std::span<const NodeUsage> nodes, const std::string& name) {
  const NodeUsage* const found = FindNode(nodes, name);
  if (found == nullptr) return Error{ErrorCode::kNotFound, "there is no data node '" + name + "'"};
  if (found->node.state != NodeState::kWritable) {
    return Error{ErrorCode::kFailedPrecondition,
                 "data node '" + name + "' takes no new partitions: it is not writable"};
  }
  return {};
}

std::string NameOf(std::span<const NodeUsage> nodes, NodeId id) {
  const auto found = std::find_if(nodes.begin(), nodes.end(),
                                  [&](const NodeUsage& usage) { return usage.node.id == id; });
  return found == nodes.end() ? "#" + std::to_string(id.value) : found->node.name;
}

/// Plans wish after wish; what was planned counts for the next one.
class Planner {
 public:
  Planner(std::vector<NodeUsage> nodes, const std::map<std::string, MovableTopic>& topics,
          std::span<const std::string> targets)
      : nodes_(std::move(nodes)), topics_(topics), targets_(targets.begin(), targets.end()) {}

  PlannedMove Plan(const NamedWish& wish) {
    PlannedMove planned;
    planned.status = seen_.emplace(wish.topic, wish.partition).second
                         ? TryPlan(wish, planned)
                         : Status{Error{ErrorCode::kInvalidRequest, "it is named twice"}};
    return planned;
  }

 private:
  using Places = std::map<std::int32_t, Partition>;

  Status TryPlan(const NamedWish& wish, PlannedMove& planned) {
    const auto found = topics_.find(wish.topic);
    const auto index = static_cast<std::size_t>(wish.partition);
    if (found == topics_.end() || wish.partition < 0 ||
        index >= found->second.topic.partitions.size()) {
      return Error{ErrorCode::kUnknownTopicOrPartition,
                   "there is no partition " + wish.topic + "/" + std::to_string(wish.partition)};
    }
    const MovableTopic& movable = found->second;
    const Partition& partition = movable.topic.partitions[index];
    planned.move.from = movable.topic.LocationOf(partition);
    LANEMQ_RETURN_IF_ERROR(CheckMovable(movable, partition, planned));
    const Places& places = PlacesOf(movable);
    PlacementRequest request;
    for (const auto& [other, place] : places) {
      if (other != wish.partition) request.existing.push_back(place);
    }
    if (wish.to.empty()) {
      request.pinned_nodes = targets_;
    } else {
      LANEMQ_RETURN_IF_ERROR(CheckTarget(nodes_, wish.to));
      request.pinned_nodes = {wish.to};
    }
    std::vector<NodeUsage> eligible = nodes_;
    const std::string here = NameOf(nodes_, partition.node);
    std::erase(request.pinned_nodes, here);
    if (request.pinned_nodes.empty() && (!wish.to.empty() || !targets_.empty())) {
      return Error{ErrorCode::kFailedPrecondition, wish.topic + "/" +
                                                       std::to_string(wish.partition) +
                                                       " is on data node '" + here + "' already"};
    }
    std::erase_if(eligible,
                  [&](const NodeUsage& usage) { return usage.node.id == partition.node; });
    LANEMQ_ASSIGN_OR_RETURN(const auto chosen, PlanPlacement(eligible, request));
    planned.move.to = {planned.move.from.key, chosen.front().node, chosen.front().schema_index};
    Take(movable, planned.move.to);
    return {};
  }

  static Status CheckMovable(const MovableTopic& movable, const Partition& partition,
                             PlannedMove& planned) {
    if (const auto moving = movable.moving.find(partition.index); moving != movable.moving.end()) {
      planned.present = moving->second;
      planned.move.from = moving->second.from;
      return Error{ErrorCode::kAlreadyExists,
                   "it is moving already: move " + std::to_string(moving->second.id)};
    }
    if (!movable.topic.KeepsTables() || partition.index >= movable.ready) {
      return Error{ErrorCode::kFailedPrecondition,
                   "topic '" + movable.topic.name + "' is being made, grown or deleted"};
    }
    return {};
  }

  /// Where the topic's partitions are when all moves are done.
  Places& PlacesOf(const MovableTopic& movable) {
    const auto [it, is_new] = places_.try_emplace(movable.topic.name);
    if (!is_new) return it->second;
    for (const Partition& partition : movable.topic.partitions) {
      Partition place = partition;
      const auto moving = movable.moving.find(partition.index);
      if (moving != movable.moving.end()) place.node = moving->second.to.node;
      it->second[partition.index] = place;
    }
    return it->second;
  }

  void Take(const MovableTopic& movable, const PartitionLocation& to) {
    PlacesOf(movable)[to.key.partition].node = to.node;
    for (NodeUsage& usage : nodes_) {
      if (usage.node.id != to.node) continue;
      const auto schema = static_cast<std::size_t>(to.schema_index);
      if (usage.tables.size() <= schema) usage.tables.resize(schema + 1);
      ++usage.tables[schema];
    }
  }

  std::vector<NodeUsage> nodes_;
  const std::map<std::string, MovableTopic>& topics_;
  const std::vector<std::string> targets_;
  std::map<std::string, Places> places_;
  std::set<std::pair<std::string, std::int32_t>> seen_;
};

}  // namespace

std::vector<NamedWish> WishesToLeave(NodeId node, std::span<const MovableTopic> topics) {
  std::vector<NamedWish> wishes;
  for (const MovableTopic& movable : topics) {
    const bool is_going = movable.topic.state == TopicState::kDeleting && !movable.topic.deletion;
    if (is_going) continue;
    for (const Partition& partition : movable.topic.partitions) {
      const auto moving = movable.moving.find(partition.index);
      const bool is_on_its_way =
          moving != movable.moving.end() &&
          (moving->second.from.node == node || moving->second.to.node == node);
      if (partition.node == node || is_on_its_way) {
        wishes.push_back({movable.topic.name, partition.index, ""});
      }
    }
  }
  return wishes;
}

Result<std::vector<PlannedMove>> PlanMoves(std::vector<NodeUsage> nodes,
                                           const std::map<std::string, MovableTopic>& topics,
                                           std::span<const NamedWish> wishes,
                                           std::span<const std::string> targets) {
  for (const std::string& name : targets) LANEMQ_RETURN_IF_ERROR(CheckTarget(nodes, name));
  std::vector<PlannedMove> planned;
  Planner planner(std::move(nodes), topics, targets);
  planned.reserve(wishes.size());
  for (const NamedWish& wish : wishes) planned.push_back(planner.Plan(wish));
  return planned;
}

}  // namespace lanemq::core
