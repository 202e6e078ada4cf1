#include "tests/simulation/group/sim_coordinator.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace lanemq::simulation {
namespace {

core::StoredGroup AsLoaded(const World& world) {
  core::StoredGroup group = world.stored;
  // A machine that finds nobody to lead the group prepares a rebalance.
  if (world.defect == Defect::kTakeoverRebalances) group.leader.clear();
  return group;
}

}  // namespace

SimCoordinator::SimCoordinator(World& world, std::int64_t epoch)
    : world_(world),
      epoch_(epoch),
      name_(fmt::format("coordinator-{}", epoch)),
      machine_(
          AsLoaded(world), world.limits,
          [&world](const std::string& client) {
            return fmt::format("{}-{}", client, world.random.Below(1'000'000'000));
          },
          world.now) {
  world_.Trace(name_, fmt::format("loads generation {}", machine_.generation().value));
  ArmTimer();
}

void SimCoordinator::On(const Request& request) {
  if (!is_alive_) return;
  if (const auto* forget = std::get_if<Request::Forget>(&request.call)) {
    for (const auto& [call, caller] : callers_) {
      if (caller.rpc == forget->rpc) machine_.Forget(call);
    }
    std::erase_if(callers_, [&](const auto& c) { return c.second.rpc == forget->rpc; });
    return ArmTimer();
  }
  const core::GroupCallId call = ++last_call_;
  Caller& caller = callers_[call];
  caller = {request.from, request.rpc, ""};
  if (const auto* join = std::get_if<core::JoinCall>(&request.call)) {
    Do(machine_.Join(call, *join, world_.now));
  } else if (const auto* sync = std::get_if<core::SyncCall>(&request.call)) {
    caller.owner = sync->instance_id.empty() ? sync->member_id : sync->instance_id;
    Do(machine_.Sync(call, *sync, world_.now));
  } else if (const auto* heartbeat = std::get_if<Request::Heartbeat>(&request.call)) {
    Do(machine_.Heartbeat(call, *heartbeat, world_.now));
  } else if (const auto* leave = std::get_if<Request::Leave>(&request.call)) {
    Do(machine_.Leave(call, *leave, world_.now));
  }
}

void SimCoordinator::Do(core::GroupEffects effects) {
  for (core::GroupEffect& effect : effects) {
    if (auto* join = std::get_if<core::ReplyToJoin>(&effect)) {
      if (join->reply.ok()) world_.checker.OnJoinRevealed(world_.now, *join->reply);
      Answer(join->call, {0, std::move(join->reply)});
    } else if (auto* sync = std::get_if<core::ReplyToSync>(&effect)) {
      const auto caller = callers_.find(sync->call);
      if (sync->reply.ok() && caller != callers_.end()) {
        world_.checker.OnSyncRevealed(world_.now, caller->second.owner, *sync->reply);
      }
      Answer(sync->call, {0, std::move(sync->reply)});
    } else if (auto* member = std::get_if<core::ReplyToMember>(&effect)) {
      Answer(member->call, {0, std::move(member->reply)});
    } else {
      Write(std::get<core::PersistGroup>(effect));
    }
  }
  ArmTimer();
}

void SimCoordinator::Answer(core::GroupCallId call, Reply reply) {
  const auto caller = callers_.find(call);
  if (caller == callers_.end()) return;
  reply.rpc = caller->second.rpc;
  world_.SendToMember(caller->second.process, reply);
  callers_.erase(caller);
}

void SimCoordinator::Write(const core::PersistGroup& write) {
  // Decided now so that one seed has one fate, whatever the defect.
  const bool is_lost = world_.OneIn(world_.faults.write_loss);
  const bool is_reply_lost = world_.OneIn(world_.faults.write_loss);
  const auto there = world_.Between(milliseconds(1), world_.faults.delay_max);
  const auto back = world_.Between(milliseconds(1), world_.faults.delay_max);
  if (world_.defect == Defect::kRevealBeforeDurable) {
    world_.After(milliseconds(0), [this, id = write.id] { EndWrite(id, {}); });
  }
  world_.After(there, [this, write, is_lost, is_reply_lost, back] {
    Status status;
    if (epoch_ < world_.stored_epoch && world_.defect != Defect::kCoordinatorsUnfenced) {
      status = Error{ErrorCode::kFenced, "a newer coordinator has the lease"};
    } else if (is_lost) {
      status = Error{ErrorCode::kMetadataUnavailable, "not connected"};
    } else {
      world_.stored = write.group;
      world_.Trace(name_, fmt::format("wrote generation {}, {} members, state {}: {}",
                                      write.group.generation.value, write.group.members.size(),
                                      static_cast<int>(write.group.state), write.group.reason));
      if (is_reply_lost) status = Error{ErrorCode::kOutcomeUnknown, "connection lost"};
    }
    if (world_.defect == Defect::kRevealBeforeDurable) return;
    world_.After(back, [this, id = write.id, status] { EndWrite(id, status); });
  });
}

void SimCoordinator::EndWrite(core::GroupPersistId id, const Status& status) {
  if (!is_alive_) return;
  if (!status.ok() && status.error().code == ErrorCode::kFenced) {
    world_.Trace(name_, "is fenced");
    ++world_.counts.fenced_writes;
    return LoseLease();
  }
  Do(machine_.OnPersisted(id, status, world_.now));
}

void SimCoordinator::LoseLease() {
  if (is_alive_) Do(machine_.Retire({ErrorCode::kNotCoordinator, "the lease is lost"}));
}

void SimCoordinator::ArmTimer() {
  if (world_.defect == Defect::kNobodyExpires) return;
  const auto next = machine_.NextDeadline();
  if (!next || (timer_ && *timer_ <= *next && *timer_ > world_.now)) return;
  timer_ = next;
  world_.After(std::max(*next - world_.now, std::chrono::nanoseconds(0)), [this, at = *next] {
    if (!is_alive_ || timer_ != at) return;
    timer_.reset();
    Do(machine_.OnTime(world_.now));
  });
}

}  // namespace lanemq::simulation
