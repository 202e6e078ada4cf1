#pragma once

#include "tests/conformance/offset_store_suite.h"

/// Who owns a partition's offset.
namespace lanemq::testing {

TEST_P(OffsetStoreSuite, AClaimTellsWhatWasCommittedAndShutsOutTheFormerOwner) {
  CommitOk(3, {To(0, 10)});
  const core::OffsetClaim claim = Claim(0, Owner(4, "new"));
  EXPECT_TRUE(claim.status.ok());
  EXPECT_EQ(claim.stored.offset, core::Offset{10});
  EXPECT_EQ(claim.stored.metadata, "note 10");
  EXPECT_EQ(claim.stored.generation, core::Generation{4});
  EXPECT_EQ(claim.stored.member_id, "new");
  ExpectRefused(ErrorCode::kIllegalGeneration, 3, To(0, 99));
  EXPECT_EQ(Committed(), (OffsetMap{{0, 10}}));
}

TEST_P(OffsetStoreSuite, AClaimOfARowThatIsNotThereMakesOneWithoutAnOffset) {
  const core::OffsetClaim claim = Claim(7, Owner(2));
  EXPECT_TRUE(claim.status.ok());
  EXPECT_EQ(claim.stored.offset, core::Offset{-1});
  EXPECT_EQ(claim.stored.reset_epoch, 0);
  EXPECT_EQ(Committed(), (OffsetMap{{7, -1}}));
  ExpectRefused(ErrorCode::kIllegalGeneration, 1, To(7, 5));
  CommitOk(2, {To(7, 5, 0)});
  EXPECT_EQ(Committed(), (OffsetMap{{7, 5}}));
}

TEST_P(OffsetStoreSuite, AnOlderClaimChangesNothingAndSaysWhoHasIt) {
  (void)Claim(0, Owner(5, "owner"));
  const core::OffsetClaim late = Claim(0, Owner(4, "zombie"));
  ASSERT_FALSE(late.status.ok());
  EXPECT_EQ(late.status.error().code, ErrorCode::kIllegalGeneration);
  EXPECT_EQ(late.stored.generation, core::Generation{5});
  EXPECT_EQ(late.stored.member_id, "owner");
  EXPECT_TRUE(Claim(0, Owner(5, "owner")).status.ok()) << "its own claim may be repeated";
}

// A static member that comes back within its session has a new member id in the same generation.
TEST_P(OffsetStoreSuite, InOneGenerationTheNewestClaimCounts) {
  (void)Claim(0, Owner(5, "before"));
  const std::vector<core::OffsetCommit> commits = {To(0, 9)};
  EXPECT_TRUE(store().Commit("g", Owner(5, "before"), commits, Soon())->front().ok());
  const core::OffsetClaim claim = Claim(0, Owner(5, "after"));
  EXPECT_TRUE(claim.status.ok());
  EXPECT_EQ(claim.stored.offset, core::Offset{9});
  EXPECT_EQ(claim.stored.member_id, "after");
  const std::vector<core::OffsetCommit> late = {To(0, 10)};
  const auto answers = store().Commit("g", Owner(5, "before"), late, Soon());
  ASSERT_TRUE(answers.ok());
  ASSERT_FALSE(answers->front().ok());
  EXPECT_EQ(answers->front().error().code, ErrorCode::kIllegalGeneration);
  EXPECT_EQ(Committed(), (OffsetMap{{0, 9}}));
  EXPECT_TRUE(store().Commit("g", Owner(5, "after"), late, Soon())->front().ok());
}

TEST_P(OffsetStoreSuite, ACommitOfAKeptPartitionRaisesItsGeneration) {
  (void)Claim(0, Owner(5, "owner"));
  const std::vector<core::OffsetCommit> commits = {To(0, 9)};
  EXPECT_TRUE(store().Commit("g", Owner(6, "owner"), commits, Soon())->front().ok());
  ExpectRefused(ErrorCode::kIllegalGeneration, 5, To(0, 10));
  EXPECT_EQ(store().Fetch("g", {}, Soon())->front().member_id, "owner");
}

// A static member's successor claims in the generation they share; the predecessor must not come
// back with the next one.
TEST_P(OffsetStoreSuite, ANewerGenerationDoesNotReplaceAClaim) {
  (void)Claim(0, Owner(5, "owner"));
  const std::vector<core::OffsetCommit> commits = {To(0, 9)};
  const auto answers = store().Commit("g", Owner(6, "other"), commits, Soon());
  ASSERT_FALSE(answers->front().ok());
  EXPECT_EQ(answers->front().error().code, ErrorCode::kIllegalGeneration);
  EXPECT_TRUE(store().Commit("g", Owner(5, "owner"), commits, Soon())->front().ok())
      << "a refused commit must not raise the generation";
  CommitOk(0, {To(1, 3)});
  EXPECT_FALSE(store().Commit("g", Owner(1, "owner"), {{To(1, 4)}}, Soon())->front().ok())
      << "of an explicit assignment: claim it first";
}

TEST_P(OffsetStoreSuite, ClaimsAreCountedUntilTheOffsetMoves) {
  EXPECT_EQ(Claim(0, Owner(1, "a")).stored.claims, 1);
  EXPECT_EQ(Claim(0, Owner(1, "a")).stored.claims, 1) << "repeated";
  EXPECT_EQ(Claim(0, Owner(1, "b")).stored.claims, 2);
  EXPECT_EQ(Claim(0, Owner(2, "b")).stored.claims, 3);
  EXPECT_EQ(Claim(0, Owner(1, "late")).stored.claims, 3) << "refused";
  const auto commit = [&](std::int64_t offset, std::optional<std::int64_t> epoch, bool is_ok) {
    const auto answers = store().Commit("g", Owner(2, "b"), {{To(0, offset, epoch)}}, Soon());
    ASSERT_TRUE(answers.ok()) << answers.error().ToString();
    EXPECT_EQ(answers->front().ok(), is_ok);
  };
  commit(5, 77, false);
  EXPECT_EQ(Claim(0, Owner(3, "c")).stored.claims, 4) << "a refused commit moves nothing";
  EXPECT_EQ(Claim(0, Owner(3, "b")).stored.claims, 5);
  const auto kept = store().Commit("g", Owner(3, "b"), {{To(0, 5)}}, Soon());
  ASSERT_TRUE(kept.ok() && kept->front().ok());
  EXPECT_EQ(store().Fetch("g", {}, Soon())->front().claims, 0);
  EXPECT_EQ(Claim(0, Owner(4, "d")).stored.claims, 1);
  const auto same = store().Commit("g", Owner(4, "d"), {{To(0, 5)}}, Soon());
  ASSERT_TRUE(same.ok() && same->front().ok());
  EXPECT_EQ(store().Fetch("g", {}, Soon())->front().claims, 1) << "it did not move";
  const auto back = store().Commit("g", Owner(4, "d"), {{To(0, 4)}}, Soon());
  ASSERT_TRUE(back.ok() && back->front().ok());
  EXPECT_EQ(Claim(0, Owner(5, "e")).stored.claims, 1);
  ResetTo(0, 4);
  EXPECT_EQ(store().Fetch("g", {}, Soon())->front().claims, 0);
}

TEST_P(OffsetStoreSuite, ManyPartitionsAreClaimedAtOnceAndAnsweredInOrder) {
  CommitOk(9, {To(3, 30)});
  const std::vector<core::PartitionKey> keys = {Key(4), Key(3), Key(2)};
  const auto claims = store().Claim("g", Owner(8), keys, Soon());
  ASSERT_TRUE(claims.ok());
  ASSERT_EQ(claims->size(), 3u);
  for (std::size_t i = 0; i < keys.size(); ++i) EXPECT_EQ((*claims)[i].stored.key, keys[i]);
  EXPECT_TRUE((*claims)[0].status.ok());
  EXPECT_FALSE((*claims)[1].status.ok());
  EXPECT_TRUE((*claims)[2].status.ok());
  EXPECT_TRUE(store().Claim("g", Owner(8), {}, Soon())->empty());
}

}  // namespace lanemq::testing
