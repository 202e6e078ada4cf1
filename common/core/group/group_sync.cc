// SyncGroup, Heartbeat and LeaveGroup.
#include <algorithm>
#include <utility>

#include "common/core/group/assignment_check.h"
#include "common/core/group/group_machine_impl.h"

namespace lanemq::core {
namespace {

Error IllegalGeneration(Generation given, Generation current) {
  return {ErrorCode::kIllegalGeneration, "generation " + std::to_string(given.value) +
                                             ", the group is at " + std::to_string(current.value)};
}

}  // namespace

Result<Member*> GroupMachine::Impl::FindCaller(const std::string& member_id,
                                               const std::string& instance_id) {
  const Error unknown{ErrorCode::kUnknownMemberId, "'" + member_id + "' is not a member"};
  if (instance_id.empty()) {
    Member* member = members_.Find(member_id);
    if (member == nullptr) return unknown;
    return member;
  }
  Member* member = members_.FindInstance(instance_id);
  if (member == nullptr) return unknown;
  if (member->id() != member_id) {
    return Error{ErrorCode::kFencedInstanceId,
                 "instance id " + instance_id + " is used by " + member->stored.host};
  }
  return member;
}

void GroupMachine::Impl::Sync(GroupCallId call, SyncCall sync, MonotonicTime now) {
  last_event_ = now;
  if (state_ == GroupState::kDead) return ReplySync(call, why_dead_);
  const Result<Member*> found = FindCaller(sync.member_id, sync.instance_id);
  if (!found.ok()) return ReplySync(call, found.error());
  Member& member = **found;
  if (const Status status = CheckSync(sync, member); !status.ok()) {
    return ReplySync(call, status.error());
  }
  member.TouchSession(now);
  member.sync_deadline.reset();
  if (const auto evicted = member.syncs.Add(call)) {
    ReplySync(*evicted, Error{ErrorCode::kRebalanceInProgress, "the member has asked again"});
  }
  // A repeated one of the leader finds the group Stable; what was decided first stays.
  if (state_ == GroupState::kCompletingRebalance && member.id() == leader_) {
    TakeAssignment(std::move(sync.assignments));
  }
  RevealSync(member, now);
}

Status GroupMachine::Impl::CheckSync(const SyncCall& sync, const Member& member) const {
  const bool is_preparing = state_ == GroupState::kPreparingRebalance;
  if (sync.generation != generation_ && !(is_preparing && sync.generation < generation_)) {
    return IllegalGeneration(sync.generation, generation_);
  }
  if (is_preparing) return Error{ErrorCode::kRebalanceInProgress, reason_};
  if (state_ == GroupState::kCompletingRebalance && member.id() == leader_) {
    return CheckAssignment(sync.assignments, members_);
  }
  return {};
}

void GroupMachine::Impl::TakeAssignment(GroupAssignment assignment) {
  moved_ = CountMoved(assignment, members_);
  assignment_before_.clear();
  for (auto& [age, member] : members_) {
    auto& partitions = assignment[member.id()];
    std::ranges::sort(partitions);
    assignment_before_[member.id()] = std::exchange(member.stored.assignment, partitions);
  }
  state_ = GroupState::kStable;
  assignment_version_ = writes_.Touch();
}

void GroupMachine::Impl::Heartbeat(GroupCallId call, const MemberCall& heartbeat,
                                   MonotonicTime now) {
  last_event_ = now;
  if (state_ == GroupState::kDead) return ReplyMember(call, why_dead_);
  const Result<Member*> found = FindCaller(heartbeat.member_id, heartbeat.instance_id);
  if (!found.ok()) return ReplyMember(call, found.error());
  Member& member = **found;
  // Older is no fault of a member that has not been told the newer generation: a write of it may
  // have failed, or its join is still to be answered.
  const bool may_be_older = state_ == GroupState::kPreparingRebalance || !member.joins.empty();
  if (heartbeat.generation != generation_ &&
      !(may_be_older && heartbeat.generation < generation_)) {
    return ReplyMember(call, IllegalGeneration(heartbeat.generation, generation_));
  }
  member.TouchSession(now);
  if (may_be_older) return ReplyMember(call, Error{ErrorCode::kRebalanceInProgress, reason_});
  ReplyMember(call, {});
}

void GroupMachine::Impl::Leave(GroupCallId call, const MemberCall& leave, MonotonicTime now) {
  last_event_ = now;
  if (state_ == GroupState::kDead) return ReplyMember(call, why_dead_);
  if (pending_.Remove(leave.member_id)) return ReplyMember(call, {});
  std::string member_id = leave.member_id;
  if (member_id.empty() && !leave.instance_id.empty()) {
    // An operator removes a static member, whose id only the coordinator knows.
    const Member* member = members_.FindInstance(leave.instance_id);
    if (member != nullptr) member_id = member->id();
  }
  const Result<Member*> found = FindCaller(member_id, leave.instance_id);
  if (!found.ok()) return ReplyMember(call, found.error());
  const std::string reason =
      "member " + member_id + " left" + (leave.reason.empty() ? "" : ": " + leave.reason);
  RemoveMember(member_id, reason, {ErrorCode::kUnknownMemberId, reason}, now);
  leaves_.push_back({call, writes_.newest()});
  MaybeCompleteJoin(now);
}

}  // namespace lanemq::core
