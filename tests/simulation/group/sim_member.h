#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/core/group/group_machine.h"
#include "tests/simulation/group/sim_world.h"

namespace lanemq::simulation {

/// One consumer process: joins, heartbeats, claims, consumes and commits. Started once; its next
/// incarnation is another SimMember, with the same instance id when it is static.
///
/// Cooperative: keeps what it owns while the group rebalances. Else it commits and gives up
/// everything before it joins again.
class SimMember {
 public:
  struct Options {
    std::size_t process = 0;
    std::string instance_id;
    std::vector<std::string> topics;
  };
  SimMember(World& world, Options options);

  void Start();
  /// kill -9.
  void Kill();
  /// Commits, and leaves the group.
  void Close();
  /// SIGSTOP: everything waits until then.
  void Pause(milliseconds time);
  void Resume() { paused_until_ = {}; }
  void Subscribe(std::vector<std::string> topics);
  void OnReply(const Reply& reply);

  [[nodiscard]] bool is_running() const { return state_ != State::kStopped; }
  [[nodiscard]] bool is_stable() const { return state_ == State::kStable; }
  [[nodiscard]] const std::string& member_id() const { return member_id_; }
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] core::Generation generation() const { return owned_generation_; }
  /// What it reads from: claimed, not given up.
  [[nodiscard]] std::set<core::TopicPartition> Reading() const;

 private:
  enum class State { kStopped, kJoining, kSyncing, kStable };
  struct Owned {
    bool is_claimed = false;
    std::int64_t position = 0;
  };

  void Run(const std::function<void()>& action);
  void Later(milliseconds delay, std::function<void()> action);
  [[nodiscard]] bool IsCooperative() const {
    return world_.protocols.front() == "cooperative-sticky";
  }

  // sim_member.cc: the group.
  void SendJoin();
  void SendSync(core::GroupAssignment assignment);
  void Beat();
  void OnJoin(const Result<core::JoinReply>& reply);
  void OnSync(const Result<core::SyncReply>& reply);
  void OnHeartbeat(const Status& status);
  void OnError(const Error& error);
  /// Sends `call` and runs `retry` unless an answer comes in time.
  std::uint64_t Call(decltype(Request::call) call, const std::function<void()>& retry);
  void Stop();

  // sim_member_partitions.cc: what it owns.
  void TakeAssignment(const core::SyncReply& reply);
  void SendClaims();
  void Consume();
  void OnClaimed(const std::map<core::TopicPartition, std::int64_t>& committed);
  void SendCommit();
  void OnRefused(core::Generation generation, const std::vector<core::TopicPartition>& refused);
  void GiveUp(const core::TopicPartition& partition);
  void GiveUpAll();

  World& world_;
  Options options_;
  std::string name_;
  State state_ = State::kStopped;
  MonotonicTime paused_until_;
  std::int64_t coordinator_ = 0;  ///< Its epoch.
  milliseconds call_timeout_{0};

  std::string member_id_;
  core::Generation generation_;        ///< Of the newest join reply.
  core::Generation owned_generation_;  ///< Of the newest assignment.
  std::vector<core::TopicPartition> assigned_;
  std::map<core::TopicPartition, Owned> owned_;
  std::vector<std::string> joined_topics_;  ///< In the newest join.
  std::vector<core::TopicPartition> joined_owned_;
  std::uint64_t rpc_ = 0;  ///< Of the join or sync that is waited for; 0: none.
  std::uint64_t heartbeat_rpc_ = 0;
  core::Generation heartbeat_generation_;
  std::uint64_t claim_rpc_ = 0;  ///< Of the newest claim.
};

}  // namespace lanemq::simulation
