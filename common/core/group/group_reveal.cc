// What waits for a write, and what becomes of it when the write ends.
#include <algorithm>
#include <utility>

#include "common/core/group/group_machine_impl.h"

namespace lanemq::core {

StoredGroup GroupMachine::Impl::Snapshot() const {
  StoredGroup group;
  group.group_id = group_id_;
  group.state = state_;
  group.generation = generation_;
  group.protocol = protocol_;
  group.leader = leader_;
  group.reason = reason_;
  group.moved = moved_;
  for (const auto& [age, member] : members_) group.members.push_back(member.stored);
  if (state_ == GroupState::kPreparingRebalance) {
    // Nobody leads it: a new coordinator prepares the rebalance again.
    group.state = GroupState::kCompletingRebalance;
    group.leader.clear();
  }
  return group;
}

void GroupMachine::Impl::OnPersisted(GroupPersistId id, const Status& status, MonotonicTime now) {
  last_event_ = now;
  if (state_ == GroupState::kDead) return;
  switch (writes_.Finish(id, status.ok(), now)) {
    case GroupWrites::Outcome::kForeign:
    case GroupWrites::Outcome::kSuperseded:
      return;
    case GroupWrites::Outcome::kDurable:
      return RevealAll(now);
    case GroupWrites::Outcome::kFailed:
      return FailWaiting(status, now);
  }
}

void GroupMachine::Impl::RevealAll(MonotonicTime now) {
  std::erase_if(leaves_, [&](const ParkedLeave& leave) {
    if (!writes_.IsDurable(leave.version)) return false;
    ReplyMember(leave.call, {});
    return true;
  });
  for (auto& [age, member] : members_) {
    RevealJoin(member, now);
    RevealSync(member, now);
  }
}

void GroupMachine::Impl::RevealJoin(Member& member, MonotonicTime now) {
  const bool is_settled =
      state_ == GroupState::kCompletingRebalance || state_ == GroupState::kStable;
  if (!is_settled || member.joins.empty()) return;
  if (!writes_.IsDurable(std::max(generation_version_, member.reveal_version))) return;
  JoinReply reply;
  reply.member_id = member.id();
  reply.generation = generation_;
  reply.protocol = protocol_;
  reply.leader = leader_;
  // In a Stable group there is nothing to assign, even for the leader.
  if (state_ == GroupState::kCompletingRebalance && member.id() == leader_) {
    for (const auto& [age, other] : members_) reply.members.push_back(other.stored.member);
  }
  for (const GroupCallId call : member.joins.TakeAll()) ReplyJoin(call, reply);
  member.has_joined = false;
  member.TouchSession(now);
  member.sync_deadline = now + member.stored.rebalance_timeout;
}

void GroupMachine::Impl::RevealSync(Member& member, MonotonicTime now) {
  if (state_ != GroupState::kStable || member.syncs.empty()) return;
  if (!writes_.IsDurable(std::max(assignment_version_, member.reveal_version))) return;
  for (const GroupCallId call : member.syncs.TakeAll()) {
    ReplySync(call, SyncReply{generation_, protocol_, member.stored.assignment});
  }
  member.TouchSession(now);
}

void GroupMachine::Impl::FailWaiting(const Status& status, MonotonicTime now) {
  const Error error{ErrorCode::kNotCoordinator,
                    "the group could not be written: " + status.error().ToString()};
  for (const ParkedLeave& leave : std::exchange(leaves_, {})) ReplyMember(leave.call, error);
  // The joins of a rebalance that is being prepared wait for its generation, not for this write.
  if (state_ == GroupState::kPreparingRebalance) return;
  for (auto& [age, member] : members_) {
    FailJoins(member, error);
    FailSyncs(member, error);
  }
  const bool is_assignment_lost =
      state_ == GroupState::kStable && !writes_.IsDurable(assignment_version_);
  if (is_assignment_lost) {
    for (auto& [age, member] : members_) {
      member.stored.assignment = assignment_before_[member.id()];
    }
  }
  const bool is_generation_lost =
      state_ == GroupState::kCompletingRebalance && !writes_.IsDurable(generation_version_);
  if (is_assignment_lost || is_generation_lost) PrepareRebalance(error.message, now);
}

void GroupMachine::Impl::FailJoins(Member& member, const Error& error) {
  for (const GroupCallId call : member.joins.TakeAll()) ReplyJoin(call, error);
}

void GroupMachine::Impl::FailSyncs(Member& member, const Error& error) {
  for (const GroupCallId call : member.syncs.TakeAll()) ReplySync(call, error);
}

void GroupMachine::Impl::ReplyJoin(GroupCallId call, Result<JoinReply> reply) {
  effects_.push_back(ReplyToJoin{call, std::move(reply)});
}

void GroupMachine::Impl::ReplySync(GroupCallId call, Result<SyncReply> reply) {
  effects_.push_back(ReplyToSync{call, std::move(reply)});
}

void GroupMachine::Impl::ReplyMember(GroupCallId call, Status reply) {
  effects_.push_back(ReplyToMember{call, std::move(reply)});
}

}  // namespace lanemq::core
