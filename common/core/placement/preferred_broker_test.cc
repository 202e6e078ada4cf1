#include "common/core/placement/preferred_broker.h"

#include <algorithm>
#include <map>
#include <vector>

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

std::vector<Broker> Brokers(int count) {
  std::vector<Broker> brokers(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) brokers[static_cast<std::size_t>(i)].id = BrokerId{i + 1};
  return brokers;
}

TEST(PreferredBrokerTest, NobodyAliveMeansNone) {
  auto brokers = Brokers(2);
  for (auto& broker : brokers) broker.state = BrokerState::kDead;
  EXPECT_EQ(PreferredBroker({TopicId{1}, 0}, brokers), std::nullopt);
  EXPECT_EQ(PreferredBroker({TopicId{1}, 0}, {}), std::nullopt);
}

TEST(PreferredBrokerTest, TheOrderOfTheListDoesNotMatter) {
  auto brokers = Brokers(5);
  auto reversed = brokers;
  std::reverse(reversed.begin(), reversed.end());
  for (int p = 0; p < 100; ++p) {
    EXPECT_EQ(PreferredBroker({TopicId{7}, p}, brokers),
              PreferredBroker({TopicId{7}, p}, reversed));
  }
}

TEST(PreferredBrokerTest, ADeadBrokerMovesOnlyItsOwnPartitionsAndSharesAreEven) {
  auto before = Brokers(4);
  auto after = before;
  after[2].state = BrokerState::kDraining;
  std::map<int, int> share;
  for (int p = 0; p < 4000; ++p) {
    const PartitionKey key{TopicId{p % 13}, p};
    const auto old_owner = PreferredBroker(key, before);
    const auto new_owner = PreferredBroker(key, after);
    ++share[old_owner->value];
    if (old_owner != BrokerId{3}) {
      EXPECT_EQ(old_owner, new_owner);
    } else {
      EXPECT_NE(new_owner, BrokerId{3});
    }
  }
  for (const auto& [broker, count] : share) EXPECT_NEAR(count, 1000, 150) << broker;
}

}  // namespace
}  // namespace lanemq::core
