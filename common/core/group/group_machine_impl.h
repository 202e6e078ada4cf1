#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/core/group/group_machine.h"
#include "common/core/group/group_members.h"
#include "common/core/group/group_writes.h"
#include "common/core/group/join_barrier.h"

namespace lanemq::core {

/// The machine's parts; its functions are grouped by file:
/// group_machine.cc (what the shell calls, expiry), group_rebalance.cc (the states), group_join.cc,
/// group_sync.cc (sync, heartbeat, leave) and group_reveal.cc (what waits for a write).
///
/// Calls that wait are parked at their member. A join is answered when its generation is durable, a
/// sync when the assignment is: whether that is so is looked up in `writes_` when the time comes,
/// so whatever happened meanwhile counts.
class GroupMachine::Impl {
 public:
  Impl(std::string group_id, GroupLimits limits, NewMemberId new_member_id);
  Impl(StoredGroup stored, GroupLimits limits, NewMemberId new_member_id, MonotonicTime now);

  // group_machine.cc
  void OnTime(MonotonicTime now);
  [[nodiscard]] std::optional<MonotonicTime> NextDeadline() const;
  void Forget(GroupCallId call);
  void Retire(const Error& why);
  /// The effects so far, and a write if one is due.
  GroupEffects TakeEffects();

  // group_join.cc
  void Join(GroupCallId call, JoinCall join, MonotonicTime now);
  // group_sync.cc
  void Sync(GroupCallId call, SyncCall sync, MonotonicTime now);
  void Heartbeat(GroupCallId call, const MemberCall& heartbeat, MonotonicTime now);
  void Leave(GroupCallId call, const MemberCall& leave, MonotonicTime now);
  // group_reveal.cc
  void OnPersisted(GroupPersistId id, const Status& status, MonotonicTime now);
  [[nodiscard]] StoredGroup Snapshot() const;

  [[nodiscard]] GroupState state() const { return state_; }
  [[nodiscard]] Generation generation() const { return generation_; }

 private:
  struct ParkedLeave {
    GroupCallId call = 0;
    std::uint64_t version = 0;
  };

  // group_rebalance.cc
  void PrepareRebalance(const std::string& reason, MonotonicTime now);
  void MaybeCompleteJoin(MonotonicTime now);
  void CompleteJoin(MonotonicTime now);
  void BecomeEmpty();
  void RemoveMember(const std::string& member_id, const std::string& reason, const Error& error,
                    MonotonicTime now);
  void ExpireMembers(MonotonicTime now);

  // group_join.cc
  void JoinFirst(GroupCallId call, JoinCall join, MonotonicTime now);
  void JoinStaticAgain(Member& member, GroupCallId call, JoinCall join, MonotonicTime now);
  void JoinAgain(Member& member, GroupCallId call, JoinCall join, MonotonicTime now);
  void AddMember(GroupCallId call, JoinCall join, MonotonicTime now);
  [[nodiscard]] Status CheckNewMember(const JoinCall& join) const;
  [[nodiscard]] Status CheckProtocols(const JoinCall& join, const Member* except) const;
  void ParkJoin(Member& member, GroupCallId call);

  // group_sync.cc
  [[nodiscard]] Result<Member*> FindCaller(const std::string& member_id,
                                           const std::string& instance_id);
  [[nodiscard]] Status CheckSync(const SyncCall& sync, const Member& member) const;
  void TakeAssignment(GroupAssignment assignment);

  // group_reveal.cc
  void RevealAll(MonotonicTime now);
  void RevealJoin(Member& member, MonotonicTime now);
  void RevealSync(Member& member, MonotonicTime now);
  void FailWaiting(const Status& status, MonotonicTime now);
  void FailJoins(Member& member, const Error& error);
  void FailSyncs(Member& member, const Error& error);
  void ReplyJoin(GroupCallId call, Result<JoinReply> reply);
  void ReplySync(GroupCallId call, Result<SyncReply> reply);
  void ReplyMember(GroupCallId call, Status reply);

  std::string group_id_;
  GroupLimits limits_;
  NewMemberId new_member_id_;

  GroupState state_ = GroupState::kEmpty;
  Generation generation_;
  std::string protocol_;
  std::string leader_;
  std::string reason_;
  std::int64_t moved_ = 0;
  GroupMembers members_;
  PendingMembers pending_;
  JoinBarrier barrier_;

  GroupWrites writes_;
  std::uint64_t generation_version_ = 0;  ///< Reveals the generation when durable.
  std::uint64_t assignment_version_ = 0;  ///< Reveals the assignment when durable.
  GroupAssignment assignment_before_;     ///< Of the members, should that write fail.
  std::vector<ParkedLeave> leaves_;

  Error why_dead_;
  /// Of the newest event. Forget() is not told the time.
  MonotonicTime last_event_;
  GroupEffects effects_;
};

}  // namespace lanemq::core
