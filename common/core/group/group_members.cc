#include "common/core/group/group_members.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"

namespace lanemq::core {
namespace {

constexpr std::size_t kParkedCallsMax = 4;

}  // namespace

std::optional<GroupCallId> ParkedCalls::Add(GroupCallId call) {
  std::optional<GroupCallId> evicted;
  if (calls_.size() >= kParkedCallsMax) {
    evicted = calls_.front();
    calls_.erase(calls_.begin());
  }
  calls_.push_back(call);
  return evicted;
}

bool ParkedCalls::Remove(GroupCallId call) { return std::erase(calls_, call) > 0; }

std::vector<GroupCallId> ParkedCalls::TakeAll() { return std::exchange(calls_, {}); }

std::optional<MonotonicTime> Member::Deadline() const {
  if (!joins.empty() || !syncs.empty()) return std::nullopt;
  return sync_deadline ? std::min(*sync_deadline, session_deadline) : session_deadline;
}

Member& GroupMembers::Add(StoredMember stored) {
  const std::uint64_t age = next_age_++;
  const bool is_new = by_id_.emplace(stored.member.member_id, age).second;
  LANEMQ_CHECK(is_new);
  if (!stored.member.instance_id.empty()) {
    const bool is_new_instance = by_instance_.emplace(stored.member.instance_id, age).second;
    LANEMQ_CHECK(is_new_instance);
  }
  Member& member = by_age_[age];
  member.stored = std::move(stored);
  const MemberSubscription& subscription = member.stored.member.subscription;
  if (!subscription.owned.empty()) member.newest_owned_generation = subscription.owned_generation;
  return member;
}

void GroupMembers::ChangeId(Member& member, const std::string& new_id) {
  const auto old = by_id_.find(member.id());
  const std::uint64_t age = old->second;
  by_id_.erase(old);
  const bool is_new = by_id_.emplace(new_id, age).second;
  LANEMQ_CHECK(is_new);
  member.stored.member.member_id = new_id;
}

void GroupMembers::Remove(const std::string& member_id) {
  const auto found = by_id_.find(member_id);
  if (found == by_id_.end()) return;
  const auto member = by_age_.find(found->second);
  by_instance_.erase(member->second.stored.member.instance_id);
  by_id_.erase(found);
  by_age_.erase(member);
}

Member* GroupMembers::Find(const std::string& member_id) {
  const auto found = by_id_.find(member_id);
  return found == by_id_.end() ? nullptr : &by_age_.at(found->second);
}

const Member* GroupMembers::Find(const std::string& member_id) const {
  const auto found = by_id_.find(member_id);
  return found == by_id_.end() ? nullptr : &by_age_.at(found->second);
}

Member* GroupMembers::FindInstance(const std::string& instance_id) {
  const auto found = by_instance_.find(instance_id);
  return found == by_instance_.end() ? nullptr : &by_age_.at(found->second);
}

bool GroupMembers::HaveAllJoined() const {
  return std::ranges::all_of(by_age_, [](const auto& entry) { return entry.second.has_joined; });
}

std::chrono::milliseconds GroupMembers::LargestRebalanceTimeout() const {
  std::chrono::milliseconds largest{0};
  for (const auto& [age, member] : by_age_) {
    largest = std::max(largest, member.stored.rebalance_timeout);
  }
  return largest;
}

std::vector<const std::vector<std::string>*> GroupMembers::Protocols(const Member* except) const {
  std::vector<const std::vector<std::string>*> lists;
  for (const auto& [age, member] : by_age_) {
    if (&member != except) lists.push_back(&member.stored.protocols);
  }
  return lists;
}

void PendingMembers::Add(const std::string& member_id, MonotonicTime deadline, std::size_t max) {
  if (pending_.size() >= max && !pending_.empty()) pending_.erase(pending_.begin());
  pending_.push_back({member_id, deadline});
}

bool PendingMembers::Remove(const std::string& member_id) {
  return std::erase_if(pending_, [&](const Pending& p) { return p.member_id == member_id; }) > 0;
}

void PendingMembers::Expire(MonotonicTime now) {
  std::erase_if(pending_, [&](const Pending& p) { return p.deadline <= now; });
}

bool PendingMembers::Contains(const std::string& member_id) const {
  return std::ranges::any_of(pending_, [&](const Pending& p) { return p.member_id == member_id; });
}

std::optional<MonotonicTime> PendingMembers::NextDeadline() const {
  if (pending_.empty()) return std::nullopt;
  return pending_.front().deadline;
}

}  // namespace lanemq::core
