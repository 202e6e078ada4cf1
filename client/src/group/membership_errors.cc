// What an error of the coordinator means for the member.
#include <algorithm>

#include "client/src/group/membership.h"

namespace lanemq::client {
namespace {

// The coordinator is asked for again: the one we know is another server, gone, or does not answer.
bool IsCoordinatorLost(ErrorCode code) {
  switch (code) {
    case ErrorCode::kCoordinatorNotAvailable:
    case ErrorCode::kMetadataUnavailable:
    case ErrorCode::kRequestTimedOut:
    case ErrorCode::kFenced:
    case ErrorCode::kClosed:
      return true;
    default:
      return RetryOf(code) == Retry::kAfterRefresh;
  }
}

}  // namespace

bool Membership::OnCommonError(const Error& error, MonotonicTime now) {
  switch (error.code) {
    case ErrorCode::kUnknownMemberId:
      // Without a generation it was only about to become one: its id has expired.
      if (generation_.value == 0) BackOff(error, now);
      member_id_.clear();
      LoseGeneration(error.message);
      return true;
    case ErrorCode::kIllegalGeneration:
      LoseGeneration(error.message);
      return true;
    case ErrorCode::kFencedInstanceId:
      LoseGeneration(error.message);
      StopLeading();
      state_ = MembershipState::kFenced;
      effects_.emplace_back(ReportError{.error = error});
      return true;
    default:
      if (error.code == ErrorCode::kRebalanceInProgress || !IsCoordinatorLost(error.code)) {
        return false;
      }
      LoseCoordinator(error, now);
      return true;
  }
}

void Membership::OnError(const Error& error, MonotonicTime now) {
  if (OnCommonError(error, now)) return;
  const bool is_join = state_ == MembershipState::kJoining;
  if (error.code != ErrorCode::kRebalanceInProgress && RetryOf(error.code) == Retry::kNever) {
    return GiveUp(error, now);
  }
  if (is_join || error.code != ErrorCode::kRebalanceInProgress) BackOff(error, now);
  if (is_join || state_ == MembershipState::kSyncing) {
    state_ = MembershipState::kPreparing;
    reason_ = error.message;
  }
}

void Membership::OnHeartbeatError(const Error& error, MonotonicTime now) {
  if (OnCommonError(error, now)) return;
  if (error.code == ErrorCode::kRebalanceInProgress) {
    if (state_ == MembershipState::kSyncing) {
      DropCall();
      state_ = MembershipState::kPreparing;
    }
    WantRejoin("the group rebalances");
  } else if (RetryOf(error.code) == Retry::kNever) {
    // Only the coordinator's word that it is no member ends a membership; the next one may work.
    effects_.emplace_back(ReportError{.error = error});
  }
}

void Membership::LoseCoordinator(const Error& error, MonotonicTime now) {
  DropCall();
  coordinator_ = Coordinator::kUnknown;
  heartbeat_call_ = 0;
  if (state_ == MembershipState::kJoining || state_ == MembershipState::kSyncing) {
    state_ = MembershipState::kPreparing;
    reason_ = error.message;
  }
  BackOff(error, now);
}

void Membership::LoseGeneration(std::string reason) {
  DropCall();
  heartbeat_call_ = 0;
  generation_ = {};
  assigned_.clear();
  is_assignment_news_ = false;
  are_lost_ = true;
  reason_ = std::move(reason);
  if (IsMember()) state_ = MembershipState::kPreparing;
}

void Membership::GiveUp(const Error& error, MonotonicTime now) {
  are_lost_ = true;
  BackOff(error, now);
  Leave(error.message);
  if (IsMember()) state_ = MembershipState::kUnjoined;
  reason_ = error.message;
  effects_.emplace_back(ReportError{.error = error});
}

void Membership::BackOff(const Error& error, MonotonicTime now) {
  const int doublings = std::min(failures_, 20);
  ++failures_;
  const std::chrono::milliseconds grown = config_.retry_backoff * (1LL << doublings);
  const auto pause = std::min(grown, config_.retry_backoff_max);
  not_before_ = now + std::max(pause, std::chrono::milliseconds(error.retry_after_ms));
}

void Membership::WantRejoin(std::string reason) {
  is_rejoin_wanted_ = true;
  reason_ = std::move(reason);
}

void Membership::StopLeading() {
  if (!std::exchange(is_leader_, false)) return;
  members_.clear();
  counts_.reset();
  effects_.emplace_back(WatchTopics{});
}

void Membership::DropCall() {
  if (coordinator_ != Coordinator::kFinding) call_ = 0;
}

}  // namespace lanemq::client
