#pragma once

#include "tests/conformance/offset_store_suite.h"

/// What an OffsetStore does while partitions move to another data node.
namespace lanemq::testing {

TEST_P(OffsetStoreSuite, APartitionThatMovesRefusesCommitsAndTheOthersGoOn) {
  for (const auto place :
       {OffsetStoreUnderTest::Place::kMoving, OffsetStoreUnderTest::Place::kElsewhere}) {
    CommitOk(1, {To(0, 10), To(1, 10)});
    under_test_->SetPlace(Key(1), place);
    ExpectRefused(ErrorCode::kDataNodeUnavailable, 1, To(1, 11));
    ExpectRefused(ErrorCode::kDataNodeUnavailable, 2, To(1, 11));
    const auto answers = Commit(1, {To(2, 5), To(1, 12), To(0, 11)});
    ASSERT_EQ(answers.size(), 3u);
    EXPECT_TRUE(answers[0].ok());
    ASSERT_FALSE(answers[1].ok());
    EXPECT_EQ(answers[1].error().code, ErrorCode::kDataNodeUnavailable);
    EXPECT_TRUE(answers[2].ok());
    EXPECT_EQ(Committed(), (OffsetMap{{0, 11}, {1, 10}, {2, 5}})) << "nothing was done";
    under_test_->SetPlace(Key(1), OffsetStoreUnderTest::Place::kHere);
    CommitOk(1, {To(1, 12), To(0, 10)});
    CommitOk(1, {To(1, 13)});
  }
}

TEST_P(OffsetStoreSuite, WhatIsHereIsToldApartFromWhatMovesAndWhatIsNot) {
  using Place = OffsetStoreUnderTest::Place;
  const auto all = store().ListHere(Soon());
  ASSERT_TRUE(all.ok()) << all.error().ToString();
  ASSERT_EQ(all->size(), 100u);
  under_test_->SetPlace(Key(0), Place::kMoving);
  under_test_->SetPlace(Key(2), Place::kElsewhere);
  EXPECT_THAT(*store().ListHere(Soon()),
              ::testing::AllOf(::testing::SizeIs(98), ::testing::Contains(Key(1)),
                               ::testing::Not(::testing::Contains(Key(0))),
                               ::testing::Not(::testing::Contains(Key(2)))));
  under_test_->SetPlace(Key(0), Place::kHere);
  EXPECT_THAT(*store().ListHere(Soon()), ::testing::Contains(Key(0)));
}

TEST_P(OffsetStoreSuite, APartitionThatMovesRefusesTheFirstCommitOfAGroup) {
  under_test_->SetPlace(Key(0), OffsetStoreUnderTest::Place::kMoving);
  ExpectRefused(ErrorCode::kDataNodeUnavailable, 0, To(0, 5));
  EXPECT_EQ(Committed(), OffsetMap{}) << "no row that would stay behind";
}

TEST_P(OffsetStoreSuite, APartitionThatMovesRefusesClaims) {
  CommitOk(0, {To(0, 10), To(1, 20)});
  under_test_->SetPlace(Key(0), OffsetStoreUnderTest::Place::kMoving);
  const std::vector<core::PartitionKey> both = {Key(1), Key(0)};
  const auto claims = store().Claim("g", Owner(3, "new"), both, Soon());
  ASSERT_TRUE(claims.ok()) << claims.error().ToString();
  EXPECT_TRUE((*claims)[0].status.ok());
  EXPECT_EQ((*claims)[0].stored.offset, core::Offset{20});
  ASSERT_FALSE((*claims)[1].status.ok());
  EXPECT_EQ((*claims)[1].status.error().code, ErrorCode::kDataNodeUnavailable);
  EXPECT_EQ((*claims)[1].stored.key, Key(0));
  EXPECT_EQ(Claim(0, Owner(3, "new")).status.error().code, ErrorCode::kDataNodeUnavailable)
      << "alone as well";
  under_test_->SetPlace(Key(0), OffsetStoreUnderTest::Place::kHere);
  CommitOk(0, {To(0, 11)});  // Nobody has claimed it.
  const core::OffsetClaim claim = Claim(0, Owner(3, "new"));
  EXPECT_TRUE(claim.status.ok());
  EXPECT_EQ(claim.stored.offset, core::Offset{11});
}

TEST_P(OffsetStoreSuite, APartitionThatMovesRefusesWhatOperatorsDoToIt) {
  CommitOk(0, {To(0, 10), To(1, 20)});
  const std::vector<core::PartitionKey> one = {Key(0)};
  const std::vector<core::PartitionKey> both = {Key(0), Key(1)};
  ASSERT_TRUE(store().Pause("g", both, std::nullopt, {"ops", "why"}, Soon()).ok());
  under_test_->SetPlace(Key(1), OffsetStoreUnderTest::Place::kMoving);
  const std::vector<core::OffsetResetTo> resets = {{Key(0), core::Offset{3}},
                                                   {Key(1), core::Offset{4}}};
  constexpr auto kRefused = ErrorCode::kDataNodeUnavailable;
  EXPECT_EQ(store().Reset("g", resets, {"ops", "why"}, Soon()).error().code, kRefused);
  EXPECT_EQ(store().Pause("g", both, WallTime{1}, {"ops", "why"}, Soon()).error().code, kRefused);
  EXPECT_EQ(store().Resume("g", both, {"ops", "why"}, Soon()).error().code, kRefused);
  EXPECT_EQ(store().Delete("g", both, {"ops", "why"}, Soon()).error().code, kRefused);
  EXPECT_EQ(Committed(), (OffsetMap{{0, 10}, {1, 20}})) << "all or nothing";
  const auto rows = store().Fetch("g", {}, Soon());
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 2u);
  for (const auto& row : *rows) {
    ASSERT_TRUE(row.pause) << row.key.partition;
    EXPECT_EQ(row.pause->until, std::nullopt);
    EXPECT_EQ(row.reset_epoch, 0);
  }
  EXPECT_TRUE(store().ListResets("g", 9, Soon())->empty());
  EXPECT_EQ(*store().Resume("g", one, {"ops", "why"}, Soon()), 1) << "the other one goes on";
  EXPECT_EQ(*store().Resume("g", {}, {"ops", "why"}, Soon()), 1) << "of a whole group: no look";
}

}  // namespace lanemq::testing
