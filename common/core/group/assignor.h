#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/core/group/group_types.h"

namespace lanemq::core {

/// How a group's leader spreads partitions over the members. Kafka's four, under Kafka's names.
enum class AssignorKind {
  /// Per topic: consecutive partitions to each member; who comes first gets the surplus.
  kRange,
  /// All partitions of all topics, one member after the other.
  kRoundRobin,
  /// Balanced, and keeps what members own as far as balance allows.
  kSticky,
  /// As sticky, in two rounds: see Assign().
  kCooperativeSticky,
};

/// `range`, `roundrobin`, `sticky`, `cooperative-sticky`; nullopt for anything else.
[[nodiscard]] std::optional<AssignorKind> ParseAssignor(std::string_view name);
[[nodiscard]] std::string_view NameOf(AssignorKind kind);
/// True: members keep what they have while the group rebalances, give up only what the assignment
/// takes from them, and join again when they had to give up something.
[[nodiscard]] bool IsCooperative(AssignorKind kind);

/// Topic to number of partitions, as the leader knows it.
using PartitionCounts = std::map<std::string, std::int32_t>;

/// Who gets what. The answer has every member, and per member its partitions sorted. A partition
/// goes only to a member subscribed to its topic; one nobody subscribes to, or of a topic not in
/// `partitions`, goes to nobody.
///
/// The order of `members` does not matter: they are ranked by instance id where they have one, else
/// by member id. Members that share a member id are a caller's error (one of them is ignored).
///
/// Sticky: of two members that claim the same partition, the newer `owned_generation` wins; at
/// equal ones neither does. As balanced as the subscriptions allow: equal subscriptions end within
/// one of each other, with different ones no series of moves would make it more even. Of the
/// balanced assignments it takes one with few moves; with equal subscriptions, with the fewest
/// possible.
///
/// Cooperative sticky: the same target, but a partition that another live member still lists as
/// owned goes to nobody this round. Its owner sees that it is missing, gives it up and joins again;
/// it goes to its new owner then.
///
/// Pure and deterministic. About O((members + partitions) log members) for equal subscriptions.
[[nodiscard]] GroupAssignment Assign(AssignorKind kind, std::span<const GroupMember> members,
                                     const PartitionCounts& partitions);

}  // namespace lanemq::core
