#pragma once

#include <atomic>
#include <set>

#include "tests/conformance/offset_store_suite.h"

/// What groups and operators need of an OffsetStore: resets, pauses, expiry.
namespace lanemq::testing {

TEST_P(OffsetStoreSuite, AResetIsRecordedAndKeepsTheOwner) {
  (void)Claim(0, Owner(5, "owner"));
  CommitOk(0, {To(1, 70)});
  const core::OffsetReset first = ResetTo(0, 3, {"ana@host", "bad handler"});
  EXPECT_EQ(first.reset_epoch, 1);
  EXPECT_EQ(first.old_offset, std::nullopt);
  const core::OffsetReset second = ResetTo(0, 8);
  EXPECT_EQ(second.reset_epoch, 2);
  EXPECT_EQ(second.old_offset, core::Offset{3});
  EXPECT_EQ(second.new_offset, core::Offset{8});
  (void)ResetTo(1, 1);

  const auto resets = store().ListResets("g", 2, Soon());
  ASSERT_TRUE(resets.ok());
  ASSERT_EQ(resets->size(), 2u) << "newest first, no more than asked for";
  EXPECT_EQ((*resets)[0].key, Key(1));
  EXPECT_EQ((*resets)[0].old_offset, core::Offset{70});
  EXPECT_EQ((*resets)[1].key, Key(0));
  EXPECT_EQ((*resets)[1].reset_epoch, 2);
  const core::OffsetReset oldest = store().ListResets("g", 9, Soon())->back();
  EXPECT_EQ(oldest.requested_by, "ana@host");
  EXPECT_EQ(oldest.reason, "bad handler");
  EXPECT_GT(oldest.at.micros, 0);
  EXPECT_TRUE(store().ListResets("other", 9, Soon())->empty());

  const std::vector<core::OffsetCommit> late = {To(0, 100, 1)};
  EXPECT_EQ(store().Commit("g", Owner(5, "owner"), late, Soon())->front().error().code,
            ErrorCode::kOffsetReset);
  const std::vector<core::OffsetCommit> knowing = {To(0, 9, 2)};
  EXPECT_TRUE(store().Commit("g", Owner(5, "owner"), knowing, Soon())->front().ok());
}

TEST_P(OffsetStoreSuite, EpochsGoOnAfterTheOffsetsWereDeleted) {
  (void)ResetTo(0, 3);
  EXPECT_EQ(store().Delete("g", {}, {}, Soon()).value(), 1);
  EXPECT_EQ(ResetTo(0, 4).reset_epoch, 2);
  EXPECT_EQ(store().ListResets("g", 9, Soon())->size(), 2u);
}

TEST_P(OffsetStoreSuite, PausesAreFetchedUntilTheyAreOver) {
  CommitOk(0, {To(0, 10)});
  const std::vector<core::PartitionKey> both = {Key(0), Key(1)};
  ASSERT_TRUE(store().Pause("g", both, std::nullopt, {"ops", "disk full"}, Soon()).ok());
  auto rows = store().Fetch("g", {}, Soon());
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 2u);
  for (const auto& row : *rows) {
    ASSERT_TRUE(row.pause) << row.key.partition;
    EXPECT_EQ(row.pause->until, std::nullopt);
    EXPECT_EQ(row.pause->reason, "disk full");
    EXPECT_EQ(row.pause->requested_by, "ops");
    EXPECT_EQ(row.offset, core::Offset{row.key == Key(0) ? 10 : -1});
  }
  const std::vector<core::PartitionKey> one = {Key(1)};
  EXPECT_EQ(store().Fetch("g", one, Soon())->size(), 1u);
  EXPECT_TRUE(store().Fetch("other", {}, Soon())->empty());
  // One that ended long ago, in place of the other.
  ASSERT_TRUE(store().Pause("g", one, WallTime{1}, {"ops", "short"}, Soon()).ok());
  EXPECT_TRUE(store().Fetch("g", one, Soon())->empty());
  EXPECT_EQ(store().Resume("g", {}, {}, Soon()).value(), 2);
  rows = store().Fetch("g", {}, Soon());
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_FALSE(rows->front().pause);
  EXPECT_EQ(store().Resume("g", both, {}, Soon()).value(), 0);
}

TEST_P(OffsetStoreSuite, APauseKnowsItsEnd) {
  const std::vector<core::PartitionKey> keys = {Key(0)};
  const WallTime later{4'000'000'000'000'123};  // 2096.
  ASSERT_TRUE(store().Pause("g", keys, later, {}, Soon()).ok());
  const auto rows = store().Fetch("g", keys, Soon());
  ASSERT_EQ(rows->size(), 1u);
  ASSERT_TRUE(rows->front().pause && rows->front().pause->until);
  EXPECT_EQ(rows->front().pause->until->micros, later.micros);
  EXPECT_EQ(store().Resume("g", keys, {}, Soon()).value(), 1);
}

TEST_P(OffsetStoreSuite, DeletedOffsetsAreGoneWithTheirPauses) {
  CommitOk(0, {To(0, 1), To(1, 2), To(2, 3)});
  CommitOk(0, {To(0, 4)}, "other");
  const std::vector<core::PartitionKey> one = {Key(1)};
  ASSERT_TRUE(store().Pause("g", one, std::nullopt, {}, Soon()).ok());
  EXPECT_EQ(store().Delete("g", one, {}, Soon()).value(), 1);
  EXPECT_EQ(Committed(), (OffsetMap{{0, 1}, {2, 3}}));
  EXPECT_EQ(store().Delete("g", {}, {}, Soon()).value(), 2);
  EXPECT_EQ(Committed(), OffsetMap{});
  EXPECT_EQ(Committed("other"), (OffsetMap{{0, 4}}));
}

TEST_P(OffsetStoreSuite, AnExpiryThatComesLateSparesWhoLivesAgain) {
  CommitOk(0, {To(0, 1), To(1, 2), To(2, 3)});
  (void)Claim(0, Owner(4, "former"));
  (void)Claim(1, Owner(5, "owner"));
  const std::vector<core::PartitionKey> paused = {Key(0), Key(1), Key(7)};
  ASSERT_TRUE(store().Pause("g", paused, std::nullopt, {}, Soon()).ok());
  using std::chrono_literals::operator""h;
  EXPECT_EQ(store().Expire("g", core::Generation{9}, 1h, Soon()).value(), 0) << "just committed";
  EXPECT_EQ(store().Expire("other", core::Generation{9}, {}, Soon()).value(), 0);
  EXPECT_EQ(store().Expire("g", core::Generation{4}, {}, Soon()).value(), 2);
  EXPECT_EQ(Committed(), (OffsetMap{{1, 2}}));
  const auto left = store().Fetch("g", {}, Soon());
  ASSERT_EQ(left->size(), 1u) << "pauses without an offset are gone, too";
  EXPECT_TRUE(left->front().pause);
}

/// Owners follow each other while the former ones go on committing: from a claim on, no commit of
/// an older owner is in the row, and what was acknowledged before it is in the claim.
TEST_P(OffsetStoreSuite, ZombiesNeverChangeWhatTheirSuccessorSaw) {
  constexpr int kGenerations = 12;
  std::atomic<int> newest{1};
  std::atomic<bool> is_over{false};
  std::atomic<std::int64_t> acknowledged[kGenerations + 2] = {};
  std::vector<std::thread> zombies;
  for (int generation = 1; generation <= kGenerations; ++generation) {
    zombies.emplace_back([&, generation] {
      std::int64_t offset = generation * 1'000'000;
      while (!is_over) {
        if (newest < generation) {
          std::this_thread::yield();
          continue;
        }
        const std::vector<core::OffsetCommit> commits = {To(0, ++offset), To(1, offset)};
        const auto answers = store().Commit("g", Owner(generation), commits, Soon());
        if (!answers.ok() || !(*answers)[0].ok()) continue;
        acknowledged[generation] = offset;
      }
    });
  }
  for (int generation = 2; generation <= kGenerations; ++generation) {
    while (acknowledged[generation - 1] == 0) std::this_thread::yield();
    const std::int64_t before = acknowledged[generation - 1];
    const std::vector<core::PartitionKey> keys = {Key(0), Key(1)};
    const auto claims = store().Claim("g", Owner(generation), keys, Soon());
    ASSERT_TRUE(claims.ok()) << claims.error().ToString();
    const std::int64_t seen = (*claims)[0].stored.offset.value;
    EXPECT_GE(seen, before) << "a commit that was acknowledged is not in the claim";
    EXPECT_EQ((*claims)[1].stored.offset.value, seen) << "half of a commit";
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(Committed(), (OffsetMap{{0, seen}, {1, seen}})) << "a zombie changed it";
    }
    newest = generation;
  }
  is_over = true;
  for (std::thread& zombie : zombies) zombie.join();
}

}  // namespace lanemq::testing
