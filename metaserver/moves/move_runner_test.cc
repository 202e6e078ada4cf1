#include "metaserver/moves/move_runner.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "metaserver/moves/test_move_rig.h"
#include "tests/conformance/fake_message_store.h"
#include "tests/support/wait_for.h"

namespace lanemq::metaserver {
namespace {

using core::MoveBook;
using core::MoveState;
using core::TwoNodes;
using std::chrono::milliseconds;
using testing::WaitFor;

constexpr std::chrono::seconds kLong{30};

class MoveRunnerTest : public ::testing::Test {
 protected:
  std::unique_ptr<MoveRunner> Start(const std::string& owner) {
    MoveRunner::Options options;
    options.owner = owner;
    options.tick = milliseconds{10};
    options.look_every = milliseconds{10};
    options.lease = {.ttl = milliseconds{300}, .margin = milliseconds{60}};
    options.wait_min = milliseconds{10};
    options.wait_max = milliseconds{20};
    options.worker.limits.rows_near = 0;
    options.worker.limits.retry_max = milliseconds{50};
    options.worker.limits.write_every = milliseconds{20};
    options.worker.yield_after = milliseconds{20};
    auto runner = std::make_unique<MoveRunner>(
        options, MoveRunner::Stores{lease_, rig_, rig_, messages_}, [this] { ++switched_; },
        SystemClock::Instance());
    runner->Start();
    return runner;
  }
  /// A log of `rows` rows of 10 bytes, which is to move.
  void Begin(int rows, std::int64_t bytes_per_second = 100'000'000) {
    rig_.With([&](TwoNodes& nodes, MoveBook& book) {
      for (int row = 1; row <= rows; ++row) EXPECT_TRUE(nodes.Append(1, row));
      book.Begin(1);
      book.moves.at(1).bytes_per_second = bytes_per_second;
    });
  }
  MoveState State() {
    return rig_.With([](TwoNodes&, MoveBook& book) { return book.moves.at(1).state; });
  }
  ::testing::AssertionResult WaitForState(MoveState state) {
    return WaitFor([&] { return State() == state; }, kLong, "the move's state");
  }
  std::size_t RowsOn(std::int64_t node) {
    return rig_.With([&](TwoNodes& nodes, MoveBook&) { return nodes.Of(node).log.size(); });
  }

  OneLease lease_;
  MoveRig rig_{lease_};
  testing::FakeMessageStore messages_;
  std::atomic<int> switched_{0};
};

TEST_F(MoveRunnerTest, CarriesAMoveOutAndTellsOfIt) {
  Begin(1'000);
  const auto runner = Start("a");
  ASSERT_TRUE(WaitForState(MoveState::kDone));
  EXPECT_EQ(RowsOn(2), 1'000u);
  EXPECT_EQ(RowsOn(1), 0u);
  EXPECT_EQ(rig_.With([](TwoNodes&, MoveBook& book) { return book.place; }), 2);
  EXPECT_GE(switched_, 1);
  ASSERT_TRUE(WaitFor([&] { return runner->Facts().done == 1; }, kLong, "it is counted"));
  EXPECT_TRUE(runner->Facts().is_runner);
  EXPECT_GE(runner->Facts().bytes_copied, 10'000);
}

TEST_F(MoveRunnerTest, CopiesNoFasterThanItMay) {
  Begin(1'000, 20'000);
  const MonotonicTime begun = SystemClock::Instance().Now();
  const auto runner = Start("a");
  ASSERT_TRUE(WaitForState(MoveState::kDone));
  EXPECT_GE(SystemClock::Instance().Now() - begun, milliseconds{400});
}

TEST_F(MoveRunnerTest, AnotherOneGoesOnWhereTheFirstWasStopped) {
  Begin(2'000, 10'000);
  auto first = Start("a");
  ASSERT_TRUE(WaitFor([&] { return rig_.steps() >= 4; }, kLong, "it copies"));
  first->Stop();
  EXPECT_EQ(State(), MoveState::kCopying);
  rig_.With([](TwoNodes&, MoveBook& book) { book.moves.at(1).bytes_per_second = 100'000'000; });
  const auto second = Start("b");
  ASSERT_TRUE(WaitForState(MoveState::kDone));
  EXPECT_EQ(RowsOn(2), 2'000u);
}

TEST_F(MoveRunnerTest, WithoutTheLeaseItDoesNothing) {
  Begin(10);
  ASSERT_TRUE(lease_.Acquire("partition-moves", "another", milliseconds{1}, {}).ok());
  const auto runner = Start("a");
  ASSERT_FALSE(WaitFor([&] { return rig_.steps() > 0; }, milliseconds{200}, "a step"));
  EXPECT_FALSE(runner->Facts().is_runner);
  lease_.TakeAway();
  ASSERT_TRUE(WaitForState(MoveState::kDone));
}

TEST_F(MoveRunnerTest, WhoseTermIsOverStopsAndTheNewTermGoesOn) {
  Begin(2'000, 20'000);
  const auto runner = Start("a");
  ASSERT_TRUE(WaitFor([&] { return rig_.steps() >= 4; }, kLong, "it copies"));
  lease_.TakeAway();
  ASSERT_TRUE(WaitForState(MoveState::kDone));
  EXPECT_GE(lease_.term(), 2);
  EXPECT_EQ(RowsOn(2), 2'000u);
}

TEST_F(MoveRunnerTest, ACancelledMoveIsTakenBack) {
  Begin(2'000, 10'000);
  const auto runner = Start("a");
  ASSERT_TRUE(WaitFor([&] { return rig_.steps() >= 4; }, kLong, "it copies"));
  ASSERT_TRUE(rig_.Cancel(1, {}, {}).ok());
  ASSERT_TRUE(WaitForState(MoveState::kCancelled));
  EXPECT_EQ(RowsOn(1), 2'000u);
  EXPECT_TRUE(rig_.With([](TwoNodes& nodes, MoveBook&) { return nodes.Append(1, 9); }));
}

TEST_F(MoveRunnerTest, ANodeThatDoesNotAnswerIsTriedAgainAndAgain) {
  Begin(100);
  rig_.SetDown(true);
  const auto runner = Start("a");
  ASSERT_TRUE(WaitFor([&] { return runner->Facts().failures >= 3; }, kLong, "failures"));
  EXPECT_EQ(State(), MoveState::kCopying);
  const auto is_told = [&] {
    return rig_.With([](TwoNodes&, MoveBook& book) { return !book.moves.at(1).error.empty(); });
  };
  ASSERT_TRUE(WaitFor(is_told, kLong, "why, in the record"));
  rig_.SetDown(false);
  ASSERT_TRUE(WaitForState(MoveState::kDone));
}

TEST_F(MoveRunnerTest, ADeletedTopicLeavesNothingAtItsNewPlace) {
  Begin(2'000, 10'000);
  const auto runner = Start("a");
  ASSERT_TRUE(WaitFor([&] { return rig_.steps() >= 4; }, kLong, "it copies"));
  rig_.With([](TwoNodes& nodes, MoveBook& book) {
    book.is_topic_active = false;
    nodes.DropPartition(1);
  });
  ASSERT_TRUE(WaitForState(MoveState::kCancelled));
  EXPECT_GE(messages_.CallsOf(testing::StoreCall::kDropPartition), 2);
}

}  // namespace
}  // namespace lanemq::metaserver
