#include "common/core/quota/token_bucket.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/random.h"

namespace lanemq::core {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

MonotonicTime At(std::int64_t ms) { return {milliseconds{ms}}; }

struct Case {
  std::string name;
  double per_s;
  std::vector<std::pair<int, double>> taken;  // When in ms, how much.
  int asked_at_ms;
  double amount;
  milliseconds wait;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class TokenBucketTableTest : public ::testing::TestWithParam<Case> {};

TEST_P(TokenBucketTableTest, WaitsAsTheTableSays) {
  TokenBucket bucket(GetParam().per_s, At(0));
  for (const auto& [ms, amount] : GetParam().taken) bucket.Take(amount, At(ms));
  EXPECT_EQ(bucket.Wait(GetParam().amount, At(GetParam().asked_at_ms)), GetParam().wait);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, TokenBucketTableTest,
    ::testing::Values(
        Case{"StartsFull", 100, {}, 0, 100, milliseconds{0}},
        Case{"WhatIsLargerThanTheBurstPasses", 100, {}, 0, 5'000, milliseconds{0}},
        Case{"PassesWhileAnythingIsLeft", 100, {{0, 99}}, 0, 50, milliseconds{0}},
        Case{"TheBurstIsUsedUp", 100, {{0, 100}}, 0, 10, milliseconds{100}},
        Case{"TheDebtIsPaidBackFirst", 100, {{0, 150}}, 0, 10, milliseconds{600}},
        Case{"TimePaysBack", 100, {{0, 150}}, 400, 10, milliseconds{200}},
        Case{"PaidBack", 100, {{0, 150}}, 501, 10, milliseconds{0}},
        Case{"NoMoreThanABurstIsWaitedFor", 100, {{0, 100}}, 0, 5'000, milliseconds{1'000}},
        Case{
            "NoMoreThanABurstIsSaved", 100, {{0, 100}, {60'000, 100}}, 60'000, 1, milliseconds{10}},
        Case{"HintsEndSomewhere", 100, {{0, 10'000}}, 0, 10, milliseconds{5'000}},
        Case{"NothingIsNothing", 0, {}, 1'000, 1, milliseconds{5'000}},
        Case{"ALateTimeIsNow", 100, {{500, 100}}, 0, 10, milliseconds{100}}),
    [](const auto& c) { return c.param.name; });

struct LateCase {
  std::string name;
  std::vector<double> before;  // Taken before it passes.
  std::vector<double> late;    // Passed together.
  double level;
};

void PrintTo(const LateCase& c, std::ostream* out) { *out << c.name; }

class TokenBucketLateTest : public ::testing::TestWithParam<LateCase> {};

TEST_P(TokenBucketLateTest, TheDebtOfWhatPassedTogetherHasAnEnd) {
  TokenBucket bucket(100, At(0));
  for (const double amount : GetParam().before) bucket.Take(amount, At(0));
  for (const double amount : GetParam().late) bucket.TakeLate(amount, At(0));
  EXPECT_EQ(bucket.LevelAt(At(0)), GetParam().level);
  EXPECT_EQ(bucket.Wait(0, At(10'001)).count() == 0, GetParam().level >= -1'000);
}

INSTANTIATE_TEST_SUITE_P(Cases, TokenBucketLateTest,
                         ::testing::Values(LateCase{"WithoutADebt", {}, {60}, 40},
                                           LateCase{"AllOfASmallDebt", {}, {500, 500}, -900},
                                           LateCase{"TenSecondsWhole", {}, {1'100}, -1'000},
                                           LateCase{"ManyTogether", {}, {900, 900, 900}, -1'000},
                                           LateCase{"OneThatIsLarge", {}, {1e9}, -1'000},
                                           LateCase{"OlderDebtStays", {5'000}, {10}, -4'900}),
                         [](const auto& c) { return c.param.name; });

TEST(TokenBucketTest, AnotherRateKeepsTheLevelAndTheDebt) {
  TokenBucket bucket(100, At(0));
  bucket.Take(40, At(0));
  bucket.SetRate(1'000, At(0));
  EXPECT_EQ(bucket.LevelAt(At(0)), 60);
  bucket.SetRate(10, At(0));
  EXPECT_EQ(bucket.LevelAt(At(0)), 10) << "the burst is smaller now";
  bucket.Take(30, At(0));
  bucket.SetRate(1'000, At(0));
  EXPECT_EQ(bucket.LevelAt(At(0)), -20);
}

TEST(TokenBucketTest, WhoeverIsRefusedComesAfterThoseWhoWereToldBefore) {
  TokenBucket bucket(100, At(0));
  EXPECT_EQ(bucket.WaitInLine(20, At(0)), milliseconds{0});
  bucket.Take(150, At(0));
  EXPECT_EQ(bucket.WaitInLine(20, At(0)), milliseconds{700}) << "the debt, and its own";
  EXPECT_EQ(bucket.WaitInLine(20, At(0)), milliseconds{900});
  EXPECT_EQ(bucket.WaitInLine(1'000, At(100)), milliseconds{1'800}) << "at most a burst";
  for (int i = 0; i < 10; ++i) {
    EXPECT_LE(bucket.WaitInLine(1'000, At(100)), TokenBucket::kWaitMax);
  }
  EXPECT_EQ(bucket.Wait(20, At(100)), milliseconds{600}) << "without those before";
  EXPECT_EQ(bucket.WaitInLine(20, At(600)), milliseconds{0}) << "there is room: no matter who";
  bucket.Take(100, At(600));
  bucket.SetRate(200, At(600));
  EXPECT_EQ(bucket.WaitInLine(20, At(600)), milliseconds{550}) << "of another rate";
}

// Producers that always have a batch ready, of nearly a second's worth, and come back when told.
TEST(TokenBucketTest, ThoseWhoComeWhenToldAreSeldomRefusedTwice) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    TokenBucket bucket(1'000, At(0));
    std::vector<std::int64_t> comes_at(1 + random.Below(5), 0);
    double served = 0;
    int passed = 0;
    int refused = 0;
    constexpr std::int64_t kEndMs = 60'000;
    for (std::int64_t ms = 0; ms < kEndMs; ++ms) {
      for (std::int64_t& at : comes_at) {
        if (at > ms) continue;
        const double amount = 600 + 400 * random.Unit();
        const auto wait = bucket.WaitInLine(amount, At(ms));
        at = ms + std::chrono::ceil<milliseconds>(wait).count() + 1;
        if (wait.count() != 0) {
          ++refused;
          continue;
        }
        bucket.Take(amount, At(ms));
        served += amount;
        ++passed;
      }
    }
    EXPECT_GE(served, 1'000.0 * kEndMs / 1'000 * 0.9);
    EXPECT_LE(refused, 2 * passed);
  }
}

// What passed when, with callers that come as a seed wants it.
TEST(TokenBucketTest, NoWindowSeesMoreThanRateAndBurstAndTheLastAmount) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const double per_s = 1 + static_cast<double>(random.Below(100'000));
    const double amount_max = per_s * (0.01 + 3 * random.Unit());
    TokenBucket bucket(per_s, At(0));
    std::vector<std::pair<double, double>> served;  // Seconds, amount.
    double seconds = 0;
    for (int i = 0; i < 300; ++i) {
      seconds += random.Unit() * 0.1;
      const MonotonicTime now{nanoseconds{static_cast<std::int64_t>(seconds * 1e9)}};
      const double amount = 1 + random.Unit() * (amount_max - 1);
      if (bucket.Wait(amount, now).count() != 0) continue;
      bucket.Take(amount, now);
      served.emplace_back(seconds, amount);
    }
    for (std::size_t from = 0; from < served.size(); ++from) {
      double sum = 0;
      for (std::size_t to = from; to < served.size(); ++to) {
        const double window = served[to].first - served[from].first;
        ASSERT_LE(sum, per_s * window + per_s + 1e-3) << from << ".." << to;
        sum += served[to].second;
      }
    }
  }
}

TEST(TokenBucketTest, WhoKeepsToTheRateIsNeverRefused) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const double per_s = 10 + static_cast<double>(random.Below(100'000));
    TokenBucket bucket(per_s, At(0));
    double allowance = per_s;  // The caller's own account of burst and rate.
    double seconds = 0;
    for (int i = 0; i < 1'000; ++i) {
      const double pause = random.Unit() * 0.5;
      seconds += pause;
      allowance = std::min(allowance + pause * per_s, per_s);
      const double amount = allowance * (0.01 + 0.98 * random.Unit());
      const MonotonicTime now{nanoseconds{static_cast<std::int64_t>(seconds * 1e9)}};
      ASSERT_EQ(bucket.Wait(amount, now).count(), 0) << "at " << seconds;
      bucket.Take(amount, now);
      allowance -= amount;
    }
  }
}

TEST(TokenBucketTest, WhoWaitsAsToldGetsTheWholeRate) {
  for (const double amount : {10.0, 300.0, 2'500.0}) {
    TokenBucket bucket(1'000, At(0));
    MonotonicTime now = At(0);
    double served = 0;
    while (now < At(100'000)) {
      const nanoseconds wait = bucket.Wait(amount, now);
      if (wait.count() == 0) {
        bucket.Take(amount, now);
        served += amount;
      } else {
        now = now + wait;
      }
    }
    EXPECT_NEAR(served, 101'000, 3'000) << amount;
  }
}

}  // namespace
}  // namespace lanemq::core
