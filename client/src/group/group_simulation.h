#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "client/src/group/membership.h"

/// For tests: members and a real coordinator in simulated time.
namespace lanemq::client {

struct NetworkFaults {
  double lost = 0;          ///< Of requests and of answers: the connection breaks.
  double failed_write = 0;  ///< Of the coordinator's writes.
  std::chrono::milliseconds delay_max{20};
};

/// One application with its member.
struct SimulatedMember {
  std::string name;
  std::unique_ptr<Membership> membership;
  bool is_alive = true;    ///< False: its process is gone; nothing reaches it.
  bool is_frozen = false;  ///< Its process is stopped; what comes waits.
  bool is_polling = true;
  std::optional<CallListener> listener;  ///< Runs at the next poll.
  std::set<core::TopicPartition> view;   ///< What the listener calls amount to.
  std::set<std::string> watched;
  std::vector<Error> errors;
  int revoked = 0;  ///< Partitions it gave up, all told.
  int lost = 0;
  int joins = 0;  ///< Calls, repeated ones too.
};

/// A group. Deterministic: the same seed gives the same run.
///
/// Checked all the time: no two members own the same partition (nor, where there may be zombies,
/// two that the coordinator knows in the same generation), a listener's view is what the member
/// says it owns, one listener call at a time, time goes on. Violations() tells.
class GroupSimulation {
 public:
  GroupSimulation(std::uint64_t seed, core::PartitionCounts counts);

  NetworkFaults faults;
  bool may_have_zombies = false;  ///< Set by Freeze().

  SimulatedMember& Add(const std::string& name, MembershipConfig config,
                       std::set<std::string> topics = {"t"});
  void Close(SimulatedMember& member);
  /// Its process ends without a word.
  static void Crash(SimulatedMember& member) { member.is_alive = false; }
  void Freeze(SimulatedMember& member);
  static void Thaw(SimulatedMember& member) { member.is_frozen = false; }
  void SetCounts(core::PartitionCounts counts);
  /// Nobody coordinates until StartCoordinator(). Calls fail.
  void StopCoordinator();
  /// As another server that found what was stored last.
  void StartCoordinator();

  void Run(std::chrono::milliseconds time);
  /// Runs until all that live and poll are stable in the coordinator's generation and have all
  /// partitions between them; false: not within `limit`.
  bool Settle(std::chrono::milliseconds limit);
  [[nodiscard]] bool IsSettled() const;

  [[nodiscard]] const std::vector<std::string>& Violations() const { return violations_; }
  [[nodiscard]] core::Generation generation() const { return coordinator_->generation(); }
  /// For the message of a failed test.
  [[nodiscard]] std::string Describe() const;

 private:
  struct Event {
    MonotonicTime at;
    std::uint64_t order = 0;
    std::function<void()> run;
    bool operator>(const Event& other) const {
      return std::tie(at, order) > std::tie(other.at, other.order);
    }
  };
  struct Waiting {
    SimulatedMember* caller = nullptr;
    std::function<void(const core::GroupEffect&)> answer;
    std::function<void(const Error&)> fail;
  };

  void At(MonotonicTime at, std::function<void()> run);
  [[nodiscard]] std::chrono::milliseconds Delay();
  [[nodiscard]] bool Chance(double probability);
  void StepTime(MonotonicTime end);
  void RunDue();
  void Poll(SimulatedMember& member);
  void Finish(SimulatedMember& member, const CallListener& call);
  void Obey(SimulatedMember& member, const MembershipEffects& effects);
  void Obey(const core::GroupEffects& effects);
  using Send = std::function<core::GroupEffects(core::GroupMachine&, core::GroupCallId)>;
  void Call(Send send, Waiting waiting);
  /// The call's connection breaks a little later.
  void Break(core::GroupCallId call);
  void Persist(const core::PersistGroup& persist);
  void Answer(core::GroupCallId call, const core::GroupEffect& effect);
  void Fail(core::GroupCallId call, const Error& error);
  std::optional<Waiting> TakeWaiting(core::GroupCallId call);
  /// Now, when it is thawed, or never.
  void Deliver(SimulatedMember& member, std::function<void()> run);
  void TellCounts(SimulatedMember& member);
  void Check();
  [[nodiscard]] bool IsZombie(const SimulatedMember& member) const;
  [[nodiscard]] core::GroupMachine::NewMemberId NewMemberId();

  std::mt19937_64 random_;
  MonotonicTime now_{std::chrono::seconds(1'000)};
  std::uint64_t last_order_ = 0;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  core::PartitionCounts counts_;
  std::vector<std::unique_ptr<SimulatedMember>> members_;

  core::GroupLimits limits_;
  std::unique_ptr<core::GroupMachine> coordinator_;  // Never null; retired while it is stopped.
  bool is_coordinator_up_ = true;
  int coordinator_term_ = 0;
  core::StoredGroup stored_;
  core::GroupCallId last_call_ = 0;
  int last_member_id_ = 0;
  std::map<core::GroupCallId, Waiting> waiting_;
  std::vector<std::string> violations_;
};

}  // namespace lanemq::client
