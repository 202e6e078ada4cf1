#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/base/time.h"
#include "common/core/group/assignor.h"
#include "common/core/group/group_machine.h"
#include "common/core/group/group_types.h"

namespace lanemq::client {

using core::GroupCallId;

/// By a row of the group's offsets: another member has the partition.
struct Refusal {
  core::Generation generation;  ///< As which the claim or commit was sent,
  std::string member_id;        ///< and by whom.
  core::Generation row;         ///< The row's; 0: not known.
};

struct MembershipConfig {
  std::string instance_id;  ///< Empty: dynamic.
  std::string client_id;
  std::string host;  ///< Identity: host:port:start time:pid.
  std::vector<std::string> assignors;
  std::chrono::milliseconds session_timeout{45'000};
  std::chrono::milliseconds heartbeat_interval{3'000};
  std::chrono::milliseconds max_poll_interval{300'000};
  std::chrono::milliseconds retry_backoff{50};
  std::chrono::milliseconds retry_backoff_max{1'000};
};

// What the shell does. Every call with an id is answered by the event of the same name, once.
struct FindCoordinator {
  GroupCallId call = 0;
};
struct SendJoin {
  GroupCallId call = 0;
  core::JoinCall join;
};
struct SendSync {
  GroupCallId call = 0;
  core::SyncCall sync;
};
struct SendHeartbeat {
  GroupCallId call = 0;
  core::MemberCall heartbeat;
  std::chrono::milliseconds poll_age{0};  ///< Since the application polled.
};
/// Nobody waits for its answer.
struct SendLeave {
  core::MemberCall leave;
};
/// This member leads: say how many partitions these topics have, and again on every change. It
/// replaces the one before and is answered each time; empty: it does not lead any more.
struct WatchTopics {
  std::set<std::string> topics;
};
enum class ListenerEvent { kRevoked, kAssigned, kLost };
/// Tell the application on its own thread, then OnListenerDone(). Assigned: these are read from
/// before its listener runs; revoked: until it has run; lost: not any more. Every assignment is
/// told, so that the application knows that a rebalance is over: cooperative members hear what is
/// new to them, often nothing.
struct CallListener {
  GroupCallId call = 0;
  ListenerEvent event = ListenerEvent::kAssigned;
  std::vector<core::TopicPartition> partitions;
};
/// The next Poll() returns it.
struct ReportError {
  Error error;
};
using MembershipEffect = std::variant<FindCoordinator, SendJoin, SendSync, SendHeartbeat, SendLeave,
                                      WatchTopics, CallListener, ReportError>;
using MembershipEffects = std::vector<MembershipEffect>;

enum class MembershipState {
  kUnjoined,   ///< No member; joins at the next poll when there is a subscription.
  kPreparing,  ///< Is about to join: revokes, finds the coordinator or waits out a back-off first.
  kJoining,
  kSyncing,
  kStable,
  kFenced,  ///< Another process has its instance id: for good.
  kClosed,
};

/// One member of a consumer group: Kafka's classic protocol as clients do it, as a pure state
/// machine; the opposite of core::GroupMachine.
///
/// Rules: without a coordinator (or with an error that a new try may mend) it finds one again, with
/// growing pauses, and keeps its partitions: the offsets' own generations fence it if it must be.
/// Partitions are lost when the coordinator does not know it any more, and when the application
/// has not polled for `max_poll_interval`. Eager assignors: everything is revoked before joining
/// again. Cooperative: partitions stay; what a new assignment lacks is revoked, and then it joins
/// again at once. One listener call is under way at a time; heartbeats go on meanwhile.
///
/// An error of a join or sync that no new try mends (authorisation, a timeout out of range) is
/// reported and ends the membership; the next poll tries again. Other calls' are only reported. The
/// pauses are not random.
///
/// The shell: every call has a deadline of its own, a join's and sync's at least that of
/// `max_poll_interval` and 5 s; a poll that blocks is an OnPoll() every now and then.
///
/// Pure: told the time. Not thread-safe; one owner. Answers to calls it no longer waits for are
/// ignored, as duplicates are.
class Membership {
 public:
  explicit Membership(MembershipConfig config) : config_(std::move(config)) {}

  /// Replaces the subscription; joins (again) when it differs.
  MembershipEffects Subscribe(std::set<std::string> topics, MonotonicTime now);
  /// Revokes everything, then leaves (static members stay known to the coordinator).
  MembershipEffects Unsubscribe(MonotonicTime now);
  /// The same for good.
  MembershipEffects Close(MonotonicTime now);
  /// The application polls: it lives.
  MembershipEffects OnPoll(MonotonicTime now);

  MembershipEffects OnCoordinator(GroupCallId call, const Status& found, MonotonicTime now);
  MembershipEffects OnJoined(GroupCallId call, const Result<core::JoinReply>& reply,
                             MonotonicTime now);
  MembershipEffects OnSynced(GroupCallId call, const Result<core::SyncReply>& reply,
                             MonotonicTime now);
  MembershipEffects OnHeartbeat(GroupCallId call, const Status& status, MonotonicTime now);
  MembershipEffects OnListenerDone(GroupCallId call, MonotonicTime now);
  /// All topics of the last WatchTopics that exist.
  MembershipEffects OnPartitionCounts(const core::PartitionCounts& counts, MonotonicTime now);
  /// A claim or commit of a partition it still has was refused.
  MembershipEffects OnRefused(const Refusal& refusal, MonotonicTime now);
  MembershipEffects OnTime(MonotonicTime now);
  /// nullopt: nothing is waited for.
  [[nodiscard]] std::optional<MonotonicTime> NextDeadline() const;

  [[nodiscard]] MembershipState state() const { return state_; }
  /// Of commits and claims; 0: it owns nothing that it may commit.
  [[nodiscard]] core::Generation generation() const { return generation_; }
  [[nodiscard]] const std::string& member_id() const { return member_id_; }
  [[nodiscard]] const std::string& protocol() const { return protocol_; }
  /// What the application has.
  [[nodiscard]] const std::set<core::TopicPartition>& owned() const { return owned_; }
  /// True when nothing is left to tell the application before it goes.
  [[nodiscard]] bool HasLeft() const { return !is_leaving_ && !listener_; }

 private:
  enum class Coordinator { kUnknown, kFinding, kKnown };

  // membership_steps.cc
  /// Does whatever comes next; every event ends here.
  void Advance(MonotonicTime now);
  void TakeNextStep(MonotonicTime now);
  /// Calls the listener if something must be told before anything else; true: wait for it.
  bool TellListener();
  bool TellOfAssignment();
  bool RevokeBeforeJoin();
  void Tell(ListenerEvent event, std::vector<core::TopicPartition> partitions);
  void FindCoordinatorIfDue(MonotonicTime now);
  void HeartbeatIfDue(MonotonicTime now);
  void Join();
  void Sync();
  void Lead(const std::vector<core::GroupMember>& members);
  /// As the leader, of the counts; then syncs.
  void Assign(MonotonicTime now);
  /// Tells the coordinator, if it can, and forgets everything but what the application has.
  void Leave(std::string_view why);

  // membership_errors.cc
  /// An error of finding, joining or syncing.
  void OnError(const Error& error, MonotonicTime now);
  void OnHeartbeatError(const Error& error, MonotonicTime now);
  /// What any call may end with; true: that was it.
  bool OnCommonError(const Error& error, MonotonicTime now);
  void LoseCoordinator(const Error& error, MonotonicTime now);
  /// The generation is over; what it owned is lost.
  void LoseGeneration(std::string reason);
  void GiveUp(const Error& error, MonotonicTime now);
  void BackOff(const Error& error, MonotonicTime now);
  void WantRejoin(std::string reason);
  void StopLeading();
  /// Its answer does not matter any more. A coordinator is still found.
  void DropCall();

  [[nodiscard]] bool IsCooperative() const;
  [[nodiscard]] core::MemberSubscription Subscription() const;
  [[nodiscard]] bool IsMember() const {
    return state_ == MembershipState::kPreparing || state_ == MembershipState::kJoining ||
           state_ == MembershipState::kSyncing || state_ == MembershipState::kStable;
  }
  /// Would join (again), were it not for time and coordinator.
  [[nodiscard]] bool IsJoinDue() const;
  [[nodiscard]] bool HeartbeatsNow() const;
  MembershipEffects TakeEffects() { return std::exchange(effects_, {}); }

  const MembershipConfig config_;
  MembershipEffects effects_;
  MembershipState state_ = MembershipState::kUnjoined;
  Coordinator coordinator_ = Coordinator::kUnknown;
  GroupCallId last_call_ = 0;
  GroupCallId call_ = 0;  // Find, join or sync under way; 0: none.
  GroupCallId heartbeat_call_ = 0;
  std::optional<CallListener> listener_;  // Under way.

  std::set<std::string> topics_;
  std::string member_id_;
  core::Generation generation_;
  std::string protocol_;
  std::set<core::TopicPartition> owned_;
  std::set<core::TopicPartition> assigned_;  // By the last sync.
  core::Generation assigned_in_;             // The generation of that.
  core::Generation floor_;                   // The largest seen in a row.
  bool is_assignment_news_ = false;          // The listener has not heard of assigned_.
  bool are_lost_ = false;                    // owned_ is to be given up as lost.
  bool is_leaving_ = false;
  bool is_closing_ = false;
  bool is_rejoin_wanted_ = false;
  std::string reason_;  // Of the next join.

  bool is_leader_ = false;
  std::vector<core::GroupMember> members_;       // Of the group, when this one leads.
  core::GroupAssignment assignment_;             // That the sync carries.
  std::optional<core::PartitionCounts> counts_;  // That it was made of.

  int failures_ = 0;  // In a row; the pause grows with it.
  MonotonicTime not_before_;
  MonotonicTime next_heartbeat_;
  MonotonicTime last_poll_;
};

}  // namespace lanemq::client
