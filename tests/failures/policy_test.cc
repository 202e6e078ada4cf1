// What a policy says holds at once; in blocking order nothing overtakes a record that failed.
#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/failures/failures_test_fixture.h"

namespace lanemq::failures {
namespace {

using checker::FailureEventKind;
using checker::KeptOrder;
using std::chrono_literals::operator""s;
using testing::WaitFor;

class PolicyTest : public FailuresTest {
 protected:
  // One record that always fails: with how many attempts it ended as a dead letter.
  int AttemptsOfAFailure() {
    const std::int64_t before = rig_->CountOf(FailureEventKind::kDeliver);
    Send({{.act = "retry"}});
    EXPECT_TRUE(WaitUntilFinished());
    return static_cast<int>(rig_->CountOf(FailureEventKind::kDeliver) - before);
  }
  // From an answer to the next delivery of that record, in microseconds.
  std::int64_t ShortestWaitOf(std::int64_t offset) {
    std::int64_t shortest = std::numeric_limits<std::int64_t>::max();
    std::int64_t failed_at = 0;
    const auto logs = rig_->Logs();
    for (const auto& event : logs.front().events) {
      if (event.offset != offset) continue;
      if (event.kind == FailureEventKind::kDeliver && failed_at != 0) {
        shortest = std::min(shortest, event.at_us - failed_at);
      }
      failed_at = event.kind == FailureEventKind::kRetry ? event.at_us : 0;
    }
    EXPECT_LT(shortest, 60'000'000) << "it was never tried again";
    return shortest;
  }
};

TEST_P(PolicyTest, AChangeHoldsWithoutARestart) {
  // One broker: others know of a change after a second.
  ASSERT_NO_FATAL_FAILURE(StartCluster({.brokers = 1}, 1));
  if (IsSkipped()) return;
  Start("w", {.retry_per_mille = 0, .fatal_per_mille = 0});
  SetPolicy(2, {50});
  EXPECT_EQ(AttemptsOfAFailure(), 2);
  SetPolicy(5, {20});
  EXPECT_EQ(AttemptsOfAFailure(), 5);
  SetPolicy(5, {20}, {"busy"});
  EXPECT_EQ(AttemptsOfAFailure(), 1) << "its reason is fatal now";
  SetPolicy(3, {400});
  EXPECT_EQ(AttemptsOfAFailure(), 3);
  EXPECT_GE(ShortestWaitOf(4), 400'000) << "it waited as the newest policy says";
  const checker::FailureReport report = Finish({.attempts_max = 5, .retry_wait_min_us = 20'000});
  EXPECT_EQ(report.dead, 4);
  EXPECT_EQ(rig_->CountOf(FailureEventKind::kStart), 1) << "nobody was restarted";
}

class BlockingTest : public FailuresTest {
 protected:
  void RunInOrder(const std::string& order, KeptOrder kept) {
    ASSERT_NO_FATAL_FAILURE(StartCluster({}, 4));
    if (IsSkipped()) return;
    SetPolicy(16, {5, 10, 20});
    const WorkerOptions options{.retry_per_mille = 200,
                                .flags = {"--blocking", "--order=" + order, "--threads=8"}};
    Start("a", options);
    Start("b", options);
    rig_->StartWriting(200);
    ASSERT_TRUE(WaitFor([&] { return rig_->CountOf(FailureEventKind::kOk) > 200; }, 30s, "work"));
    rig_->Kill("a");
    Start("a", options);
    ASSERT_TRUE(WaitFor([&] { return rig_->CountOf(FailureEventKind::kOk) > 1'000; }, 40s, "work"));
    ASSERT_TRUE(rig_->StopWriting().ok());
    const checker::FailureReport report = Finish({.order = kept});
    EXPECT_GT(report.attempts_max, 1) << "no retry: the run shows nothing";
    EXPECT_GT(report.dead, 0);
  }
};

TEST_P(BlockingTest, KeysKeepTheirOrderAcrossRetries) { RunInOrder("key", KeptOrder::kKey); }
TEST_P(BlockingTest, PartitionsKeepTheirOrderAcrossRetries) {
  RunInOrder("partition", KeptOrder::kPartition);
}

INSTANTIATE_TEST_SUITE_P(Engines, PolicyTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });
INSTANTIATE_TEST_SUITE_P(Engines, BlockingTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::failures
