#include "client/canary/canary_ledger.h"

#include <map>
#include <ostream>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/random.h"

namespace lanemq::client {
namespace {

using namespace std::chrono_literals;

MonotonicTime At(std::chrono::nanoseconds time) { return {1'000s + time}; }

/// What happens to one message that is sent at 0, and what it must become.
struct Story {
  const char* name;
  std::optional<std::chrono::nanoseconds> acked;
  std::optional<std::chrono::nanoseconds> failed;
  std::vector<std::chrono::nanoseconds> back;
  std::chrono::nanoseconds until;
  CanaryCounts counts;
  std::int64_t on_their_way = 0;
};

void PrintTo(const Story& story, std::ostream* out) { *out << story.name; }

class CanaryStoryTest : public ::testing::TestWithParam<Story> {};

TEST_P(CanaryStoryTest, BecomesWhatItIs) {
  const Story& story = GetParam();
  CanaryLedger ledger({}, At(0s));
  const auto sequence = ledger.Send(At(0s));
  ASSERT_EQ(sequence, 1);
  for (std::chrono::nanoseconds at = 0s; at <= story.until; at += 100ms) {
    if (story.acked == at) ledger.Acked(1, At(at), 7);
    if (story.failed == at) ledger.Failed(1);
    for (const auto back : story.back) {
      if (back == at) ledger.Back(1, At(at));
    }
    ledger.Advance(At(at));
  }
  EXPECT_TRUE(ledger.counts() == story.counts);
  EXPECT_EQ(ledger.on_their_way(), story.on_their_way);
}

INSTANTIATE_TEST_SUITE_P(
    Of, CanaryStoryTest,
    ::testing::Values(
        Story{"Ok", 100ms, {}, {200ms}, 90s, {.ok = 1}},
        Story{"OkBeforeItsAnswer", 200ms, {}, {100ms}, 90s, {.ok = 1}},
        Story{"OkJustInTime", 100ms, {}, {1s}, 90s, {.ok = 1}},
        Story{"Late", 100ms, {}, {1'100ms}, 90s, {.late = 1}},
        Story{"LateToBeAcknowledged", 20s, {}, {20'100ms}, 90s, {.late = 1}},
        Story{"NotLostYet", 2s, {}, {}, 31'900ms, {}, 1},
        Story{"Lost", 2s, {}, {}, 32s, {.lost = 1}},
        Story{"LostStaysLostWhenItComes", 0s, {}, {31s}, 90s, {.lost = 1}},
        Story{"LostThenTwice", 0s, {}, {31s, 32s}, 90s, {.lost = 1, .duplicates = 1}},
        Story{"Duplicate", 100ms, {}, {200ms, 300ms}, 90s, {.ok = 1, .duplicates = 1}},
        Story{"ThreeTimes", 100ms, {}, {200ms, 300ms, 400ms}, 90s, {.ok = 1, .duplicates = 2}},
        Story{"Failed", {}, 10s, {}, 90s, {.produce_errors = 1}},
        Story{"FailedButStored", {}, 10s, {11s}, 90s, {.produce_errors = 1}},
        Story{"BackThenFailed", {}, 10s, {500ms}, 90s, {.ok = 1}},
        Story{"NeverAnswered", {}, {}, {}, 60s, {.produce_errors = 1}},
        Story{"NotAnsweredYet", {}, {}, {}, 59'900ms, {}, 1}),
    [](const auto& story) { return story.param.name; });

TEST(CanaryLedgerTest, IgnoresWhatItDoesNotKnow) {
  CanaryLedger ledger({}, At(0s));
  ledger.Acked(1, At(0s), 5);
  ledger.Failed(3);
  EXPECT_EQ(ledger.Back(0, At(0s)), std::nullopt);
  EXPECT_EQ(ledger.Back(-4, At(0s)), std::nullopt);
  ledger.Send(At(0s));
  EXPECT_EQ(ledger.Back(2, At(1s)), std::nullopt);
  EXPECT_TRUE(ledger.counts() == CanaryCounts{});
  EXPECT_EQ(ledger.SilentFor(At(1s)), 1s) << "a stranger's message is no sign of life";
}

TEST(CanaryLedgerTest, IsBounded) {
  CanaryLedger ledger({}, At(0s));
  for (std::size_t i = 0; i < CanaryLedger::kRemembered; ++i) ASSERT_TRUE(ledger.Send(At(0s)));
  EXPECT_FALSE(ledger.Send(At(0s))) << "the first is still awaited";
  ledger.Failed(1);
  EXPECT_EQ(ledger.Send(At(0s)), static_cast<std::int64_t>(CanaryLedger::kRemembered) + 1);
  EXPECT_FALSE(ledger.Send(At(0s)));
  EXPECT_EQ(ledger.Back(1, At(0s)), std::nullopt) << "forgotten";
}

TEST(CanaryLedgerTest, PercentilesAreOfTheLastMinute) {
  CanaryLedger ledger({}, At(0s));
  EXPECT_EQ(ledger.Percentile(0.99, At(0s)), 0s);
  for (int i = 1; i <= 100; ++i) {
    const auto sequence = ledger.Send(At(0s));
    ledger.Back(*sequence, At(i * 1ms));
  }
  EXPECT_EQ(ledger.Percentile(0.5, At(1s)), 50ms);
  EXPECT_EQ(ledger.Percentile(0.99, At(1s)), 99ms);
  EXPECT_EQ(ledger.Percentile(1, At(1s)), 100ms);
  ledger.Back(*ledger.Send(At(61s)), At(63s));
  EXPECT_EQ(ledger.Percentile(0.5, At(63s)), 2s) << "the others are older than a minute";
}

TEST(CanaryLedgerTest, KnowsWhereToReadOnBehindAHole) {
  CanaryLedger ledger({}, At(0s));
  for (int i = 0; i < 4; ++i) ledger.Send(At(0s));
  ledger.Acked(1, At(0s), 10);
  ledger.Acked(2, At(0s), 11);
  ledger.Acked(3, At(0s), 14);
  ledger.Back(2, At(0s));
  EXPECT_EQ(ledger.AwaitedBeyond(9), 10);
  EXPECT_EQ(ledger.AwaitedBeyond(10), 14);
  EXPECT_EQ(ledger.AwaitedBeyond(14), std::nullopt);
}

TEST(CanaryLedgerTest, ABodyIsOfOneRun) {
  const std::string body = CanaryBody("web-1/77ab", 12);
  EXPECT_EQ(SequenceOf(body, "web-1/77ab"), 12);
  EXPECT_EQ(SequenceOf(body, "web-1/77a"), std::nullopt);
  EXPECT_EQ(SequenceOf(body, "web-1/77abc"), std::nullopt);
  for (const char* other : {"", "hello", "lanemq-canary/1 ", "lanemq-canary/1 a ", "12",
                            "lanemq-canary/1 a x", "lanemq-canary/1 a 0", "lanemq-canary/1 a 1x"}) {
    EXPECT_EQ(SequenceOf(other, "a"), std::nullopt) << other;
  }
  EXPECT_EQ(SequenceOf("lanemq-canary/1 a 1", "a"), 1);
}

/// Any order of events: each message is decided once, and only as it may be.
TEST(CanaryLedgerPropertyTest, EachMessageIsCountedOnce) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    CanaryLedger ledger({}, At(0s));
    std::map<std::int64_t, int> copies;
    std::int64_t sent = 0;
    std::int64_t acked = 0;
    CanaryCounts before;
    auto now = At(0s);
    for (int step = 0; step < 2'000; ++step) {
      now = now + std::chrono::milliseconds{random.Below(400)};
      const auto any =
          static_cast<std::int64_t>(random.Below(static_cast<std::uint64_t>(sent) + 2));
      switch (random.Below(5)) {
        case 0:
        case 1:
          sent += ledger.Send(now).has_value() ? 1 : 0;
          break;
        case 2:
          ledger.Acked(any, now, any);
          ++acked;
          break;
        case 3:
          if (any >= 1 && any <= sent) ++copies[any];
          ledger.Back(any, now);
          break;
        default:
          ledger.Failed(any);
      }
      ledger.Advance(now);
      const CanaryCounts& counts = ledger.counts();
      ASSERT_EQ(
          counts.ok + counts.late + counts.lost + counts.produce_errors + ledger.on_their_way(),
          sent);
      ASSERT_TRUE(counts.ok >= before.ok && counts.late >= before.late &&
                  counts.lost >= before.lost && counts.duplicates >= before.duplicates);
      before = counts;
    }
    std::int64_t more = 0;
    for (const auto& [sequence, count] : copies) more += count - 1;
    EXPECT_LE(before.ok + before.late, static_cast<std::int64_t>(copies.size()));
    EXPECT_LE(before.lost, acked);
    EXPECT_LE(before.duplicates, more);
    ledger.Advance(now + 61s);
    EXPECT_EQ(ledger.on_their_way(), 0) << "nothing is awaited for ever";
  }
}

}  // namespace
}  // namespace lanemq::client
