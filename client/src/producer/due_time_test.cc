#include "client/src/producer/due_time.h"

#include <limits>

#include <gtest/gtest.h>

namespace lanemq::client {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr WallTime kNow{1'700'000'000'000'000};

TEST(DueTimeTest, IsWhatTheRecordSays) {
  struct Case {
    const char* name;
    std::optional<milliseconds> delay;
    std::optional<std::int64_t> deliver_at_us;
    std::optional<std::int64_t> due;
  };
  const Case cases[] = {
      {"at once", {}, {}, {}},
      {"a delay", milliseconds(5), {}, kNow.micros + 5'000},
      {"no delay is a delay", milliseconds(0), {}, kNow.micros},
      {"ten years", std::chrono::hours(87'600), {}, kNow.micros + 315'360'000'000'000},
      {"the longest delay", milliseconds(kMax), {}, kMax},
      {"the longest that can be added",
       milliseconds((kMax - kNow.micros) / 1'000),
       {},
       kNow.micros + (kMax - kNow.micros) / 1'000 * 1'000},
      {"a time", {}, kNow.micros + 1, kNow.micros + 1},
      {"a time that has passed", {}, 0, 0},
      {"the last time", {}, kMax, kMax},
  };
  for (const Case& c : cases) {
    ProducerRecord record;
    record.delay = c.delay;
    record.deliver_at_us = c.deliver_at_us;
    const auto due = DueTimeOf(record, kNow);
    ASSERT_TRUE(due.ok()) << c.name;
    EXPECT_EQ(*due, c.due) << c.name;
  }
}

TEST(DueTimeTest, ContradictionsAndNegativeTimesAreRefused) {
  ProducerRecord both;
  both.delay = milliseconds(1);
  both.deliver_at_us = kNow.micros;
  ProducerRecord early;
  early.deliver_at_us = -1;
  ProducerRecord backwards;
  backwards.delay = milliseconds(-1);
  for (const ProducerRecord& record : {both, early, backwards}) {
    const auto due = DueTimeOf(record, kNow);
    ASSERT_FALSE(due.ok());
    EXPECT_EQ(due.error().code, ErrorCode::kInvalidRequest);
  }
}

}  // namespace
}  // namespace lanemq::client
