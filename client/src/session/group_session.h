#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "client/src/cluster/cluster.h"
#include "client/src/group/membership.h"
#include "client/src/session/topic_pattern.h"
#include "common/base/mutex.h"
#include "lanemq/consumer_group.h"
#include "lanemq/options.h"

namespace lanemq::idl {
class FindCoordinatorResponse;
class MetadataResponse;
}  // namespace lanemq::idl

namespace lanemq::client {

/// The shell round Membership: its thread sends what the machine asks for, heartbeats among it, so
/// a slow application does not stop them. Replies come in on the I/O thread.
///
/// Thread safety: every method from any thread. Lock order: nothing of the caller's may be held
/// during calls, but for identity(), status(),
/// HasLeft() and IsGone(); `mutex_` comes before the Cluster's.
/// Callbacks run without a lock. Must outlive the cluster's connections; Stop() before the Cluster
/// goes.
class GroupSession {
 public:
  struct Callbacks {
    /// There is something to TakeCall() or TakeError(), or IsGone() may have changed.
    std::function<void()> on_news;
    /// About once a second, while there is a subscription.
    std::function<void()> on_second;
  };
  /// What commits and claims carry.
  struct Identity {
    core::Generation generation;
    std::string member_id;
  };

  /// Starts no thread yet.
  GroupSession(const ConsumerOptions& options, Cluster& cluster, Callbacks callbacks);
  ~GroupSession();
  GroupSession(const GroupSession&) = delete;
  GroupSession& operator=(const GroupSession&) = delete;

  void Subscribe(std::set<std::string> topics);
  void Subscribe(TopicPattern pattern);
  void Unsubscribe();
  /// Leaves for good, once the listener call that this makes is done.
  void Close();
  /// The application polls.
  void OnPoll();
  /// A Runner's oldest handler runs since then; nullopt: none does. It polls all the while, so
  /// heartbeats tell the age of this instead where that is longer.
  void OnHandlers(std::optional<MonotonicTime> since);
  /// The cluster's view has changed.
  void OnMetadata();
  /// A claim or commit of a partition that this member has was refused.
  void OnRefused(const Refusal& refusal);

  /// What the application must be told, once; FinishCall() when it was.
  std::optional<CallListener> TakeCall();
  void FinishCall(core::GroupCallId call);
  /// What the next Poll() shall return; a member that is fenced for good says so every time.
  std::optional<Error> TakeError();

  [[nodiscard]] Identity identity() const;
  [[nodiscard]] GroupStatus status() const;
  /// After Unsubscribe() or Close(): nothing is left to tell the application.
  [[nodiscard]] bool HasLeft() const;
  /// The same, and the coordinator has heard of it or does not answer.
  [[nodiscard]] bool IsGone() const;

  /// Sends nothing any more and joins the thread. Idempotent.
  void Stop();

 private:
  /// Tells the machine something, takes up what it asks for.
  using Event = std::function<MembershipEffects(Membership&, MonotonicTime)>;
  void Step(const Event& event);
  /// True when there is news for the application.
  bool TakeUp(MembershipEffects effects) LANEMQ_REQUIRES(mutex_);
  /// Begins or ends a subscription; nullopt: not one by pattern.
  void SetPattern(std::optional<TopicPattern> pattern, bool is_subscribed);
  void Run();
  void WaitForWork() LANEMQ_REQUIRES(mutex_);
  MembershipEffects ReportCounts() LANEMQ_REQUIRES(mutex_);
  MembershipEffects FollowPattern(const idl::MetadataResponse& topics) LANEMQ_REQUIRES(mutex_);

  // Calls (group_calls.cc); the thread makes them.
  void Send(const MembershipEffect& effect);
  void SendTo(const SendJoin& call, const rpc::Endpoint& coordinator);
  void SendTo(const SendSync& call, const rpc::Endpoint& coordinator);
  void SendTo(const SendHeartbeat& call, const rpc::Endpoint& coordinator);
  void SendTo(const SendLeave& call, const rpc::Endpoint& coordinator);
  void Refuse(const MembershipEffect& effect, const Error& why);
  using Found = std::function<void(const Result<rpc::Endpoint>&)>;
  void AskForCoordinator(Found found);
  /// Asks `servers`, one after the other from `next`.
  void AskForCoordinator(std::vector<rpc::Endpoint> servers, std::size_t next, Error last,
                         Found found);
  void OnCoordinator(core::GroupCallId call, const Result<rpc::Endpoint>& found);
  void Park(core::GroupCallId call, bool is_join, const rpc::Endpoint& coordinator);
  void Unpark(core::GroupCallId call);
  void OnProbe(core::GroupCallId call, const Result<rpc::Endpoint>& found);
  void AskForTopics(std::vector<rpc::Endpoint> servers, std::size_t next);
  void OnTopics(std::vector<rpc::Endpoint> servers, std::size_t asked,
                const Result<idl::MetadataResponse>& reply);
  void OnLeft();
  /// Keeps, and says once in a while, whether the coordinator can be used.
  void NoteOutcome(const Status& outcome);

  /// A join or sync under way. It may take minutes, and a coordinator that hangs does not end it.
  struct Parked {
    core::GroupCallId call = 0;
    bool is_join = false;
    rpc::Endpoint coordinator;
    std::optional<rpc::Endpoint> moved_to;  // By the last probe; one may be out of date.
  };

  const ConsumerOptions options_;
  Cluster& cluster_;
  const Clock& clock_;
  const Callbacks callbacks_;

  mutable Mutex mutex_;
  CondVar wake_;
  Membership machine_ LANEMQ_GUARDED_BY(mutex_);
  MembershipEffects outbox_ LANEMQ_GUARDED_BY(mutex_);  // In order; the thread sends them.
  std::optional<CallListener> call_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<Error> error_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<Error> last_error_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<rpc::Endpoint> coordinator_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<MonotonicTime> handling_since_ LANEMQ_GUARDED_BY(mutex_);
  int leaves_ LANEMQ_GUARDED_BY(mutex_) = 0;  // Waiting to be sent or answered.

  std::optional<Parked> parked_ LANEMQ_GUARDED_BY(mutex_);
  bool is_probing_ LANEMQ_GUARDED_BY(mutex_) = false;
  MonotonicTime next_probe_ LANEMQ_GUARDED_BY(mutex_);

  bool is_subscribed_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::optional<std::set<std::string>> watched_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<core::PartitionCounts> reported_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<TopicPattern> pattern_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<std::set<std::string>> matching_ LANEMQ_GUARDED_BY(mutex_);
  bool is_listing_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::int64_t listed_version_ LANEMQ_GUARDED_BY(mutex_) = -1;
  MonotonicTime listed_at_ LANEMQ_GUARDED_BY(mutex_);
  MonotonicTime next_listing_ LANEMQ_GUARDED_BY(mutex_);
  MonotonicTime next_second_ LANEMQ_GUARDED_BY(mutex_);
  MonotonicTime woken_at_ LANEMQ_GUARDED_BY(mutex_);
  MonotonicTime waits_until_ LANEMQ_GUARDED_BY(mutex_);

  std::string problem_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<MonotonicTime> problem_since_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<MonotonicTime> problem_logged_at_ LANEMQ_GUARDED_BY(mutex_);
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread thread_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::client
