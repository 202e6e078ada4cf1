#include "common/core/group/group_machine.h"

#include <algorithm>
#include <utility>

#include "common/core/group/group_machine_impl.h"

namespace lanemq::core {

GroupMachine::Impl::Impl(std::string group_id, GroupLimits limits, NewMemberId new_member_id)
    : group_id_(std::move(group_id)), limits_(limits), new_member_id_(std::move(new_member_id)) {}

GroupMachine::Impl::Impl(StoredGroup stored, GroupLimits limits, NewMemberId new_member_id,
                         MonotonicTime now)
    : Impl(std::move(stored.group_id), limits, std::move(new_member_id)) {
  last_event_ = now;
  generation_ = stored.generation;
  reason_ = std::move(stored.reason);
  moved_ = stored.moved;
  for (StoredMember& member : stored.members) members_.Add(std::move(member)).TouchSession(now);
  if (members_.empty()) return;
  protocol_ = std::move(stored.protocol);
  leader_ = std::move(stored.leader);
  state_ =
      stored.state == GroupState::kStable ? GroupState::kStable : GroupState::kCompletingRebalance;
  if (members_.Find(leader_) == nullptr) {
    // Snapshot() writes a group that prepares a rebalance without a leader.
    const std::string reason = reason_;
    PrepareRebalance(reason, now);
  } else if (state_ == GroupState::kCompletingRebalance) {
    for (auto& [age, member] : members_) {
      member.sync_deadline = now + member.stored.rebalance_timeout;
    }
  }
}

GroupEffects GroupMachine::Impl::TakeEffects() {
  if (state_ != GroupState::kDead) {
    if (const auto id = writes_.Start()) effects_.push_back(PersistGroup{*id, Snapshot()});
  }
  return std::exchange(effects_, {});
}

void GroupMachine::Impl::OnTime(MonotonicTime now) {
  last_event_ = now;
  if (state_ == GroupState::kDead) return;
  pending_.Expire(now);
  ExpireMembers(now);
  MaybeCompleteJoin(now);
  writes_.OnTime(now);
}

std::optional<MonotonicTime> GroupMachine::Impl::NextDeadline() const {
  if (state_ == GroupState::kDead) return std::nullopt;
  std::optional<MonotonicTime> next = writes_.retry_at();
  const auto consider = [&](std::optional<MonotonicTime> time) {
    if (time) next = next ? std::min(*next, *time) : *time;
  };
  consider(pending_.NextDeadline());
  if (state_ == GroupState::kPreparingRebalance) consider(barrier_.deadline());
  for (const auto& [age, member] : members_) consider(member.Deadline());
  return next;
}

void GroupMachine::Impl::Forget(GroupCallId call) {
  std::erase_if(leaves_, [&](const ParkedLeave& leave) { return leave.call == call; });
  for (auto& [age, member] : members_) {
    const bool was_join = member.joins.Remove(call);
    if (!was_join && !member.syncs.Remove(call)) continue;
    // It keeps its place in the barrier and has a session timeout to come back.
    member.TouchSession(last_event_);
    return;
  }
}

void GroupMachine::Impl::Retire(const Error& why) {
  if (state_ == GroupState::kDead) return;
  for (auto& [age, member] : members_) {
    FailJoins(member, why);
    FailSyncs(member, why);
  }
  for (const ParkedLeave& leave : leaves_) ReplyMember(leave.call, why);
  leaves_.clear();
  why_dead_ = why;
  state_ = GroupState::kDead;
}

GroupMachine::GroupMachine(std::string group_id, GroupLimits limits, NewMemberId new_member_id)
    : impl_(std::make_unique<Impl>(std::move(group_id), limits, std::move(new_member_id))) {}

GroupMachine::GroupMachine(StoredGroup stored, GroupLimits limits, NewMemberId new_member_id,
                           MonotonicTime now)
    : impl_(std::make_unique<Impl>(std::move(stored), limits, std::move(new_member_id), now)) {}

GroupMachine::~GroupMachine() = default;
GroupMachine::GroupMachine(GroupMachine&&) noexcept = default;
GroupMachine& GroupMachine::operator=(GroupMachine&&) noexcept = default;

GroupEffects GroupMachine::Join(GroupCallId call, JoinCall join, MonotonicTime now) {
  impl_->Join(call, std::move(join), now);
  return impl_->TakeEffects();
}

GroupEffects GroupMachine::Sync(GroupCallId call, SyncCall sync, MonotonicTime now) {
  impl_->Sync(call, std::move(sync), now);
  return impl_->TakeEffects();
}

GroupEffects GroupMachine::Heartbeat(GroupCallId call, const MemberCall& heartbeat,
                                     MonotonicTime now) {
  impl_->Heartbeat(call, heartbeat, now);
  return impl_->TakeEffects();
}

GroupEffects GroupMachine::Leave(GroupCallId call, const MemberCall& leave, MonotonicTime now) {
  impl_->Leave(call, leave, now);
  return impl_->TakeEffects();
}

GroupEffects GroupMachine::OnPersisted(GroupPersistId id, const Status& status, MonotonicTime now) {
  impl_->OnPersisted(id, status, now);
  return impl_->TakeEffects();
}

GroupEffects GroupMachine::OnTime(MonotonicTime now) {
  impl_->OnTime(now);
  return impl_->TakeEffects();
}

std::optional<MonotonicTime> GroupMachine::NextDeadline() const { return impl_->NextDeadline(); }
void GroupMachine::Forget(GroupCallId call) { impl_->Forget(call); }

GroupEffects GroupMachine::Retire(const Error& why) {
  impl_->Retire(why);
  return impl_->TakeEffects();
}

GroupState GroupMachine::state() const { return impl_->state(); }
Generation GroupMachine::generation() const { return impl_->generation(); }
StoredGroup GroupMachine::Snapshot() const { return impl_->Snapshot(); }

}  // namespace lanemq::core
