#pragma once

#include <atomic>
#include <thread>

#include "tests/conformance/lost_reply.h"
#include "tests/conformance/partition_mover_fixture.h"

namespace lanemq::testing {

/// Calls something after the `place`th statement of a name, once.
class Interrupts final : public sql::StatementObserver {
 public:
  Interrupts(std::string statement, int place, std::function<void()> call)
      : statement_(std::move(statement)), place_(place), call_(std::move(call)) {}
  void OnStatement(std::string_view name, std::chrono::nanoseconds, const Error*) override {
    if (name == statement_ && ++seen_ == place_) call_();
  }
  [[nodiscard]] bool has_called() const { return seen_ >= place_; }

 private:
  const std::string statement_;
  const int place_;
  const std::function<void()> call_;
  int seen_ = 0;
};

inline constexpr std::string_view kChangeLetters =
    "UPDATE dead_letters SET attempts=attempts+1 WHERE origin_offset=102; "
    "DELETE FROM retry_messages WHERE origin_offset=11 LIMIT 1; "
    "UPDATE retry_messages SET due_at=UTC_TIMESTAMP(6)";

TEST_P(PartitionMoverSuite, WhatWasReadBeforeTheSealIsNotWrittenAfterIt) {
  two().FillState();
  RunOk(Move(), 0, 1);
  std::string before;
  // A second mover seals and copies while the first one has read, and has not written.
  Interrupts interrupts("read_moved_rows", 1, [&] {
    two().Run(kSource, std::string(kChangeLetters));
    before = two().Dump(kSource);
    RunOk(Move(), 2, 6);
  });
  sql::DataNodes nodes({.user = "root", .pool = {.observer = &interrupts}});
  two().Connect(nodes, server_->port());
  sql::MySqlPartitionMover late(nodes);
  const auto copied = late.CopyAhead(Move(), {}, {}, Soon());
  ASSERT_TRUE(interrupts.has_called());
  ASSERT_TRUE(copied.ok()) << copied.error().ToString();
  EXPECT_TRUE(copied->is_whole);
  RunOk(Move(), 6);
  ExpectAt(kTarget, before);
}

TEST_P(PartitionMoverSuite, WhoWritesAheadIsWaitedForAfterTheSeal) {
  two().FillState();
  RunOk(Move(), 0, 1);
  std::string before;
  // It has looked for the second time whether the source is sealed, and is about to write.
  Interrupts interrupts("read_moving_partition", 2, [&] {
    two().Run(kSource, std::string(kChangeLetters));
    before = two().Dump(kSource);
    ExpectOk(mover().Seal(Move(), Soon()));
    ExpectRefused(ErrorCode::kConflict, mover().CopyState(Move(), {}, {}, Soon()));
  });
  sql::DataNodes nodes({.user = "root", .pool = {.observer = &interrupts}});
  two().Connect(nodes, server_->port());
  sql::MySqlPartitionMover ahead(nodes);
  const auto copied = ahead.CopyAhead(Move(), {}, {}, Soon());
  ASSERT_TRUE(interrupts.has_called());
  ASSERT_TRUE(copied.ok()) << copied.error().ToString();
  RunOk(Move(), 3);
  ExpectAt(kTarget, before);
}

TEST_P(PartitionMoverSuite, ALostReplyOrRequestOfACopyAheadIsMadeGoodByARepetition) {
  two().FillState();
  LostReply lost(server_->port());
  sql::DataNodes through({.user = "root", .pool = {.connections_max = 4, .observer = &lost}});
  two().Connect(through, lost.port());
  sql::MySqlPartitionMover mover(through);
  std::int64_t id = 5;
  int at = kSource;
  for (const bool after_effect : {false, true}) {
    for (const std::string statement : {"check_moved_rows", "read_moved_rows", "share_arrival",
                                        "delete_changed_rows", "insert_moved_rows", "commit"}) {
      SCOPED_TRACE(statement + (after_effect ? ", its reply" : ", its request"));
      const int to = at == kSource ? kTarget : kSource;
      const core::PartitionMove move = TwoNodes::Move(id++, at, to);
      const core::CopyLimits limits{.rows_max = 7};
      RunOk(move, 0, kAhead);
      two().Run(at, std::string(kChangeLetters));
      lost.LoseAfter(statement, after_effect);
      ExpectComesToItsEnd([&] { return CopyAheadWhole(mover, move, limits); });
      EXPECT_TRUE(lost.has_lost());
      two().Run(at, std::string(kChangeLetters));
      const std::string before = two().Dump(at);
      RunOk(move, 2, 4);
      lost.LoseAfter(statement, after_effect);
      ExpectComesToItsEnd([&] { return CopyStateWhole(mover, move, limits); });
      EXPECT_TRUE(lost.has_lost());
      RunOk(move, 5);
      ExpectAt(to, before);
      at = to;
      if (HasFailure()) return;
    }
  }
}

TEST_P(PartitionMoverSuite, TwoMoversCopyTheSameWhileItChanges) {
  two().FillState(8);
  RunOk(Move(), 0, 1);
  const auto both = [&](const auto& step) {
    std::vector<std::jthread> threads;
    for (const std::int64_t rows : {3, 5}) {
      threads.emplace_back([&, rows] {
        sql::MySqlPartitionMover one(two().nodes());
        ExpectComesToItsEnd([&] { return step(one, core::CopyLimits{.rows_max = rows}); });
      });
    }
  };
  {
    std::atomic<bool> is_over = false;
    std::jthread changes([&] {
      while (!is_over) two().Run(kSource, std::string(kChangeLetters));
    });
    for (int walk = 0; walk < 3; ++walk) {
      both([](auto& one, auto limits) { return CopyAheadWhole(one, Move(), limits); });
    }
    is_over = true;
  }
  const std::string before = two().Dump(kSource);
  RunOk(Move(), 2, 4);
  both([](auto& one, auto limits) { return CopyStateWhole(one, Move(), limits); });
  RunOk(Move(), 5);
  ExpectAt(kTarget, before);
}

}  // namespace lanemq::testing
