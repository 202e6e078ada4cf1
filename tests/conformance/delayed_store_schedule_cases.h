#pragma once

// Part of delayed_store_suite.h: what is stored, one caller at a time.
#include "tests/conformance/delayed_store_fixture.h"

namespace lanemq::testing {

using std::chrono::hours;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_P(DelayedStoreSuite, EverySequenceIsStoredOnceHoweverBatchesOverlap) {
  const WallTime due = Now() + hours{1};
  ScheduleOk(Sequences(due, 0, 4));
  std::int64_t stored = 4;
  for (std::int64_t first = 0; first <= 4; ++first) {
    for (int count = 1; count <= 6; ++count) {
      SCOPED_TRACE(std::to_string(first) + " and " + std::to_string(count) + " on");
      const auto done = ScheduleOk(Sequences(due, first, count));
      EXPECT_EQ(done.duplicates, std::min<std::int64_t>(count, stored - first));
      EXPECT_EQ(done.ids.back(), (core::DelayedId{Key(0), due, kProducer, first + count - 1}));
      stored = std::max(stored, first + count);
      ASSERT_EQ(Waiting().size(), static_cast<std::size_t>(stored));
    }
  }
}

TEST_P(DelayedStoreSuite, WhatWasMovedOrCancelledIsNotStoredAgain) {
  const WallTime now = Now();
  const auto due = ScheduleOk(Sequences(now, 0, 2));
  EXPECT_EQ(MoveOk().moved, 2);
  const auto later = ScheduleOk(Sequences(now + hours{1}, 2, 1));
  EXPECT_EQ(Cancel(later.ids[0]), core::CancelResult::kCancelled);
  EXPECT_EQ(ScheduleOk(Sequences(now, 0, 2)).duplicates, 2);
  EXPECT_EQ(ScheduleOk(Sequences(now + hours{1}, 2, 1)).duplicates, 1);
  EXPECT_THAT(Waiting(), IsEmpty());
  EXPECT_EQ(ScheduleOk(Sequences(now, 3, 1)).duplicates, 0);
}

TEST_P(DelayedStoreSuite, AGapIsRefusedAndStoresNothing) {
  const WallTime due = Now() + hours{1};
  ExpectScheduleFails(ErrorCode::kUnknownProducerId, Sequences(due, 1, 2));
  ScheduleOk(Sequences(due, 0, 2));
  ExpectScheduleFails(ErrorCode::kOutOfOrderSequence, Sequences(due, 3, 2));
  EXPECT_EQ(Waiting().size(), 2u);
  EXPECT_EQ(ScheduleOk(Sequences(due, 2, 1)).duplicates, 0);
  // Each partition has sequences of its own.
  EXPECT_EQ(ScheduleOk(Sequences(due, 0, 1), 1).duplicates, 0);
}

TEST_P(DelayedStoreSuite, ABatchIsOneProducersAndWithoutHoles) {
  const WallTime due = Now() + hours{1};
  Batch batch = Sequences(due, 0, 1);
  batch.push_back(Message(due, "other", 1, core::ProducerId{78}));
  ExpectScheduleFails(ErrorCode::kInvalidRequest, batch);
  batch.pop_back();
  batch.push_back(Message(due, "hole", 2, kProducer));
  ExpectScheduleFails(ErrorCode::kInvalidRequest, batch);
  EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_P(DelayedStoreSuite, ABatchOfMoreThanOneStatementIsStoredInOnePiece) {
  const WallTime now = Now();
  Batch batch;
  for (int i = 0; i < 30; ++i) {
    batch.push_back(Message(now, std::string(100'000, static_cast<char>('a' + i)), i, kProducer));
  }
  ScheduleOk(batch);
  EXPECT_EQ(Waiting().size(), 30u);
  EXPECT_EQ(MoveOk().moved, 30);
  batch.clear();
  for (int i = 30; i < 40; ++i) {
    batch.push_back(Message(now, std::string(1'000'000, 'x'), i, kProducer));
  }
  batch.push_back(Message(now, std::string(100u << 20, 'x'), 40, kProducer));
  ExpectScheduleFails(ErrorCode::kMessageTooLarge, batch);
  EXPECT_THAT(Waiting(), IsEmpty());
  EXPECT_EQ(ScheduleOk(Sequences(now, 30, 1)).duplicates, 0);
}

TEST_P(DelayedStoreSuite, NothingIsScheduledForAPartitionThatIsNotThere) {
  const Batch batch = {Message(Now(), "m")};
  const auto done = store().Schedule(Key(9), batch, Soon());
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, ErrorCode::kDataNodeUnavailable);
}

TEST_P(DelayedStoreSuite, WithItsPartitionEverythingDelayedGoes) {
  ScheduleOk(Sequences(Now(), 0, 3));
  ScheduleOk({Message(Now(), "stays")}, 1);
  ASSERT_TRUE(under_test_->messages().DropPartition(At(0), Soon()).ok());
  EXPECT_THAT(Waiting(), IsEmpty());
  EXPECT_THAT(Waiting(1), ElementsAre("stays"));
  ASSERT_TRUE(under_test_->messages().CreatePartition(At(0), "orders", Soon()).ok());
  EXPECT_EQ(ScheduleOk(Sequences(Now(), 0, 1)).duplicates, 0);
}

TEST_P(DelayedStoreSuite, ProducersAreForgottenWhenTheyWereIdle) {
  ScheduleOk(Sequences(Now(), 0, 1));
  ScheduleOk(Sequences(Now(), 0, 1), 1);
  const auto none = store().ExpireProducers(hours{1}, 10, fence_, Soon());
  ASSERT_TRUE(none.ok()) << none.error().ToString();
  EXPECT_EQ(*none, 0);
  // A negative age: everything until a little after now.
  const auto one = store().ExpireProducers(-hours{1}, 1, fence_, Soon());
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(*one, 1);
  EXPECT_EQ(*store().ExpireProducers(-hours{1}, 10, fence_, Soon()), 1);
  ExpectScheduleFails(ErrorCode::kUnknownProducerId, Sequences(Now(), 1, 1));
}

}  // namespace lanemq::testing
