// Records that kill, hang or upset whoever handles them.
#include <iostream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/failures/failures_test_fixture.h"

namespace lanemq::failures {
namespace {

using checker::FailureEventKind;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::WaitFor;

class PoisonTest : public FailuresTest {
 protected:
  // `count` good records in each partition, with one that does `act` in the middle of the first.
  void SendAround(const std::string& act, int count) {
    std::vector<TestMessage> messages;
    for (int i = 0; i < count; ++i) {
      if (i == count / 2) messages.push_back({.partition = 0, .key = "poison", .act = act});
      for (std::int32_t p = 0; p < rig_->partitions(); ++p) {
        messages.push_back({.partition = p, .key = fmt::format("k{}", i % 10), .act = "ok"});
      }
    }
    Send(messages);
  }
  std::string ReasonOfTheOnlyLetter() {
    const auto history = rig_->Case();
    if (!history.ok() || history->tables.dead.size() != 1) return "not one dead letter";
    return history->tables.dead.begin()->second.reason;
  }
};

TEST_P(PoisonTest, ARecordThatKillsItsProcessBecomesADeadLetterAndTheOthersGoOn) {
  ASSERT_NO_FATAL_FAILURE(StartCluster({}, 2));
  if (IsSkipped()) return;
  SetPolicy(3, {50});
  // Static members: whoever comes back has its partitions at once.
  const auto options = [](const std::string& name) {
    return WorkerOptions{.flags = {"--instance-id=" + name, "--order=partition"}};
  };
  SendAround("kill", 20);
  for (const std::string name : {"a", "b"}) Start(name, options(name));
  int deaths = 0;
  ASSERT_TRUE(WaitFor(
      [&] {
        for (const std::string name : {"a", "b"}) {
          if (rig_->IsRunning(name)) continue;
          ++deaths;
          Start(name, options(name));
        }
        return rig_->IsFinished();
      },
      50s, "the poison to be a dead letter"));
  std::cout << fmt::format("it killed {} processes\n", deaths);
  EXPECT_GE(deaths, 3) << "given up before the limit";
  EXPECT_LE(deaths, 12) << "found out too late";
  const checker::FailureReport report = Finish({.attempts_max = 3});
  EXPECT_EQ(report.dead, 1);
  EXPECT_EQ(report.done, 40);
}

TEST_P(PoisonTest, AHandlerThatHangsIsTimedOut) {
  ASSERT_NO_FATAL_FAILURE(StartCluster({.brokers = 1}, 2));
  if (IsSkipped()) return;
  SetPolicy(2, {50});
  Start("w", {.flags = {"--handler-timeout-ms=1000", "--order=key"}});
  SendAround("hang", 100);
  ASSERT_TRUE(WaitUntilFinished());
  EXPECT_EQ(rig_->CountOf(FailureEventKind::kGone), 2) << "both attempts";
  EXPECT_EQ(ReasonOfTheOnlyLetter(), "timeout");
  const checker::FailureReport report = Finish({.attempts_max = 2});
  EXPECT_EQ(report.done, 200);
}

TEST_P(PoisonTest, AnExceptionIsAnAttempt) {
  ASSERT_NO_FATAL_FAILURE(StartCluster({.brokers = 1}, 2));
  if (IsSkipped()) return;
  SetPolicy(3, {50});
  Start("w");
  SendAround("throw", 100);
  ASSERT_TRUE(WaitUntilFinished());
  EXPECT_EQ(rig_->CountOf(FailureEventKind::kGone), 3);
  EXPECT_EQ(ReasonOfTheOnlyLetter(), "exception");
  const checker::FailureReport report = Finish({.attempts_max = 3});
  EXPECT_EQ(report.done, 200);
}

// A partition where everything fails: what is new is delivered all the same.
TEST_P(PoisonTest, AStormOfFailuresDoesNotStarveNewMessages) {
  ASSERT_NO_FATAL_FAILURE(StartCluster({.brokers = 1}, 1));
  if (IsSkipped()) return;
  SetPolicy(1'000, {1});  // They are due again at once, and for longer than the test looks.
  Start("w", {.flags = {"--order=none"}});
  Send(std::vector<TestMessage>(500, {.act = "retry"}));
  ASSERT_TRUE(WaitFor([&] { return rig_->CountOf(FailureEventKind::kRetry) > 1'000; }, 30s,
                      "the storm blows"));
  for (int round = 1; round <= 5; ++round) {
    Send(std::vector<TestMessage>(20, {.act = "ok"}));
    ASSERT_TRUE(WaitFor([&] { return rig_->CountOf(FailureEventKind::kOk) == round * 20; }, 10s,
                        "new messages within 10 s"));
  }
  EXPECT_EQ(rig_->Ask("SELECT COUNT(*) FROM {node}.retry_messages"), 500) << "it blows no more";
  const checker::FailureReport report = rig_->Check({.is_finished = false, .attempts_max = 1'000});
  EXPECT_TRUE(report.ok()) << report.ToString();
  // The way out of a storm: a policy that gives up.
  SetPolicy(1, {});
  EXPECT_EQ(Finish({.attempts_max = 1'000}).dead, 500);
}

INSTANTIATE_TEST_SUITE_P(Engines, PoisonTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::failures
