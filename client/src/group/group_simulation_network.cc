// Of the simulation: what lies between members and coordinator.
#include <utility>

#include "client/src/group/group_simulation.h"

namespace lanemq::client {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kBreakTime{500};
constexpr milliseconds kFrozenWait{100};

template <typename... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <typename... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace

void GroupSimulation::Obey(SimulatedMember& member, const MembershipEffects& effects) {
  using core::GroupCallId;
  using core::GroupMachine;
  const auto find = [&](const FindCoordinator& call) {
    At(now_ + Delay(), [this, &member, call] {
      const Status status =
          is_coordinator_up_ ? Status() : Error{ErrorCode::kCoordinatorNotAvailable, "none"};
      Deliver(member, [this, &member, call, status] {
        Obey(member, member.membership->OnCoordinator(call.call, status, now_));
      });
    });
  };
  const auto join = [&](const SendJoin& call) {
    ++member.joins;
    const auto done = [this, &member, call](const Result<core::JoinReply>& reply) {
      Obey(member, member.membership->OnJoined(call.call, reply, now_));
    };
    const auto answer = [done](const auto& e) { done(std::get<core::ReplyToJoin>(e).reply); };
    Call([this, call](GroupMachine& to, GroupCallId id) { return to.Join(id, call.join, now_); },
         {.caller = &member, .answer = answer, .fail = done});
  };
  const auto sync = [&](const SendSync& call) {
    const auto done = [this, &member, call](const Result<core::SyncReply>& reply) {
      Obey(member, member.membership->OnSynced(call.call, reply, now_));
    };
    const auto answer = [done](const auto& e) { done(std::get<core::ReplyToSync>(e).reply); };
    Call([this, call](GroupMachine& to, GroupCallId id) { return to.Sync(id, call.sync, now_); },
         {.caller = &member, .answer = answer, .fail = done});
  };
  const auto heartbeat = [&](const SendHeartbeat& call) {
    const auto done = [this, &member, call](const Status& reply) {
      Obey(member, member.membership->OnHeartbeat(call.call, reply, now_));
    };
    const auto answer = [done](const auto& e) { done(std::get<core::ReplyToMember>(e).reply); };
    Call([this, call](GroupMachine& to,
                      GroupCallId id) { return to.Heartbeat(id, call.heartbeat, now_); },
         {.caller = &member, .answer = answer, .fail = done});
  };
  const auto leave = [&](const SendLeave& call) {
    Call([this, call](GroupMachine& to, GroupCallId id) { return to.Leave(id, call.leave, now_); },
         {.caller = &member, .answer = [](const auto&) {}, .fail = [](const Error&) {}});
  };
  const auto watch = [&](const WatchTopics& topics) {
    member.watched = topics.topics;
    TellCounts(member);
  };
  const auto tell = [&](const CallListener& call) {
    if (member.listener) violations_.push_back(member.name + ": two listener calls at once");
    member.listener = call;
    if (call.event != ListenerEvent::kAssigned) return;
    for (const core::TopicPartition& partition : call.partitions) {
      At(now_ + Delay(), [this, &member, partition, generation = member.membership->generation()] {
        Deliver(member, [=, this, &member] { Claim(member, partition, generation); });
      });
    }
  };
  const auto report = [&](const ReportError& error) { member.errors.push_back(error.error); };
  const Overloaded obey{find, join, sync, heartbeat, leave, watch, tell, report};
  for (const MembershipEffect& effect : effects) std::visit(obey, effect);
}

void GroupSimulation::Claim(SimulatedMember& member, const core::TopicPartition& partition,
                            core::Generation generation) {
  if (!member.membership->owned().contains(partition)) return;
  core::Generation& row = rows_[partition];
  if (row <= generation) {
    row = generation;
    return;
  }
  ++member.refused;
  if (!may_have_zombies) violations_.push_back(member.name + " was refused");
  Obey(member,
       member.membership->OnRefused({generation, member.membership->member_id(), row}, now_));
}

void GroupSimulation::Obey(const core::GroupEffects& effects) {
  for (const core::GroupEffect& effect : effects) {
    if (const auto* persist = std::get_if<core::PersistGroup>(&effect)) {
      Persist(*persist);
    } else if (const auto* to_join = std::get_if<core::ReplyToJoin>(&effect)) {
      Answer(to_join->call, effect);
    } else if (const auto* to_sync = std::get_if<core::ReplyToSync>(&effect)) {
      Answer(to_sync->call, effect);
    } else {
      Answer(std::get<core::ReplyToMember>(effect).call, effect);
    }
  }
}

void GroupSimulation::Call(Send send, Waiting waiting) {
  const core::GroupCallId id = ++last_call_;
  waiting_[id] = std::move(waiting);
  if (Chance(faults.lost)) return Break(id);
  At(now_ + Delay(), [this, id, send = std::move(send), term = coordinator_term_] {
    if (is_coordinator_up_ && term == coordinator_term_) {
      Obey(send(*coordinator_, id));
    } else {
      Fail(id, {ErrorCode::kNotCoordinator, "stopped"});
    }
  });
}

void GroupSimulation::Break(core::GroupCallId call) {
  At(now_ + kBreakTime, [this, call] {
    coordinator_->Forget(call);
    Fail(call, {ErrorCode::kNetworkException, "broken"});
  });
}

void GroupSimulation::Persist(const core::PersistGroup& persist) {
  At(now_ + Delay(), [this, persist, term = coordinator_term_] {
    if (term != coordinator_term_) return;  // Fenced.
    Status status;
    if (Chance(faults.failed_write)) {
      status = Error{ErrorCode::kMetadataUnavailable, "no"};
    } else {
      stored_ = persist.group;
    }
    Obey(coordinator_->OnPersisted(persist.id, status, now_));
  });
}

void GroupSimulation::Answer(core::GroupCallId call, const core::GroupEffect& effect) {
  if (Chance(faults.lost)) return Break(call);
  At(now_ + Delay(), [this, call, effect] {
    auto waiting = TakeWaiting(call);
    if (waiting) Deliver(*waiting->caller, [answer = waiting->answer, effect] { answer(effect); });
  });
}

void GroupSimulation::Fail(core::GroupCallId call, const Error& error) {
  auto waiting = TakeWaiting(call);
  if (waiting) Deliver(*waiting->caller, [fail = waiting->fail, error] { fail(error); });
}

std::optional<GroupSimulation::Waiting> GroupSimulation::TakeWaiting(core::GroupCallId call) {
  auto found = waiting_.extract(call);
  if (found.empty()) return std::nullopt;
  return std::move(found.mapped());
}

void GroupSimulation::Deliver(SimulatedMember& member, std::function<void()> run) {
  if (!member.is_alive) return;
  if (!member.is_frozen) return run();
  At(now_ + kFrozenWait, [this, &member, run = std::move(run)] { Deliver(member, run); });
}

}  // namespace lanemq::client
