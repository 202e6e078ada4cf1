// The states of a group and how it gets from one to the next.
#include <algorithm>
#include <string>
#include <vector>

#include "common/core/group/group_machine_impl.h"
#include "common/core/group/protocol_selection.h"

namespace lanemq::core {
namespace {

constexpr std::size_t kReasonBytesMax = 255;

// People's text: cut where a character ends.
std::string Cut(std::string text) {
  if (text.size() <= kReasonBytesMax) return text;
  std::size_t end = kReasonBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text;
}

}  // namespace

void GroupMachine::Impl::PrepareRebalance(const std::string& reason, MonotonicTime now) {
  if (state_ == GroupState::kPreparingRebalance) return;
  const bool was_empty = state_ == GroupState::kEmpty;
  state_ = GroupState::kPreparingRebalance;
  reason_ = Cut(reason);
  for (auto& [age, member] : members_) {
    FailSyncs(member, {ErrorCode::kRebalanceInProgress, reason_});
    // A join that was not answered yet counts for the generation to come.
    member.has_joined = !member.joins.empty();
    member.sync_deadline.reset();
  }
  barrier_.Start(now, was_empty ? limits_.initial_rebalance_delay : std::chrono::milliseconds{0},
                 members_.LargestRebalanceTimeout());
}

void GroupMachine::Impl::MaybeCompleteJoin(MonotonicTime now) {
  if (state_ != GroupState::kPreparingRebalance) return;
  if (barrier_.IsOver(now, members_.HaveAllJoined())) CompleteJoin(now);
}

void GroupMachine::Impl::CompleteJoin(MonotonicTime now) {
  std::vector<std::string> missing;
  for (const auto& [age, member] : members_) {
    if (!member.has_joined) missing.push_back(member.id());
  }
  for (const std::string& id : missing) {
    RemoveMember(id, "", {ErrorCode::kUnknownMemberId, "not back before the rebalance timeout"},
                 now);
  }
  if (state_ != GroupState::kPreparingRebalance) return;  // That were all of them.
  for (const auto& [age, member] : members_) {
    generation_ = std::max(generation_, member.generation_floor);
  }
  ++generation_.value;
  protocol_ = SelectProtocol(members_.Protocols());
  if (members_.Find(leader_) == nullptr) leader_ = members_.begin()->second.id();
  moved_ = 0;
  state_ = GroupState::kCompletingRebalance;
  generation_version_ = writes_.Touch();
  for (auto& [age, member] : members_) {
    member.has_joined = false;
    // Its call is gone; it has as long as the others to ask again.
    if (member.joins.empty()) member.sync_deadline = now + member.stored.rebalance_timeout;
  }
}

void GroupMachine::Impl::BecomeEmpty() {
  state_ = GroupState::kEmpty;
  ++generation_.value;
  protocol_.clear();
  leader_.clear();
  moved_ = 0;
  generation_version_ = writes_.Touch();
}

void GroupMachine::Impl::RemoveMember(const std::string& member_id, const std::string& reason,
                                      const Error& error, MonotonicTime now) {
  Member* member = members_.Find(member_id);
  if (member == nullptr) return;
  FailJoins(*member, error);
  FailSyncs(*member, error);
  members_.Remove(member_id);
  if (leader_ == member_id) leader_.clear();
  writes_.Touch();
  if (members_.empty()) {
    if (!reason.empty()) reason_ = Cut(reason);
    BecomeEmpty();
  } else {
    PrepareRebalance(reason, now);
  }
}

void GroupMachine::Impl::ExpireMembers(MonotonicTime now) {
  struct Expired {
    std::string id;
    std::string reason;
  };
  std::vector<Expired> expired;
  for (const auto& [age, member] : members_) {
    if (member.Deadline().value_or(now + std::chrono::seconds(1)) > now) continue;
    const bool is_session = member.session_deadline <= now;
    expired.push_back({member.id(), "member " + member.id() +
                                        (is_session ? ": session timeout"
                                                    : ": no sync before the rebalance timeout")});
  }
  for (const Expired& member : expired) {
    RemoveMember(member.id, member.reason, {ErrorCode::kUnknownMemberId, member.reason}, now);
  }
}

}  // namespace lanemq::core
