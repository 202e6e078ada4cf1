// Every message in exactly one place at every instant, whatever is killed.
#include <iostream>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/base/random.h"
#include "tests/failures/failures_test_fixture.h"

namespace lanemq::failures {
namespace {

using checker::FailureEventKind;
using checker::FailureRule;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::WaitFor;

class FailureChaosTest : public FailuresTest {
 protected:
  // Tables of this instant against everything that handlers had answered by then.
  void CheckInstant() {
    const checker::FailureReport report = rig_->Check({.is_finished = false});
    ASSERT_TRUE(report.ok()) << report.ToString();
  }
  void KillWorker(int index) {
    const std::string name = fmt::format("w{}", index);
    rig_->Kill(name);
    Start(name, worker_);
  }
  void KillBroker(int index) {
    cluster_->KillBroker(index);
    never_.WaitFor(300ms);
    const Status started = cluster_->StartBroker(index);
    ASSERT_TRUE(started.ok()) << started.error().ToString();
  }
  void KillDatabase() {
    cluster_->data_server().Kill();
    never_.WaitFor(300ms);
    const Status started = cluster_->data_server().StartAgain();
    ASSERT_TRUE(started.ok()) << started.error().ToString();
  }
  ::testing::AssertionResult WaitForProgress(std::int64_t more) {
    const std::int64_t before = rig_->CountOf(FailureEventKind::kOk);
    return WaitFor([&] { return rig_->CountOf(FailureEventKind::kOk) >= before + more; }, 30s,
                   "more records done");
  }

  const std::uint64_t seed_ = static_cast<std::uint64_t>(Random::FromSystem().PositiveId());
  WorkerOptions worker_;
};

TEST_P(FailureChaosTest, NothingIsLostOrDoubledWhenWorkersBrokersAndTheDatabaseAreKilled) {
  ASSERT_NO_FATAL_FAILURE(StartCluster({.has_own_data_server = true}, 4));
  if (IsSkipped()) return;
  cluster_->ExpectErrors("");  // Everything complains about killed neighbours.
  SetPolicy(16, {50, 100, 200});
  for (int i = 0; i < 3; ++i) Start(fmt::format("w{}", i), worker_);
  rig_->StartWriting(200);
  ASSERT_TRUE(WaitForProgress(100));

  std::mt19937_64 random(seed_);
  std::string story = "wwwbbdwd";
  std::shuffle(story.begin(), story.end(), random);
  std::cout << "killed, in order: " << story << ", seed " << seed_ << "\n";
  for (const char victim : story) {
    if (victim == 'w') KillWorker(static_cast<int>(random() % 3));
    if (victim == 'b') KillBroker(static_cast<int>(random() % 2));
    if (victim == 'd') KillDatabase();
    if (HasFatalFailure()) return;
    ASSERT_TRUE(WaitForProgress(30)) << "after " << victim;
    ASSERT_NO_FATAL_FAILURE(CheckInstant());
  }
  const Status written = rig_->StopWriting();
  EXPECT_TRUE(written.ok()) << written.error().ToString();
  const checker::FailureReport report = Finish();
  EXPECT_EQ(report.done + report.dead, report.sent) << "acknowledged: done or dead";
  EXPECT_GT(report.sent, 500);
  EXPECT_GT(report.dead, 0) << "no fatal failure: the run shows nothing";
  EXPECT_GT(report.attempts_max, 1) << "no retry: the run shows nothing";
}

// The same promises for applications without a runner.
TEST_P(FailureChaosTest, ConsumersThatFailRecordsThemselvesAreKilled) {
  ASSERT_NO_FATAL_FAILURE(StartCluster({}, 4));
  if (IsSkipped()) return;
  SetPolicy(16, {50, 100, 200});
  worker_.flags.emplace_back("--consumer");
  for (int i = 0; i < 2; ++i) Start(fmt::format("w{}", i), worker_);
  rig_->StartWriting(200);
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(WaitForProgress(200));
    KillWorker(i % 2);
    ASSERT_NO_FATAL_FAILURE(CheckInstant());
  }
  const Status written = rig_->StopWriting();
  EXPECT_TRUE(written.ok()) << written.error().ToString();
  const checker::FailureReport report = Finish();
  EXPECT_EQ(report.done + report.dead, report.sent);
  EXPECT_GT(report.dead, 0);
  EXPECT_GT(report.attempts_max, 1);
}

// The checker must find what a careless worker does, on the real system.
TEST_P(FailureChaosTest, AWorkerThatCommitsWithoutSettlingIsConvicted) {
  ASSERT_NO_FATAL_FAILURE(StartCluster({.brokers = 1}, 2));
  if (IsSkipped()) return;
  Start("careless", {.flags = {"--careless"}});
  std::vector<TestMessage> messages;
  for (int i = 0; i < 300; ++i) messages.push_back({.partition = i % 2});
  messages.push_back({.act = "dead"});
  messages.push_back({.act = "retry:1"});
  messages.push_back({});
  Send(messages);
  ASSERT_TRUE(WaitUntilFinished());
  rig_->StopAll();
  const checker::FailureReport report = rig_->Check({});
  EXPECT_TRUE(report.broken.contains(FailureRule::kDeadMissing)) << report.ToString();
  EXPECT_TRUE(report.broken.contains(FailureRule::kNowhere)) << report.ToString();
}

INSTANTIATE_TEST_SUITE_P(Engines, FailureChaosTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::failures
