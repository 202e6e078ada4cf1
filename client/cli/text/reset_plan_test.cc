#include "client/cli/text/reset_plan.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

using Kind = ResetTarget::Kind;
using ::testing::Optional;

PartitionFacts Facts(std::optional<std::int64_t> committed) {
  return {
      .name = {"orders", 3}, .committed = committed, .log_start = 10, .log_end = 100, .found = {}};
}

TEST(ResetPlan, KnowsItsTargets) {
  EXPECT_THAT(PlanReset({Kind::kEarliest, 0}, Facts(50)).new_offset, Optional(10));
  EXPECT_THAT(PlanReset({Kind::kLatest, 0}, Facts(50)).new_offset, Optional(100));
  EXPECT_THAT(PlanReset({Kind::kCurrent, 0}, Facts(50)).new_offset, Optional(50));
  EXPECT_THAT(PlanReset({Kind::kOffset, 42}, Facts(50)).new_offset, Optional(42));
  EXPECT_THAT(PlanReset({Kind::kShift, -15}, Facts(50)).new_offset, Optional(35));
  PartitionFacts found = Facts(50);
  found.found = 77;
  EXPECT_THAT(PlanReset({Kind::kFound, 0}, found).new_offset, Optional(77));
}

TEST(ResetPlan, TellsTheChangeOfTheLag) {
  const PlannedReset plan = PlanReset({Kind::kOffset, 42}, Facts(50));
  EXPECT_EQ(plan.name, PartitionName("orders", 3));
  EXPECT_THAT(plan.old_offset, Optional(50));
  EXPECT_THAT(plan.old_lag, Optional(50));
  EXPECT_THAT(plan.new_lag, Optional(58));
  EXPECT_EQ(plan.note, "");
}

TEST(ResetPlan, StaysInsideTheLogAndSaysSo) {
  PlannedReset plan = PlanReset({Kind::kOffset, 5}, Facts(50));
  EXPECT_THAT(plan.new_offset, Optional(10));
  EXPECT_EQ(plan.note, "log starts after 5");
  plan = PlanReset({Kind::kShift, 51}, Facts(50));
  EXPECT_THAT(plan.new_offset, Optional(100));
  EXPECT_EQ(plan.note, "log ends before 101");
  plan = PlanReset({Kind::kShift, std::numeric_limits<std::int64_t>::max()}, Facts(50));
  EXPECT_THAT(plan.new_offset, Optional(100));
  plan = PlanReset({Kind::kShift, std::numeric_limits<std::int64_t>::min()}, Facts(50));
  EXPECT_THAT(plan.new_offset, Optional(10));
}

TEST(ResetPlan, IsAtTheOneOffsetOfAnEmptyLog) {
  PartitionFacts facts = Facts(std::nullopt);
  facts.log_start = facts.log_end = 7;
  for (const Kind kind : {Kind::kEarliest, Kind::kLatest, Kind::kOffset}) {
    EXPECT_THAT(PlanReset({kind, 1'000}, facts).new_offset, Optional(7));
  }
}

TEST(ResetPlan, WhatWasNeverCommittedHasNoOldLag) {
  const PlannedReset plan = PlanReset({Kind::kCurrent, 0}, Facts(std::nullopt));
  EXPECT_EQ(plan.old_lag, std::nullopt);
  EXPECT_THAT(plan.new_offset, Optional(100));
  EXPECT_NE(plan.note, "");
}

TEST(ResetPlan, LeavesAloneWhatItHasNoOffsetFor) {
  for (const Kind kind : {Kind::kShift, Kind::kFound}) {
    const PlannedReset plan = PlanReset({kind, 1}, Facts(std::nullopt));
    EXPECT_EQ(plan.new_offset, std::nullopt);
    EXPECT_EQ(plan.new_lag, std::nullopt);
    EXPECT_NE(plan.note, "");
  }
}

}  // namespace
}  // namespace lanemq::cli
