// What the shell calls.
#include "client/src/group/membership.h"

#include <algorithm>

namespace lanemq::client {

MembershipEffects Membership::Subscribe(std::set<std::string> topics, MonotonicTime now) {
  if (topics.empty()) return Unsubscribe(now);
  if (state_ == MembershipState::kFenced || is_closing_ || topics == topics_) return {};
  topics_ = std::move(topics);
  if (IsMember()) WantRejoin("its subscription changed");
  Advance(now);
  return TakeEffects();
}

MembershipEffects Membership::Unsubscribe(MonotonicTime now) {
  if (state_ == MembershipState::kClosed) return {};
  topics_.clear();
  is_leaving_ = true;
  Advance(now);
  return TakeEffects();
}

MembershipEffects Membership::Close(MonotonicTime now) {
  is_closing_ = true;
  return Unsubscribe(now);
}

MembershipEffects Membership::OnPoll(MonotonicTime now) {
  last_poll_ = now;
  if (state_ == MembershipState::kUnjoined && !topics_.empty() && !is_leaving_) {
    state_ = MembershipState::kPreparing;
    if (reason_.empty()) reason_ = "it subscribed";
  }
  Advance(now);
  return TakeEffects();
}

MembershipEffects Membership::OnCoordinator(GroupCallId call, const Status& found,
                                            MonotonicTime now) {
  if (call != call_ || coordinator_ != Coordinator::kFinding) return {};
  call_ = 0;
  if (found.ok()) {
    coordinator_ = Coordinator::kKnown;
    next_heartbeat_ = now;
  } else {
    coordinator_ = Coordinator::kUnknown;
    OnError(found.error(), now);
  }
  Advance(now);
  return TakeEffects();
}

MembershipEffects Membership::OnJoined(GroupCallId call, const Result<core::JoinReply>& reply,
                                       MonotonicTime now) {
  if (call != call_ || state_ != MembershipState::kJoining) return {};
  call_ = 0;
  if (!reply.ok()) {
    OnError(reply.error(), now);
  } else if (reply->must_rejoin_with_id) {
    member_id_ = reply->member_id;
    state_ = MembershipState::kPreparing;
  } else {
    failures_ = 0;
    member_id_ = reply->member_id;
    generation_ = reply->generation;
    protocol_ = reply->protocol;
    next_heartbeat_ = now + config_.heartbeat_interval;
    state_ = MembershipState::kSyncing;
    if (reply->leader == member_id_) {
      Lead(reply->members);
    } else {
      StopLeading();
      Sync();
    }
  }
  Advance(now);
  return TakeEffects();
}

MembershipEffects Membership::OnSynced(GroupCallId call, const Result<core::SyncReply>& reply,
                                       MonotonicTime now) {
  if (call != call_ || state_ != MembershipState::kSyncing) return {};
  call_ = 0;
  if (reply.ok()) {
    failures_ = 0;
    state_ = MembershipState::kStable;
    if (!is_rejoin_wanted_) reason_.clear();
    assigned_.clear();
    // It may have unsubscribed from a topic meanwhile; then it will join again anyway.
    for (const core::TopicPartition& partition : reply->assignment) {
      if (topics_.contains(partition.topic)) assigned_.insert(partition);
    }
    assigned_in_ = generation_;
    is_assignment_news_ = true;
    next_heartbeat_ = now + config_.heartbeat_interval;
  } else {
    OnError(reply.error(), now);
  }
  Advance(now);
  return TakeEffects();
}

MembershipEffects Membership::OnHeartbeat(GroupCallId call, const Status& status,
                                          MonotonicTime now) {
  if (call != heartbeat_call_ || call == 0) return {};
  heartbeat_call_ = 0;
  if (!status.ok()) {
    OnHeartbeatError(status.error(), now);
  } else if (state_ == MembershipState::kStable) {
    failures_ = 0;
  }
  Advance(now);
  return TakeEffects();
}

MembershipEffects Membership::OnListenerDone(GroupCallId call, MonotonicTime now) {
  if (!listener_ || call != listener_->call) return {};
  if (listener_->event == ListenerEvent::kRevoked) {
    for (const core::TopicPartition& partition : listener_->partitions) owned_.erase(partition);
  }
  listener_.reset();
  Advance(now);
  return TakeEffects();
}

MembershipEffects Membership::OnPartitionCounts(const core::PartitionCounts& counts,
                                                MonotonicTime now) {
  if (!is_leader_) return {};
  const bool is_syncing = state_ == MembershipState::kSyncing;
  if (is_syncing && call_ == 0) {
    counts_ = counts;
    Assign(now);
  } else if (is_syncing || state_ == MembershipState::kStable) {
    if (counts_ && counts_ != counts) WantRejoin("the number of partitions changed");
    counts_ = counts;
  }
  Advance(now);
  return TakeEffects();
}

MembershipEffects Membership::OnRefused(const Refusal& refusal, MonotonicTime now) {
  // More than a coordinator takes is not worth a failed join.
  if (refusal.row.value <= core::kGenerationFloorMax) floor_ = std::max(floor_, refusal.row);
  // Another generation's or, as for a static member that came back, another id's: what it was for
  // is not owned any more, or is owned anew.
  const bool is_present = refusal.generation == generation_ && refusal.member_id == member_id_;
  if (!is_present || !IsMember() || owned_.empty()) return {};
  LoseGeneration("another member has its partitions");
  BackOff({}, now);
  Advance(now);
  return TakeEffects();
}

MembershipEffects Membership::OnTime(MonotonicTime now) {
  if (IsMember() && now >= last_poll_ + config_.max_poll_interval) {
    are_lost_ = true;
    reason_ = "it had not polled for the max poll interval";
    Leave(reason_);
    state_ = MembershipState::kUnjoined;
  }
  Advance(now);
  return TakeEffects();
}

std::optional<MonotonicTime> Membership::NextDeadline() const {
  if (!IsMember()) return std::nullopt;
  MonotonicTime next = last_poll_ + config_.max_poll_interval;
  if (HeartbeatsNow()) next = std::min(next, next_heartbeat_);
  const bool is_finding_due = coordinator_ == Coordinator::kUnknown;
  const bool is_joining_due = coordinator_ == Coordinator::kKnown && !listener_ && IsJoinDue();
  if (is_finding_due || is_joining_due) next = std::min(next, not_before_);
  return next;
}

}  // namespace lanemq::client
