// Dead letters given back: each once, though the broker that does it is killed.
#include <iostream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/failures/failures_test_fixture.h"

namespace lanemq::failures {
namespace {

using checker::FailureEventKind;
using std::chrono_literals::operator""s;
using testing::WaitFor;

constexpr std::int64_t kLetters = 10'000;

class RedriveTest : public FailuresTest {
 protected:
  std::int64_t Moved() {
    return rig_->Ask("SELECT IFNULL(SUM(moved), 0) FROM {node}.redrive_jobs");
  }
  std::int64_t Dead() { return rig_->Ask("SELECT COUNT(*) FROM {node}.dead_letters"); }
};

TEST_P(RedriveTest, TenThousandWithTheBrokerThatDoesItKilledInTheMiddle) {
  ASSERT_NO_FATAL_FAILURE(StartCluster({}, 4));
  if (IsSkipped()) return;
  Start("fails", {.retry_per_mille = 0, .fatal_per_mille = 1'000, .flags = {"--order=none"}});
  std::vector<TestMessage> messages;
  for (std::int64_t i = 0; i < kLetters; ++i) {
    messages.push_back(
        {.partition = static_cast<std::int32_t>(i % 4), .key = fmt::format("k{}", i % 50)});
  }
  Send(messages);
  ASSERT_TRUE(WaitUntilFinished());
  ASSERT_EQ(rig_->Stop("fails"), 0);
  ASSERT_EQ(Dead(), kLetters);

  Start("works", {.retry_per_mille = 0, .fatal_per_mille = 0});
  // For five seconds: there is time to find the broker that does it, and to kill it.
  const Status asked = rig_->Redrive(2'000);
  ASSERT_TRUE(asked.ok()) << asked.error().ToString();
  ASSERT_TRUE(WaitFor([&] { return Moved() > 500; }, 20s, "the redrive is under way"));
  const int holder = WaitForDutyHolder();
  ASSERT_GE(holder, 0);
  cluster_->KillBroker(holder);
  const std::int64_t moved = Moved();
  EXPECT_LT(moved, kLetters) << "killed too late";
  const Status again = cluster_->StartBroker(holder);
  ASSERT_TRUE(again.ok()) << again.error().ToString();
  ASSERT_TRUE(WaitFor([&] { return rig_->IsRedriven(); }, 60s, "the redrive is done"));
  EXPECT_EQ(Moved(), kLetters);
  std::cout << fmt::format("broker {} was killed after {} letters\n", holder + 1, moved);
  const checker::FailureReport report = Finish();
  EXPECT_EQ(report.done, kLetters);
  EXPECT_EQ(report.dead, 0);
}

INSTANTIATE_TEST_SUITE_P(Engines, RedriveTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::failures
