#include <vector>

#include <benchmark/benchmark.h>

#include "common/core/lag/lag_evaluator.h"

namespace lanemq::core {
namespace {

/// A round of 10,000 partitions, 5 s after the one before, all lagging a little.
void BM_JudgeRound(benchmark::State& state) {
  constexpr std::size_t kPartitions = 10'000;
  std::vector<LagTrack> tracks(kPartitions);
  LagSample sample{.group = "billing", .key = {TopicId{1}, 0}, .committed = Offset{1'000}};
  const LagObjective objective;
  WallTime at{1'800'000'000'000'000};
  for (auto _ : state) {
    at.micros += 5'000'000;
    sample.committed = Offset{sample.committed.value + 10};
    sample.end = Offset{sample.committed.value + 30};
    sample.committed_at = sample.oldest_unread.emplace(at.micros - 2'000'000);
    for (LagTrack& track : tracks) {
      benchmark::DoNotOptimize(Judge(track, sample, at, objective, false));
    }
  }
  state.SetItemsProcessed(state.iterations() * std::ssize(tracks));
}
BENCHMARK(BM_JudgeRound);

void BM_SaveTrack(benchmark::State& state) {
  LagTrack track;
  LagSample sample{.committed = Offset{123'456}, .end = Offset{123'789}};
  sample.oldest_unread = WallTime{1'800'000'000'000'000};
  const WallTime at{1'800'000'012'345'678};
  benchmark::DoNotOptimize(Judge(track, sample, at, {}, false));
  for (auto _ : state) benchmark::DoNotOptimize(SaveTrack(track));
  state.counters["bytes"] = static_cast<double>(SaveTrack(track).size());
}
BENCHMARK(BM_SaveTrack);

}  // namespace
}  // namespace lanemq::core

BENCHMARK_MAIN();
