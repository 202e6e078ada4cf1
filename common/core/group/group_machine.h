#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/base/time.h"
#include "common/core/group/group_types.h"

namespace lanemq::core {

/// Names a call whose answer may come later; chosen by the shell, unique per machine.
using GroupCallId = std::uint64_t;
/// Names a write; grows.
using GroupPersistId = std::uint64_t;

/// Of what a member says: no number of rebalances overflows from here.
inline constexpr std::int64_t kGenerationFloorMax = (std::int64_t{1} << 53) - 1;

struct JoinCall {
  std::string member_id;    ///< Empty at the first join.
  std::string instance_id;  ///< Empty: dynamic.
  std::string client_id;
  std::string host;
  std::chrono::milliseconds session_timeout{45'000};
  std::chrono::milliseconds rebalance_timeout{300'000};
  std::vector<std::string> protocols;
  MemberSubscription subscription;
  /// The largest generation it saw in the group's offset rows; 0: none. The next generation is
  /// greater, so that rows that outlived their group do not refuse it. 0 to kGenerationFloorMax.
  Generation generation_floor;
  std::string reason;
};

struct SyncCall {
  std::string member_id;
  std::string instance_id;
  Generation generation;
  GroupAssignment assignments;  ///< From the leader; empty from others.
};

/// Of heartbeats and leaves; a leave's generation is not looked at.
struct MemberCall {
  std::string member_id;
  std::string instance_id;
  Generation generation;
  std::string reason;  ///< Of a leave.
};

struct JoinReply {
  /// True: MEMBER_ID_REQUIRED; join again with member_id. Nothing else is set then.
  bool must_rejoin_with_id = false;
  std::string member_id;
  Generation generation;
  std::string protocol;
  std::string leader;
  std::vector<GroupMember> members;  ///< To the leader only.
};

struct SyncReply {
  Generation generation;
  std::string protocol;
  std::vector<TopicPartition> assignment;
};

/// What the shell does, in order. Replies are sent at once; the machine emits a reply that needs a
/// write only after OnPersisted() of it.
struct ReplyToJoin {
  GroupCallId call = 0;
  Result<JoinReply> reply;
};
struct ReplyToSync {
  GroupCallId call = 0;
  Result<SyncReply> reply;
};
/// Of heartbeats and leaves.
struct ReplyToMember {
  GroupCallId call = 0;
  Status reply;
};
/// Write `group`, replacing what is stored, then call OnPersisted(id). One write is in flight at a
/// time; the newest state wins.
struct PersistGroup {
  GroupPersistId id = 0;
  StoredGroup group;
};
using GroupEffect = std::variant<ReplyToJoin, ReplyToSync, ReplyToMember, PersistGroup>;
using GroupEffects = std::vector<GroupEffect>;

/// The coordinator's view of one group: Kafka's classic protocol as a pure state machine.
///
/// Rules: two-step first join of dynamic members; join barrier (initial delay for an empty group,
/// then the largest rebalance timeout of the members); the leader is the oldest member that joined;
/// the protocol is the one most members prefer among those all can do; a member that has not joined
/// in time is removed, its static id with it; a static member that comes back gets a new member id
/// in the old one's place, and without a rebalance when the group is Stable, its subscription
/// unchanged and nobody waits for a partition the old one was to give up; the former holder of an
/// instance id is FENCED_INSTANCE_ID. Session deadlines start anew at join, sync and heartbeat, and
/// are not counted while a member waits in a join or sync. A failed write: parked calls are
/// answered NOT_COORDINATOR, what it would have revealed is undone by preparing another rebalance.
///
/// Pure: told the time, random ids come from `new_member_id`. Not thread-safe; one owner.
class GroupMachine {
 public:
  using NewMemberId = std::function<std::string(const std::string& client_id)>;

  GroupMachine(std::string group_id, GroupLimits limits, NewMemberId new_member_id);
  /// As a new coordinator finds it: every member gets its full session timeout from `now`.
  GroupMachine(StoredGroup stored, GroupLimits limits, NewMemberId new_member_id,
               MonotonicTime now);
  ~GroupMachine();
  GroupMachine(GroupMachine&&) noexcept;
  GroupMachine& operator=(GroupMachine&&) noexcept;

  GroupEffects Join(GroupCallId call, JoinCall join, MonotonicTime now);
  GroupEffects Sync(GroupCallId call, SyncCall sync, MonotonicTime now);
  /// REBALANCE_IN_PROGRESS while one is prepared; OK while the assignment is being made, as in
  /// Kafka.
  GroupEffects Heartbeat(GroupCallId call, const MemberCall& heartbeat, MonotonicTime now);
  GroupEffects Leave(GroupCallId call, const MemberCall& leave, MonotonicTime now);
  GroupEffects OnPersisted(GroupPersistId id, const Status& status, MonotonicTime now);
  /// Expiries that are due. Calling it early is harmless.
  GroupEffects OnTime(MonotonicTime now);
  /// nullopt: nothing is waited for.
  [[nodiscard]] std::optional<MonotonicTime> NextDeadline() const;
  /// Nobody waits for this call's answer any more (its connection is gone, its time is up).
  void Forget(GroupCallId call);
  /// Hand-over or deletion: every parked call is answered with `why`; Dead from here on.
  GroupEffects Retire(const Error& why);

  [[nodiscard]] GroupState state() const;
  [[nodiscard]] Generation generation() const;
  /// As it would be persisted now: for describe.
  [[nodiscard]] StoredGroup Snapshot() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lanemq::core
