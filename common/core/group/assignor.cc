#include "common/core/group/assignor.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <unordered_set>

#include "common/core/group/assignor_input.h"

namespace lanemq::core {
namespace {

struct Named {
  AssignorKind kind;
  std::string_view name;
  assignor::Owners (*assign)(const assignor::Input&);
};

constexpr std::array<Named, 4> kAssignors{{
    {AssignorKind::kRange, "range", assignor::AssignRange},
    {AssignorKind::kRoundRobin, "roundrobin", assignor::AssignRoundRobin},
    {AssignorKind::kSticky, "sticky", assignor::AssignSticky},
    {AssignorKind::kCooperativeSticky, "cooperative-sticky", assignor::AssignCooperativeSticky},
}};

/// Static members first, so that their partitions do not depend on the ids of dynamic ones.
bool RanksBefore(const GroupMember* a, const GroupMember* b) {
  using Key = std::tuple<bool, const std::string&, const std::string&>;
  return Key(a->instance_id.empty(), a->instance_id, a->member_id) <
         Key(b->instance_id.empty(), b->instance_id, b->member_id);
}

}  // namespace

std::optional<AssignorKind> ParseAssignor(std::string_view name) {
  const auto* const found = std::ranges::find(kAssignors, name, &Named::name);
  if (found == kAssignors.end()) return std::nullopt;
  return found->kind;
}

std::string_view NameOf(AssignorKind kind) {
  return std::ranges::find(kAssignors, kind, &Named::kind)->name;
}

bool IsCooperative(AssignorKind kind) { return kind == AssignorKind::kCooperativeSticky; }

GroupAssignment Assign(AssignorKind kind, std::span<const GroupMember> members,
                       const PartitionCounts& partitions) {
  const assignor::Input input = assignor::Prepare(members, partitions);
  const auto owners = std::ranges::find(kAssignors, kind, &Named::kind)->assign(input);
  return assignor::ToAssignment(input, owners);
}

namespace assignor {

Input Prepare(std::span<const GroupMember> members, const PartitionCounts& partitions) {
  std::vector<const GroupMember*> ranked;
  ranked.reserve(members.size());
  std::unordered_set<std::string_view> ids;
  for (const GroupMember& member : members) {
    if (ids.insert(member.member_id).second) ranked.push_back(&member);
  }
  std::ranges::sort(ranked, RanksBefore);

  std::map<std::string_view, std::vector<Index>> subscribers;
  for (std::size_t rank = 0; rank < ranked.size(); ++rank) {
    for (const std::string& topic : ranked[rank]->subscription.topics) {
      const auto counted = partitions.find(topic);
      if (counted == partitions.end() || counted->second <= 0) continue;
      auto& ranks = subscribers[counted->first];
      const auto index = static_cast<Index>(rank);
      if (ranks.empty() || ranks.back() != index) ranks.push_back(index);
    }
  }
  Input input;
  for (const GroupMember* member : ranked) input.members.push_back({member, {}});
  for (auto& [name, ranks] : subscribers) {
    const auto topic = static_cast<Index>(input.topics.size());
    for (const Index rank : ranks) input.members[rank].topics.push_back(topic);
    input.topics.push_back({name, partitions.find(std::string(name))->second, std::move(ranks)});
  }
  return input;
}

Index FindTopic(const Input& input, std::string_view name) {
  const auto found = std::ranges::lower_bound(input.topics, name, {}, &Topic::name);
  if (found == input.topics.end() || found->name != name) return kNobody;
  return static_cast<Index>(found - input.topics.begin());
}

Owners NoOwners(const Input& input) {
  Owners owners;
  owners.reserve(input.topics.size());
  for (const Topic& topic : input.topics) owners.emplace_back(topic.partitions, kNobody);
  return owners;
}

GroupAssignment ToAssignment(const Input& input, const Owners& owners) {
  GroupAssignment assignment;
  std::vector<std::vector<TopicPartition>*> lists;
  for (const Member& member : input.members) {
    lists.push_back(&assignment[member.group_member->member_id]);
  }
  for (std::size_t topic = 0; topic < owners.size(); ++topic) {
    for (std::int32_t partition = 0; partition < input.topics[topic].partitions; ++partition) {
      const Index owner = owners[topic][partition];
      if (owner == kNobody) continue;
      lists[owner]->push_back({std::string(input.topics[topic].name), partition});
    }
  }
  return assignment;
}

}  // namespace assignor
}  // namespace lanemq::core
