#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "client/src/group/membership.h"

/// For tests: one member, and a test that plays the coordinator and the application.
namespace lanemq::client {

using core::Generation;
using core::TopicPartition;
using std::chrono::milliseconds;
using Partitions = std::vector<TopicPartition>;

class MembershipScript : public ::testing::Test {
 protected:
  void Make(MembershipConfig config) {
    config_ = std::move(config);
    member_.emplace(config_);
  }
  void MakeEager() { Make({.assignors = {"range"}}); }
  void MakeCooperative() { Make({.assignors = {"cooperative-sticky"}}); }

  Membership& member() { return *member_; }

  /// Puts the effects to those not looked at yet.
  void Do(MembershipEffects effects) {
    for (auto& effect : effects) effects_.push_back(std::move(effect));
  }
  /// The oldest effect of this kind; fails without one.
  template <typename T>
  T Take() {
    for (auto it = effects_.begin(); it != effects_.end(); ++it) {
      if (!std::holds_alternative<T>(*it)) continue;
      T taken = std::get<T>(*it);
      effects_.erase(it);
      return taken;
    }
    ADD_FAILURE() << "no such effect";
    return T{};
  }
  template <typename T>
  [[nodiscard]] bool Has() const {
    for (const auto& effect : effects_) {
      if (std::holds_alternative<T>(effect)) return true;
    }
    return false;
  }
  [[nodiscard]] bool HasNothing() const { return effects_.empty(); }
  void Pass(milliseconds time) {
    now_ = now_ + time;
    Do(member_->OnTime(now_));
  }
  void Poll() { Do(member_->OnPoll(now_)); }

  void AnswerFind(const Status& status = {}) {
    Do(member_->OnCoordinator(Take<FindCoordinator>().call, status, now_));
  }
  void AnswerHeartbeat(const Status& status = {}) {
    Do(member_->OnHeartbeat(Take<SendHeartbeat>().call, status, now_));
  }
  /// Fails the test unless the listener is called with this.
  void ExpectListener(ListenerEvent event, const Partitions& partitions) {
    const auto call = Take<CallListener>();
    EXPECT_EQ(call.event, event);
    EXPECT_EQ(call.partitions, partitions);
    Do(member_->OnListenerDone(call.call, now_));
  }
  [[nodiscard]] core::JoinReply Follower(std::int64_t generation) const {
    core::JoinReply reply;
    reply.member_id = "m-1";
    reply.generation = Generation(generation);
    reply.protocol = config_.assignors.front();
    reply.leader = "m-0";
    return reply;
  }
  [[nodiscard]] core::JoinReply Leader(std::int64_t generation) const {
    core::JoinReply reply = Follower(generation);
    reply.leader = reply.member_id;
    core::GroupMember self{.member_id = reply.member_id, .instance_id = {}, .subscription = {}};
    self.subscription.topics = {"t"};
    reply.members = {std::move(self)};
    return reply;
  }
  void AnswerJoin(const Result<core::JoinReply>& reply) {
    Do(member_->OnJoined(Take<SendJoin>().call, reply, now_));
  }
  void AnswerSync(Partitions partitions) {
    core::SyncReply reply{.generation = member_->generation(),
                          .protocol = member_->protocol(),
                          .assignment = std::move(partitions)};
    Do(member_->OnSynced(Take<SendSync>().call, reply, now_));
  }
  void FailSync(ErrorCode code) {
    Do(member_->OnSynced(Take<SendSync>().call, Error{code, "no"}, now_));
  }
  void Start() {
    Do(member_->Subscribe({"t"}, now_));
    Poll();
    AnswerFind();
  }
  /// To Stable in generation 5 as a follower, with `partitions` told.
  void Settle(const Partitions& partitions) {
    Start();
    AnswerJoin(Follower(5));
    AnswerSync(partitions);
    ExpectListener(ListenerEvent::kAssigned, partitions);
    ASSERT_EQ(member_->state(), MembershipState::kStable);
    ASSERT_TRUE(HasNothing());
  }
  [[nodiscard]] Refusal Refused(std::int64_t generation, std::int64_t row = 0) const {
    return {Generation(generation), member_->member_id(), Generation(row)};
  }
  /// From Stable; the heartbeat is sent and not answered yet.
  void PassHeartbeat() {
    Pass(config_.heartbeat_interval);
    Poll();
    ASSERT_TRUE(Has<SendHeartbeat>());
  }

  const TopicPartition t0_{"t", 0};
  const TopicPartition t1_{"t", 1};
  const TopicPartition t2_{"t", 2};
  MembershipConfig config_;
  std::optional<Membership> member_;
  MembershipEffects effects_;
  MonotonicTime now_{std::chrono::seconds(100)};
};

}  // namespace lanemq::client
