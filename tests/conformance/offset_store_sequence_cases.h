#pragma once

#include "tests/conformance/offset_store_suite.h"

/// Commits of an owner that arrive after its later ones.
namespace lanemq::testing {

TEST_P(OffsetStoreSuite, ALateCommitOfTheOwnerChangesNothing) {
  (void)Claim(0, Owner(5));
  EXPECT_TRUE(CommitAs(Numbered(5, 1), To(0, 10)).ok());
  EXPECT_TRUE(CommitAs(Numbered(5, 3), To(0, 30)).ok());
  const Status late = CommitAs(Numbered(5, 2), To(0, 20));
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, ErrorCode::kFenced) << late.error().ToString();
  const auto stored = store().Fetch("g", {}, Soon());
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(stored->front().offset, core::Offset{30});
  EXPECT_EQ(stored->front().metadata, "note 30");
  EXPECT_EQ(stored->front().commit_sequence, 3);
  EXPECT_TRUE(CommitAs(Numbered(5, 3), To(0, 30)).ok()) << "repeated after a lost reply";
  EXPECT_TRUE(CommitAs(Numbered(5, 4), To(0, 20)).ok()) << "it may go back, if it wants to";
  EXPECT_EQ(Committed(), (OffsetMap{{0, 20}}));
}

TEST_P(OffsetStoreSuite, SequencesAreOfEachPartitionAlone) {
  (void)Claim(0, Owner(5));
  (void)Claim(1, Owner(5));
  EXPECT_TRUE(CommitAs(Numbered(5, 3), To(0, 30)).ok());
  const std::vector<core::OffsetCommit> commits = {To(0, 20), To(1, 20)};
  const auto answers = store().Commit("g", Numbered(5, 2), commits, Soon());
  ASSERT_TRUE(answers.ok()) << answers.error().ToString();
  ASSERT_FALSE((*answers)[0].ok());
  EXPECT_EQ((*answers)[0].error().code, ErrorCode::kFenced);
  EXPECT_TRUE((*answers)[1].ok());
  EXPECT_EQ(Committed(), (OffsetMap{{0, 30}, {1, 20}}));
}

TEST_P(OffsetStoreSuite, SequencesBeginAnewWithAnotherOwnerOrGeneration) {
  (void)Claim(0, Owner(5, "before"));
  EXPECT_TRUE(CommitAs(Numbered(5, 9, "before"), To(0, 10)).ok());
  (void)Claim(0, Owner(5, "before"));
  EXPECT_FALSE(CommitAs(Numbered(5, 8, "before"), To(0, 99)).ok()) << "a repeated claim";
  EXPECT_EQ(Claim(0, Owner(5, "after")).stored.commit_sequence, 0);
  EXPECT_TRUE(CommitAs(Numbered(5, 1, "after"), To(0, 11)).ok());
  EXPECT_TRUE(CommitAs(Numbered(5, 7, "after"), To(0, 12)).ok());
  EXPECT_EQ(Claim(0, Owner(6, "after")).stored.commit_sequence, 0);
  EXPECT_TRUE(CommitAs(Numbered(6, 7, "after"), To(0, 13)).ok());
  // Kept through a rebalance: it is not claimed.
  EXPECT_TRUE(CommitAs(Numbered(7, 3, "after"), To(0, 14)).ok());
  const Status late = CommitAs(Numbered(7, 2, "after"), To(0, 99));
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, ErrorCode::kFenced);
  const Status former = CommitAs(Numbered(6, 8, "after"), To(0, 99));
  ASSERT_FALSE(former.ok());
  EXPECT_EQ(former.error().code, ErrorCode::kIllegalGeneration);
  EXPECT_EQ(Committed(), (OffsetMap{{0, 14}}));
}

TEST_P(OffsetStoreSuite, AResetComesBeforeSequences) {
  (void)Claim(0, Owner(5));
  EXPECT_TRUE(CommitAs(Numbered(5, 5), To(0, 50, 0)).ok());
  ResetTo(0, 3);
  for (const int sequence : {4, 5, 9}) {
    const Status refused = CommitAs(Numbered(5, sequence), To(0, 60, 0));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kOffsetReset) << sequence;
  }
  EXPECT_EQ(Committed(), (OffsetMap{{0, 3}}));
  EXPECT_TRUE(CommitAs(Numbered(5, 6), To(0, 4, 1)).ok()) << "what is refused does not count";
  const Status late = CommitAs(Numbered(5, 5), To(0, 50));
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, ErrorCode::kFenced);
  EXPECT_EQ(Committed(), (OffsetMap{{0, 4}}));
}

TEST_P(OffsetStoreSuite, CommitsThatTellNoSequenceAreNotChecked) {
  (void)Claim(0, Owner(5));
  EXPECT_TRUE(CommitAs(Numbered(5, 9), To(0, 10)).ok());
  EXPECT_TRUE(CommitAs(Owner(5), To(0, 5)).ok());
  EXPECT_EQ(Committed(), (OffsetMap{{0, 5}}));
  EXPECT_FALSE(CommitAs(Numbered(5, 8), To(0, 11)).ok()) << "the last one told is kept";
}

TEST_P(OffsetStoreSuite, OfConcurrentCommitsOfAnOwnerTheLastOneStays) {
  constexpr int kThreads = 6;
  for (int round = 0; round < 10; ++round) {
    (void)Claim(round, Owner(5));
    std::vector<std::thread> threads;
    for (int sequence = 1; sequence <= kThreads; ++sequence) {
      threads.emplace_back([&, sequence] {
        const Status status = CommitAs(Numbered(5, sequence), To(round, sequence));
        EXPECT_TRUE(status.ok() || status.error().code == ErrorCode::kFenced)
            << status.error().ToString();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  for (const auto& [partition, offset] : Committed()) EXPECT_EQ(offset, kThreads) << partition;
}

}  // namespace lanemq::testing
