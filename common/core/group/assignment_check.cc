#include "common/core/group/assignment_check.h"

#include <algorithm>
#include <set>
#include <string>

namespace lanemq::core {
namespace {

Error Invalid(std::string message) {
  return {ErrorCode::kInvalidRequest, "assignment: " + std::move(message)};
}

}  // namespace

Status CheckAssignment(const GroupAssignment& assignment, const GroupMembers& members) {
  if (assignment.empty()) return Invalid("the leader's must name the members");
  std::set<TopicPartition> seen;
  for (const auto& [member_id, partitions] : assignment) {
    if (members.Find(member_id) == nullptr) return Invalid(member_id + " is not a member");
    for (const TopicPartition& p : partitions) {
      const std::string name = p.topic + "/" + std::to_string(p.partition);
      if (p.topic.empty() || p.partition < 0) return Invalid("'" + name + "' is no partition");
      if (!seen.insert(p).second) return Invalid(name + " is given out twice");
    }
  }
  return {};
}

std::int64_t CountMoved(const GroupAssignment& assignment, const GroupMembers& members) {
  std::int64_t moved = 0;
  for (const auto& [member_id, partitions] : assignment) {
    const Member* member = members.Find(member_id);
    if (member == nullptr) continue;
    const auto& had = member->stored.assignment;
    const std::set<TopicPartition> before(had.begin(), had.end());
    moved += std::ranges::count_if(partitions, [&](const auto& p) { return !before.contains(p); });
  }
  return moved;
}

bool IsHoldingBack(const Member& member, const GroupMembers& members) {
  std::set<TopicPartition> kept(member.stored.member.subscription.owned.begin(),
                                member.stored.member.subscription.owned.end());
  std::set<std::string> wanted;
  for (const auto& [age, other] : members) {
    for (const TopicPartition& p : other.stored.assignment) kept.erase(p);
    const auto& topics = other.stored.member.subscription.topics;
    wanted.insert(topics.begin(), topics.end());
  }
  return std::ranges::any_of(kept, [&](const auto& p) { return wanted.contains(p.topic); });
}

}  // namespace lanemq::core
