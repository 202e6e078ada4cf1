#include "tests/e2e/broken_queue.h"

#include <iostream>

#include <gtest/gtest.h>

#include "tests/checker/checker.h"

namespace lanemq::e2e {
namespace {

using std::chrono_literals::operator""s;
using testing::Engine;

class BrokenQueueTest : public ::testing::TestWithParam<Engine> {};

// A checker that was never seen to fail proves nothing: it has to convict the design that LaneMQ
// was built to avoid, on a real server. Rounds get rougher until it does.
TEST_P(BrokenQueueTest, TheCheckerConvictsAutoIncrement) {
  LANEMQ_REQUIRE_SERVER(server, GetParam());
  const SystemClock& clock = SystemClock::Instance();
  const Deadline deadline = Deadline::After(clock, 40s);
  for (int round = 0; !deadline.HasPassed(clock); ++round) {
    checker::History history;
    const BrokenQueueOptions options{.rows_per_transaction = 1 + round % 4};
    const Status ran = RunBrokenQueue(*server, "broken_queue", options, history);
    ASSERT_TRUE(ran.ok()) << ran.error().ToString();
    const checker::Report report = checker::Check(
        history, {.offsets_are_dense = false, .keys_are_ordered = false, .shown_max = 3});
    ASSERT_GT(report.acked, 100) << report.ToString();
    std::cout << "round " << round << ": " << report.ToString();
    if (report.CountOf(checker::Rule::kLost) == 0) continue;
    // What is lost is exactly what the reader went past, and nothing else is wrong with it.
    EXPECT_EQ(report.CountOf(checker::Rule::kLost), report.CountOf(checker::Rule::kSkipped));
    EXPECT_EQ(report.CountOf(checker::Rule::kPhantom), 0);
    EXPECT_EQ(report.CountOf(checker::Rule::kAltered), 0);
    EXPECT_EQ(report.CountOf(checker::Rule::kBackwards), 0);
    return;
  }
  FAIL() << "AUTO_INCREMENT lost nothing in all rounds, or the checker is blind";
}

INSTANTIATE_TEST_SUITE_P(Engines, BrokenQueueTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::e2e
