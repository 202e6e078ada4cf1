#include "tests/conformance/fake_group_store.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/core/audit/audited_changes.h"

namespace lanemq::testing {
namespace {

using core::Fence;
using core::GroupRebalance;
using core::GroupState;
using core::GroupSummary;
using core::StoredGroup;
using core::StoredMember;

constexpr std::size_t kHistoryMax = 100;
constexpr std::size_t kEmptyMax = 1'000;

bool IsStorable(GroupState state) {
  return state == GroupState::kEmpty || state == GroupState::kCompletingRebalance ||
         state == GroupState::kStable;
}

/// What JSON columns can hold.
bool IsUtf8(const std::string& text) {
  try {
    return !nlohmann::json(text).dump().empty();
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

bool IsStorable(const StoredMember& member) {
  const auto is_utf8 = [](const core::TopicPartition& at) { return IsUtf8(at.topic); };
  const auto& [topics, owned, owned_generation] = member.member.subscription;
  return std::all_of(member.protocols.begin(), member.protocols.end(), IsUtf8) &&
         std::all_of(topics.begin(), topics.end(), IsUtf8) &&
         std::all_of(owned.begin(), owned.end(), is_utf8) &&
         std::all_of(member.assignment.begin(), member.assignment.end(), is_utf8);
}

bool IsStorable(const StoredGroup& group) {
  return IsStorable(group.state) &&
         std::all_of(group.members.begin(), group.members.end(),
                     [](const StoredMember& member) { return IsStorable(member); });
}

/// As it comes back: members by id, lists sorted.
StoredGroup Sorted(StoredGroup group) {
  for (StoredMember& member : group.members) {
    std::sort(member.assignment.begin(), member.assignment.end());
    auto& owned = member.member.subscription.owned;
    std::sort(owned.begin(), owned.end());
  }
  std::sort(group.members.begin(), group.members.end(),
            [](const StoredMember& a, const StoredMember& b) {
              return a.member.member_id < b.member.member_id;
            });
  return group;
}

}  // namespace

void FakeGroupStore::SetTerm(const std::string& lease, core::FencingToken token) {
  MutexLock lock(mutex_);
  terms_[lease] = token;
}

void FakeGroupStore::Advance(std::chrono::microseconds by) {
  MutexLock lock(mutex_);
  now_.micros += by.count();
}

void FakeGroupStore::FailNextWrite(ErrorCode code, bool after_effect) {
  MutexLock lock(mutex_);
  write_faults_.push_back({code, after_effect});
}

void FakeGroupStore::FailNextLoad(ErrorCode code) {
  MutexLock lock(mutex_);
  load_faults_.push_back(code);
}

std::vector<core::AuditEvent> FakeGroupStore::Audited() const {
  MutexLock lock(mutex_);
  return audited_;
}

Status FakeGroupStore::TakeLoadFault() {
  if (load_faults_.empty()) return {};
  const ErrorCode code = load_faults_.front();
  load_faults_.pop_front();
  return Error{code, "injected"};
}

Status FakeGroupStore::CheckFence(Groups::const_iterator found, const Fence& fence) const {
  const auto term = terms_.find(fence.lease);
  if (term == terms_.end() || term->second != fence.token) {
    return Error{ErrorCode::kFenced, "not the newest term of " + fence.lease};
  }
  if (found != groups_.end() && found->second.epoch > fence.token) {
    return Error{ErrorCode::kFenced, "written under a newer term"};
  }
  return {};
}

void FakeGroupStore::Remember(Stored& stored) {
  StoredGroup& group = stored.group;
  if (group.state == GroupState::kStable) {
    stored.history.try_emplace(
        group.generation,
        GroupRebalance{group.generation, now_, std::string(core::StoredReason(group.reason)),
                       static_cast<std::int64_t>(group.members.size()), group.moved});
    while (stored.history.size() > kHistoryMax) stored.history.erase(stored.history.begin());
  }
  const auto known = stored.history.find(group.generation);
  group.reason = known == stored.history.end() ? std::string() : known->second.reason;
  group.moved = known == stored.history.end() ? 0 : known->second.moved;
}

Status FakeGroupStore::Apply(const StoredGroup& group, const Fence& fence) {
  if (!IsStorable(group)) return Error{ErrorCode::kInvalidRequest, "its state, or a name"};
  LANEMQ_RETURN_IF_ERROR(CheckFence(groups_.find(group.group_id), fence));
  Stored& stored = groups_[group.group_id];
  const auto empty_since = stored.group.empty_since;
  stored.group = Sorted(group);
  stored.group.empty_since =
      group.members.empty() ? std::optional(empty_since.value_or(now_)) : std::nullopt;
  stored.epoch = fence.token;
  Remember(stored);
  return {};
}

Status FakeGroupStore::Write(const StoredGroup& group, const Fence& fence, Deadline) {
  MutexLock lock(mutex_);
  std::optional<Fault> fault;
  if (!write_faults_.empty()) {
    fault = write_faults_.front();
    write_faults_.pop_front();
  }
  if (fault && !fault->after_effect) return Error{fault->code, "injected before the effect"};
  LANEMQ_RETURN_IF_ERROR(Apply(group, fence));
  if (fault) return Error{fault->code, "injected after the effect"};
  return {};
}

Result<std::vector<StoredGroup>> FakeGroupStore::LoadSlot(int slot, Deadline) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(TakeLoadFault());
  std::vector<StoredGroup> groups;
  for (const auto& [group_id, stored] : groups_) {
    if (core::GroupSlot(group_id) == slot) groups.push_back(stored.group);
  }
  return groups;
}

Result<std::optional<StoredGroup>> FakeGroupStore::Load(std::string_view group_id, Deadline) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(TakeLoadFault());
  const auto found = groups_.find(group_id);
  return found == groups_.end() ? std::optional<StoredGroup>() : found->second.group;
}

Result<std::vector<GroupSummary>> FakeGroupStore::List(Deadline) {
  MutexLock lock(mutex_);
  std::vector<GroupSummary> groups;
  for (const auto& [group_id, stored] : groups_) {
    const StoredGroup& group = stored.group;
    groups.push_back({group_id, group.state, group.generation, group.protocol,
                      static_cast<std::int64_t>(group.members.size()), group.empty_since});
  }
  return groups;
}

Result<std::vector<GroupRebalance>> FakeGroupStore::History(std::string_view group_id,
                                                            std::size_t max, Deadline) {
  MutexLock lock(mutex_);
  std::vector<GroupRebalance> rebalances;
  const auto found = groups_.find(group_id);
  if (found == groups_.end()) return rebalances;
  const auto& history = found->second.history;
  for (auto at = history.rbegin(); at != history.rend() && rebalances.size() < max; ++at) {
    rebalances.push_back(at->second);
  }
  return rebalances;
}

Status FakeGroupStore::Delete(std::string_view group_id, const Fence& fence,
                              const core::AuditNote& note, Deadline) {
  MutexLock lock(mutex_);
  const auto found = groups_.find(group_id);
  LANEMQ_RETURN_IF_ERROR(CheckFence(found, fence));
  if (found == groups_.end()) return {};
  if (!found->second.group.members.empty()) {
    return Error{ErrorCode::kFailedPrecondition, "the group has members"};
  }
  const StoredGroup& group = found->second.group;
  core::AuditEvent& event = audited_.emplace_back();
  event.id = static_cast<std::int64_t>(audited_.size());
  event.note = note;
  event.change = core::GroupRemoved(group_id, group.generation, group.protocol);
  groups_.erase(found);
  return {};
}

Result<std::vector<std::string>> FakeGroupStore::EmptyFor(std::chrono::microseconds age, Deadline) {
  MutexLock lock(mutex_);
  std::vector<std::pair<WallTime, std::string>> empty;
  for (const auto& [group_id, stored] : groups_) {
    const auto since = stored.group.empty_since;
    if (since && since->micros < now_.micros - age.count()) empty.emplace_back(*since, group_id);
  }
  std::sort(empty.begin(), empty.end());
  if (empty.size() > kEmptyMax) empty.resize(kEmptyMax);
  std::vector<std::string> group_ids;
  for (auto& [since, group_id] : empty) group_ids.push_back(std::move(group_id));
  return group_ids;
}

}  // namespace lanemq::testing
