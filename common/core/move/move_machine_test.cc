#include "common/core/move/move_machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

MoveRecord Record(MoveState state = MoveState::kCopying) {
  MoveRecord record;
  record.move.id = 5;
  record.move.from = {{TopicId{7}, 0}, NodeId{1}, 0};
  record.move.to = {{TopicId{7}, 0}, NodeId{2}, 3};
  record.topic = "orders";
  record.state = state;
  record.bytes_per_second = 1'000'000;
  return record;
}

class MoveMachineTest : public ::testing::Test {
 protected:
  void Make(const MoveRecord& record) { machine_.emplace(record, MoveLimits{}, now_); }
  MoveOrder Next() { return machine_->Next(now_); }
  /// Expects the step, and says that it succeeded.
  void Do(MoveStep step) {
    const MoveOrder order = Next();
    ASSERT_EQ(order.step, step) << static_cast<int>(order.step);
    machine_->OnDone(order, now_);
  }
  void DoAdvance(MoveState next) {
    const MoveOrder order = Next();
    ASSERT_EQ(order.step, MoveStep::kAdvance) << static_cast<int>(order.step);
    ASSERT_EQ(order.next, next) << ToString(order.next);
    machine_->OnDone(order, now_);
  }
  void Copy(std::int64_t copied_end, std::int64_t source_end) {
    ASSERT_EQ(Next().step, MoveStep::kCopyLog);
    machine_->OnLog({10, 1'000, Offset{copied_end}, Offset{source_end}});
  }
  void Fail(ErrorCode code) { machine_->OnFailed(Next(), {code, "for a reason"}, now_); }
  void GoTo(MoveState state) {
    MoveRecord record = Record(state);
    Make(record);
  }

  MonotonicTime now_{seconds{100}};
  std::optional<MoveMachine> machine_;
};

TEST_F(MoveMachineTest, TakesAllStepsInTheirOrder) {
  Make(Record());
  Do(MoveStep::kBeginArrival);
  Copy(1'000, 100'000);
  Copy(99'000, 100'000);
  DoAdvance(MoveState::kSealing);
  Do(MoveStep::kSeal);
  DoAdvance(MoveState::kHandingOver);
  Copy(100'000, 100'100);
  Copy(100'100, 100'100);
  EXPECT_EQ(Next().step, MoveStep::kCopyState);
  machine_->OnState({5, 50, false});
  EXPECT_EQ(Next().step, MoveStep::kCopyState);
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
  Do(MoveStep::kDropArrival);
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
  DoAdvance(MoveState::kSealing);
}

TEST_F(MoveMachineTest, WhatWasAskedToEndIsCancelledAndNotFailed) {
  GoTo(MoveState::kCancelling);
  Do(MoveStep::kUnseal);
  Fail(ErrorCode::kDataNodeUnavailable);
  now_ = now_ + seconds{60};
  Do(MoveStep::kDropArrival);
  DoAdvance(MoveState::kCancelled);
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
