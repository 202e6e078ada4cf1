// What comes next, and how it is done.
#include <algorithm>
#include <iterator>

#include "client/src/group/membership.h"

namespace lanemq::client {
namespace {

std::vector<core::TopicPartition> Minus(const std::set<core::TopicPartition>& left,
                                        const std::set<core::TopicPartition>& right) {
  std::vector<core::TopicPartition> rest;
  std::ranges::set_difference(left, right, std::back_inserter(rest));
  return rest;
}

}  // namespace

void Membership::Advance(MonotonicTime now) {
  if (!listener_) TakeNextStep(now);
  FindCoordinatorIfDue(now);
  HeartbeatIfDue(now);
}

void Membership::TakeNextStep(MonotonicTime now) {
  if (TellListener()) return;
  if (is_leaving_) {
    Leave(is_closing_ ? "it was closed" : "it unsubscribed");
    is_leaving_ = false;
    if (state_ != MembershipState::kFenced) state_ = MembershipState::kUnjoined;
    if (is_closing_) state_ = MembershipState::kClosed;
    return;
  }
  if (!IsJoinDue() || coordinator_ != Coordinator::kKnown || now < not_before_) return;
  state_ = MembershipState::kPreparing;
  if (!RevokeBeforeJoin()) Join();
}

bool Membership::TellListener() {
  if (std::exchange(are_lost_, false) && !owned_.empty()) {
    Tell(ListenerEvent::kLost, {owned_.begin(), owned_.end()});
    owned_.clear();
    return true;
  }
  if (is_leaving_) {
    if (owned_.empty()) return false;
    Tell(ListenerEvent::kRevoked, {owned_.begin(), owned_.end()});
    return true;
  }
  return is_assignment_news_ && TellOfAssignment();
}

bool Membership::TellOfAssignment() {
  std::vector<core::TopicPartition> revoked = Minus(owned_, assigned_);
  if (!revoked.empty()) {
    // Others may have them only when this member has joined without them.
    WantRejoin("it gave up " + std::to_string(revoked.size()) + " partitions");
    Tell(ListenerEvent::kRevoked, std::move(revoked));
    return true;
  }
  is_assignment_news_ = false;
  std::vector<core::TopicPartition> added = Minus(assigned_, owned_);
  owned_.insert(added.begin(), added.end());
  Tell(ListenerEvent::kAssigned, std::move(added));
  return true;
}

bool Membership::RevokeBeforeJoin() {
  std::vector<core::TopicPartition> revoked;
  for (const core::TopicPartition& partition : owned_) {
    if (!IsCooperative() || !topics_.contains(partition.topic)) revoked.push_back(partition);
  }
  if (revoked.empty()) return false;
  Tell(ListenerEvent::kRevoked, std::move(revoked));
  return true;
}

void Membership::Tell(ListenerEvent event, std::vector<core::TopicPartition> partitions) {
  listener_ =
      CallListener{.call = ++last_call_, .event = event, .partitions = std::move(partitions)};
  effects_.emplace_back(*listener_);
}

void Membership::FindCoordinatorIfDue(MonotonicTime now) {
  if (!IsMember() || coordinator_ != Coordinator::kUnknown || now < not_before_) return;
  coordinator_ = Coordinator::kFinding;
  call_ = ++last_call_;
  effects_.emplace_back(FindCoordinator{.call = call_});
}

bool Membership::HeartbeatsNow() const {
  return coordinator_ == Coordinator::kKnown && heartbeat_call_ == 0 && !member_id_.empty() &&
         generation_.value > 0 && IsMember() && state_ != MembershipState::kJoining;
}

void Membership::HeartbeatIfDue(MonotonicTime now) {
  if (!HeartbeatsNow() || now < next_heartbeat_) return;
  next_heartbeat_ = now + config_.heartbeat_interval;
  heartbeat_call_ = ++last_call_;
  effects_.emplace_back(SendHeartbeat{
      .call = heartbeat_call_,
      .heartbeat = {.member_id = member_id_,
                    .instance_id = config_.instance_id,
                    .generation = generation_,
                    .reason = {}},
      .poll_age = std::chrono::duration_cast<std::chrono::milliseconds>(now - last_poll_)});
}

bool Membership::IsJoinDue() const {
  return state_ == MembershipState::kPreparing ||
         (state_ == MembershipState::kStable && is_rejoin_wanted_);
}

bool Membership::IsCooperative() const {
  return std::ranges::all_of(config_.assignors, [](const std::string& name) {
    const auto kind = core::ParseAssignor(name);
    return kind && core::IsCooperative(*kind);
  });
}

core::MemberSubscription Membership::Subscription() const {
  core::MemberSubscription subscription{.topics = {topics_.begin(), topics_.end()},
                                        .owned = {owned_.begin(), owned_.end()},
                                        .owned_generation = assigned_in_};
  // An eager member has given up everything; that it had it is what sticky assignors go by. Not
  // where a cooperative one may be chosen: that waits for who claims a partition to give it up.
  const bool may_be_cooperative = std::ranges::any_of(config_.assignors, [](const auto& name) {
    return core::ParseAssignor(name) == core::AssignorKind::kCooperativeSticky;
  });
  if (!may_be_cooperative) subscription.owned = {assigned_.begin(), assigned_.end()};
  if (subscription.owned.empty()) subscription.owned_generation = {};
  return subscription;
}

void Membership::Join() {
  state_ = MembershipState::kJoining;
  is_rejoin_wanted_ = false;
  heartbeat_call_ = 0;  // Its answer would be about the generation before.
  call_ = ++last_call_;
  effects_.emplace_back(SendJoin{.call = call_,
                                 .join = {.member_id = member_id_,
                                          .instance_id = config_.instance_id,
                                          .client_id = config_.client_id,
                                          .host = config_.host,
                                          .session_timeout = config_.session_timeout,
                                          .rebalance_timeout = config_.max_poll_interval,
                                          .protocols = config_.assignors,
                                          .subscription = Subscription(),
                                          .generation_floor = floor_,
                                          .reason = reason_}});
}

void Membership::Lead(const std::vector<core::GroupMember>& members) {
  is_leader_ = true;
  members_ = members;
  counts_.reset();
  std::set<std::string> topics = topics_;
  for (const core::GroupMember& member : members_) {
    topics.insert(member.subscription.topics.begin(), member.subscription.topics.end());
  }
  effects_.emplace_back(WatchTopics{.topics = std::move(topics)});
  // A static leader that came back: what was assigned stays.
  if (members_.empty()) Sync();
}

void Membership::Assign(MonotonicTime now) {
  const auto kind = core::ParseAssignor(protocol_);
  if (!kind) {
    return GiveUp({.code = ErrorCode::kInconsistentGroupProtocol,
                   .message = "the group chose '" + protocol_ + "', which no assignor is called"},
                  now);
  }
  assignment_ = core::Assign(*kind, members_, *counts_);
  Sync();
}

void Membership::Sync() {
  call_ = ++last_call_;
  effects_.emplace_back(SendSync{.call = call_,
                                 .sync = {.member_id = member_id_,
                                          .instance_id = config_.instance_id,
                                          .generation = generation_,
                                          .assignments = std::exchange(assignment_, {})}});
}

void Membership::Leave(std::string_view why) {
  if (!member_id_.empty() && config_.instance_id.empty() && coordinator_ == Coordinator::kKnown) {
    effects_.emplace_back(SendLeave{.leave = {.member_id = member_id_,
                                              .instance_id = {},
                                              .generation = generation_,
                                              .reason = std::string(why)}});
  }
  DropCall();
  StopLeading();
  heartbeat_call_ = 0;
  member_id_.clear();
  generation_ = {};
  protocol_.clear();
  assigned_.clear();
  is_assignment_news_ = false;
  is_rejoin_wanted_ = false;
}

}  // namespace lanemq::client
