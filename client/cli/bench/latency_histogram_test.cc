#include "client/cli/bench/latency_histogram.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/random.h"

namespace lanemq::cli {
namespace {

using std::chrono::microseconds;

TEST(LatencyHistogramTest, EmptyIsZero) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.Percentile(0.99).count(), 0);
  EXPECT_EQ(histogram.max().count(), 0);
}

TEST(LatencyHistogramTest, PercentilesAreExactToTwoPercent) {
  Random random(7);
  LatencyHistogram first;
  LatencyHistogram second;
  std::vector<std::int64_t> all;
  for (int i = 0; i < 20'000; ++i) {
    const auto micros = static_cast<std::int64_t>(random.Below(1ULL << random.Below(36)));
    all.push_back(micros);
    (i % 2 == 0 ? first : second).Add(microseconds{micros});
  }
  first.Merge(second);
  std::sort(all.begin(), all.end());
  for (const double fraction : {0.0001, 0.1, 0.5, 0.95, 0.99, 0.999, 1.0}) {
    const auto index = static_cast<std::size_t>(fraction * 20'000) - 1;
    const auto exact = static_cast<double>(all[index]);
    const auto found = static_cast<double>(first.Percentile(fraction).count());
    EXPECT_GE(found, exact) << fraction;
    EXPECT_LE(found, exact * 1.02 + 1) << fraction;
  }
  EXPECT_EQ(first.max().count(), all.back());
  EXPECT_EQ(first.count(), 20'000);
}

TEST(LatencyHistogramTest, TakesWhatIsOutOfRange) {
  LatencyHistogram histogram;
  histogram.Add(microseconds{-5});
  histogram.Add(std::chrono::hours{1'000'000});
  EXPECT_EQ(histogram.Percentile(0.1).count(), 0);
  EXPECT_EQ(histogram.max(), std::chrono::hours{1'000'000});
}

}  // namespace
}  // namespace lanemq::cli
