#include "tests/simulation/group/sim_member.h"

#include <utility>
#include <variant>

#include <fmt/format.h>

#include "common/core/group/assignor.h"

namespace lanemq::simulation {
namespace {

constexpr milliseconds kHeartbeatInterval{3'000};

}  // namespace

SimMember::SimMember(World& world, Options options)
    : world_(world),
      options_(std::move(options)),
      name_(fmt::format("process-{}{}", options_.process, options_.instance_id)),
      call_timeout_(world.Between(milliseconds(2'000), milliseconds(25'000))) {}

void SimMember::Start() {
  world_.Trace(name_, "starts");
  coordinator_ = world_.coordinator_epoch;
  SendJoin();
  Later(kHeartbeatInterval, [this] { Beat(); });
  Later(milliseconds(500), [this] { Consume(); });
}

void SimMember::Kill() {
  world_.Trace(name_, "is killed");
  Stop();
}

void SimMember::Close() {
  world_.Trace(name_, "leaves");
  SendCommit();
  Request::Leave leave;
  leave.member_id = member_id_;
  leave.instance_id = options_.instance_id;
  world_.SendToCoordinator(coordinator_, {options_.process, world_.NextRpc(), leave});
  Stop();
}

void SimMember::Stop() {
  state_ = State::kStopped;
  owned_.clear();
  rpc_ = 0;
}

void SimMember::Pause(milliseconds time) {
  world_.Trace(name_, fmt::format("pauses for {} ms", time.count()));
  paused_until_ = world_.now + time;
}

void SimMember::Subscribe(std::vector<std::string> topics) {
  options_.topics = std::move(topics);
  if (state_ == State::kStable) SendJoin();
}

void SimMember::Run(const std::function<void()>& action) {
  if (!is_running()) return;
  if (world_.now >= paused_until_) return action();
  world_.After(std::min<std::chrono::nanoseconds>(paused_until_ - world_.now, seconds(1)),
               [this, action] { Run(action); });
}

void SimMember::Later(milliseconds delay, std::function<void()> action) {
  world_.After(delay, [this, action = std::move(action)] { Run(action); });
}

std::uint64_t SimMember::Call(decltype(Request::call) call, const std::function<void()>& retry) {
  const std::uint64_t rpc = world_.NextRpc();
  if (coordinator_ == 0) coordinator_ = world_.coordinator_epoch;
  world_.SendToCoordinator(coordinator_, {options_.process, rpc, std::move(call)});
  Later(call_timeout_, [this, rpc, retry] {
    if (rpc_ != rpc && heartbeat_rpc_ != rpc) return;
    if (world_.OneIn(0.5)) {
      world_.SendToCoordinator(coordinator_, {options_.process, rpc, Request::Forget{rpc}});
    }
    coordinator_ = world_.coordinator_epoch;
    retry();
  });
  return rpc;
}

void SimMember::SendJoin() {
  if (!IsCooperative() && !owned_.empty()) GiveUpAll();
  state_ = State::kJoining;
  core::JoinCall join;
  join.member_id = member_id_;
  join.instance_id = options_.instance_id;
  join.client_id = fmt::format("p{}", options_.process);
  join.host = name_;
  join.session_timeout = kSessionTimeout;
  join.rebalance_timeout = seconds(20);
  join.protocols = world_.protocols;
  joined_topics_ = options_.topics;
  joined_owned_ = assigned_;
  join.subscription = {options_.topics, assigned_, owned_generation_};
  if (assigned_.empty()) join.subscription.owned_generation = {};
  rpc_ = Call(std::move(join), [this] { SendJoin(); });
}

void SimMember::SendSync(core::GroupAssignment assignment) {
  state_ = State::kSyncing;
  core::SyncCall sync{member_id_, options_.instance_id, generation_, assignment};
  rpc_ = Call(std::move(sync), [this, assignment] { SendSync(assignment); });
}

void SimMember::Beat() {
  Later(kHeartbeatInterval, [this] { Beat(); });
  if (state_ == State::kJoining || member_id_.empty()) return;
  Request::Heartbeat beat;
  beat.member_id = member_id_;
  beat.instance_id = options_.instance_id;
  beat.generation = generation_;
  heartbeat_rpc_ = world_.NextRpc();
  heartbeat_generation_ = generation_;
  world_.SendToCoordinator(coordinator_, {options_.process, heartbeat_rpc_, beat});
  Later(milliseconds(2'000), [this, rpc = heartbeat_rpc_] {
    if (heartbeat_rpc_ == rpc) coordinator_ = world_.coordinator_epoch;
  });
}

void SimMember::OnReply(const Reply& reply) {
  Run([this, reply] {
    if (reply.rpc == heartbeat_rpc_) {
      heartbeat_rpc_ = 0;
      if (const auto* status = std::get_if<Status>(&reply.reply)) OnHeartbeat(*status);
    } else if (reply.rpc == rpc_) {
      rpc_ = 0;
      if (const auto* join = std::get_if<Result<core::JoinReply>>(&reply.reply)) OnJoin(*join);
      if (const auto* sync = std::get_if<Result<core::SyncReply>>(&reply.reply)) OnSync(*sync);
    }
  });
}

void SimMember::OnJoin(const Result<core::JoinReply>& reply) {
  if (!reply.ok()) return OnError(reply.error());
  member_id_ = reply->member_id;
  if (reply->must_rejoin_with_id) return SendJoin();
  generation_ = reply->generation;
  core::GroupAssignment assignment;
  if (!reply->members.empty()) {
    const auto kind = core::ParseAssignor(reply->protocol);
    assignment = core::Assign(*kind, reply->members, world_.topics);
  }
  SendSync(std::move(assignment));
}

void SimMember::OnSync(const Result<core::SyncReply>& reply) {
  if (!reply.ok()) return OnError(reply.error());
  state_ = State::kStable;
  TakeAssignment(*reply);
  if (state_ == State::kStable && options_.topics != joined_topics_) SendJoin();
}

void SimMember::OnHeartbeat(const Status& status) {
  if (status.ok()) return;
  const ErrorCode code = status.error().code;
  if (code == ErrorCode::kNotCoordinator) {
    coordinator_ = world_.coordinator_epoch;
  } else if (code == ErrorCode::kFencedInstanceId ||
             (state_ == State::kStable && heartbeat_generation_ == generation_)) {
    // While it joins or syncs, that call's own answer decides. Of an older generation: old news.
    OnError(status.error());
  }
}

void SimMember::OnError(const Error& error) {
  world_.Trace(name_, error.ToString());
  coordinator_ = world_.coordinator_epoch;
  switch (error.code) {
    case ErrorCode::kFencedInstanceId:
      ++world_.counts.fenced_instances;
      return Stop();
    case ErrorCode::kUnknownMemberId:
      member_id_.clear();
      [[fallthrough]];
    case ErrorCode::kIllegalGeneration:
      // Lost: others may own them by now.
      world_.revocations += static_cast<int>(owned_.size());
      owned_.clear();
      assigned_.clear();
      break;
    default:
      break;
  }
  if (error.code == ErrorCode::kNotCoordinator || error.code == ErrorCode::kGroupMaxSizeReached) {
    state_ = State::kJoining;
    const std::uint64_t rpc = rpc_;
    return Later(milliseconds(500), [this, rpc] {
      if (state_ == State::kJoining && rpc_ == rpc) SendJoin();
    });
  }
  SendJoin();
}

}  // namespace lanemq::simulation
