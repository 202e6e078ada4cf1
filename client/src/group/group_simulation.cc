#include "client/src/group/group_simulation.h"

#include <algorithm>

namespace lanemq::client {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kPollInterval{100};
constexpr int kStepsAtOneTimeMax = 100'000;

}  // namespace

GroupSimulation::GroupSimulation(std::uint64_t seed, core::PartitionCounts counts)
    : random_(seed),
      counts_(std::move(counts)),
      coordinator_(std::make_unique<core::GroupMachine>("g", limits_, NewMemberId())) {
  stored_.group_id = "g";
}

core::GroupMachine::NewMemberId GroupSimulation::NewMemberId() {
  return [this](const std::string& client) {
    return client + "-" + std::to_string(++last_member_id_);
  };
}

SimulatedMember& GroupSimulation::Add(const std::string& name, MembershipConfig config,
                                      std::set<std::string> topics) {
  members_.push_back(std::make_unique<SimulatedMember>());
  SimulatedMember& member = *members_.back();
  member.name = name;
  config.client_id = name;
  member.membership = std::make_unique<Membership>(std::move(config));
  Obey(member, member.membership->Subscribe(std::move(topics), now_));
  Poll(member);
  return member;
}

void GroupSimulation::Close(SimulatedMember& member) {
  Obey(member, member.membership->Close(now_));
}

void GroupSimulation::Freeze(SimulatedMember& member) {
  member.is_frozen = true;
  may_have_zombies = true;
}

void GroupSimulation::SetCounts(core::PartitionCounts counts) {
  counts_ = std::move(counts);
  for (const auto& member : members_) TellCounts(*member);
}

void GroupSimulation::StopCoordinator() {
  is_coordinator_up_ = false;
  ++coordinator_term_;
  Obey(coordinator_->Retire({ErrorCode::kNotCoordinator, "stopped"}));
}

void GroupSimulation::StartCoordinator() {
  coordinator_ = std::make_unique<core::GroupMachine>(stored_, limits_, NewMemberId(), now_);
  is_coordinator_up_ = true;
}

void GroupSimulation::At(MonotonicTime at, std::function<void()> run) {
  events_.push({.at = at, .order = ++last_order_, .run = std::move(run)});
}

milliseconds GroupSimulation::Delay() {
  return milliseconds(1 + static_cast<std::int64_t>(
                              random_() % static_cast<std::uint64_t>(faults.delay_max.count())));
}

bool GroupSimulation::Chance(double probability) {
  return std::uniform_real_distribution<>(0, 1)(random_) < probability;
}

void GroupSimulation::Run(milliseconds time) {
  const MonotonicTime end = now_ + time;
  int steps = 0;
  while (true) {
    const MonotonicTime before = now_;
    StepTime(end);
    steps = now_ > before ? 0 : steps + 1;
    if (steps > kStepsAtOneTimeMax) return violations_.emplace_back("time stands still"), void();
    RunDue();
    const bool is_due = !events_.empty() && events_.top().at <= now_;
    if (is_due) {
      const auto run = events_.top().run;
      events_.pop();
      run();
    }
    Check();
    if (!is_due && now_ >= end) return;
  }
}

void GroupSimulation::StepTime(MonotonicTime end) {
  MonotonicTime next = end;
  if (!events_.empty()) next = std::min(next, events_.top().at);
  if (is_coordinator_up_) next = std::min(next, coordinator_->NextDeadline().value_or(end));
  for (const auto& member : members_) {
    if (!member->is_alive || member->is_frozen) continue;
    next = std::min(next, member->membership->NextDeadline().value_or(end));
  }
  now_ = std::max(now_, next);
}

void GroupSimulation::RunDue() {
  const auto is_due = [this](const std::optional<MonotonicTime>& deadline) {
    return deadline && *deadline <= now_;
  };
  for (const auto& member : members_) {
    if (!member->is_alive || member->is_frozen) continue;
    if (is_due(member->membership->NextDeadline())) Obey(*member, member->membership->OnTime(now_));
  }
  if (is_coordinator_up_ && is_due(coordinator_->NextDeadline())) Obey(coordinator_->OnTime(now_));
}

bool GroupSimulation::Settle(milliseconds limit) {
  const MonotonicTime end = now_ + limit;
  while (now_ < end) {
    if (IsSettled()) return true;
    Run(kPollInterval);
  }
  return IsSettled();
}

bool GroupSimulation::IsSettled() const {
  if (!is_coordinator_up_ || coordinator_->state() != core::GroupState::kStable) return false;
  std::size_t owned = 0;
  std::size_t living = 0;
  for (const auto& member : members_) {
    const Membership& machine = *member->membership;
    if (!member->is_alive || !member->is_polling) continue;
    if (machine.state() == MembershipState::kClosed ||
        machine.state() == MembershipState::kFenced) {
      continue;
    }
    ++living;
    if (machine.state() != MembershipState::kStable || member->listener ||
        machine.generation() != coordinator_->generation()) {
      return false;
    }
    owned += machine.owned().size();
  }
  std::size_t partitions = 0;
  for (const auto& [topic, count] : counts_) partitions += static_cast<std::size_t>(count);
  return owned == partitions && living == coordinator_->Snapshot().members.size();
}

void GroupSimulation::Poll(SimulatedMember& member) {
  const bool is_gone = member.membership->state() == MembershipState::kClosed && !member.listener;
  if (!member.is_alive || is_gone) return;
  At(now_ + kPollInterval, [this, &member] { Poll(member); });
  if (!member.is_polling || member.is_frozen) return;
  Obey(member, member.membership->OnPoll(now_));
  if (!member.listener) return;
  const CallListener call = *std::exchange(member.listener, std::nullopt);
  Finish(member, call);
}

void GroupSimulation::Finish(SimulatedMember& member, const CallListener& call) {
  const int count = static_cast<int>(call.partitions.size());
  for (const core::TopicPartition& partition : call.partitions) {
    const bool is_news = call.event == ListenerEvent::kAssigned
                             ? member.view.insert(partition).second
                             : member.view.erase(partition) == 1;
    if (!is_news) violations_.push_back(member.name + " is told what it knows");
  }
  if (call.event == ListenerEvent::kRevoked) member.revoked += count;
  if (call.event == ListenerEvent::kLost) member.lost += count;
  Obey(member, member.membership->OnListenerDone(call.call, now_));
}

void GroupSimulation::TellCounts(SimulatedMember& member) {
  if (member.watched.empty()) return;
  At(now_ + Delay(), [this, &member] {
    Deliver(member, [this, &member] {
      core::PartitionCounts counts;
      for (const auto& [topic, count] : counts_) {
        if (member.watched.contains(topic)) counts[topic] = count;
      }
      Obey(member, member.membership->OnPartitionCounts(counts, now_));
    });
  });
}

void GroupSimulation::Check() {
  std::map<core::TopicPartition, SimulatedMember*> owners;
  for (const auto& member : members_) {
    if (!member->is_alive) continue;
    const Membership& machine = *member->membership;
    if (!member->listener && member->view != machine.owned()) {
      violations_.push_back(member->name + ": its listener knows something else");
    }
    for (const core::TopicPartition& partition : machine.owned()) {
      const auto [other, is_only] = owners.try_emplace(partition, member.get());
      if (is_only) continue;
      if (may_have_zombies && (IsZombie(*member) || IsZombie(*other->second))) continue;
      violations_.push_back(member->name + " and " + other->second->name + " own " +
                            partition.topic + "/" + std::to_string(partition.partition));
    }
  }
}

bool GroupSimulation::IsZombie(const SimulatedMember& member) const {
  const core::StoredGroup group = coordinator_->Snapshot();
  return member.membership->generation() < group.generation ||
         std::ranges::none_of(group.members, [&](const core::StoredMember& known) {
           return known.member.member_id == member.membership->member_id();
         });
}

std::string GroupSimulation::Describe() const {
  std::string text = "generation " + std::to_string(generation().value) + ", state " +
                     std::to_string(static_cast<int>(coordinator_->state())) + "\n";
  for (const auto& member : members_) {
    const Membership& machine = *member->membership;
    text += member->name + " (" + machine.member_id() + "): state " +
            std::to_string(static_cast<int>(machine.state())) + ", generation " +
            std::to_string(machine.generation().value) + ", owns " +
            std::to_string(machine.owned().size()) + (member->listener ? ", listener waits" : "") +
            (member->is_alive ? "" : ", dead") + "\n";
  }
  for (const std::string& violation : violations_) text += violation + "\n";
  return text;
}

}  // namespace lanemq::client
