#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/core/placement/placement_planner.h"
#include "common/core/types/catalog.h"
#include "common/core/types/move.h"

namespace lanemq::core {

/// A partition that is to move, by names.
struct NamedWish {
  std::string topic;
  std::int32_t partition = 0;
  std::string to;  ///< A data node's name; empty: wherever there is room.
  bool operator==(const NamedWish&) const = default;
};

/// A topic as the planner of moves sees it.
struct MovableTopic {
  Topic topic;                                   ///< Every partition, ready or not.
  std::int32_t ready = 0;                        ///< Partitions [0, ready) have their tables.
  std::map<std::int32_t, PartitionMove> moving;  ///< Unfinished moves, by partition.
};

struct PlannedMove {
  Status status;                         ///< Of this partition: see BegunMove.
  std::optional<PartitionMove> present;  ///< With kAlreadyExists.
  PartitionMove move;                    ///< Without an id; with `status` not ok `from` alone.
};

/// Every partition of `topics` that the catalogue has on `node`, or that moves away from it or to
/// it, as wishes without a target; those of topics that are being deleted for good are left out.
[[nodiscard]] std::vector<NamedWish> WishesToLeave(NodeId node,
                                                   std::span<const MovableTopic> topics);

/// A place for every wish, in their order; each placement counts for those after it. Among nodes
/// with room a topic is spread as PlanPlacement() does it, by the places that its partitions have
/// when all moves are done. `nodes` counts unfinished moves in; `topics` has those that the wishes
/// name, by name. Pure. Errors of the whole: kNotFound, kFailedPrecondition: of `targets`.
/// Cost: wishes times nodes and partitions of a topic.
Result<std::vector<PlannedMove>> PlanMoves(std::vector<NodeUsage> nodes,
                                           const std::map<std::string, MovableTopic>& topics,
                                           std::span<const NamedWish> wishes,
                                           std::span<const std::string> targets);

}  // namespace lanemq::core
