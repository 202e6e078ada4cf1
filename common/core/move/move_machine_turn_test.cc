// When a move may let others have their turn, and what ends one whose other data node is lost.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/move/test_move_machine.h"

namespace lanemq::core {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

TEST_F(MoveMachineTest, ItKeepsItsTurnForAFewAttemptsToSeal) {
  GoTo(MoveState::kSealing);
  for (int attempt = 1; attempt <= 5; ++attempt) {
    ASSERT_EQ(Next().step, MoveStep::kSeal);
    EXPECT_FALSE(machine_->MayYield());
    Fail(ErrorCode::kConflict);
    DoAdvance(MoveState::kCopying);
    EXPECT_EQ(Next().step, MoveStep::kWait);
    EXPECT_TRUE(machine_->IsAboutToSeal());
    EXPECT_EQ(machine_->MayYield(), attempt == 5) << attempt;
    now_ = Next().at;
    if (attempt == 1) Do(MoveStep::kBeginArrival);
    Copy(10, 10);
    while (Next().next != MoveState::kSealing) {
      if (Next().step == MoveStep::kAdvance) DoAdvance(MoveState::kCopying);
      if (Next().step == MoveStep::kCopyAhead) WalkAhead(0, 10);
    }
    DoAdvance(MoveState::kSealing);
  }
}

TEST_F(MoveMachineTest, ANodeThatDoesNotAnswerIsNoReasonToKeepTheTurn) {
  GoTo(MoveState::kSealing);
  Fail(ErrorCode::kConflict);
  DoAdvance(MoveState::kCopying);
  now_ = Next().at;
  Fail(ErrorCode::kDataNodeUnavailable);
  EXPECT_EQ(Next().step, MoveStep::kWait);
  EXPECT_TRUE(machine_->MayYield());
}

TEST_F(MoveMachineTest, WhatIsShutKeepsItsTurnUntilItIsGivenBack) {
  MoveRecord record = Record(MoveState::kCancelling);
  record.is_paused = true;
  record.paused_us = 40'000'000;
  record.error = "for a reason; now: unseal: for another one";
  Make(record);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(machine_->MayYield());
    EXPECT_EQ(Next().step, MoveStep::kUnseal);
    Fail(ErrorCode::kDataNodeUnavailable);
    now_ = now_ + seconds{5};
    EXPECT_THAT(Next().error, ::testing::StartsWith("for a reason; now: unseal: "));
    DoAdvance(MoveState::kCancelling);
  }
  Do(MoveStep::kUnseal);
  EXPECT_EQ(machine_->record().paused_us, 55'000'000);
  EXPECT_FALSE(machine_->PausedFor(now_));
  EXPECT_FALSE(machine_->MayYield()) << "nobody knows yet";
  EXPECT_TRUE(Next().ends_pause);
  EXPECT_EQ(Next().error, "for a reason");
  DoAdvance(MoveState::kCancelling);
  EXPECT_TRUE(machine_->MayYield());
  now_ = now_ + seconds{5};
  Do(MoveStep::kDropArrival);
  DoAdvance(MoveState::kFailed);
  EXPECT_EQ(machine_->record().paused_us, 55'000'000);
}

TEST_F(MoveMachineTest, WhatWasNeverSealedMayYieldWhileItIsTakenBack) {
  GoTo(MoveState::kCancelling);
  EXPECT_TRUE(machine_->MayYield());
  Do(MoveStep::kUnseal);
  EXPECT_EQ(Next().step, MoveStep::kDropArrival);
}

TEST_F(MoveMachineTest, ACopyOnADisabledNodeIsLeftThere) {
  for (const std::string why : {"", "it differs"}) {
    MoveRecord record = Record(MoveState::kCancelling);
    record.error = why;
    record.is_target_disabled = true;
    Make(record);
    Fail(ErrorCode::kDataNodeUnavailable);
    now_ = now_ + milliseconds{100};
    Do(MoveStep::kUnseal);  // The source is another one.
    Fail(ErrorCode::kDataNodeUnavailable);
    EXPECT_THAT(Next().error, HasSubstr(why));
    EXPECT_THAT(Next().error, HasSubstr("its data node is disabled"));
    DoAdvance(why.empty() ? MoveState::kCancelled : MoveState::kFailed);
  }
}

TEST_F(MoveMachineTest, AnOldPlaceOnADisabledNodeIsLeftThere) {
  MoveRecord record = Record(MoveState::kCleaning);
  for (const bool is_disabled : {false, true}) {
    record.is_source_disabled = is_disabled;
    record.is_target_disabled = !is_disabled;
    Make(record);
    ASSERT_EQ(Next().step, MoveStep::kDropSource);
    Fail(ErrorCode::kDataNodeUnavailable);
    now_ = now_ + milliseconds{100};
    EXPECT_EQ(Next().step, is_disabled ? MoveStep::kAdvance : MoveStep::kDropSource);
  }
  EXPECT_THAT(Next().error, HasSubstr("its data node is disabled"));
  DoAdvance(MoveState::kDone);
}

TEST_F(MoveMachineTest, ATargetThatIsDisabledIsGivenUpBeforeItIsOpened) {
  for (const MoveState state :
       {MoveState::kCopying, MoveState::kSealing, MoveState::kHandingOver, MoveState::kOpening}) {
    MoveRecord record = Record(state);
    record.is_target_disabled = true;
    Make(record);
    EXPECT_EQ(Next().next == MoveState::kCancelling, state != MoveState::kOpening);
  }
}

}  // namespace
}  // namespace lanemq::core
