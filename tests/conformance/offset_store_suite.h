#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/store/offset_store.h"

namespace lanemq::testing {

/// A store to be tested.
class OffsetStoreUnderTest {
 public:
  virtual ~OffsetStoreUnderTest() = default;
  virtual core::OffsetStore& store() = 0;
  /// Where a partition of topic 3 below 100 is; at first here.
  enum class Place : std::int8_t { kHere, kMoving, kElsewhere };
  virtual void SetPlace(const core::PartitionKey& key, Place place) = 0;
};

struct OffsetStoreFactory {
  std::string name;
  std::function<std::unique_ptr<OffsetStoreUnderTest>(std::string* why)> make;
};

inline void PrintTo(const OffsetStoreFactory& factory, std::ostream* out) { *out << factory.name; }

/// What every OffsetStore must do.
class OffsetStoreSuite : public ::testing::TestWithParam<OffsetStoreFactory> {
 protected:
  void SetUp() override {
    std::string why;
    under_test_ = GetParam().make(&why);
    if (under_test_ == nullptr)
      GTEST_SKIP() << "SKIPPED LOUDLY: " << GetParam().name << ": " << why;
  }

  core::OffsetStore& store() { return under_test_->store(); }
  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{20});
  }
  static core::PartitionKey Key(int partition) { return {core::TopicId{3}, partition}; }
  static core::OffsetCommit To(int partition, std::int64_t offset,
                               std::optional<std::int64_t> epoch = std::nullopt) {
    return {Key(partition), core::Offset{offset}, "note " + std::to_string(offset), epoch};
  }

  /// A member that exists in one generation; 0: nobody.
  static core::OffsetOwner Owner(int generation, const std::string& member = "m") {
    return {core::Generation{generation}, generation == 0 ? "" : member};
  }
  /// Who says which of his commits it is.
  static core::OffsetOwner Numbered(int generation, std::int64_t sequence,
                                    const std::string& member = "m") {
    return {core::Generation{generation}, member, sequence};
  }
  Status CommitAs(const core::OffsetOwner& owner, const core::OffsetCommit& commit) {
    const auto answers = store().Commit("g", owner, {&commit, 1}, Soon());
    if (!answers.ok()) return answers.error();
    return answers->at(0);
  }
  std::vector<Status> Commit(int generation, const std::vector<core::OffsetCommit>& commits,
                             const std::string& group = "g") {
    const auto answers = store().Commit(group, Owner(generation), commits, Soon());
    EXPECT_TRUE(answers.ok()) << answers.error().ToString();
    return answers.ok() ? *answers : std::vector<Status>{};
  }
  void CommitOk(int generation, const std::vector<core::OffsetCommit>& commits,
                const std::string& group = "g") {
    for (const Status& status : Commit(generation, commits, group)) {
      EXPECT_TRUE(status.ok()) << status.error().ToString();
    }
  }
  void ExpectRefused(ErrorCode code, int generation, const core::OffsetCommit& commit) {
    const auto answers = Commit(generation, {commit});
    ASSERT_EQ(answers.size(), 1u);
    ASSERT_FALSE(answers[0].ok());
    EXPECT_EQ(answers[0].error().code, code);
  }
  core::OffsetReset ResetTo(int partition, std::int64_t offset,
                            const core::OperatorNote& note = {"ops", "why"}) {
    const std::vector<core::OffsetResetTo> to = {{Key(partition), core::Offset{offset}}};
    const auto done = store().Reset("g", to, note, Soon());
    EXPECT_TRUE(done.ok()) << done.error().ToString();
    return done.ok() && done->size() == 1 ? done->front() : core::OffsetReset{};
  }
  core::OffsetClaim Claim(int partition, const core::OffsetOwner& owner) {
    const std::vector<core::PartitionKey> keys = {Key(partition)};
    const auto claims = store().Claim("g", owner, keys, Soon());
    EXPECT_TRUE(claims.ok()) << claims.error().ToString();
    return claims.ok() && claims->size() == 1 ? claims->front() : core::OffsetClaim{};
  }
  /// Partition to offset, of what is committed.
  std::map<int, std::int64_t> Committed(const std::string& group = "g") {
    std::map<int, std::int64_t> offsets;
    const auto fetched = store().Fetch(group, {}, Soon());
    EXPECT_TRUE(fetched.ok());
    if (!fetched.ok()) return offsets;
    for (const auto& row : *fetched) offsets[row.key.partition] = row.offset.value;
    return offsets;
  }

  std::unique_ptr<OffsetStoreUnderTest> under_test_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(OffsetStoreSuite);

using OffsetMap = std::map<int, std::int64_t>;

TEST_P(OffsetStoreSuite, AGroupThatNeverCommittedHasNothing) {
  EXPECT_EQ(Committed(), OffsetMap{});
  EXPECT_TRUE(store().Commit("g", Owner(0), {}, Soon())->empty());
}

TEST_P(OffsetStoreSuite, WhatIsCommittedIsFetchedWholly) {
  std::string note;
  for (int i = 0; i < 256; ++i) note.push_back(static_cast<char>(i));
  CommitOk(4, {{Key(2), core::Offset{77}, note, std::nullopt}});
  const std::vector<core::PartitionKey> keys = {Key(1), Key(2)};
  const auto fetched = store().Fetch("g", keys, Soon());
  ASSERT_TRUE(fetched.ok());
  ASSERT_EQ(fetched->size(), 1u);
  const core::CommittedOffset& row = fetched->front();
  EXPECT_EQ(row.key, Key(2));
  EXPECT_EQ(row.offset, core::Offset{77});
  EXPECT_EQ(row.metadata, note);
  EXPECT_EQ(row.generation, core::Generation{4});
  EXPECT_EQ(row.reset_epoch, 0);
  EXPECT_GT(row.committed_at.micros, 0);
}

TEST_P(OffsetStoreSuite, ManyPartitionsAreCommittedAndFetchedAtOnce) {
  std::vector<core::OffsetCommit> commits;
  OffsetMap expected;
  for (int partition = 39; partition >= 0; --partition) {
    commits.push_back(To(partition, partition + 100));
    expected[partition] = partition + 100;
  }
  CommitOk(0, commits);
  EXPECT_EQ(Committed(), expected);
  std::vector<core::PartitionKey> keys;
  for (int partition = 0; partition < 30; ++partition) keys.push_back(Key(partition));
  EXPECT_EQ(store().Fetch("g", keys, Soon())->size(), 30u);
}

TEST_P(OffsetStoreSuite, RepeatingACommitIsHarmless) {
  for (int i = 0; i < 3; ++i) CommitOk(1, {To(0, 5), To(1, 6)});
  for (int i = 0; i < 3; ++i) CommitOk(1, {To(0, 5)});
  EXPECT_EQ(Committed(), (OffsetMap{{0, 5}, {1, 6}}));
}

TEST_P(OffsetStoreSuite, OffsetsMayGoBackWithinAGeneration) {
  CommitOk(1, {To(0, 50)});
  CommitOk(1, {To(0, 20)});
  EXPECT_EQ(Committed(), (OffsetMap{{0, 20}}));
}

TEST_P(OffsetStoreSuite, AnOlderGenerationChangesNothing) {
  CommitOk(5, {To(0, 10)});
  ExpectRefused(ErrorCode::kIllegalGeneration, 4, To(0, 99));
  ExpectRefused(ErrorCode::kIllegalGeneration, 0, To(0, 99));
  EXPECT_EQ(Committed(), (OffsetMap{{0, 10}}));
  CommitOk(5, {To(0, 11)});
  CommitOk(6, {To(0, 12)});
  ExpectRefused(ErrorCode::kIllegalGeneration, 5, To(0, 99));
  EXPECT_EQ(Committed(), (OffsetMap{{0, 12}}));
}

TEST_P(OffsetStoreSuite, AnswersArePerPartitionAndInOrder) {
  CommitOk(9, {To(1, 10)});
  const auto answers = Commit(8, {To(2, 1), To(1, 1), To(0, 1)});
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_TRUE(answers[0].ok());
  ASSERT_FALSE(answers[1].ok());
  EXPECT_EQ(answers[1].error().code, ErrorCode::kIllegalGeneration);
  EXPECT_TRUE(answers[2].ok());
  EXPECT_EQ(Committed(), (OffsetMap{{0, 1}, {1, 10}, {2, 1}}));
}

TEST_P(OffsetStoreSuite, AResetRefusesCommitsThatKnowTheOldEpochOnly) {
  CommitOk(1, {To(0, 10, 0)});
  ResetTo(0, 3);
  ExpectRefused(ErrorCode::kOffsetReset, 1, To(0, 11, 0));
  EXPECT_EQ(Committed(), (OffsetMap{{0, 3}}));
  // A refused commit must not raise the generation either.
  ExpectRefused(ErrorCode::kOffsetReset, 2, To(0, 11, 0));
  CommitOk(1, {To(0, 4, 1)});
  CommitOk(1, {To(0, 5)});  // Not checked.
  EXPECT_EQ(Committed(), (OffsetMap{{0, 5}}));
  EXPECT_EQ(store().Fetch("g", {}, Soon())->front().reset_epoch, 1);
}

TEST_P(OffsetStoreSuite, GroupsDoNotSeeEachOther) {
  CommitOk(1, {To(0, 10)}, "a");
  CommitOk(1, {To(0, 20)}, "A");
  CommitOk(1, {To(0, 30)}, std::string(249, 'a'));
  EXPECT_EQ(Committed("a"), (OffsetMap{{0, 10}}));
  EXPECT_EQ(Committed("A"), (OffsetMap{{0, 20}}));
  EXPECT_EQ(Committed(std::string(249, 'a')), (OffsetMap{{0, 30}}));
}

TEST_P(OffsetStoreSuite, ConcurrentFirstCommitsKeepTheNewestGeneration) {
  constexpr int kThreads = 6;
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::thread> threads;
    for (int generation = 1; generation <= kThreads; ++generation) {
      threads.emplace_back([&, generation] {
        // Half of the threads name the partitions in the opposite order.
        std::vector<core::OffsetCommit> commits = {To(round * 2, generation),
                                                   To(round * 2 + 1, generation)};
        if (generation % 2 == 0) std::swap(commits[0], commits[1]);
        for (const Status& status : Commit(generation, commits)) {
          EXPECT_TRUE(status.ok() || status.error().code == ErrorCode::kIllegalGeneration)
              << status.error().ToString();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  for (const auto& [partition, offset] : Committed()) EXPECT_EQ(offset, kThreads) << partition;
}

}  // namespace lanemq::testing

#include "tests/conformance/offset_store_claim_cases.h"     // IWYU pragma: keep
#include "tests/conformance/offset_store_group_cases.h"     // IWYU pragma: keep
#include "tests/conformance/offset_store_moving_cases.h"    // IWYU pragma: keep
#include "tests/conformance/offset_store_sequence_cases.h"  // IWYU pragma: keep
