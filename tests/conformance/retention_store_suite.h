#pragma once

#include "common/core/retention/expiry_rules.h"
#include "tests/conformance/retention_store_fixture.h"

namespace lanemq::testing {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_P(RetentionStoreSuite, ANewLogHasOneSegmentAndATail) {
  const auto facts = LookOk();
  EXPECT_EQ(facts.location, At());
  EXPECT_EQ(facts.log_start, Offset{1});
  EXPECT_EQ(facts.low_water, Offset{1});
  EXPECT_EQ(facts.end, Offset{1});
  EXPECT_FALSE(facts.oldest_at);
  EXPECT_LT(std::abs(facts.now.micros - now_.micros), 20'000'000);
  EXPECT_THAT(Bounds(), ElementsAre(100'000, -1));
}

TEST_P(RetentionStoreSuite, ALookFindsWhereTimeCuts) {
  under_test_->Append(10, Ago(hours(10)));
  under_test_->Append(10, Ago(minutes(1)));
  core::RetentionLook look{.policy = {.keep_for = hours(5)}};
  auto facts = LookOk(look);
  EXPECT_EQ(facts.end, Offset{21});
  EXPECT_EQ(facts.oldest_at, Ago(hours(10)));
  EXPECT_EQ(facts.first_young, Offset{11});
  look.policy.keep_for = hours(20);
  EXPECT_EQ(LookOk(look).first_young, std::nullopt);
  look.policy.keep_for = minutes(570);
  EXPECT_EQ(LookOk(look).first_young, std::nullopt) << "it is not overdue";
  look.policy.keep_for = std::chrono::milliseconds(1);
  EXPECT_EQ(LookOk(look).first_young, Offset{11}) << "no row within the grace";
  look.grace = seconds(10);
  EXPECT_EQ(LookOk(look).first_young, Offset{21}) << "all are old";
}

TEST_P(RetentionStoreSuite, ALookFindsWhatMayNotBeRemovedYet) {
  under_test_->Append(10, Ago(hours(10)));
  under_test_->Append(10, Ago(minutes(1)));
  EXPECT_EQ(LookOk().first_in_grace, std::nullopt) << "nothing is to go";
  EXPECT_EQ(LookOk({.policy = {.keep_bytes = 1}}).first_in_grace, Offset{11});
  ASSERT_TRUE(store().Trim(To(15), {}, false, Soon()).ok());
  EXPECT_EQ(LookOk().first_in_grace, Offset{11});
  EXPECT_EQ(LookOk({.grace = seconds(1)}).first_in_grace, std::nullopt);
}

TEST_P(RetentionStoreSuite, ALookTellsSegmentsTheirLastRowsAndSizes) {
  SplitOk(200'000);
  EXPECT_THAT(Bounds(), ElementsAre(100'000, 200'000, -1));
  under_test_->Append(100, Ago(hours(1)));
  const auto facts = LookOk({.policy = {.keep_bytes = 1}});
  EXPECT_EQ(facts.segments[0].last_row_at, std::nullopt) << "it is not full";
  EXPECT_GT(facts.segments[0].bytes, 5'000);
  EXPECT_GT(facts.row_bytes, 50);
  EXPECT_LT(facts.row_bytes, 300);
}

TEST_P(RetentionStoreSuite, TheStartMovesForwardOnlyAndNotBeyondTheNewestRow) {
  under_test_->Append(10, Ago(hours(1)));
  auto moved = MoveOk(To(5));
  EXPECT_EQ(moved.old_start, Offset{1});
  EXPECT_EQ(moved.new_start, Offset{5});
  EXPECT_EQ(MoveOk(To(3)).new_start, Offset{5});
  EXPECT_EQ(MoveOk(To(1'000)).new_start, Offset{10});
  EXPECT_EQ(LookOk().log_start, Offset{10});
  EXPECT_EQ(LookOk().low_water, Offset{1}) << "rows go later";
  EXPECT_EQ(under_test_->Rows().size(), 10u);
}

TEST_P(RetentionStoreSuite, AnOldTermMovesNothing) {
  under_test_->Append(10, Ago(hours(1)));
  const core::Fence old = under_test_->NewTerm();
  const core::Fence current = under_test_->NewTerm();
  const auto refused = store().MoveStart(To(5), old, Soon());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kFenced);
  EXPECT_EQ(LookOk().log_start, Offset{1});
  EXPECT_TRUE(store().MoveStart(To(5), current, Soon()).ok());
  EXPECT_EQ(LookOk().log_start, Offset{5});
}

TEST_P(RetentionStoreSuite, WhatGroupsLoseIsWrittenDownOnce) {
  under_test_->Append(20, Ago(hours(1)));
  under_test_->Commit("ahead", 15, "m", hours(0));
  under_test_->Commit("behind", 4, "m", hours(0));
  under_test_->Commit("nothing", 0, "m", hours(0));
  const auto moved = MoveOk(To(10));
  EXPECT_THAT(moved.below, ElementsAre(core::GroupBelow{"behind", Offset{4}}));
  EXPECT_EQ(moved.lost, 6);
  EXPECT_THAT(Losses(), ElementsAre("behind 4-10 time"));
  MoveOk(To(10));
  EXPECT_THAT(Losses(), ElementsAre("behind 4-10 time"));
  EXPECT_EQ(MoveOk(To(12)).lost, 2) << "not again what was lost before";
  EXPECT_THAT(Losses(), ElementsAre("behind 4-10 time", "behind 10-12 time"));
  EXPECT_EQ(under_test_->LostTotal("behind"), 8);
  EXPECT_EQ(under_test_->LostTotal("ahead"), 0);
}

TEST_P(RetentionStoreSuite, UnderBlockTheLowestCommitThatCountsHolds) {
  using enum core::UnreadPolicy;
  under_test_->Append(20, Ago(hours(1)));
  under_test_->Commit("live", 8, "m", hours(1'000));
  under_test_->Commit("explicit", 6, "", hours(0));
  under_test_->Commit("gone", 2, "", hours(1'000));
  under_test_->Commit("nothing", 0, "", hours(0));
  EXPECT_EQ(LookOk({.policy = {.unread = kBlock}}).lowest_commit, Offset{6});
  EXPECT_EQ(LookOk().lowest_commit, std::nullopt) << "not asked for";
  const auto moved = MoveOk(To(15, kBlock));
  EXPECT_EQ(moved.new_start, Offset{6});
  EXPECT_EQ(moved.below.size(), 3u) << "those below what was asked for";
  EXPECT_THAT(Losses(), ElementsAre("gone 2-6 time"));
  EXPECT_EQ(MoveOk(To(15, kBlock)).new_start, Offset{6});
  under_test_->Commit("explicit", 12, "", hours(0));
  EXPECT_EQ(MoveOk(To(15, kBlock)).new_start, Offset{8});
}

TEST_P(RetentionStoreSuite, AMemberThatHasCommittedNothingHasReadNothing) {
  using enum core::UnreadPolicy;
  under_test_->Append(20, Ago(std::chrono::hours{1}));
  under_test_->Commit("beginner", 0, "member-1", std::chrono::hours{0});
  under_test_->Commit("visitor", 0, "", std::chrono::hours{0});
  EXPECT_EQ(LookOk({.policy = {.unread = kBlock}}).lowest_commit, Offset{0});
  EXPECT_EQ(MoveOk(To(15, kBlock)).new_start, Offset{1});
  EXPECT_FALSE(store().Trim(To(15, kBlock), {"eva", "space"}, false, Soon()).ok());
  // It may begin at the end as well: nothing that it had is told as lost.
  const auto moved = MoveOk(To(15, kWarn));
  EXPECT_EQ(moved.new_start, Offset{15});
  EXPECT_EQ(moved.lost, 0);
  EXPECT_EQ(under_test_->LostTotal("beginner"), 0);
}

TEST_P(RetentionStoreSuite, AnOperatorMayTrimToTheEndAndIsToldWhoBlocks) {
  using enum core::UnreadPolicy;
  under_test_->Append(20, Ago(hours(1)));
  under_test_->Commit("live", 8, "m", hours(0));
  const auto refused = store().Trim(To(15, kBlock), {"eva", "space"}, false, Soon());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("'live' (at 8)"));
  const auto tried = store().Trim(To(15), {"eva", "space"}, true, Soon());
  ASSERT_TRUE(tried.ok());
  EXPECT_EQ(tried->new_start, Offset{15});
  EXPECT_EQ(tried->lost, 7);
  EXPECT_EQ(LookOk().log_start, Offset{1}) << "a dry run";
  EXPECT_EQ(under_test_->Trims(), 0);
  for (int i = 0; i < 2; ++i) {  // Repeated as after a lost answer.
    const auto done = store().Trim(To(1'000), {"eva", "space"}, false, Soon());
    ASSERT_TRUE(done.ok()) << done.error().ToString();
    EXPECT_EQ(done->new_start, Offset{21});
  }
  EXPECT_EQ(under_test_->Trims(), 1);
  EXPECT_THAT(Losses(), ElementsAre("live 8-21 time"));
  EXPECT_EQ(LookOk().end, Offset{21}) << "what comes next goes on";
}

TEST_P(RetentionStoreSuite, OnlyCondemnedSegmentsAreDropped) {
  under_test_->Append(100, Ago(hours(1)));
  const auto late = store().SplitTail(At(), Offset{90'000}, 1'000, Soon());
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(DropOk({100'000}), 0) << "the start is below";
  EXPECT_EQ(under_test_->Rows().size(), 100u);
}

TEST_P(RetentionStoreSuite, SegmentsGoOneAfterTheOtherWhateverIsRepeatedOrLate) {
  under_test_->StartAt(99'990);
  under_test_->Append(30, Ago(hours(1)));
  EXPECT_EQ(LookOk().end, Offset{100'020});
  const auto big = store().SplitTail(At(), Offset{100'010}, 19, Soon());
  ASSERT_FALSE(big.ok());
  EXPECT_EQ(big.error().code, ErrorCode::kFailedPrecondition) << "20 rows are in the tail";
  SplitOk(100'010);  // Late: rows are copied.
  SplitOk(100'030);
  EXPECT_EQ(under_test_->Rows().size(), 30u);
  for (const std::int64_t bound : {100'030, 100'015}) {
    const auto again = store().SplitTail(At(), Offset{bound}, 1'000, Soon());
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(again.error().code, ErrorCode::kAlreadyExists) << bound;
  }
  EXPECT_THAT(Bounds(), ElementsAre(100'000, 100'010, 100'030, -1));
  const auto facts = LookOk();
  EXPECT_EQ(facts.segments[0].last_row_at, Ago(hours(1)));
  EXPECT_EQ(facts.segments[2].last_row_at, std::nullopt);
  MoveOk(To(100'005));
  EXPECT_EQ(DropOk({100'000, 100'010, 77}), 1) << "the second is not condemned, 77 is none";
  EXPECT_EQ(under_test_->Rows().front(), 100'000);
  EXPECT_EQ(LookOk().low_water, Offset{100'000});
  EXPECT_EQ(DropOk({100'000}), 0);
  MoveOk(To(100'012));
  EXPECT_EQ(DropOk({100'010}), 1);
  EXPECT_EQ(under_test_->Rows().front(), 100'010);
  EXPECT_EQ(under_test_->Rows().size(), 10u);
  EXPECT_THAT(Bounds(), ElementsAre(100'030, -1));
  EXPECT_EQ(LookOk().end, Offset{100'020});
  const auto late = store().SplitTail(At(), Offset{100'010}, 1'000, Soon());
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, ErrorCode::kAlreadyExists) << "a name is never used twice";
}

TEST_P(RetentionStoreSuite, TimeCutsWithinTheSegmentThatHoldsIt) {
  under_test_->StartAt(99'990);
  under_test_->Append(20, Ago(hours(10)));
  under_test_->Append(5, Ago(hours(1)));
  SplitOk(100'020);
  const auto facts = LookOk({.policy = {.keep_for = hours(5)}});
  EXPECT_EQ(facts.first_young, Offset{100'010});
  MoveOk(To(100'010));
  EXPECT_EQ(LookOk({.policy = {.keep_for = hours(5)}}).first_young, std::nullopt);
}

TEST_P(RetentionStoreSuite, RowsBelowTheStartAreDeletedAndNoOthers) {
  under_test_->Append(30, Ago(hours(1)));
  MoveOk(To(21));
  const auto some = store().DeleteRows(At(), Offset{1}, Offset{1'000}, 8, Soon());
  ASSERT_TRUE(some.ok()) << some.error().ToString();
  EXPECT_EQ(*some, 8);
  EXPECT_EQ(LookOk().low_water, Offset{9});
  EXPECT_EQ(*store().DeleteRows(At(), Offset{9}, Offset{12}, 100, Soon()), 3) << "the grace";
  EXPECT_EQ(*store().DeleteRows(At(), Offset{12}, Offset{1'000}, 100, Soon()), 9);
  EXPECT_EQ(*store().DeleteRows(At(), Offset{12}, Offset{1'000}, 100, Soon()), 0);
  EXPECT_EQ(under_test_->Rows().front(), 21);
  EXPECT_EQ(under_test_->Rows().back(), 30);
  EXPECT_EQ(LookOk({.low_water = Offset{20}}).low_water, Offset{21});
}

TEST_P(RetentionStoreSuite, OldRowsOfOtherKindsGoUnderTheFence) {
  under_test_->Commit("old", 5, "", hours(31 * 24));
  under_test_->Commit("young", 5, "", hours(29 * 24));
  under_test_->Commit("member", 5, "m", hours(31 * 24));
  const core::Fence old = under_test_->NewTerm();
  const core::Fence current = under_test_->NewTerm();
  for (const core::ExpiryRule& rule : core::kExpiryRules) {
    const auto refused = store().Expire(rule.name, rule.age, rule.batch, old, Soon());
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kFenced) << rule.name;
    const auto done = store().Expire(rule.name, rule.age, rule.batch, current, Soon());
    ASSERT_TRUE(done.ok()) << rule.name << ": " << done.error().ToString();
    EXPECT_EQ(*done, rule.name == "explicit_offsets" ? 1 : 0) << rule.name;
  }
  EXPECT_FALSE(store().Expire("messages", hours(1), 1, current, Soon()).ok());
}

TEST_P(RetentionStoreSuite, LossesAndTrimsGoWhenTheyAreOld) {
  under_test_->Append(10, Ago(hours(1)));
  under_test_->Commit("g", 2, "m", hours(0));
  ASSERT_TRUE(store().Trim(To(5), {"eva", ""}, false, Soon()).ok());
  const core::Fence fence = under_test_->NewTerm();
  for (const std::string_view rule : {"retention_losses", "partition_trims"}) {
    EXPECT_EQ(*store().Expire(rule, hours(1), 10, fence, Soon()), 0);
    EXPECT_EQ(*store().Expire(rule, hours(-1), 10, fence, Soon()), 1)
        << "in the future all are old";
  }
  EXPECT_THAT(Losses(), IsEmpty());
  EXPECT_EQ(under_test_->Trims(), 0);
}

TEST_P(RetentionStoreSuite, APartitionThatMovesLosesNothing) {
  under_test_->Append(20, Ago(hours(5)));
  SplitOk(1'000'000);
  under_test_->SetMoving(true);
  EXPECT_EQ(store().MoveStart(To(9), std::nullopt, Soon()).error().code,
            ErrorCode::kDataNodeUnavailable);
  EXPECT_EQ(store().Trim(To(9), {"ops", "why"}, false, Soon()).error().code,
            ErrorCode::kDataNodeUnavailable);
  // As if it were not here, so that the janitor passes over it.
  const auto unknown = ErrorCode::kUnknownTopicOrPartition;
  EXPECT_EQ(store().Look(At(), {}, Soon()).error().code, unknown);
  EXPECT_EQ(store().DeleteRows(At(), Offset{1}, Offset{9}, 9, Soon()).error().code, unknown);
  const std::vector<Offset> bounds = {Offset{1'000'000}};
  EXPECT_EQ(store().DropSegments(At(), bounds, Soon()).error().code, unknown);
  EXPECT_EQ(under_test_->Rows().size(), 20u);
  EXPECT_EQ(under_test_->Trims(), 0);
  under_test_->SetMoving(false);
  EXPECT_EQ(LookOk().log_start, Offset{1});
  EXPECT_EQ(MoveOk(To(9)).new_start, Offset{9});
}

TEST_P(RetentionStoreSuite, WhatIsNotHereIsUnknown) {
  core::PartitionLocation nowhere = At();
  nowhere.key.partition = 99;
  const auto code = ErrorCode::kUnknownTopicOrPartition;
  EXPECT_EQ(store().Look(nowhere, {}, Soon()).error().code, code);
  core::StartMove move = To(5);
  move.location = nowhere;
  EXPECT_EQ(store().MoveStart(move, std::nullopt, Soon()).error().code, code);
  EXPECT_EQ(store().SplitTail(nowhere, Offset{5}, 1, Soon()).error().code, code);
  EXPECT_EQ(store().DeleteRows(nowhere, Offset{1}, Offset{5}, 1, Soon()).error().code, code);
}

}  // namespace lanemq::testing
