#include "common/core/quota/team_buckets.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/random.h"

namespace lanemq::core {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using What = TeamBuckets::What;

MonotonicTime At(std::int64_t ms) { return {milliseconds{ms}}; }

const std::vector<QuotaOfTeam> kQuotas = {
    {"feed", {.fetch_bytes_per_s = 100}},
    {"large", {.topics = 3}},
    {"shop", {.produce_bytes_per_s = 1'000, .messages_per_s = 10}},
};

TEST(TeamBucketsTest, WithoutAQuotaEverythingPasses) {
  TeamBuckets buckets;
  EXPECT_FALSE(buckets.has_produce());
  EXPECT_FALSE(buckets.has_fetch());
  buckets.Set(kQuotas, 1, At(0));
  EXPECT_TRUE(buckets.has_produce());
  EXPECT_TRUE(buckets.has_fetch());
  EXPECT_EQ(buckets.size(), 2u) << "a quota without a rate has no bucket";
  for (const std::string team : {"large", "nobody", "", "feed"}) {
    for (int i = 0; i < 3; ++i) {
      EXPECT_FALSE(buckets.TryProduce(team, 1u << 20, 1'000, At(0))) << team;
    }
  }
  EXPECT_FALSE(buckets.CheckFetch("shop", At(0)));
}

TEST(TeamBucketsTest, TheLongerWaitOfBytesAndMessagesIsTold) {
  TeamBuckets buckets;
  buckets.Set(kQuotas, 1, At(0));
  EXPECT_FALSE(buckets.TryProduce("shop", 500, 11, At(0)));
  auto refused = buckets.TryProduce("shop", 10, 1, At(0));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->what, What::kMessages);
  EXPECT_EQ(refused->retry_after, milliseconds{200});
  EXPECT_EQ(refused->share_per_s, 10);

  EXPECT_FALSE(buckets.TryProduce("shop", 5'000, 1, At(150)));
  refused = buckets.TryProduce("shop", 10, 1, At(150));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->what, What::kProduceBytes);
}

TEST(TeamBucketsTest, WhatIsRefusedForOneTakesNothingOfTheOther) {
  TeamBuckets buckets;
  buckets.Set(kQuotas, 1, At(0));
  EXPECT_FALSE(buckets.TryProduce("shop", 1, 10, At(0)));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(buckets.TryProduce("shop", 900, 1, At(0)));
  EXPECT_FALSE(buckets.TryProduce("shop", 900, 1, At(1))) << "bytes were never taken";
}

TEST(TeamBucketsTest, WhatCameToNothingIsGivenBack) {
  TeamBuckets buckets;
  buckets.Set(kQuotas, 1, At(0));
  EXPECT_FALSE(buckets.TryProduce("shop", 3'000, 30, At(0)));
  EXPECT_TRUE(buckets.TryProduce("shop", 1, 1, At(0)));
  buckets.GiveBack("shop", 3'000, 30, At(0));
  EXPECT_FALSE(buckets.TryProduce("shop", 1'000, 10, At(0)));
  EXPECT_TRUE(buckets.TryProduce("shop", 1, 1, At(0))) << "no more than was there before";
  buckets.GiveBack("shop", 9'000, 90, At(0));
  EXPECT_FALSE(buckets.TryProduce("shop", 1'000, 10, At(0)));
  EXPECT_TRUE(buckets.TryProduce("shop", 1, 1, At(0))) << "a burst, however much is given back";
}

TEST(TeamBucketsTest, FetchesArePaidForAfterwards) {
  TeamBuckets buckets;
  buckets.Set(kQuotas, 1, At(0));
  EXPECT_FALSE(buckets.CheckFetch("feed", At(0)));
  buckets.TakeFetch("feed", 250, At(0));
  const auto refused = buckets.CheckFetch("feed", At(0));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->what, What::kFetchBytes);
  EXPECT_EQ(refused->retry_after, milliseconds{1'500});
  EXPECT_FALSE(buckets.CheckFetch("feed", At(1'501)));
}

TEST(TeamBucketsTest, FetchesThatPassedTogetherShutNobodyOutForLong) {
  TeamBuckets buckets;
  buckets.Set(kQuotas, 1, At(0));
  for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(buckets.CheckFetch("feed", At(0)));
  for (int i = 0; i < 1'000; ++i) buckets.TakeFetch("feed", 250, At(0));
  EXPECT_TRUE(buckets.CheckFetch("feed", At(9'999)));
  EXPECT_FALSE(buckets.CheckFetch("feed", At(10'001)));
}

TEST(TeamBucketsTest, AnotherQuotaOrBrokerKeepsTheLevel) {
  TeamBuckets buckets;
  buckets.Set(kQuotas, 1, At(0));
  EXPECT_FALSE(buckets.TryProduce("shop", 1'500, 1, At(0)));
  buckets.Set(kQuotas, 5, At(0));
  auto refused = buckets.TryProduce("shop", 10, 1, At(0));
  ASSERT_TRUE(refused) << "the debt is not forgotten";
  EXPECT_EQ(refused->share_per_s, 200);
  buckets.Set({}, 5, At(0));
  EXPECT_FALSE(buckets.has_produce());
  EXPECT_FALSE(buckets.TryProduce("shop", 10, 1, At(0)));
  buckets.Set(kQuotas, 0, At(0));
  EXPECT_FALSE(buckets.TryProduce("shop", 999, 1, At(0))) << "no broker is as good as one";
}

// What a team gets of all brokers together, when it asks each for more than it has.
TEST(TeamBucketsTest, AllBrokersTogetherLetTheQuotaThrough) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const std::size_t count = 1 + random.Below(7);
    const auto rate = static_cast<std::int64_t>(10'000 + random.Below(1'000'000));
    const std::vector<QuotaOfTeam> quotas = {{"shop", {.produce_bytes_per_s = rate}}};
    std::vector<TeamBuckets> brokers(count);
    for (TeamBuckets& broker : brokers) broker.Set(quotas, count, At(0));
    const std::size_t batch_max = 1 + static_cast<std::size_t>(rate) / count / 20;
    double served = 0;
    constexpr int kSeconds = 20;
    for (std::int64_t ms = 0; ms < kSeconds * 1'000; ++ms) {
      for (TeamBuckets& broker : brokers) {
        for (int i = 0; i < 3; ++i) {
          const std::size_t bytes = 1 + random.Below(batch_max);
          if (!broker.TryProduce("shop", bytes, 1, At(ms))) served += static_cast<double>(bytes);
        }
      }
    }
    const double expected = static_cast<double>(rate) * (kSeconds + 1);
    EXPECT_LE(served, expected * 1.01);
    EXPECT_GE(served, expected * 0.95);
  }
}

}  // namespace
}  // namespace lanemq::core
