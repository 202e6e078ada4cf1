#include "client/cli/text/delivery_time.h"

#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

using std::chrono::milliseconds;

constexpr WallTime kNow{1'800'000'000'000'000};

TEST(DeliveryTimeTest, ReadsDelaysAndTimes) {
  struct Case {
    const char* delay;
    const char* deliver_at;
    std::optional<milliseconds> is_delay;
    std::optional<std::int64_t> is_at;
  };
  const Case cases[] = {
      {"", "", {}, {}},
      {"5m", "", milliseconds(300'000), {}},
      {"0s", "", milliseconds(0), {}},
      {"1500ms", "", milliseconds(1'500), {}},
      {"0.0001s", "", milliseconds(1), {}},
      {"3650d", "", milliseconds(315'360'000'000), {}},
      {"", "2026-11-21T05:08:16Z", {}, 1'795'237'696'000'000},
      {"", "1795237696", {}, 1'795'237'696'000'000},
      {"", "now", {}, kNow.micros},
  };
  for (const Case& c : cases) {
    const auto time = ParseDeliveryTime(c.delay, c.deliver_at, kNow);
    ASSERT_TRUE(time.ok()) << c.delay << c.deliver_at << ": " << time.error().ToString();
    EXPECT_EQ(time->delay, c.is_delay) << c.delay;
    EXPECT_EQ(time->deliver_at_us, c.is_at) << c.deliver_at;
  }
}

TEST(DeliveryTimeTest, RefusesWhatCannotBeMeant) {
  for (const char* delay : {"-5m", "soon", "5 parsecs"}) {
    const auto time = ParseDeliveryTime(delay, "", kNow);
    ASSERT_FALSE(time.ok()) << delay;
    EXPECT_NE(time.error().message.find("--delay"), std::string::npos);
  }
  for (const char* at : {"5m", "-5m", "2h", "tomorrow", "1960-01-01"}) {
    const auto time = ParseDeliveryTime("", at, kNow);
    ASSERT_FALSE(time.ok()) << at;
    EXPECT_EQ(time.error().code, ErrorCode::kInvalidRequest);
    EXPECT_NE(time.error().message.find("--deliver-at"), std::string::npos);
  }
}

}  // namespace
}  // namespace lanemq::cli
