#include "client/src/cluster/broker_health.h"

#include <gtest/gtest.h>

#include "common/core/placement/preferred_broker.h"

namespace lanemq::client {
namespace {

using core::BrokerId;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

class BrokerHealthTest : public ::testing::Test {
 protected:
  BrokerHealthTest() {
    for (int id = 1; id <= 3; ++id) {
      core::Broker& broker = brokers.emplace_back();
      broker.id = BrokerId{id};
    }
  }
  BrokerHealth health;
  std::vector<core::Broker> brokers;
  core::PartitionKey key{core::TopicId{5}, 2};
  MonotonicTime now{10s};
};

TEST_F(BrokerHealthTest, ThePreferredBrokerIsUsedWhileItWorks) {
  EXPECT_EQ(health.Choose(key, BrokerId{2}, brokers, now), BrokerId{2});
}

TEST_F(BrokerHealthTest, AFailedBrokerIsReplacedByTheOneEverybodyElseMovesTo) {
  health.OnFailure(BrokerId{2}, now);
  std::vector<core::Broker> rest = brokers;
  std::erase_if(rest, [](const core::Broker& broker) { return broker.id == BrokerId{2}; });
  EXPECT_EQ(health.Choose(key, BrokerId{2}, brokers, now), core::PreferredBroker(key, rest));
}

TEST_F(BrokerHealthTest, AfterThePauseOneCallTriesAndSuccessClosesTheCircuit) {
  health.OnFailure(BrokerId{2}, now);
  EXPECT_FALSE(health.TryUse(BrokerId{2}, now + 99ms));
  EXPECT_TRUE(health.TryUse(BrokerId{2}, now + 100ms)) << "half open";
  EXPECT_FALSE(health.TryUse(BrokerId{2}, now + 101ms)) << "one trial at a time";
  health.OnSuccess(BrokerId{2});
  EXPECT_TRUE(health.TryUse(BrokerId{2}, now + 102ms));
}

TEST_F(BrokerHealthTest, PausesDoubleUpToTheMaximumAndCallsThatFailTogetherCountOnce) {
  health.OnFailure(BrokerId{2}, now);
  health.OnFailure(BrokerId{2}, now + 1ms);
  EXPECT_TRUE(health.TryUse(BrokerId{2}, now + 101ms));
  health.OnFailure(BrokerId{2}, now + 201ms);
  EXPECT_FALSE(health.TryUse(BrokerId{2}, now + 400ms));
  EXPECT_TRUE(health.TryUse(BrokerId{2}, now + 401ms));
  for (int i = 0; i < 20; ++i) {
    now = now + 10s;
    health.OnFailure(BrokerId{2}, now);
  }
  EXPECT_TRUE(health.TryUse(BrokerId{2}, now + 2s));
}

TEST_F(BrokerHealthTest, ATrialThatFailsCountsSoThatACallerWhoComesSeldomGoesElsewhere) {
  // Broker 3 is dead; 1 and 2 lost an answer once and are fine. A caller with one call in a second,
  // longer than the first pauses, must not spend all of them on 3.
  for (int id = 1; id <= 3; ++id) health.OnFailure(BrokerId{id}, now);
  int calls = 0;
  for (; calls < 20; ++calls) {
    now = now + 1s;
    const auto chosen = health.Choose(key, BrokerId{3}, brokers, now);
    ASSERT_TRUE(chosen.has_value());
    if (*chosen != BrokerId{3}) break;
    health.OnFailure(*chosen, now + 1ms);
  }
  EXPECT_LE(calls, 6);
}

TEST_F(BrokerHealthTest, WhenAllFailTheOneThatWaitedLongestIsTried) {
  health.OnFailure(BrokerId{1}, now + 5ms);
  health.OnFailure(BrokerId{2}, now);
  health.OnFailure(BrokerId{3}, now + 9ms);
  EXPECT_EQ(health.Choose(key, BrokerId{3}, brokers, now + 10ms), BrokerId{2});
}

TEST_F(BrokerHealthTest, DrainingBrokersAreForWantOfOthersOnly) {
  brokers[1].state = core::BrokerState::kDraining;
  EXPECT_NE(health.Choose(key, BrokerId{2}, brokers, now), BrokerId{2});
  brokers[0].state = brokers[2].state = core::BrokerState::kDead;
  EXPECT_TRUE(health.Choose(key, BrokerId{2}, brokers, now).has_value());
  EXPECT_EQ(health.Choose(key, std::nullopt, {}, now), std::nullopt);
}

}  // namespace
}  // namespace lanemq::client
