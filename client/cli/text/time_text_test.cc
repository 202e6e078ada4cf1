#include "client/cli/text/time_text.h"

#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow{1'795'237'696'123'456};

TEST(ParseTimeTest, ReadsWhatPeopleWrite) {
  const struct {
    std::string_view text;
    std::int64_t micros;
  } rows[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"2026-11-21T05:08:16Z", 1'795'237'696'000'000},
      {"2026-11-21t05:08:16z", 1'795'237'696'000'000},
      {"2026-11-21 05:08:16Z", 1'795'237'696'000'000},
      {"2026-11-21T05:08Z", 1'795'237'680'000'000},
      {"2026-11-21T05:08:16.5Z", 1'795'237'696'500'000},
      {"2026-11-21T05:08:16.123456789Z", 1'795'237'696'123'456},
      {"2026-11-21T07:08:16+02:00", 1'795'237'696'000'000},
      {"2026-11-20T23:38:16-05:30", 1'795'237'696'000'000},
      {"2026-11-21", 1'795'219'200'000'000},
      {"1795237696", 1'795'237'696'000'000},
      {"1795237696123", 1'795'237'696'123'000},
      {"1795237696123456", 1'795'237'696'123'456},
      {"now", kNow.micros},
      {"-30m", kNow.micros - 1'800'000'000},
      {"2h", kNow.micros - 7'200'000'000},
      {"-1h30m", kNow.micros - 5'400'000'000},
  };
  for (const auto& row : rows) {
    const auto time = ParseTime(row.text, kNow);
    ASSERT_TRUE(time.ok()) << row.text;
    EXPECT_EQ(time->micros, row.micros) << row.text;
  }
}

TEST(ParseTimeTest, RefusesTheRestWithExamples) {
  for (const std::string_view text :
       {"", "yesterday", "2026-13-01", "2026-02-30", "2026-11-21T05:08:16", "2026-11-21T25:00:00Z",
        "2026-11-21T05:08:16.Z", "2026-11-21T05:08:16Zjunk", "-5", "--30m", "-30", "12x", "1e9",
        "2026-11-21T05:08:16+2:00", "inf", "nanm"}) {
    const auto time = ParseTime(text, kNow);
    ASSERT_FALSE(time.ok()) << text;
    EXPECT_NE(time.error().message.find("-30m"), std::string::npos) << time.error().message;
  }
}

TEST(ParseTimeTest, FormatTimeIsItsInverse) {
  for (const std::int64_t micros : {0LL, 1LL, 999'999LL, 1'795'237'696'123'456LL, -1LL}) {
    const auto text = FormatTime(WallTime{micros});
    const auto time = ParseTime(text, kNow);
    ASSERT_TRUE(time.ok()) << text;
    EXPECT_EQ(time->micros, micros) << text;
  }
  EXPECT_EQ(FormatTime(kNow), "2026-11-21T05:08:16.123456Z");
}

TEST(ParseDurationTest, NeedsAUnitThatExists) {
  EXPECT_EQ(*ParseDuration("500ms"), 500ms);
  EXPECT_EQ(*ParseDuration("30s"), 30s);
  EXPECT_EQ(*ParseDuration("30"), 30s);
  EXPECT_EQ(*ParseDuration("1.5h"), 90min);
  EXPECT_EQ(*ParseDuration("1h30m"), 90min);
  EXPECT_EQ(*ParseDuration("7d"), 24h * 7);
  for (const std::string_view text : {"", "s", "-1s", "1y", "1h30", "200000d", "1s ", "inf"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
}

TEST(FormatTest, DurationsAndCountsReadWell) {
  EXPECT_EQ(FormatDuration(12us), "12 us");
  EXPECT_EQ(FormatDuration(1'500us), "1.5 ms");
  EXPECT_EQ(FormatDuration(412ms), "412 ms");
  EXPECT_EQ(FormatDuration(3'200ms), "3.2 s");
  EXPECT_EQ(FormatDuration(5min), "5 min");
  EXPECT_EQ(FormatDuration(150min), "2.5 h");
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1'234'567), "1,234,567");
  EXPECT_EQ(FormatCount(-123'456), "-123,456");
  EXPECT_EQ(FormatCount(-123), "-123");
}

}  // namespace
}  // namespace lanemq::cli
