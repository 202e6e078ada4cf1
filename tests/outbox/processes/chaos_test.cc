// Committed if and only if published, once and in order, whatever is killed.
#include <algorithm>
#include <iostream>
#include <random>

#include <fmt/format.h>

#include "common/base/random.h"
#include "tests/outbox/processes/outbox_rig.h"

namespace lanemq::outbox_testing {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::WaitFor;

constexpr const char* kTopic = "orders";

class OutboxChaosTest : public OutboxProcessTest {
 protected:
  ::testing::AssertionResult WaitForProgress(std::int64_t more) {
    const std::int64_t before = rig_->CountOf(kTopic);
    return WaitFor([&] { return rig_->CountOf(kTopic) >= before + more; }, 30s,
                   "more messages in the topic");
  }
  void StartApp() {
    ExpectOk(rig_->StartApp(kTopic, {fmt::format("--seed={}", seed_ + ++lives_)}));
  }

  void Strike(char victim) {
    const int which = static_cast<int>(random_() % 2);
    const std::string relay = fmt::format("relay{}", which);
    switch (victim) {
      case 'r':
        rig_->relay(relay).Kill();
        // Sometimes for longer than its lease.
        Pause(random_() % 3 == 0 ? 2'500 : 300);
        return StartRelay(relay);
      case 'b':
        rig_->cluster().KillBroker(which);
        Pause(300);
        return ExpectOk(rig_->cluster().StartBroker(which));
      case 'd':
        rig_->business().Kill();
        Pause(300);
        return ExpectOk(rig_->business().StartAgain());
      default:
        rig_->app().Kill();
        Pause(300);
        return StartApp();
    }
  }
  void Pause(int ms) { never_.WaitFor(std::chrono::milliseconds(ms)); }

  const std::uint64_t seed_ = Random::FromSystem().Below(1'000'000'000);
  std::mt19937_64 random_{seed_};
  std::uint64_t lives_ = 0;
};

TEST_P(OutboxChaosTest, CommittedMeansPublishedOnceWhenEverythingIsKilled) {
  ASSERT_NO_FATAL_FAILURE(StartRig(
      {.has_own_business_server = true, .relay_flags = {"--lease-ttl=2s"}, .is_rough = true}));
  if (IsSkipped()) return;
  ASSERT_NO_FATAL_FAILURE(CreateTopic({.name = kTopic, .partitions = 4}));
  for (const char* relay : {"relay0", "relay1"}) ASSERT_NO_FATAL_FAILURE(StartRelay(relay));
  ASSERT_NO_FATAL_FAILURE(StartApp());
  ASSERT_TRUE(WaitForProgress(100));

  std::string story = "rrrrrbbddaa";
  std::shuffle(story.begin(), story.end(), random_);
  std::cout << "killed, in order: " << story << ", seed " << seed_ << "\n";
  for (const char victim : story) {
    ASSERT_NO_FATAL_FAILURE(Strike(victim)) << victim;
    ASSERT_TRUE(WaitForProgress(30)) << "after " << victim;
  }
  // On a slow machine the story is over before much has happened.
  EXPECT_TRUE(WaitFor([&] { return rig_->Number("SELECT COUNT(*) FROM done") > 800; }, 60s,
                      "transactions enough to judge by"));
  const OutboxReport report = rig_->Finish(kTopic);
  EXPECT_GT(report.committed, 500);
  EXPECT_GT(report.rolled_back, 20) << "the run shows nothing";
  EXPECT_GT(report.unknown, 0) << "nobody was killed in a transaction: the run shows nothing";
  EXPECT_GT(report.keyless, 20);
  EXPECT_GT(report.delayed, 20);
}

INSTANTIATE_TEST_SUITE_P(Engines, OutboxChaosTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::outbox_testing
