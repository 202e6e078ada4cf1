// Delayed messages: none early, none lost, none twice, none after its cancellation.
#include <algorithm>
#include <iostream>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/base/random.h"
#include "tests/failures/failures_test_fixture.h"
#include "tests/failures/tables.h"

namespace lanemq::failures {
namespace {

using checker::CancelAnswer;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::WaitFor;

/// From the beginning to the first due time: a busy machine sends and cancels that long.
constexpr std::int64_t kLeadUs = 9'000'000;

std::int64_t WallNow() { return SystemClock::Instance().WallNow().micros; }

class DelayedTest : public FailuresTest {
 protected:
  // `count` messages that are due at random moments of `span_us` from `first_us` on.
  void SendDelayed(int count, std::int64_t first_us, std::int64_t span_us) {
    std::vector<TestMessage> messages;
    for (int i = 0; i < count; ++i) {
      // Whole milliseconds: some are due at the same time.
      const std::int64_t due =
          first_us + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(span_us)) /
                         1'000 * 1'000;
      messages.push_back({.partition = i % rig_->partitions(),
                          .key = fmt::format("k{}", i % 50),
                          .act = "ok",
                          .due_us = due});
    }
    Send(messages);
    ASSERT_LT(WallNow(), first_us) << "sent too slowly for what follows";
    // A random tenth, to be cancelled.
    for (int i = 0; i < count; ++i) doomed_.push_back(i);
    std::shuffle(doomed_.begin(), doomed_.end(), random_);
    doomed_.resize(static_cast<std::size_t>(count) / 10);
  }
  // The next `count` of the doomed.
  void CancelSome(std::size_t count) {
    const auto end = doomed_.begin() + static_cast<std::ptrdiff_t>(std::min(count, doomed_.size()));
    const Status cancelled = rig_->Cancel({doomed_.begin(), end});
    ASSERT_TRUE(cancelled.ok()) << cancelled.error().ToString();
    doomed_.erase(doomed_.begin(), end);
  }
  void WaitUntil(std::int64_t wall_us) {
    never_.WaitFor(std::chrono::microseconds(std::max<std::int64_t>(0, wall_us - WallNow())));
  }
  std::int64_t CountAnswers(CancelAnswer answer) {
    std::int64_t count = 0;
    for (const auto& [number, send] : rig_->Sends()) count += send.cancel == answer ? 1 : 0;
    return count;
  }
  // Everything that was due has been moved.
  void AwaitTheLast() {
    ASSERT_TRUE(WaitFor(
        [&] {
          const auto left = CountDelayed(*cluster_, rig_->topic());
          return left.ok() && *left == 0;
        },
        40s, "no message waits for its time"));
  }
  void PrintLateness() {
    const auto history = rig_->Case();
    ASSERT_TRUE(history.ok()) << history.error().ToString();
    std::vector<std::int64_t> late;
    for (const auto& [place, copy] : history->tables.log) {
      const auto& send = history->sends[static_cast<std::size_t>(copy.id.number)];
      if (send.due_us != 0) late.push_back(copy.timestamp_us - send.due_us);
    }
    ASSERT_FALSE(late.empty());
    std::sort(late.begin(), late.end());
    std::cout << fmt::format("late, in ms: p50 {}, p99 {}, at most {}\n",
                             late[late.size() / 2] / 1'000, late[late.size() * 99 / 100] / 1'000,
                             late.back() / 1'000);
  }

  const std::uint64_t seed_ = static_cast<std::uint64_t>(Random::FromSystem().PositiveId());
  std::mt19937_64 random_{seed_};
  std::vector<std::int64_t> doomed_;
};

TEST_P(DelayedTest, OnTimeInOrderAndACancelledTenthNever) {
  ASSERT_NO_FATAL_FAILURE(StartCluster({}, 3));
  if (IsSkipped()) return;
  Start("w");
  const std::int64_t first = WallNow() + kLeadUs;
  ASSERT_NO_FATAL_FAILURE(SendDelayed(3'000, first, 6'000'000));
  ASSERT_NO_FATAL_FAILURE(CancelSome(150));
  if (WallNow() < first) {
    EXPECT_EQ(CountAnswers(CancelAnswer::kCancelled), 150) << "none was due";
  }
  // The others while messages are moved.
  for (int i = 1; i <= 15; ++i) {
    WaitUntil(first + i * 400'000);
    ASSERT_NO_FATAL_FAILURE(CancelSome(10));
  }
  AwaitTheLast();
  Send({{.partition = 0, .act = "ok"},
        {.partition = 1, .act = "ok"},
        {.partition = 2, .act = "ok"}});
  const checker::FailureReport report = Finish();
  const std::int64_t cancelled = CountAnswers(CancelAnswer::kCancelled);
  EXPECT_GE(cancelled, 150);
  EXPECT_GT(CountAnswers(CancelAnswer::kDelivered), 0);
  EXPECT_EQ(cancelled + CountAnswers(CancelAnswer::kDelivered), 300);
  EXPECT_EQ(report.done, 3'003 - cancelled);
  PrintLateness();
}

TEST_P(DelayedTest, TheBrokerThatMovesAndTheDatabaseAreKilled) {
  ASSERT_NO_FATAL_FAILURE(StartCluster({.has_own_data_server = true}, 3));
  if (IsSkipped()) return;
  cluster_->ExpectErrors("");  // Everything complains about killed neighbours.
  Start("w");
  const std::int64_t first = WallNow() + kLeadUs;
  ASSERT_NO_FATAL_FAILURE(SendDelayed(3'000, first, 8'000'000));
  WaitUntil(first + 1'000'000);
  const int holder = WaitForDutyHolder();
  ASSERT_GE(holder, 0);
  cluster_->KillBroker(holder);
  ASSERT_NO_FATAL_FAILURE(CancelSome(100));
  Status again = cluster_->StartBroker(holder);
  ASSERT_TRUE(again.ok()) << again.error().ToString();
  WaitUntil(first + 4'000'000);
  cluster_->data_server().Kill();
  never_.WaitFor(300ms);
  again = cluster_->data_server().StartAgain();
  ASSERT_TRUE(again.ok()) << again.error().ToString();
  ASSERT_NO_FATAL_FAILURE(CancelSome(200));
  AwaitTheLast();
  const checker::FailureReport report = Finish({.may_repeat_cancels = true});
  EXPECT_GE(report.done, 2'700);
  PrintLateness();
  std::cout << fmt::format("cancelled {}, too late {}, seed {}\n",
                           CountAnswers(CancelAnswer::kCancelled),
                           CountAnswers(CancelAnswer::kDelivered), seed_);
}

INSTANTIATE_TEST_SUITE_P(Engines, DelayedTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::failures
