#include "common/core/lag/lag_rates.h"

#include <vector>

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using namespace std::chrono_literals;

WallTime At(std::int64_t seconds) { return WallTime{1'800'000'000'000'000 + seconds * 1'000'000}; }

TEST(RateWindowTest, SaysNothingUntilTenSecondsArePast) {
  RateWindow rate;
  EXPECT_EQ(rate.PerSecond(), std::nullopt);
  rate.Add(At(0), 100);
  rate.Add(At(5), 200);
  EXPECT_EQ(rate.PerSecond(), std::nullopt);
  rate.Add(At(10), 300);
  EXPECT_DOUBLE_EQ(rate.PerSecond().value(), 20);
}

TEST(RateWindowTest, LooksFiveMinutesBack) {
  RateWindow rate;
  std::int64_t value = 0;
  for (int at = 0; at <= 3'600; at += 5) rate.Add(At(at), value += 500);
  EXPECT_DOUBLE_EQ(rate.PerSecond().value(), 100);
  for (int at = 3'605; at <= 3'605 + 150; at += 5) rate.Add(At(at), value);
  EXPECT_NEAR(rate.PerSecond().value(), 50, 6);
  for (int at = 3'760; at <= 3'760 + 180; at += 5) rate.Add(At(at), value);
  EXPECT_DOUBLE_EQ(rate.PerSecond().value(), 0);
}

TEST(RateWindowTest, BeginsAnewAfterAResetAStepBackAndAGap) {
  RateWindow rate;
  rate.Add(At(0), 1'000);
  rate.Add(At(20), 2'000);
  rate.Add(At(40), 10);
  EXPECT_EQ(rate.PerSecond(), std::nullopt);
  rate.Add(At(60), 30);
  EXPECT_DOUBLE_EQ(rate.PerSecond().value(), 1);
  rate.Add(At(0), 40);
  EXPECT_EQ(rate.PerSecond(), std::nullopt);
  rate.Add(At(20), 40);
  rate.Add(At(400), 1'000'000);
  EXPECT_EQ(rate.PerSecond(), std::nullopt);
}

TEST(DrainEtaTest, IsTheLongestOfThePartitions) {
  const std::vector<PartitionFlow> flows = {
      {.lag_messages = 100, .in_rate = 5, .out_rate = 15},
      {.lag_messages = 0, .in_rate = 5, .out_rate = 0},
      {.lag_messages = 1'000, .in_rate = 0, .out_rate = 2},
  };
  EXPECT_EQ(DrainEta(flows), 500s);
  EXPECT_EQ(DrainEta({}), 0ms);
}

TEST(DrainEtaTest, IsNoneWhereOnePartitionDoesNotCatchUp) {
  const std::vector<PartitionFlow> flows = {{.lag_messages = 1, .in_rate = 2, .out_rate = 9},
                                            {.lag_messages = 1, .in_rate = 2, .out_rate = 2}};
  EXPECT_EQ(DrainEta(flows), std::nullopt);
  const std::vector<PartitionFlow> slow = {
      {.lag_messages = 1'000'000'000, .in_rate = 0, .out_rate = 1}};
  EXPECT_EQ(DrainEta(slow), std::nullopt);
}

TEST(HourlyNormTest, IsTheMedianAndNeedsSixHours) {
  const std::vector<std::int64_t> hours = {3'600, 7'200, 0, 36'000'000, 3'600, 7'200, 7'200};
  EXPECT_DOUBLE_EQ(HourlyNorm(hours).value(), 2);
  EXPECT_EQ(HourlyNorm(std::span(hours).first(5)), std::nullopt);
}

}  // namespace
}  // namespace lanemq::core
