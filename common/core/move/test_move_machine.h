#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <gtest/gtest.h>

#include "common/core/move/move_machine.h"

namespace lanemq::core {

/// From node 1 to node 2.
inline MoveRecord Record(MoveState state = MoveState::kCopying) {
  MoveRecord record;
  record.move.id = 5;
  record.move.from = {{TopicId{7}, 0}, NodeId{1}, 0};
  record.move.to = {{TopicId{7}, 0}, NodeId{2}, 3};
  record.topic = "orders";
  record.state = state;
  record.bytes_per_second = 1'000'000;
  return record;
}

/// A machine, what becomes of its orders, and the time.
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
  /// A whole walk ahead, and the look at the log that follows it.
  void WalkAhead(std::int64_t rows, std::int64_t end = 50) {
    ASSERT_EQ(Next().step, MoveStep::kCopyAhead);
    machine_->OnAhead({.rows = rows, .bytes = 100, .is_whole = true}, now_);
    Copy(end, end);
  }
  void Fail(ErrorCode code) { machine_->OnFailed(Next(), {code, "for a reason"}, now_); }
  void GoTo(MoveState state) {
    MoveRecord record = Record(state);
    Make(record);
  }

  MonotonicTime now_{std::chrono::seconds{100}};
  std::optional<MoveMachine> machine_;
};

}  // namespace lanemq::core
