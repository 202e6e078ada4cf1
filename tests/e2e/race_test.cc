#include <iostream>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/base/random.h"
#include "tests/checker/checker.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/workload.h"
#include "tests/support/wait_for.h"

namespace lanemq::e2e {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::Engine;

// Eight producers write the same partitions through two brokers while readers read: what the
// storage protocol promises, on real servers, calm and while things break.
class RaceTest : public ::testing::TestWithParam<Engine> {
 protected:
  void StartCluster(ClusterOptions options) {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    options.engine = GetParam();
    options.seed = seed_;
    auto started = Cluster::Start(std::move(options));
    ASSERT_TRUE(started.ok()) << started.error().ToString();
    cluster_ = std::move(started).value();
    auto topic = cluster_->CreateTopic("race", 2);
    ASSERT_TRUE(topic.ok()) << topic.error().ToString();
    workload_ = std::make_unique<Workload>(*cluster_, *topic, history_,
                                           WorkloadOptions{.partitions = 2, .seed = seed_});
    workload_->Start();
  }
  // Ends the run and judges it. `acked_min`: a dead system must not pass, a slow one takes longer.
  void Judge(std::int64_t acked_min) {
    EXPECT_TRUE(testing::WaitFor([&] { return workload_->acked() > acked_min; }, 60s,
                                 "enough messages to judge by"));
    const Status finished = workload_->Finish();
    EXPECT_TRUE(finished.ok()) << finished.error().ToString();
    const checker::Report report = checker::Check(history_);
    EXPECT_TRUE(report.ok()) << report.ToString();
    EXPECT_GT(report.acked, acked_min);
    EXPECT_EQ(report.unknown, 0) << "every send gets a final answer in the end";
    std::cout << fmt::format("{}repeated requests {}, seed {}\n", report.ToString(),
                             workload_->retries(), seed_);
  }

  const std::uint64_t seed_ = static_cast<std::uint64_t>(Random::FromSystem().PositiveId());
  checker::History history_;
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<Workload> workload_;
  StopSignal never_;  // For pauses of the story.
};

TEST_P(RaceTest, Calm) {
  ASSERT_NO_FATAL_FAILURE(StartCluster({}));
  if (IsSkipped()) return;
  never_.WaitFor(8s);
  Judge(1'000);
}

TEST_P(RaceTest, BrokersAreKilledAndComeBack) {
  ASSERT_NO_FATAL_FAILURE(StartCluster({}));
  if (IsSkipped()) return;
  int kills = 0;
  const SystemClock& clock = SystemClock::Instance();
  const Deadline end = Deadline::After(clock, 12s);
  for (; kills < 3 || !end.HasPassed(clock); ++kills) {
    never_.WaitFor(2s);
    const std::int64_t before = workload_->acked();
    cluster_->KillBroker(kills % 2);
    // The other broker takes over at once.
    ASSERT_TRUE(testing::WaitFor([&] { return workload_->acked() > before + 20; }, 20s,
                                 "progress through the other broker"));
    const Status started = cluster_->StartBroker(kills % 2);
    ASSERT_TRUE(started.ok()) << started.error().ToString();
  }
  Judge(500);
  EXPECT_GT(workload_->retries(), 0) << "nobody noticed the kills";
}

TEST_P(RaceTest, ConnectionsToTheDatabaseAreCut) {
  ASSERT_NO_FATAL_FAILURE(StartCluster({.is_data_node_proxied = true}));
  if (IsSkipped()) return;
  chaos::ChaosProxy& proxy = *cluster_->data_proxy();
  const SystemClock& clock = SystemClock::Instance();
  const Deadline end = Deadline::After(clock, 10s);
  const Deadline last = Deadline::After(clock, 60s);
  // On a slow machine fewer chunks pass, of which so many are cut.
  const auto is_enough = [&] {
    const chaos::ChaosStats stats = proxy.Stats();
    return stats.before_reply > 5 && stats.cuts() > 20;
  };
  while (!end.HasPassed(clock) || (!is_enough() && !last.HasPassed(clock))) {
    proxy.SetCuts({.before_request = 0.002,
                   .inside_request = 0.002,
                   .before_reply = 0.01,
                   .inside_reply = 0.002});
    never_.WaitFor(700ms);
    proxy.SetCuts({});
    proxy.CutAll();
    never_.WaitFor(300ms);
  }
  const chaos::ChaosStats stats = proxy.Stats();
  EXPECT_GT(stats.before_reply, 5) << "too few cuts between execution and reply";
  EXPECT_GT(stats.cuts(), 20);
  Judge(300);
  std::cout << fmt::format(
      "cuts: {} before a request, {} inside one, {} before a reply, {} inside one, {} at once\n",
      stats.before_request, stats.inside_request, stats.before_reply, stats.inside_reply,
      stats.cut_all);
}

INSTANTIATE_TEST_SUITE_P(Engines, RaceTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::e2e
