#include "common/core/retry/backoff.h"

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using std::chrono::milliseconds;

TEST(BackoffTest, GrowsFromFirstToMaxAndStaysThere) {
  Random random(1);
  const BackoffPolicy policy{milliseconds(10), milliseconds(80), 2.0};
  const milliseconds whole[] = {milliseconds(10), milliseconds(20), milliseconds(40),
                                milliseconds(80), milliseconds(80)};
  for (int attempt = 1; attempt <= 5; ++attempt) {
    for (int i = 0; i < 200; ++i) {
      const auto delay = BackoffDelay(policy, attempt, random);
      EXPECT_LE(delay, whole[attempt - 1]);
      EXPECT_GE(delay, whole[attempt - 1] / 2);
    }
  }
  EXPECT_LE(BackoffDelay(policy, 1'000'000, random), milliseconds(80));
}

TEST(BackoffTest, TwoWaitersDoNotWaitAlike) {
  Random one(1);
  Random two(2);
  EXPECT_NE(BackoffDelay({}, 3, one), BackoffDelay({}, 3, two));
}

}  // namespace
}  // namespace lanemq::core
