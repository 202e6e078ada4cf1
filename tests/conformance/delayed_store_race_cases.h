#pragma once

// Part of delayed_store_suite.h: several callers at a time.
#include <atomic>

#include "tests/conformance/delayed_store_fixture.h"

namespace lanemq::testing {

TEST_P(DelayedStoreSuite, NothingIsDeliveredEarlyAndNothingIsForgotten) {
  const WallTime now = Now();
  Batch batch;
  for (int i = 0; i < 300; ++i) {
    batch.push_back(Message(now + milliseconds{i}, std::to_string(i)));
  }
  ScheduleOk(batch);
  const Deadline deadline = Soon();
  int moved = 0;
  while (moved < 300 && !deadline.HasPassed(SystemClock::Instance())) {
    const core::DelayedMove move = MoveOk(0, 7);
    for (const std::int64_t late : move.late_us) EXPECT_GE(late, 0);
    moved += move.moved;
  }
  EXPECT_EQ(moved, 300);
  const auto log = Log();
  ASSERT_EQ(log.size(), 300u);
  ExpectDense(log);
  for (std::size_t i = 0; i < log.size(); ++i) {
    EXPECT_EQ(log[i]->body, std::to_string(i));
    EXPECT_GE(log[i]->timestamp.micros, DueOf(*log[i]));
  }
}

TEST_P(DelayedStoreSuite, EachMessageIsDeliveredOrCancelled) {
  constexpr int kCount = 400;
  const WallTime now = Now();
  Batch batch;
  for (int i = 0; i < kCount; ++i) {
    batch.push_back(Message(now + std::chrono::microseconds{i * 500}, std::to_string(i)));
  }
  const auto ids = ScheduleOk(batch).ids;
  ASSERT_EQ(ids.size(), static_cast<std::size_t>(kCount));
  std::atomic<bool> is_over{false};
  std::thread mover([&] {
    while (!is_over) MoveOk(0, 5);
  });
  // From the back and from the front, so that some are met in the middle of a move.
  std::vector<core::CancelResult> answers(kCount);
  std::vector<std::thread> cancelers;
  for (int part = 0; part < 2; ++part) {
    cancelers.emplace_back([&, part] {
      for (std::size_t i = static_cast<std::size_t>(part); i < ids.size(); i += 2) {
        const std::size_t at = part == 0 ? i : ids.size() - i;
        answers[at] = Cancel(ids[at]);
      }
    });
  }
  for (auto& thread : cancelers) thread.join();
  is_over = true;
  mover.join();
  while (MoveOk().next_due) {  // What was not due yet when it was asked about.
    if (HasFailure()) break;
  }
  std::set<std::string> delivered;
  const auto log = Log();
  ExpectDense(log);
  for (const auto& record : log) {
    EXPECT_TRUE(delivered.insert(*record->body).second) << *record->body << " twice";
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    EXPECT_NE(answers[i], core::CancelResult::kNotFound) << i;
    EXPECT_EQ(delivered.contains(std::to_string(i)), answers[i] == core::CancelResult::kDelivered)
        << i;
  }
}

TEST_P(DelayedStoreSuite, MoversAndAWriterOfTheLogGetAlong) {
  constexpr int kMoved = 300;
  constexpr int kAppends = 100;
  const WallTime now = Now();
  Batch batch;
  for (int i = 0; i < kMoved; ++i) batch.push_back(Message(now, "d" + std::to_string(i)));
  ScheduleOk(batch);
  // Appends like a broker: behind the tail, and again when somebody else was there first.
  std::thread writer([&] {
    for (int i = 0; i < kAppends; ++i) {
      Status done = Error{ErrorCode::kConflict, ""};
      for (int attempt = 0; attempt < 1'000 && !done.ok(); ++attempt) {
        const auto tail = under_test_->messages().ReadTail(At(0), Soon());
        ASSERT_TRUE(tail.ok()) << tail.error().ToString();
        std::vector<core::RecordPtr> rows;
        for (int k = 0; k < 3; ++k) {
          auto record = std::make_shared<core::Record>();
          record->offset = core::Offset{tail->End().value + k};
          record->timestamp = tail->last ? tail->last->timestamp : WallTime{1};
          record->body = "w" + std::to_string(i * 3 + k);
          rows.push_back(std::move(record));
        }
        done = under_test_->messages().Append(At(0), rows, tail->server, Soon());
        if (!done.ok()) {
          ASSERT_THAT(done.error().code,
                      ::testing::AnyOf(ErrorCode::kConflict, ErrorCode::kAlreadyExists))
              << done.error().ToString();
        }
      }
      ASSERT_TRUE(done.ok()) << done.error().ToString();
    }
  });
  std::atomic<int> moved{0};
  const Deadline deadline = Soon();
  const auto move_all = [&] {
    while (moved < kMoved && !HasFailure() && !deadline.HasPassed(SystemClock::Instance())) {
      moved += MoveOk(0, 4).moved;
    }
  };
  std::thread mover(move_all);
  move_all();
  mover.join();
  writer.join();
  EXPECT_EQ(moved, kMoved);
  const auto log = Log();
  ExpectDense(log);
  std::vector<std::string> of_mover;
  std::vector<std::string> of_writer;
  for (const auto& record : log) {
    (record->body->front() == 'd' ? of_mover : of_writer).push_back(record->body->substr(1));
  }
  ASSERT_EQ(of_mover.size(), static_cast<std::size_t>(kMoved));
  ASSERT_EQ(of_writer.size(), static_cast<std::size_t>(kAppends) * 3);
  for (std::size_t i = 0; i < of_mover.size(); ++i) EXPECT_EQ(of_mover[i], std::to_string(i));
  for (std::size_t i = 0; i < of_writer.size(); ++i) EXPECT_EQ(of_writer[i], std::to_string(i));
}

TEST_P(DelayedStoreSuite, SchedulesAndMovesOfManyPartitionsDoNotLoseAnything) {
  constexpr int kPerPartition = 200;
  std::atomic<int> scheduled{0};
  std::vector<std::thread> threads;
  for (int partition = 0; partition < 3; ++partition) {
    threads.emplace_back([&, partition] {
      for (int i = 0; i < kPerPartition; i += 4) {
        ScheduleOk(Sequences(Now(), i, 4), partition);
        scheduled += 4;
      }
    });
    threads.emplace_back([&, partition] {
      int moved = 0;
      const Deadline deadline = Soon();
      while (moved < kPerPartition && !HasFailure() &&
             !deadline.HasPassed(SystemClock::Instance())) {
        moved += MoveOk(partition, 50).moved;
      }
      EXPECT_EQ(moved, kPerPartition);
    });
  }
  for (auto& thread : threads) thread.join();
  for (int partition = 0; partition < 3; ++partition) {
    const auto log = Log(partition);
    ASSERT_EQ(log.size(), static_cast<std::size_t>(kPerPartition));
    ExpectDense(log);
    for (std::size_t i = 0; i < log.size(); ++i) EXPECT_EQ(log[i]->body, std::to_string(i));
  }
}

TEST_P(DelayedStoreSuite, TwoProducersThreadsOfOneIdStoreEachSequenceOnce) {
  const WallTime due = Now() + hours{1};
  std::atomic<int> stored{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        stored += 5 - ScheduleOk(Sequences(due, i * 5, 5)).duplicates;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(stored, 100);
  EXPECT_EQ(Waiting().size(), 100u);
}

TEST_P(DelayedStoreSuite, AnotherProcessGoesOnWhereOneEnded) {
  const WallTime now = Now();
  ScheduleOk(Sequences(now, 0, 10));
  EXPECT_EQ(MoveOk(0, 4).moved, 4);
  fence_ = NewTerm();
  const auto other = under_test_->Another();
  EXPECT_EQ(other->Schedule(Key(0), Sequences(now, 8, 4), Soon())->duplicates, 2);
  const auto moved = other->Move(At(0), WallTime{}, 100, 1u << 20, fence_, Soon());
  ASSERT_TRUE(moved.ok()) << moved.error().ToString();
  EXPECT_EQ(moved->moved, 8);
  const auto log = Log();
  ASSERT_EQ(log.size(), 12u);
  for (std::size_t i = 0; i < log.size(); ++i) EXPECT_EQ(log[i]->body, std::to_string(i));
}

}  // namespace lanemq::testing
