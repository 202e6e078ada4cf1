#include "common/base/slow_log.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "common/base/log.h"

namespace lanemq {
namespace {

using std::chrono::milliseconds;

class StillClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime Now() const override { return {now}; }
  [[nodiscard]] WallTime WallNow() const override { return {now.count() / 1'000}; }
  std::chrono::nanoseconds now{0};
};

class SlowLogTest : public ::testing::Test {
 protected:
  SlowLogTest() { SetUpLogging("slow-log-test", LogLevel::WARN); }
  static SlowCall Call(int number) {
    SlowCall call;
    call.what = "m" + std::to_string(number);
    call.took = milliseconds(number);
    return call;
  }
  static std::size_t LinesOf(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
  StillClock clock_;
};

TEST_F(SlowLogTest, EachKindHasItsThresholdAndNoneIsNever) {
  const SlowLog log({.request = milliseconds(100), .sql = milliseconds(0)}, clock_);
  EXPECT_FALSE(
      log.IsSlow(SlowCall::Kind::kRequest, milliseconds(100) - std::chrono::nanoseconds(1)));
  EXPECT_TRUE(log.IsSlow(SlowCall::Kind::kRequest, milliseconds(100)));
  EXPECT_FALSE(log.IsSlow(SlowCall::Kind::kSql, std::chrono::hours(1)));
}

TEST_F(SlowLogTest, KeepsTheNewestAndNoMore) {
  ::testing::internal::CaptureStderr();
  SlowLog log({.kept_max = 3}, clock_);
  for (int i = 1; i <= 5; ++i) log.Add(Call(i));
  (void)::testing::internal::GetCapturedStderr();
  const auto calls = log.Newest(10);
  ASSERT_EQ(calls.size(), 3u);
  EXPECT_EQ(calls[0].what, "m5");
  EXPECT_EQ(calls[2].what, "m3");
  ASSERT_EQ(log.Newest(1).size(), 1u);
  EXPECT_EQ(log.Newest(1)[0].what, "m5");
}

TEST_F(SlowLogTest, LinesPerSecondAreLimitedAndTheRestIsCounted) {
  SlowLog log({.lines_per_second = 2}, clock_);
  ::testing::internal::CaptureStderr();
  for (int i = 0; i < 50; ++i) log.Add(Call(i));
  clock_.now += std::chrono::seconds(1);
  log.Add(Call(99));
  const std::string lines = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(LinesOf(lines), 3u) << lines;
  EXPECT_NE(lines.find("method=m99"), std::string::npos);
  EXPECT_NE(lines.find("left_out=48"), std::string::npos) << lines;
  EXPECT_EQ(log.Newest(100).size(), 51u) << "what is not logged is kept all the same";
}

TEST_F(SlowLogTest, CutsTextsAndShowsJson) {
  ::testing::internal::CaptureStderr();
  SlowLog log({}, clock_);
  clock_.now = milliseconds(7);
  SlowCall call = Call(1234);
  call.kind = SlowCall::Kind::kSql;
  call.detail = "a \"quoted\" one";
  log.Add(call);
  EXPECT_EQ(log.ToJson(),
            "{\"request_threshold_ms\":1000,\"sql_threshold_ms\":500,\"calls\":[\n"
            "{\"at_us\":7000,\"kind\":\"sql\",\"what\":\"m1234\",\"took_ms\":1234,"
            "\"request_id\":\"\",\"detail\":\"a \\\"quoted\\\" one\",\"peer\":\"\"}\n]}\n");
  call.detail = std::string(10'000, 'x');
  log.Add(call);
  EXPECT_EQ(log.Newest(1)[0].detail.size(), 512u);
  EXPECT_NE(::testing::internal::GetCapturedStderr().find("slow.sql statement=m1234"),
            std::string::npos);
}

}  // namespace
}  // namespace lanemq
