#pragma once

#include <string>
#include <vector>

#include "tests/conformance/dead_letter_store_fixture.h"

namespace lanemq::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_P(DeadLetterStoreSuite, ARedriveGoesOnWhereAnotherStoreLeftIt) {
  PutThreePartitions(5);
  const core::Fence first = under_test_->NewTerm();
  const core::RedriveJob begun = Begin(77, All());
  EXPECT_EQ(begun.state, core::RedriveState::kRunning);
  EXPECT_EQ(begun.per_second, 9);
  EXPECT_EQ(begun.note.requested_by, "ops");
  EXPECT_EQ(Step(store(), 77, 4, first).moved, 4);
  EXPECT_EQ(Step(store(), 77, 4, first).moved, 8);

  const core::Fence second = under_test_->NewTerm();
  const auto stale = store().StepRedrive(77, 4, first, Soon());
  ASSERT_FALSE(stale.ok());
  EXPECT_EQ(stale.error().code, ErrorCode::kFenced);
  EXPECT_EQ(RetryOffsets().size(), 8u);
  EXPECT_EQ(ListAll(All()).size(), 7u);

  EXPECT_EQ(Step(under_test_->other(), 77, 4, second).moved, 12);
  const core::RedriveJob done = Step(under_test_->other(), 77, 4, second);
  EXPECT_EQ(done.state, core::RedriveState::kDone);
  EXPECT_EQ(done.moved, 15);
  EXPECT_TRUE(done.finished_at);
  EXPECT_THAT(ListAll(All()), IsEmpty());
  // Each exactly once, as it was.
  const auto retries = under_test_->Retries("g");
  ASSERT_EQ(retries.size(), 15u);
  const WallTime now = under_test_->Now();
  for (std::size_t i = 0; i < retries.size(); ++i) {
    const core::DeadLetter want =
        Letter(static_cast<int>(i / 5), static_cast<std::int64_t>(i % 5) + 1);
    EXPECT_EQ(retries[i].id, want.id);
    EXPECT_TRUE(*retries[i].record == *want.record);
    ExpectSameFailures(retries[i], want);
    EXPECT_EQ(retries[i].history.attempts, 0);
    EXPECT_LE(retries[i].dead_at, now);  // It is due.
    EXPECT_GE(retries[i].dead_at, begun.created_at);
  }
  EXPECT_EQ(Step(store(), 77, 4, second).moved, 15);  // Nothing to do.
  EXPECT_THAT(Deeds(), ElementsAre("redrive:0", "redrive:15"));
}

TEST_P(DeadLetterStoreSuite, LettersOfAPartitionThatMovesStay) {
  PutThreePartitions(3);
  const core::Fence fence = under_test_->NewTerm();
  (void)Begin(7, All());
  EXPECT_EQ(Step(store(), 7, 3, fence).moved, 3) << "of the first partition";
  under_test_->SetMoving(Key(1), true);
  constexpr auto kRefused = ErrorCode::kDataNodeUnavailable;
  EXPECT_EQ(store().StepRedrive(7, 6, fence, Soon()).error().code, kRefused);
  EXPECT_EQ(store().Drop(All(), Note(), Soon()).error().code, kRefused);
  EXPECT_EQ(store().RedriveEdited(Id(1, 1), {}, Note(), Soon()).error().code, kRefused);
  EXPECT_EQ(store().Expire(std::chrono::microseconds{1}, 100, fence, Soon()).error().code,
            kRefused);
  EXPECT_EQ(ListAll(All()).size(), 6u);
  EXPECT_EQ(RetryOffsets().size(), 3u);
  EXPECT_EQ(store().Drop({.group = "g", .partition = Key(2)}, Note(), Soon())->count, 3)
      << "the others go";
  under_test_->SetMoving(Key(1), false);
  EXPECT_EQ(Finish(7, 6, fence).moved, 6) << "and goes on where it was";
  EXPECT_THAT(ListAll(All()), IsEmpty());
}

TEST_P(DeadLetterStoreSuite, TheSameRedriveTwiceIsOne) {
  PutThreePartitions(2);
  const core::Fence fence = under_test_->NewTerm();
  const core::RedriveJob first = Begin(5, {.group = "g", .partition = Key(1), .key = "key\xff&="});
  const core::RedriveJob second = Begin(5, All());
  EXPECT_EQ(second.created_at, first.created_at);
  EXPECT_EQ(second.filter.partition, Key(1));
  EXPECT_EQ(second.filter.key, "key\xff&=");
  EXPECT_EQ(Finish(5, 10, fence).moved, 0);
  const core::RedriveJob third = Begin(5, All());
  EXPECT_EQ(third.state, core::RedriveState::kDone);
  EXPECT_EQ(ListAll(All()).size(), 6u);
  EXPECT_THAT(Deeds(), ElementsAre("redrive:0", "redrive:0"));
}

TEST_P(DeadLetterStoreSuite, ARedriveTakesWhatItsFilterSays) {
  PutThreePartitions(6);
  const core::Fence fence = under_test_->NewTerm();
  Begin(1, Only({Id(2, 5), Id(0, 1), Id(0, 9), Id(0, 3)}));
  EXPECT_EQ(Finish(1, 2, fence).moved, 3);
  EXPECT_EQ(RetryOffsets(), (Offsets{{0, 1}, {0, 3}, {2, 5}}));
  Begin(2, {.group = "g",
            .topic = core::TopicId{7},
            .reason = "timeout",
            .from = Letter(0, 3).dead_at,
            .until = Letter(0, 6).dead_at});
  EXPECT_EQ(Finish(2, 2, fence).moved, 3);
  EXPECT_EQ(RetryOffsets(), (Offsets{{0, 1}, {0, 3}, {0, 4}, {1, 4}, {2, 4}, {2, 5}}));
  EXPECT_EQ(ListAll(All()).size(), 12u);
  const auto unknown = store().StepRedrive(3, 1, fence, Soon());
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
}

TEST_P(DeadLetterStoreSuite, LettersThatDieLaterAreNotCovered) {
  under_test_->Put({Letter(0, 1), Letter(0, 3)});
  const core::Fence fence = under_test_->NewTerm();
  Begin(1, All());
  EXPECT_EQ(Step(store(), 1, 1, fence).moved, 1);
  core::DeadLetter late = Letter(0, 2);
  late.dead_at = under_test_->Now();
  core::DeadLetter later = Letter(2, 1);
  later.dead_at = late.dead_at;
  under_test_->Put({late, later});
  EXPECT_EQ(Finish(1, 10, fence).moved, 2);
  EXPECT_EQ(ListAll(All()), (Offsets{{0, 2}, {2, 1}}));
  EXPECT_EQ(RetryOffsets(), (Offsets{{0, 1}, {0, 3}}));
}

TEST_P(DeadLetterStoreSuite, ALetterReplacesTheRetryOfItsRecord) {
  under_test_->Put({Letter(0, 1)});
  const core::Fence fence = under_test_->NewTerm();
  Begin(1, All());
  Finish(1, 10, fence);
  core::DeadLetter changed = Letter(0, 1);
  auto record = std::make_shared<core::Record>(*changed.record);
  record->body = "newer";
  changed.record = record;
  under_test_->Put({changed});
  Begin(2, All());
  EXPECT_EQ(Finish(2, 10, fence).moved, 1);
  const auto retries = under_test_->Retries("g");
  ASSERT_EQ(retries.size(), 1u);
  EXPECT_EQ(retries[0].record->body, "newer");
  EXPECT_THAT(ListAll(All()), IsEmpty());
}

TEST_P(DeadLetterStoreSuite, ACancelledRedriveMovesNothingMore) {
  PutThreePartitions(2);
  const core::Fence fence = under_test_->NewTerm();
  Begin(1, All());
  Begin(2, All());
  Begin(3, All("other"));
  EXPECT_EQ(Step(store(), 1, 2, fence).moved, 2);
  ASSERT_TRUE(store().CancelRedrive(1, {"bob", "wrong"}, Soon()).ok());
  ASSERT_TRUE(store().CancelRedrive(1, {"bob", "wrong"}, Soon()).ok());
  const core::RedriveJob cancelled = Step(store(), 1, 2, fence);
  EXPECT_EQ(cancelled.state, core::RedriveState::kCancelled);
  EXPECT_EQ(cancelled.moved, 2);
  EXPECT_TRUE(cancelled.finished_at);
  EXPECT_EQ(ListAll(All()).size(), 4u);
  EXPECT_THAT(Deeds(), ElementsAre("redrive:0", "redrive:0", "cancel:2"));
  const Status unknown = store().CancelRedrive(9, Note(), Soon());
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);

  const auto ids = [&](const std::string& group, bool only_running) {
    std::vector<std::int64_t> found;
    const auto jobs = store().ListRedrives(group, only_running, 10, Soon());
    EXPECT_TRUE(jobs.ok()) << jobs.error().ToString();
    if (jobs.ok()) {
      for (const auto& job : *jobs) found.push_back(job.id);
    }
    return found;
  };
  EXPECT_THAT(ids("", false), ElementsAre(3, 2, 1));
  EXPECT_THAT(ids("", true), ElementsAre(3, 2));
  EXPECT_THAT(ids("g", false), ElementsAre(2, 1));
  EXPECT_THAT(ids("g", true), ElementsAre(2));
}

TEST_P(DeadLetterStoreSuite, ARedriveIsFoundByItsIdHoweverManyAreNewer) {
  under_test_->PutDoneRedrives(1, 1'003);
  const auto oldest = store().GetRedrive(1, Soon());
  ASSERT_TRUE(oldest.ok()) << oldest.error().ToString();
  EXPECT_EQ(oldest->id, 1);
  EXPECT_EQ(oldest->filter.group, "g");
  EXPECT_EQ(oldest->state, core::RedriveState::kDone);
  Begin(5'000, All("other"));
  EXPECT_EQ(store().GetRedrive(5'000, Soon())->filter.group, "other");
  const auto unknown = store().GetRedrive(9'999, Soon());
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
}

TEST_P(DeadLetterStoreSuite, OnlySoManyFinishedRedrivesAreKept) {
  const core::Fence fence = under_test_->NewTerm();
  under_test_->PutDoneRedrives(1, 1'003);
  const auto count = [&](bool only_running) {
    const auto jobs = store().ListRedrives("g", only_running, 1'000, Soon());
    EXPECT_TRUE(jobs.ok()) << jobs.error().ToString();
    return jobs.ok() ? jobs->size() : 0;
  };
  EXPECT_EQ(Step(store(), 1, 1, fence).state, core::RedriveState::kDone);
  Begin(5'000, All());
  Begin(5'001, All());
  EXPECT_EQ(count(true), 2u);
  for (const std::int64_t gone : {1, 2, 3}) {
    const auto step = store().StepRedrive(gone, 1, fence, Soon());
    ASSERT_FALSE(step.ok()) << gone;
    EXPECT_EQ(step.error().code, ErrorCode::kNotFound);
  }
  EXPECT_EQ(Step(store(), 4, 1, fence).state, core::RedriveState::kDone);
}

}  // namespace lanemq::testing
