#include "common/core/move/move_machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/move/test_move_machine.h"

namespace lanemq::core {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

TEST_F(MoveMachineTest, TakesAllStepsInTheirOrder) {
  Make(Record());
  Do(MoveStep::kBeginArrival);
  Copy(1'000, 100'000);
  Copy(99'000, 100'000);
  EXPECT_EQ(Next().step, MoveStep::kCopyAhead);
  EXPECT_EQ(Next().after, StatePlace{});
  machine_->OnAhead({5, 50, false, {3, {"g", "7"}}}, now_);
  EXPECT_EQ(Next().step, MoveStep::kCopyAhead);
  EXPECT_EQ(Next().after, (StatePlace{3, {"g", "7"}}));
  machine_->OnAhead({5, 50, true}, now_);
  Copy(99'000, 100'000);
  DoAdvance(MoveState::kSealing);
  Do(MoveStep::kSeal);
  DoAdvance(MoveState::kHandingOver);
  Copy(100'000, 100'100);
  Copy(100'100, 100'100);
  EXPECT_EQ(Next().step, MoveStep::kCopyState);
  EXPECT_EQ(Next().after, StatePlace{});
  machine_->OnState({5, 50, false, {2, {"g"}}});
  EXPECT_EQ(Next().step, MoveStep::kCopyState);
  EXPECT_EQ(Next().after, (StatePlace{2, {"g"}}));
  machine_->OnState({5, 50, true});
  EXPECT_EQ(Next().step, MoveStep::kCompare);
  machine_->OnCompared({{"log rows", 7, 7}});
  DoAdvance(MoveState::kOpening);
  Do(MoveStep::kOpen);
  now_ = now_ + milliseconds{250};
  Do(MoveStep::kSwitch);
  EXPECT_EQ(machine_->record().paused_us, 250'000);
  EXPECT_EQ(Next().step, MoveStep::kDropSource);
  machine_->OnSourceDropped(false);
  EXPECT_EQ(Next().step, MoveStep::kDropSource);
  machine_->OnSourceDropped(true);
  DoAdvance(MoveState::kDone);
  EXPECT_EQ(Next().step, MoveStep::kFinished);
}

TEST_F(MoveMachineTest, ALevelCopyBeforeTheSealIsNoLevelCopy) {
  Make(Record());
  Do(MoveStep::kBeginArrival);
  Copy(50, 50);
  WalkAhead(0);
  DoAdvance(MoveState::kSealing);
  Do(MoveStep::kSeal);
  DoAdvance(MoveState::kHandingOver);
  EXPECT_EQ(Next().step, MoveStep::kCopyLog);
}

TEST_F(MoveMachineTest, ACopyThatDiffersIsTakenBack) {
  GoTo(MoveState::kHandingOver);
  Copy(10, 10);
  machine_->OnState({0, 0, true});
  machine_->OnCompared({{"log rows", 9, 9}, {"group_offsets", 4, 3}});
  const MoveOrder order = Next();
  EXPECT_EQ(order.next, MoveState::kCancelling);
  EXPECT_THAT(order.error, HasSubstr("group_offsets: 4 at the source, 3 in the copy"));
  machine_->OnDone(order, now_);
  Do(MoveStep::kUnseal);
  DoAdvance(MoveState::kCancelling);  // It can be used again.
  Do(MoveStep::kDropArrival);
  EXPECT_THAT(Next().error, HasSubstr("group_offsets"));
  DoAdvance(MoveState::kFailed);
}

TEST_F(MoveMachineTest, APauseThatIsTooLongEndsTheMove) {
  GoTo(MoveState::kHandingOver);
  now_ = now_ + seconds{31};
  EXPECT_EQ(Next().next, MoveState::kCancelling);
}

TEST_F(MoveMachineTest, ThePauseOfAnEarlierMoverCounts) {
  MoveRecord record = Record(MoveState::kHandingOver);
  record.paused_us = 29'000'000;
  Make(record);
  EXPECT_EQ(Next().step, MoveStep::kCopyLog);
  now_ = now_ + seconds{2};
  EXPECT_EQ(Next().next, MoveState::kCancelling);
}

TEST_F(MoveMachineTest, FromOpeningOnThereIsOnlyForward) {
  GoTo(MoveState::kOpening);
  now_ = now_ + seconds{3'600};
  for (const ErrorCode code :
       {ErrorCode::kDataNodeUnavailable, ErrorCode::kFenced, ErrorCode::kDataLossDetected}) {
    Fail(code);
    EXPECT_EQ(Next().step, MoveStep::kWait);
    now_ = now_ + seconds{60};
    DoAdvance(MoveState::kOpening);  // What went wrong is written down.
    EXPECT_EQ(Next().step, MoveStep::kOpen);
  }
}

TEST_F(MoveMachineTest, ASealThatIsHeldUpLetsTheCopyGoOn) {
  GoTo(MoveState::kSealing);
  ASSERT_EQ(Next().step, MoveStep::kSeal);
  Fail(ErrorCode::kConflict);
  DoAdvance(MoveState::kCopying);
  EXPECT_FALSE(machine_->PausedFor(now_));
  EXPECT_EQ(Next().step, MoveStep::kWait);
  now_ = now_ + seconds{1};
  Do(MoveStep::kBeginArrival);
  Copy(10, 10);
  DoAdvance(MoveState::kCopying);  // Progress.
  WalkAhead(0, 10);
  DoAdvance(MoveState::kSealing);
  EXPECT_EQ(Next().step, MoveStep::kSeal);
}

TEST_F(MoveMachineTest, WaitsLongerAfterEachFailure) {
  Make(Record());
  milliseconds last{0};
  for (int i = 0; i < 12; ++i) {
    Fail(ErrorCode::kDataNodeUnavailable);
    const MoveOrder order = Next();
    ASSERT_EQ(order.step, MoveStep::kWait);
    const auto pause = std::chrono::duration_cast<milliseconds>(order.at - now_);
    EXPECT_GE(pause, last);
    EXPECT_LE(pause, milliseconds{10'000});
    last = pause;
    now_ = order.at;
    if (Next().step == MoveStep::kAdvance) DoAdvance(MoveState::kCopying);
  }
  EXPECT_EQ(last, milliseconds{10'000});
}

TEST_F(MoveMachineTest, WhatWillNotDoBetterIsTakenBackAtOnce) {
  for (const ErrorCode code : {ErrorCode::kFenced, ErrorCode::kDataLossDetected,
                               ErrorCode::kUnknownTopicOrPartition, ErrorCode::kInvalidRequest}) {
    Make(Record());
    Fail(code);
    EXPECT_EQ(Next().next, MoveState::kCancelling) << static_cast<int>(code);
    EXPECT_THAT(Next().error, HasSubstr("for a reason"));
  }
}

TEST_F(MoveMachineTest, DoesNotSpinWhenGivingUpCannotBeWrittenDown) {
  Make(Record());
  Fail(ErrorCode::kFenced);
  ASSERT_EQ(Next().next, MoveState::kCancelling);
  Fail(ErrorCode::kMetadataUnavailable);
  EXPECT_EQ(Next().step, MoveStep::kWait);
}

TEST_F(MoveMachineTest, BeginsAnewWhenSomebodyElseHasChangedTheMove) {
  for (const ErrorCode code : {ErrorCode::kConflict, ErrorCode::kFenced, ErrorCode::kNotFound}) {
    Make(Record());
    Do(MoveStep::kBeginArrival);
    Copy(10, 10);
    WalkAhead(0, 10);
    Fail(code);
    EXPECT_EQ(Next().step, MoveStep::kReload);
  }
}

TEST_F(MoveMachineTest, ProgressIsWrittenDownOnceASecond) {
  Make(Record());
  Do(MoveStep::kBeginArrival);
  int written = 0;
  std::int64_t end = 0;
  for (int i = 0; i < 50; ++i) {
    now_ = now_ + milliseconds{100};
    if (Next().step == MoveStep::kAdvance) {
      DoAdvance(MoveState::kCopying);
      ++written;
    }
    Copy(end += 10, 1'000'000);
  }
  EXPECT_EQ(written, 5);
  EXPECT_EQ(machine_->record().bytes_copied, 50'000);
}

TEST_F(MoveMachineTest, ADeletedTopicEndsTheMoveWhereverItIs) {
  for (const MoveState state :
       {MoveState::kCopying, MoveState::kSealing, MoveState::kHandingOver, MoveState::kOpening}) {
    MoveRecord record = Record(state);
    record.is_topic_active = false;
    Make(record);
    DoAdvance(MoveState::kCancelling);
    Do(MoveStep::kDropTopic);
    DoAdvance(MoveState::kCancelled);
  }
}

TEST_F(MoveMachineTest, ATopicThatIsDeletedJustBeforeTheSwitchTakesTheNewPlaceWithIt) {
  GoTo(MoveState::kOpening);
  Do(MoveStep::kOpen);
  ASSERT_EQ(Next().step, MoveStep::kSwitch);
  Fail(ErrorCode::kFailedPrecondition);
  DoAdvance(MoveState::kCancelling);
  Do(MoveStep::kDropTopic);
}

TEST_F(MoveMachineTest, ATopicThatIsDeletedBeforeItsPartitionIsOpenedIsLookedAtAgain) {
  GoTo(MoveState::kOpening);
  ASSERT_EQ(Next().step, MoveStep::kOpen);
  Fail(ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(Next().step, MoveStep::kReload);
}

TEST_F(MoveMachineTest, FewLargeRowsAreNotNearTheEnd) {
  Make(Record());
  Do(MoveStep::kBeginArrival);
  machine_->OnLog({10, 10 << 20, Offset{100}, Offset{130}});
  EXPECT_EQ(Next().step, MoveStep::kCopyLog);
  machine_->OnLog({10, 10 << 20, Offset{120}, Offset{130}});
  EXPECT_EQ(Next().step, MoveStep::kCopyAhead);
}

TEST_F(MoveMachineTest, AWalkThatWroteMuchIsRepeatedAndOneThatIsOldAsWell) {
  Make(Record());
  Do(MoveStep::kBeginArrival);
  Copy(50, 50);
  WalkAhead(1'000'000);
  WalkAhead(9'999);
  // The log is not near any more, and takes a minute.
  machine_->OnLog({10, 10, Offset{50}, Offset{100'000}});
  EXPECT_EQ(Next().step, MoveStep::kCopyLog);
  now_ = now_ + seconds{61};
  DoAdvance(MoveState::kCopying);
  Copy(100'000, 100'000);
  WalkAhead(0);
  DoAdvance(MoveState::kSealing);
}

TEST_F(MoveMachineTest, WhereTooMuchChangesItIsSealedAllTheSame) {
  Make(Record());
  Do(MoveStep::kBeginArrival);
  Copy(50, 50);
  for (int walk = 0; walk < 5; ++walk) WalkAhead(1'000'000);
  DoAdvance(MoveState::kSealing);
}

TEST_F(MoveMachineTest, RowsOfAWalkAreAddedUp) {
  Make(Record());
  Do(MoveStep::kBeginArrival);
  Copy(50, 50);
  for (int i = 0; i < 3; ++i) machine_->OnAhead({.rows = 4'000, .next = {1, {"g"}}}, now_);
  machine_->OnAhead({.is_whole = true}, now_);
  Copy(50, 50);
  EXPECT_EQ(Next().step, MoveStep::kCopyAhead);
  EXPECT_EQ(Next().after, StatePlace{}) << "from the beginning";
}

TEST_F(MoveMachineTest, WhatWasAskedToEndIsCancelledAndNotFailed) {
  GoTo(MoveState::kCancelling);
  Do(MoveStep::kUnseal);
  Fail(ErrorCode::kDataNodeUnavailable);
  now_ = now_ + seconds{60};
  DoAdvance(MoveState::kCancelling);  // What went wrong is written down.
  Do(MoveStep::kDropArrival);
  DoAdvance(MoveState::kCancelled);
  EXPECT_EQ(machine_->record().error, "");
}

TEST_F(MoveMachineTest, WhatIsGoneAlreadyIsDropped) {
  GoTo(MoveState::kCleaning);
  Fail(ErrorCode::kUnknownTopicOrPartition);
  now_ = now_ + seconds{1};
  while (Next().step == MoveStep::kAdvance && Next().next == MoveState::kCleaning) {
    machine_->OnDone(Next(), now_);
  }
  DoAdvance(MoveState::kDone);
}

TEST(MoveStateTest, EveryStateHasANameThatIsReadAgain) {
  for (int i = 1; i <= 9; ++i) {
    const auto state = static_cast<MoveState>(i);
    EXPECT_EQ(MoveStateFromString(ToString(state)), state);
  }
  EXPECT_FALSE(MoveStateFromString("moving"));
}

}  // namespace
}  // namespace lanemq::core
