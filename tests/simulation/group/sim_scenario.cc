#include "tests/simulation/group/sim_scenario.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "tests/simulation/group/sim_coordinator.h"

namespace lanemq::simulation {
namespace {

constexpr std::size_t kMembersMax = 7;
constexpr seconds kFaultsTime{120};
constexpr milliseconds kLeaseTime{10'000};

}  // namespace

Scenario::Scenario(World& world) : world_(world) {
  static const std::vector<std::vector<std::string>> kProtocols{
      {"range"}, {"roundrobin"}, {"sticky"}, {"cooperative-sticky"}, {"cooperative-sticky"}};
  world_.protocols = kProtocols[world_.random.Below(kProtocols.size())];
  world_.limits.initial_rebalance_delay = world_.Between(milliseconds(0), milliseconds(3'000));
  TakeOver(milliseconds(0), Handover::kCrash);
  const std::uint64_t count = 1 + world_.random.Below(5);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string instance = world_.OneIn(0.4) ? fmt::format("i{}", ++instances_) : "";
    StartMember(instance, SomeTopics());
  }
}

std::vector<std::string> Scenario::SomeTopics() {
  static const std::vector<std::vector<std::string>> kTopics{{"a", "b"}, {"a", "b"}, {"a"}, {"b"}};
  return kTopics[world_.random.Below(kTopics.size())];
}

SimMember& Scenario::StartMember(const std::string& instance_id, std::vector<std::string> topics) {
  const SimMember::Options options{world_.members.size(), instance_id, std::move(topics)};
  world_.members.push_back(std::make_unique<SimMember>(world_, options));
  world_.members.back()->Start();
  return *world_.members.back();
}

void Scenario::TakeOver(milliseconds gap, Handover handover) {
  const std::int64_t old = world_.coordinator_epoch;
  if (old == 0 && !world_.coordinators.empty()) return;  // One is on its way.
  world_.coordinator_epoch = 0;
  if (old != 0) {
    ++world_.counts.takeovers;
    SimCoordinator* holder = world_.coordinators[static_cast<std::size_t>(old - 1)].get();
    if (handover == Handover::kZombie) {
      world_.After(gap + world_.Between(milliseconds(0), kLeaseTime),
                   [holder] { holder->LoseLease(); });
    } else if (handover == Handover::kOrderly) {
      holder->LoseLease();
    } else {
      holder->Kill();
    }
    world_.Trace("scenario", fmt::format("takeover, kind {}", static_cast<int>(handover)));
  }
  const auto take = [this] {
    world_.coordinator_epoch = ++world_.stored_epoch;
    world_.coordinators.push_back(
        std::make_unique<SimCoordinator>(world_, world_.coordinator_epoch));
  };
  if (gap.count() == 0) return take();
  world_.After(gap, take);
}

void Scenario::RunFaults() {
  world_.faults.loss = world_.random.Unit() * 0.1;
  world_.faults.duplication = world_.random.Unit() * 0.1;
  world_.faults.write_loss = world_.random.Unit() * 0.1;
  world_.faults.delay_max = world_.OneIn(0.5) ? world_.Between(milliseconds(20), milliseconds(200))
                                              : world_.Between(milliseconds(200), seconds(4));
  const MonotonicTime end = world_.now + kFaultsTime;
  while (world_.now < end) {
    world_.RunUntil(world_.now + world_.Between(milliseconds(500), seconds(10)));
    OneFault();
  }
}

void Scenario::OneFault() {
  const std::vector<SimMember*> running = Running();
  const std::uint64_t kind = world_.random.Below(10);
  if (kind < 2) {
    const auto handover = static_cast<Handover>(world_.random.Below(3));
    return TakeOver(world_.Between(milliseconds(1), seconds(8)), handover);
  }
  if (running.empty() || (kind == 2 && running.size() < kMembersMax)) {
    const std::string instance = world_.OneIn(0.4) ? fmt::format("i{}", ++instances_) : "";
    StartMember(instance, SomeTopics());
    return;
  }
  SimMember& member = *running[world_.random.Below(running.size())];
  switch (kind) {
    case 3:
      return member.Subscribe(SomeTopics());
    case 4:
      member.Kill();
      return Replace(member, world_.Between(milliseconds(100), seconds(20)));
    case 5:
      member.Close();
      return Replace(member, world_.Between(milliseconds(100), seconds(20)));
    default:
      return PauseSomebody(member);
  }
}

void Scenario::PauseSomebody(SimMember& member) {
  // From a stutter to longer than session, rebalance and call timeout together.
  member.Pause(world_.OneIn(0.5) ? world_.Between(milliseconds(100), seconds(9))
                                 : world_.Between(seconds(9), seconds(70)));
  // Somebody takes it for dead: two processes with one instance id.
  if (world_.OneIn(0.4)) Replace(member, world_.Between(milliseconds(100), seconds(9)));
}

void Scenario::Replace(SimMember& member, milliseconds after) {
  if (member.options().instance_id.empty() && world_.OneIn(0.3)) return;
  world_.After(after, [this, options = member.options()] {
    StartMember(options.instance_id, options.topics);
  });
}

void Scenario::EndFaults() {
  world_.Trace("scenario", "faults end");
  world_.RunUntil(world_.now + seconds(20));  // What was begun: replacements, takeovers.
  const milliseconds delay_max = world_.faults.delay_max;
  world_.faults = {};
  world_.RunUntil(world_.now + delay_max);  // The last late message arrives.
  std::set<std::string> instances;
  for (SimMember* member : Running()) {
    member->Resume();
    instances.insert(member->options().instance_id);
  }
  for (std::uint64_t i = 1; i <= instances_; ++i) {
    const std::string instance = fmt::format("i{}", i);
    if (!instances.contains(instance)) StartMember(instance, {"a", "b"});
  }
  if (Running().empty()) StartMember("", {"a", "b"});
}

std::vector<SimMember*> Scenario::Running() const {
  std::vector<SimMember*> running;
  for (const auto& member : world_.members) {
    if (member->is_running()) running.push_back(member.get());
  }
  return running;
}

std::string Scenario::WhyUnsettled() const {
  if (Running().empty() && world_.stored.state == core::GroupState::kEmpty) return "";
  if (world_.stored.state != core::GroupState::kStable) return "the group is not Stable";
  const std::vector<SimMember*> running = Running();
  if (world_.stored.members.size() != running.size()) {
    return fmt::format("{} members, {} processes", world_.stored.members.size(), running.size());
  }
  std::set<std::string> wanted;
  std::set<core::TopicPartition> read;
  std::size_t readers = 0;
  for (const SimMember* member : running) {
    if (const std::string why = WhyUnread(*member); !why.empty()) return why;
    wanted.insert(member->options().topics.begin(), member->options().topics.end());
    const std::set<core::TopicPartition> reading = member->Reading();
    read.insert(reading.begin(), reading.end());
    readers += reading.size();
  }
  std::size_t partitions = 0;
  for (const std::string& topic : wanted) {
    partitions += static_cast<std::size_t>(world_.topics.at(topic));
  }
  if (read.size() == partitions && readers == partitions) return "";
  return fmt::format("{} partitions, {} readers of {}", partitions, readers, read.size());
}

std::string Scenario::WhyUnread(const SimMember& member) const {
  const std::string who = fmt::format("process {}", member.options().process);
  if (!member.is_stable()) return who + " joins";
  if (member.generation() != world_.stored.generation) return who + " has an older generation";
  const bool is_known = std::ranges::any_of(world_.stored.members, [&](const auto& stored) {
    return stored.member.member_id == member.member_id();
  });
  if (!is_known) return who + " is fenced and does not know";
  const auto& topics = member.options().topics;
  for (const core::TopicPartition& partition : member.Reading()) {
    if (std::ranges::find(topics, partition.topic) == topics.end()) {
      return who + " reads what it did not subscribe to";
    }
  }
  return "";
}

}  // namespace lanemq::simulation
