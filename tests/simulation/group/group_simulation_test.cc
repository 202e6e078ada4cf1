#include <algorithm>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulation/group/simulation.h"

namespace lanemq::simulation {
namespace {

using ::testing::IsEmpty;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)  // GCC; that is what ours use.
constexpr std::uint64_t kSeeds = 150;
#else
constexpr std::uint64_t kSeeds = 5'000;
#endif

struct Options {
  std::optional<std::uint64_t> replayed;
  std::uint64_t seeds = kSeeds;
};

Options& TheOptions() {
  static Options options;
  return options;
}

TEST(GroupSimulation, KeepsItsPromises) {
  const std::optional<std::uint64_t> replayed = TheOptions().replayed;
  const std::uint64_t first = replayed.value_or(1);
  const std::uint64_t count = replayed ? 1 : TheOptions().seeds;
  SimCounts sum;
  constexpr int kFailuresMax = 10;
  int failures = 0;
  std::int64_t generations = 0;
  seconds slowest{0};
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const SimResult run = RunSimulation(seed, Defect::kNone, replayed.has_value());
    EXPECT_THAT(run.violations, IsEmpty()) << "replay with --seed=" << seed;
    if (!run.violations.empty() && ++failures == kFailuresMax) return;
    sum.events += run.counts.events;
    sum.commits += run.counts.commits;
    sum.refused_commits += run.counts.refused_commits;
    sum.refused_claims += run.counts.refused_claims;
    sum.fenced_writes += run.counts.fenced_writes;
    sum.fenced_instances += run.counts.fenced_instances;
    sum.takeovers += run.counts.takeovers;
    generations += run.generations;
    slowest = std::max(slowest, run.settled_after);
  }
  fmt::print(
      "{} seeds: {} events, {} generations, {} commits, refused: {} commits, {} claims; fenced: {} "
      "writes of {} former coordinators, {} instances; settled within {} s\n",
      count, sum.events, generations, sum.commits, sum.refused_commits, sum.refused_claims,
      sum.fenced_writes, sum.takeovers, sum.fenced_instances, slowest.count());
  if (replayed) return;
  // Promises nobody tried to break prove nothing.
  EXPECT_GT(sum.refused_commits, count / 10);
  EXPECT_GT(sum.refused_claims, count / 100);
  EXPECT_GT(sum.fenced_writes, count / 10);
  EXPECT_GT(sum.fenced_instances, count / 10);
}

TEST(GroupSimulation, OneSeedIsOneRun) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const SimResult run = RunSimulation(seed, Defect::kNone, false);
    EXPECT_EQ(RunSimulation(seed, Defect::kNone, false).digest, run.digest) << "seed " << seed;
    EXPECT_NE(RunSimulation(seed + 1, Defect::kNone, false).digest, run.digest) << "seed " << seed;
  }
}

struct Conviction {
  std::string name;
  Defect defect = Defect::kNone;
  std::string rule;  // One that must find it.
};

void PrintTo(const Conviction& conviction, std::ostream* out) { *out << conviction.name; }

class GroupSimulationDefect : public ::testing::TestWithParam<Conviction> {};

TEST_P(GroupSimulationDefect, IsConvicted) {
  constexpr std::uint64_t kSeedsMax = 300;
  for (std::uint64_t seed = 1; seed <= kSeedsMax; ++seed) {
    const SimResult run = RunSimulation(seed, GetParam().defect, false);
    for (const std::string& violation : run.violations) {
      if (violation.find(": " + GetParam().rule + ": ") == std::string::npos) continue;
      fmt::print("seed {}: {}\n", seed, violation);
      return;
    }
  }
  FAIL() << "no seed up to " << kSeedsMax << " breaks the rule " << GetParam().rule;
}

INSTANTIATE_TEST_SUITE_P(
    Defects, GroupSimulationDefect,
    ::testing::Values(
        Conviction{"RowsIgnoreGeneration", Defect::kRowsIgnoreGeneration, "fencing"},
        Conviction{"RowsIgnoreMember", Defect::kRowsIgnoreMember, "fencing"},
        Conviction{"RowsUnfenced", Defect::kRowsUnfenced, "monotone"},
        Conviction{"RevealBeforeDurable", Defect::kRevealBeforeDurable, "single owner"},
        Conviction{"CoordinatorsUnfenced", Defect::kCoordinatorsUnfenced, "single owner"},
        Conviction{"TakeoverRebalances", Defect::kTakeoverRebalances, "needless rebalance"},
        Conviction{"NobodyExpires", Defect::kNobodyExpires, "convergence"}),
    [](const auto& param_info) { return param_info.param.name; });

}  // namespace
}  // namespace lanemq::simulation

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  auto& options = lanemq::simulation::TheOptions();
  CLI::App app{"Consumer groups under simulated faults"};
  app.add_option("--seed", options.replayed, "Replay this one and tell what happens in it");
  app.add_option("--seeds", options.seeds, "How many to try, from 1")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return RUN_ALL_TESTS();
}
