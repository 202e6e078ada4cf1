#include "client/cli/text/group_flags.h"

#include <functional>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

using std::chrono_literals::operator""ms;
using testing::HasSubstr;
using testing::Optional;

using Kind = ResetTarget::Kind;
constexpr WallTime kNow{1'795'237'696'000'000};

ResetFlags Orders() {
  ResetFlags flags;
  flags.group = "billing";
  flags.topics = {"orders"};
  return flags;
}

TEST(ResetFlags, EachTargetIsUnderstood) {
  const struct {
    std::function<void(ResetFlags&)> set;
    Kind kind;
    std::int64_t value;
  } cases[] = {
      {[](auto& flags) { flags.is_to_earliest = true; }, Kind::kEarliest, 0},
      {[](auto& flags) { flags.is_to_latest = true; }, Kind::kLatest, 0},
      {[](auto& flags) { flags.is_to_current = true; }, Kind::kCurrent, 0},
      {[](auto& flags) { flags.to_offset = 42; }, Kind::kOffset, 42},
      {[](auto& flags) { flags.shift_by = -7; }, Kind::kShift, -7},
      {[](auto& flags) { flags.from_group = "audit"; }, Kind::kFound, 0},
      {[](auto& flags) { flags.to_datetime = "now"; }, Kind::kFound, 0},
  };
  for (const auto& [set, kind, value] : cases) {
    ResetFlags flags = Orders();
    set(flags);
    const auto order = ReadResetFlags(flags, kNow);
    ASSERT_TRUE(order.ok()) << order.error().message;
    EXPECT_EQ(order->target.kind, kind);
    EXPECT_EQ(order->target.value, value);
    EXPECT_EQ(order->from_group, flags.from_group);
  }
}

TEST(ResetFlags, TimesAreFoundInTheLog) {
  ResetFlags flags = Orders();
  flags.to_datetime = "2026-11-21T05:08:16Z";
  EXPECT_THAT(ReadResetFlags(flags, kNow)->time_us, Optional(1'795'237'696'000'000));
  flags.to_datetime.clear();
  flags.by_duration = "1m";
  EXPECT_THAT(ReadResetFlags(flags, kNow)->time_us, Optional(kNow.micros - 60'000'000));
  flags.by_duration = "90d";
  EXPECT_THAT(ReadResetFlags(flags, WallTime{1})->time_us, Optional(0));  // -1 and -2 mean more.
}

TEST(ResetFlags, WhatIsWrongIsNamed) {
  const struct {
    std::function<void(ResetFlags&)> set;
    std::string_view error;
  } cases[] = {
      {[](auto&) {}, "say where to: --to-earliest"},
      {[](auto& flags) { flags.is_to_earliest = flags.is_to_latest = true; },
       "--to-earliest and --to-latest exclude each other"},
      {[](auto& flags) { flags.to_offset = flags.shift_by = 1; },
       "--to-offset and --shift-by exclude each other"},
      {[](auto& flags) { flags.from_file = "plan.csv"; }, "--from-file names its partitions"},
      {[](auto& flags) { flags.is_to_latest = flags.has_all_topics = true; },
       "--topic and --all-topics exclude each other"},
      {[](auto& flags) {
         flags.is_to_latest = true;
         flags.topics.clear();
       },
       "say which partitions: --topic orders"},
      {[](auto& flags) { flags.from_group = "billing"; }, "the group itself"},
      {[](auto& flags) { flags.to_offset = -3; }, "--to-offset -3 is before every message"},
      {[](auto& flags) { flags.shift_by = 0; }, "would change nothing"},
      {[](auto& flags) { flags.to_datetime = "noon"; }, "--to-datetime: 'noon' is not a time"},
      {[](auto& flags) { flags.by_duration = "PT2H"; },
       "--by-duration: 'PT2H' is not a duration; try 500ms"},
      {[](auto& flags) {
         flags.is_to_latest = true;
         flags.reason = std::string(2'000, 'x');
       },
       "--reason has 2000 bytes"},
  };
  for (const auto& [set, error] : cases) {
    ResetFlags flags = Orders();
    set(flags);
    const auto order = ReadResetFlags(flags, kNow);
    ASSERT_FALSE(order.ok()) << error;
    EXPECT_EQ(order.error().code, ErrorCode::kInvalidRequest);
    EXPECT_THAT(order.error().message, HasSubstr(error));
  }
}

TEST(ResetFlags, AFileNeedsNoScope) {
  ResetFlags flags;
  flags.group = "billing";
  flags.from_file = "plan.csv";
  const auto order = ReadResetFlags(flags, kNow);
  ASSERT_TRUE(order.ok()) << order.error().message;
  EXPECT_EQ(order->from_file, "plan.csv");
}

TEST(PauseEnd, IsATimeADurationOrNever) {
  EXPECT_EQ(*ReadPauseEnd("", "", kNow), std::nullopt);
  EXPECT_EQ((*ReadPauseEnd("", "30m", kNow))->micros, kNow.micros + 1'800'000'000);
  EXPECT_EQ((*ReadPauseEnd("2026-11-21T05:08:17Z", "", kNow))->micros, kNow.micros + 1'000'000);
}

TEST(PauseEnd, WhatIsWrongIsNamed) {
  const struct {
    std::string_view until;
    std::string_view duration;
    std::string_view error;
  } cases[] = {
      {"now", "1h", "--until and --for exclude each other"},
      {"2h", "", "--until 2h is over already; --for 30m"},  // An age, as times go.
      {"2026-11-21T05:08:16Z", "", "is over already"},
      {"noon", "", "--until: 'noon' is not a time"},
      {"", "long", "--for: 'long' is not a duration"},
      {"", "0s", "--for 0s is over at once"},
  };
  for (const auto& [until, duration, error] : cases) {
    const auto end = ReadPauseEnd(std::string(until), std::string(duration), kNow);
    ASSERT_FALSE(end.ok()) << error;
    EXPECT_EQ(end.error().code, ErrorCode::kInvalidRequest);
    EXPECT_THAT(end.error().message, HasSubstr(error));
  }
}

TEST(Reason, FitsItsRow) {
  EXPECT_TRUE(CheckReason("").ok());
  EXPECT_TRUE(CheckReason(std::string(1'024, 'x')).ok());
  EXPECT_THAT(CheckReason(std::string(1'025, 'x')).error().message, HasSubstr("1025 bytes; 1024"));
}

TEST(WatchInterval, IsBounded) {
  EXPECT_EQ(*ReadWatchInterval("100ms"), 100ms);
  EXPECT_EQ(*ReadWatchInterval("1h"), 3'600'000ms);
  for (const std::string_view text : {"0s", "99ms", "61m", "7d"}) {
    const auto interval = ReadWatchInterval(text);
    ASSERT_FALSE(interval.ok()) << text;
    EXPECT_THAT(interval.error().message, HasSubstr("between 100ms and 1h"));
  }
  EXPECT_THAT(ReadWatchInterval("often").error().message, HasSubstr("not a duration"));
}

}  // namespace
}  // namespace lanemq::cli
