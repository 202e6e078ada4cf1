#pragma once

#include "tests/conformance/delayed_store_fixture.h"

/// What a DelayedStore does while partitions move to another data node.
namespace lanemq::testing {

TEST_P(DelayedStoreSuite, APartitionThatMovesTakesAndDeliversNothing) {
  const auto ids = ScheduleOk(Sequences(Now(), 0, 3)).ids;
  ScheduleOk({Message(Now(), "other")}, 1);
  under_test_->SetMoving(Key(0), true);
  ExpectScheduleFails(ErrorCode::kDataNodeUnavailable, Sequences(Now(), 3, 1));
  const auto moved = store().Move(At(0), WallTime{}, 10, 1u << 20, fence_, Soon());
  ASSERT_FALSE(moved.ok());
  EXPECT_EQ(moved.error().code, ErrorCode::kDataNodeUnavailable);
  const auto cancelled = store().Cancel(ids, Soon());
  ASSERT_FALSE(cancelled.ok());
  EXPECT_EQ(cancelled.error().code, ErrorCode::kDataNodeUnavailable);
  EXPECT_EQ(*store().ExpireProducers(std::chrono::microseconds{-3'600'000'000}, 10, fence_, Soon()),
            0)
      << "who schedules is remembered until the partition is at its new place";
  EXPECT_EQ(MoveOk(1).moved, 1) << "other partitions go on";
  EXPECT_THAT(Bodies(), ::testing::IsEmpty());
  under_test_->SetMoving(Key(0), false);
  EXPECT_EQ(ScheduleOk(Sequences(Now(), 3, 1)).duplicates, 0);
  EXPECT_EQ(Cancel(ids[1]), core::CancelResult::kCancelled);
  EXPECT_EQ(MoveOk().moved, 3);
  EXPECT_THAT(Bodies(), ::testing::ElementsAre("0", "2", "3"));
}

}  // namespace lanemq::testing
