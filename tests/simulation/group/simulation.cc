#include "tests/simulation/group/simulation.h"

#include <functional>

#include <fmt/format.h>

#include "tests/simulation/group/sim_scenario.h"

namespace lanemq::simulation {
namespace {

constexpr seconds kQuietTime{40};  // Longer than session and rebalance timeout together.

/// False: it did not, which is reported. Settled is what stays so for a session timeout: until then
/// heartbeats that were lost before the faults ended may count.
bool Settle(World& world, const Scenario& scenario, SimResult& result) {
  std::string why = "not yet";
  MonotonicTime since = world.now;
  core::Generation generation;
  const MonotonicTime start = world.now;
  while (!why.empty() || world.now - since < kSessionTimeout) {
    if (world.now - start > kSettleBound) {
      world.checker.Report(world.now, "convergence", why);
      return false;
    }
    world.RunUntil(world.now + seconds(1));
    why = scenario.WhyUnsettled();
    if (why.empty() && generation == world.stored.generation) continue;
    generation = world.stored.generation;
    since = world.now;
  }
  result.settled_after = std::chrono::duration_cast<seconds>(since - start);
  return true;
}

/// Reports unless the group goes on as if nothing had happened. What `disturb` itself revokes does
/// not count.
void ExpectQuiet(World& world, const Scenario& scenario, const std::string& what,
                 const std::function<void()>& disturb) {
  const core::Generation generation = world.stored.generation;
  disturb();
  const int revocations = world.revocations;
  world.RunUntil(world.now + kQuietTime);
  if (world.stored.generation != generation) {
    world.checker.Report(world.now, "needless rebalance",
                         fmt::format("{}: generation {} becomes {} ({})", what, generation.value,
                                     world.stored.generation.value, world.stored.reason));
  } else if (world.revocations != revocations) {
    world.checker.Report(world.now, "needless rebalance",
                         fmt::format("{}: {} revocations", what, world.revocations - revocations));
  } else if (const std::string why = scenario.WhyUnsettled(); !why.empty()) {
    world.checker.Report(world.now, "needless rebalance", fmt::format("{}: {}", what, why));
  }
}

void RestartStatic(World& world, Scenario& scenario) {
  for (SimMember* member : scenario.Running()) {
    if (member->options().instance_id.empty()) continue;
    member->Kill();
    world.RunUntil(world.now + world.Between(milliseconds(100), milliseconds(6'000)));
    scenario.StartMember(member->options().instance_id, member->options().topics);
    return;
  }
}

}  // namespace

SimResult RunSimulation(std::uint64_t seed, Defect defect, bool is_traced) {
  World world(seed, defect, is_traced);
  Scenario scenario(world);
  SimResult result;
  scenario.RunFaults();
  scenario.EndFaults();
  if (Settle(world, scenario, result)) {
    ExpectQuiet(world, scenario, "coordinator crash", [&] {
      const bool is_crash = world.OneIn(0.5);
      scenario.TakeOver(world.Between(milliseconds(1), seconds(6)),
                        is_crash ? Scenario::Handover::kCrash : Scenario::Handover::kOrderly);
    });
    if (world.checker.violations().empty()) {
      ExpectQuiet(world, scenario, "static restart", [&] { RestartStatic(world, scenario); });
    }
  }
  result.violations = world.checker.violations();
  result.counts = world.counts;
  result.generations = world.stored.generation.value;
  result.digest = world.random.Below(~std::uint64_t{0}) ^ world.counts.events;
  return result;
}

}  // namespace lanemq::simulation
