#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/core/group/assignor.h"

/// What the assignors share, for their own files: names become numbers once, at the door.
namespace lanemq::core::assignor {

/// Index into Input::members or Input::topics.
using Index = std::int32_t;
inline constexpr Index kNobody = -1;

struct Topic {
  std::string_view name;
  std::int32_t partitions = 0;
  std::vector<Index> subscribers;  ///< Ranked; never empty.
};

struct Member {
  const GroupMember* group_member = nullptr;
  std::vector<Index> topics;  ///< Sorted.
};

/// Refers to the members and topic names it was made from.
struct Input {
  std::vector<Member> members;  ///< In rank order.
  std::vector<Topic> topics;    ///< Those with partitions and subscribers, by name.
};

[[nodiscard]] Input Prepare(std::span<const GroupMember> members,
                            const PartitionCounts& partitions);
/// kNobody: no such topic.
[[nodiscard]] Index FindTopic(const Input& input, std::string_view name);

/// owners[topic][partition]: a member, or kNobody.
using Owners = std::vector<std::vector<Index>>;

[[nodiscard]] Owners NoOwners(const Input& input);
[[nodiscard]] GroupAssignment ToAssignment(const Input& input, const Owners& owners);

[[nodiscard]] Owners AssignRange(const Input& input);
[[nodiscard]] Owners AssignRoundRobin(const Input& input);
[[nodiscard]] Owners AssignSticky(const Input& input);
[[nodiscard]] Owners AssignCooperativeSticky(const Input& input);

/// Who rightly owns what, as the members themselves say: the claim of the newest generation.
/// kNobody where two claim with the same one.
[[nodiscard]] Owners ClaimedOwners(const Input& input);

}  // namespace lanemq::core::assignor
