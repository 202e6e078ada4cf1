// JoinGroup: first joins in two steps, members that join again, static members that come back.
#include <algorithm>
#include <set>
#include <utility>

#include "common/core/group/assignment_check.h"
#include "common/core/group/group_machine_impl.h"
#include "common/core/group/protocol_selection.h"

namespace lanemq::core {
namespace {

constexpr std::size_t kIdBytesMax = 255;
constexpr std::size_t kClientIdBytesMax = 200;  // Member ids are made of it.
constexpr std::size_t kPendingSurplus = 100;    // Ids that are given out in vain.
constexpr std::size_t kProtocolsMax = 16;
constexpr std::size_t kProtocolBytesMax = 50;  // With JSON's quotes, 16 of them fit their column.

Error Invalid(std::string message) { return {ErrorCode::kInvalidRequest, std::move(message)}; }

Status CheckProtocolNames(const std::vector<std::string>& protocols) {
  if (protocols.empty()) {
    return Error{ErrorCode::kInconsistentGroupProtocol, "a member must name a protocol"};
  }
  if (protocols.size() > kProtocolsMax) return Invalid("more than 16 protocols");
  std::set<std::string> seen;
  for (const std::string& name : protocols) {
    if (name.empty() || name.size() > kProtocolBytesMax) {
      return Invalid("protocol '" + name + "': 1 to 50 bytes are allowed");
    }
    if (!seen.insert(name).second) return Invalid("protocol " + name + " is named twice");
  }
  return {};
}

Status CheckJoin(const JoinCall& join, const GroupLimits& limits) {
  if (join.client_id.size() > kClientIdBytesMax) {
    return Invalid("the client id is longer than 200 bytes");
  }
  for (const std::string* id : {&join.member_id, &join.instance_id, &join.host}) {
    if (id->size() > kIdBytesMax) return Invalid("an id of the member is longer than 255 bytes");
  }
  if (join.session_timeout < limits.session_timeout_min ||
      join.session_timeout > limits.session_timeout_max) {
    return Error{ErrorCode::kInvalidSessionTimeout,
                 "session timeout " + std::to_string(join.session_timeout.count()) +
                     " ms, allowed are " + std::to_string(limits.session_timeout_min.count()) +
                     " to " + std::to_string(limits.session_timeout_max.count())};
  }
  if (join.rebalance_timeout.count() <= 0) return Invalid("the rebalance timeout must be positive");
  if (join.generation_floor.value < 0 || join.generation_floor.value > kGenerationFloorMax) {
    return Invalid("the generation floor is negative, or 2^53 or more");
  }
  if (join.subscription.topics.size() > limits.topics_max) {
    return Invalid(std::to_string(join.subscription.topics.size()) + " topics, allowed are " +
                   std::to_string(limits.topics_max));
  }
  return CheckProtocolNames(join.protocols);
}

template <typename T>
void SortUnique(std::vector<T>& values) {
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

bool IsSameWish(const StoredMember& stored, const JoinCall& join) {
  return stored.protocols == join.protocols &&
         stored.member.subscription.topics == join.subscription.topics;
}

// The ids stay as they are.
void Update(Member& member, JoinCall join) {
  StoredMember& stored = member.stored;
  member.generation_floor = std::max(member.generation_floor, join.generation_floor);
  if (!join.subscription.owned.empty()) {
    member.newest_owned_generation = join.subscription.owned_generation;
  }
  stored.member.subscription = std::move(join.subscription);
  stored.client_id = std::move(join.client_id);
  stored.host = std::move(join.host);
  stored.session_timeout = join.session_timeout;
  stored.rebalance_timeout = join.rebalance_timeout;
  stored.protocols = std::move(join.protocols);
}

std::string WhyAgain(bool is_changed, bool is_behind) {
  if (is_changed) return " changed its subscription";
  return is_behind ? " knows offsets of a later generation" : ", the leader, joined";
}

std::string WithReason(std::string what, const std::string& reason) {
  return reason.empty() ? what : what + ": " + reason;
}

}  // namespace

void GroupMachine::Impl::Join(GroupCallId call, JoinCall join, MonotonicTime now) {
  last_event_ = now;
  if (state_ == GroupState::kDead) return ReplyJoin(call, why_dead_);
  SortUnique(join.subscription.topics);
  SortUnique(join.subscription.owned);
  if (const Status status = CheckJoin(join, limits_); !status.ok()) {
    return ReplyJoin(call, status.error());
  }
  if (join.member_id.empty()) {
    Member* former = join.instance_id.empty() ? nullptr : members_.FindInstance(join.instance_id);
    if (former != nullptr) return JoinStaticAgain(*former, call, std::move(join), now);
    return JoinFirst(call, std::move(join), now);
  }
  if (join.instance_id.empty() && pending_.Contains(join.member_id)) {
    if (const Status status = CheckNewMember(join); !status.ok()) {
      return ReplyJoin(call, status.error());
    }
    pending_.Remove(join.member_id);
    return AddMember(call, std::move(join), now);
  }
  const Result<Member*> member = FindCaller(join.member_id, join.instance_id);
  if (!member.ok()) return ReplyJoin(call, member.error());
  JoinAgain(**member, call, std::move(join), now);
}

void GroupMachine::Impl::JoinFirst(GroupCallId call, JoinCall join, MonotonicTime now) {
  if (const Status status = CheckNewMember(join); !status.ok()) {
    return ReplyJoin(call, status.error());
  }
  join.member_id = new_member_id_(join.client_id);
  if (!join.instance_id.empty()) return AddMember(call, std::move(join), now);
  // Without this step each repetition of a lost first join would leave a member nobody is.
  pending_.Add(join.member_id, now + limits_.pending_member_timeout,
               limits_.members_max + kPendingSurplus);
  JoinReply reply;
  reply.must_rejoin_with_id = true;
  reply.member_id = join.member_id;
  ReplyJoin(call, std::move(reply));
}

void GroupMachine::Impl::AddMember(GroupCallId call, JoinCall join, MonotonicTime now) {
  StoredMember stored;
  stored.member.member_id = join.member_id;
  stored.member.instance_id = join.instance_id;
  const std::string reason = WithReason("member " + join.member_id + " joined", join.reason);
  Member& member = members_.Add(std::move(stored));
  Update(member, std::move(join));
  member.has_joined = true;
  member.TouchSession(now);
  ParkJoin(member, call);
  if (state_ == GroupState::kPreparingRebalance) barrier_.OnNewMember(now);
  PrepareRebalance(reason, now);
  MaybeCompleteJoin(now);
}

void GroupMachine::Impl::JoinAgain(Member& member, GroupCallId call, JoinCall join,
                                   MonotonicTime now) {
  if (const Status status = CheckProtocols(join, &member); !status.ok()) {
    return ReplyJoin(call, status.error());
  }
  const auto& owned = join.subscription.owned;
  // A request that was repeated, or given up, and arrives after the member's later ones.
  const bool is_late =
      !owned.empty() && join.subscription.owned_generation < member.newest_owned_generation;
  const bool is_changed = !is_late && (!IsSameWish(member.stored, join) ||
                                       member.stored.member.subscription.owned != owned);
  // The leader joins again because what it assigns has changed, such as the number of partitions.
  const bool is_asking = !is_late && state_ == GroupState::kStable && member.id() == leader_;
  // True however late it comes.
  const bool is_behind = join.generation_floor > generation_;
  member.generation_floor = std::max(member.generation_floor, join.generation_floor);
  const std::string reason =
      WithReason("member " + member.id() + WhyAgain(is_changed, is_behind), join.reason);
  const bool is_news = is_changed || (!is_late && state_ == GroupState::kPreparingRebalance);
  if (is_news) Update(member, std::move(join));
  member.has_joined = true;
  member.TouchSession(now);
  ParkJoin(member, call);
  if (is_changed || is_behind || is_asking) PrepareRebalance(reason, now);
  MaybeCompleteJoin(now);
  RevealJoin(member, now);
}

void GroupMachine::Impl::JoinStaticAgain(Member& member, GroupCallId call, JoinCall join,
                                         MonotonicTime now) {
  if (const Status status = CheckProtocols(join, &member); !status.ok()) {
    return ReplyJoin(call, status.error());
  }
  const Error fenced{ErrorCode::kFencedInstanceId,
                     "instance id " + join.instance_id + " is used by " + join.host};
  FailJoins(member, fenced);
  FailSyncs(member, fenced);
  // Its successor has nothing to give up, so it would not join again as the former one had to.
  const bool is_same = state_ == GroupState::kStable && IsSameWish(member.stored, join) &&
                       join.generation_floor <= generation_ && !IsHoldingBack(member, members_);
  const std::string new_id = new_member_id_(join.client_id);
  const std::string reason =
      WithReason("static member " + join.instance_id + " came back as " + new_id, join.reason);
  if (leader_ == member.id()) leader_ = new_id;
  members_.ChangeId(member, new_id);
  member.newest_owned_generation = {};
  Update(member, std::move(join));
  member.has_joined = true;
  member.TouchSession(now);
  member.sync_deadline.reset();
  ParkJoin(member, call);
  // Until this is durable a crash could bring the former id back.
  member.reveal_version = writes_.Touch();
  if (!is_same) PrepareRebalance(reason, now);
  MaybeCompleteJoin(now);
}

Status GroupMachine::Impl::CheckNewMember(const JoinCall& join) const {
  if (members_.size() >= limits_.members_max) {
    return Error{ErrorCode::kGroupMaxSizeReached,
                 "the group has " + std::to_string(members_.size()) + " members, its limit"};
  }
  return CheckProtocols(join, nullptr);
}

Status GroupMachine::Impl::CheckProtocols(const JoinCall& join, const Member* except) const {
  if (HasCommonProtocol(join.protocols, members_.Protocols(except))) return {};
  return Error{ErrorCode::kInconsistentGroupProtocol,
               "none of the member's protocols can be done by all members of the group"};
}

void GroupMachine::Impl::ParkJoin(Member& member, GroupCallId call) {
  if (const auto evicted = member.joins.Add(call)) {
    ReplyJoin(*evicted, Error{ErrorCode::kRebalanceInProgress, "the member has joined again"});
  }
}

}  // namespace lanemq::core
