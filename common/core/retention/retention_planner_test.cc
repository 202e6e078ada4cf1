#include "common/core/retention/retention_planner.h"

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using Kind = RetentionStep::Kind;

constexpr WallTime kNow{1'000'000'000'000'000};
WallTime Ago(std::chrono::microseconds age) { return {kNow.micros - age.count()}; }

constexpr RetentionLimits kLimits{.segment_rows_min = 100, .segment_rows_max = 5'000};

/// Rows 1 to 349, segments to 100, 200, 300, 400, 500 and a tail; a row a minute, the newest now.
RetentionFacts Facts() {
  RetentionFacts facts{.now = kNow, .end = Offset{350}};
  for (const std::int64_t bound : {100, 200, 300, 400, 500}) {
    LogSegment segment{.bound = Offset{bound}, .bytes = 10'000};
    if (bound <= 350) segment.last_row_at = Ago(minutes(349 - (bound - 1)));
    facts.segments.push_back(segment);
  }
  facts.segments.push_back({.bytes = 100});
  facts.oldest_at = Ago(minutes(348));
  return facts;
}

RetentionPolicy Keep(milliseconds time) { return {.keep_for = time}; }

TEST(RetentionPlannerTest, TheStartMovesToTheEndOfWhatHasExpiredAsAWhole) {
  const RetentionStep step = PlanRetention(Facts(), Keep(minutes(140)), kLimits);
  EXPECT_EQ(step.kind, Kind::kMoveStart);
  EXPECT_EQ(step.offset, Offset{200});
  EXPECT_EQ(step.why, "time");
}

TEST(RetentionPlannerTest, WhatIsOverdueGoesWithoutTheRestOfItsSegment) {
  RetentionFacts facts = Facts();
  facts.first_young = Offset{230};
  EXPECT_EQ(PlanRetention(facts, Keep(minutes(140)), kLimits).offset, Offset{230});
}

TEST(RetentionPlannerTest, NothingExpiresWithoutALimitOrBeforeItsTime) {
  EXPECT_NE(PlanRetention(Facts(), {}, kLimits).kind, Kind::kMoveStart);
  const RetentionStep step = PlanRetention(Facts(), Keep(minutes(300)), kLimits);
  EXPECT_EQ(step.kind, Kind::kNone);
  EXPECT_EQ(step.why, "nothing has expired; there is room ahead");
}

TEST(RetentionPlannerTest, TheNewestRowStaysHoweverOldItIs) {
  RetentionFacts facts = Facts();
  facts.now = WallTime{kNow.micros + std::chrono::microseconds(hours(1'000)).count()};
  facts.first_young = facts.end;
  EXPECT_EQ(PlanRetention(facts, Keep(minutes(1)), kLimits).offset, Offset{349});
  // Neither does its segment go when it is the last row of it.
  facts.end = Offset{300};
  facts.segments[3].last_row_at = std::nullopt;
  facts.log_start = facts.end;
  facts.low_water = Offset{200};
  const RetentionStep step = PlanRetention(facts, Keep(minutes(1)), kLimits);
  EXPECT_EQ(step.kind, Kind::kDropSegments);
  EXPECT_EQ(step.bounds, (std::vector{Offset{100}}));
  facts.segments.erase(facts.segments.begin(), facts.segments.begin() + 2);
  const RetentionStep rest = PlanRetention(facts, Keep(minutes(1)), kLimits);
  EXPECT_EQ(rest.kind, Kind::kDeleteRows);
  EXPECT_EQ(rest.offset, Offset{299});
}

TEST(RetentionPlannerTest, RowsWithinTheGraceStayWhateverThePolicySays) {
  RetentionLimits limits = kLimits;
  limits.grace = minutes(100);
  EXPECT_EQ(PlanRetention(Facts(), Keep(milliseconds(1)), limits).offset, Offset{200});
  RetentionFacts facts = Facts();
  facts.log_start = Offset{320};  // A trim may move the start as far as it likes.
  facts.first_in_grace = Offset{250};
  EXPECT_EQ(PlanRetention(facts, {}, limits).bounds, (std::vector{Offset{100}}));
  facts.segments.erase(facts.segments.begin(), facts.segments.begin() + 2);
  facts.low_water = Offset{200};
  const RetentionStep step = PlanRetention(facts, {}, limits);
  EXPECT_EQ(step.kind, Kind::kDeleteRows) << "the segment to 300 has rows within the grace";
  EXPECT_EQ(step.offset, Offset{250});
  facts.low_water = Offset{250};
  EXPECT_EQ(PlanRetention(facts, {}, limits).kind, Kind::kNone);
}

TEST(RetentionPlannerTest, UnderBlockAGroupHoldsTheStart) {
  RetentionFacts facts = Facts();
  RetentionPolicy policy = Keep(minutes(140));
  facts.lowest_commit = Offset{150};
  EXPECT_EQ(PlanRetention(facts, policy, kLimits).offset, Offset{200}) << "kWarn";
  policy.unread = UnreadPolicy::kBlock;
  EXPECT_EQ(PlanRetention(facts, policy, kLimits).offset, Offset{150});
  facts.lowest_commit = Offset{1};
  const RetentionStep step = PlanRetention(facts, policy, kLimits);
  EXPECT_EQ(step.kind, Kind::kNone);
  EXPECT_EQ(step.why, "a group has not read what has expired; there is room ahead");
  facts.lowest_commit.reset();
  EXPECT_EQ(PlanRetention(facts, policy, kLimits).offset, Offset{200}) << "nobody reads";
}

TEST(RetentionPlannerTest, SizeTakesWholeSegmentsWhileEnoughIsLeft) {
  RetentionFacts facts = Facts();
  facts.row_bytes = 100;  // 10,000 each, 5,000 in the one that is written.
  EXPECT_EQ(PlanRetention(facts, {.keep_bytes = 35'000}, kLimits).kind, Kind::kNone);
  EXPECT_EQ(PlanRetention(facts, {.keep_bytes = 24'900}, kLimits).offset, Offset{100});
  const RetentionStep step = PlanRetention(facts, {.keep_bytes = 15'000}, kLimits);
  EXPECT_EQ(step.offset, Offset{200});
  EXPECT_EQ(step.why, "size");
}

TEST(RetentionPlannerTest, SizeTakesRowsWhereOneSegmentIsTooMuch) {
  RetentionFacts facts = Facts();
  facts.segments = {{.bytes = 34'900}};
  facts.row_bytes = 100;
  EXPECT_EQ(PlanRetention(facts, {.keep_bytes = 10'000}, kLimits).offset, Offset{250});
  facts.first_in_grace = Offset{120};
  EXPECT_EQ(PlanRetention(facts, {.keep_bytes = 10'000}, kLimits).offset, Offset{120});
  // Within an eighth it waits.
  EXPECT_NE(PlanRetention(facts, {.keep_bytes = 32'000}, kLimits).kind, Kind::kMoveStart);
}

TEST(RetentionPlannerTest, AFewSmallRowsDoNotMakeAllOfThemSmall) {
  RetentionFacts facts = Facts();
  facts.row_bytes = 10;  // Measured at both ends; those in between have 10,000.
  for (LogSegment& segment : facts.segments) segment.bytes = segment.bound ? 1'000'000 : 500;
  const RetentionStep step = PlanRetention(facts, {.keep_bytes = 1'500'000}, kLimits);
  EXPECT_EQ(step.kind, Kind::kMoveStart);
  EXPECT_EQ(step.offset, Offset{150}) << "not all that is older than the grace";
}

TEST(RetentionPlannerTest, SegmentsBelowTheStartAreDroppedOneByOneThenTheRestIsDeleted) {
  RetentionFacts facts = Facts();
  facts.log_start = Offset{230};
  facts.row_bytes = 1'000;
  RetentionLimits limits = kLimits;
  limits.delete_bytes_max = 20'000;
  EXPECT_EQ(PlanRetention(facts, {}, limits).bounds, (std::vector{Offset{100}}));
  limits.drops_per_step = 5;
  EXPECT_EQ(PlanRetention(facts, {}, limits).bounds, (std::vector{Offset{100}, Offset{200}}));
  facts.segments.erase(facts.segments.begin(), facts.segments.begin() + 2);
  facts.low_water = Offset{200};
  const RetentionStep step = PlanRetention(facts, {}, limits);
  EXPECT_EQ(step.kind, Kind::kDeleteRows);
  EXPECT_EQ(step.offset, Offset{230});
  EXPECT_EQ(step.rows, 20) << "by bytes";
}

TEST(RetentionPlannerTest, WhileTheStartIsHeldOnlyWhatIsCondemnedGoes) {
  RetentionLimits held = kLimits;
  held.is_start_held = true;
  RetentionFacts facts = Facts();
  EXPECT_EQ(PlanRetention(facts, Keep(minutes(140)), held).kind, Kind::kNone);
  facts.log_start = Offset{100};
  EXPECT_EQ(PlanRetention(facts, Keep(minutes(140)), held).kind, Kind::kDropSegments);
  facts.log_start = Offset{50};
  EXPECT_EQ(PlanRetention(facts, Keep(minutes(140)), held).kind, Kind::kDeleteRows);
}

TEST(RetentionPlannerTest, WhileRemovalsAreHeldTheTailIsSplitAsEver) {
  RetentionLimits held = kLimits;
  held.is_start_held = true;
  held.are_removals_held = true;
  RetentionFacts facts = Facts();
  facts.log_start = Offset{150};
  EXPECT_EQ(PlanRetention(facts, Keep(minutes(140)), held).kind, Kind::kNone);
  facts.end = Offset{450};
  RetentionFacts calm = facts;
  calm.log_start = calm.low_water = Offset{150};
  calm.segments.erase(calm.segments.begin());
  const RetentionStep split = PlanRetention(facts, Keep(minutes(14'000)), held);
  EXPECT_EQ(split.kind, Kind::kSplitTail);
  EXPECT_EQ(split, PlanRetention(calm, Keep(minutes(14'000)), kLimits)) << "and of the same size";
}

TEST(RetentionPlannerTest, TheTailIsSplitWhileThereIsStillASegmentOfRoom) {
  RetentionFacts facts = Facts();
  facts.end = Offset{400};
  facts.segments[3].last_row_at = kNow;
  EXPECT_EQ(PlanRetention(facts, Keep(hours(10)), kLimits).kind, Kind::kNone);
  facts.end = Offset{401};
  const RetentionStep step = PlanRetention(facts, Keep(hours(10)), kLimits);
  EXPECT_EQ(step.kind, Kind::kSplitTail);
  EXPECT_EQ(step.offset, Offset{600}) << "behind the last bound, where there is no row";
  EXPECT_EQ(step.why, "ahead of the writers");
}

TEST(RetentionPlannerTest, ALateSplitCopiesLittleOrIsNotMade) {
  RetentionFacts facts = Facts();
  facts.segments = {{.bytes = 34'900}};  // A table from before: 349 rows in the tail.
  facts.row_bytes = 100;
  EXPECT_EQ(TailRows(facts), 349);
  const RetentionStep step = PlanRetention(facts, Keep(hours(10)), kLimits);
  EXPECT_EQ(step.kind, Kind::kSplitTail);
  EXPECT_EQ(step.offset, Offset{450});
  EXPECT_EQ(step.why, "late");
  RetentionLimits limits = kLimits;
  limits.split_rows_max = 348;
  EXPECT_TRUE(IsTailOversize(facts, limits));
  EXPECT_EQ(PlanRetention(facts, Keep(hours(100)), limits).kind, Kind::kNone);
  limits = kLimits;
  limits.split_bytes_max = 34'899;
  EXPECT_TRUE(IsTailOversize(facts, limits));
  // What has gone from its front does not count.
  facts.log_start = facts.low_water = Offset{3};
  EXPECT_FALSE(IsTailOversize(facts, limits));
}

TEST(RetentionPlannerTest, ThereAreNeverMoreThanTheMostSegments) {
  RetentionFacts facts{.now = kNow, .end = Offset{32}};
  for (std::int64_t i = 1; i < 32; ++i) facts.segments.push_back({.bound = Offset{i + 1}});
  for (LogSegment& segment : facts.segments) segment.last_row_at = kNow;
  facts.segments.emplace_back();
  const RetentionStep step = PlanRetention(facts, {}, kLimits);
  EXPECT_EQ(step.kind, Kind::kNone);
  EXPECT_EQ(step.why, "nothing has expired; there are too many segments");
}

TEST(RetentionPlannerTest, ASegmentIsASixteenthOfWhatIsKept) {
  RetentionFacts facts{.now = kNow, .log_start = Offset{1}, .end = Offset{160'001}};
  facts.segments.emplace_back();
  facts.oldest_at = Ago(hours(10));
  const RetentionLimits limits{.segment_rows_min = 100, .segment_rows_max = 15'000};
  EXPECT_EQ(SegmentRows(facts, Keep(hours(10)), limits), 10'000);
  EXPECT_EQ(SegmentRows(facts, Keep(hours(5)), limits), 5'000);
  EXPECT_EQ(SegmentRows(facts, Keep(hours(1'000)), limits), 15'000) << "at most";
  EXPECT_EQ(SegmentRows(facts, Keep(minutes(1)), limits), 100) << "at least";
  facts.row_bytes = 10;
  EXPECT_EQ(SegmentRows(facts, {.keep_bytes = 1'600'000}, limits), 10'000);
  EXPECT_EQ(SegmentRows(facts, {.keep_for = hours(5), .keep_bytes = 1'600'000}, limits), 5'000);
  facts.rows_per_second = 20;
  EXPECT_EQ(SegmentRows(facts, Keep(hours(5)), limits), 12'000) << "room for ten minutes";
  EXPECT_EQ(SegmentRows(facts, {}, limits), 80'000) << "without a limit half of what is there";
  facts.segments.resize(25);
  facts.rows_per_second = 0;
  EXPECT_EQ(SegmentRows(facts, Keep(hours(5)), limits), 10'000) << "twice from the 24th on";
}

TEST(RetentionPlannerTest, AShortBurstMakesNoHugeSegment) {
  RetentionFacts facts{.now = kNow, .log_start = Offset{1}, .end = Offset{1'001}};
  facts.segments.emplace_back();
  facts.oldest_at = Ago(std::chrono::seconds(1));
  EXPECT_EQ(SegmentRows(facts, Keep(hours(168)), kLimits), 4'000);
}

TEST(RetentionPlannerTest, AnEmptyLogIsSplitOnceAndLeftAlone) {
  RetentionFacts facts{.now = kNow};
  facts.segments.emplace_back();
  const RetentionStep step = PlanRetention(facts, Keep(hours(1)), kLimits);
  EXPECT_EQ(step.kind, Kind::kSplitTail);
  EXPECT_EQ(step.offset, Offset{101});
  facts.segments.insert(facts.segments.begin(), LogSegment{.bound = Offset{101}});
  EXPECT_EQ(PlanRetention(facts, Keep(hours(1)), kLimits).kind, Kind::kNone);
}

}  // namespace
}  // namespace lanemq::core
