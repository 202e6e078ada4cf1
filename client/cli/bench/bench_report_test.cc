#include "client/cli/bench/bench_report.h"

#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

using namespace std::chrono_literals;

TEST(BenchBodyTest, CarriesTheIntendedTime) {
  const std::string body = BenchBody(7, 3, 123'456'789ns, 100);
  EXPECT_EQ(body.size(), 100U);
  std::chrono::nanoseconds intended{};
  ASSERT_TRUE(ReadBenchBody(body, 7, intended));
  EXPECT_EQ(intended, 123'456'789ns);
  EXPECT_FALSE(ReadBenchBody(body, 8, intended));
  for (const std::string other : {"", "7", "7:", "7:1:", "7:1:2", "hello", "7:a:b:"}) {
    EXPECT_FALSE(ReadBenchBody(other, 7, intended)) << other;
  }
  EXPECT_TRUE(ReadBenchBody(BenchBody(7, 3, 1ns, 0), 7, intended));
}

TEST(BenchTableTest, HasRatesAndPercentiles) {
  BenchResult result{.mode = "produce",
                     .messages = 2'000,
                     .failed = 0,
                     .bytes = 2 << 20,
                     .took = 2s,
                     .has_latency = true,
                     .latency = {}};
  result.latency.Add(5ms);
  EXPECT_EQ(Render(BenchTable(result), {OutputFormat::kCsv}),
            "mode,messages,failed,seconds,messages_per_s,mib_per_s,p50_ms,p95_ms,p99_ms,max_ms\n"
            "produce,2000,0,2.0,1000,1.0,5.0,5.0,5.0,5.0\n");
  EXPECT_EQ(BenchProgress(result), "2,000 messages, 1,000/s, p99 5.0 ms");
  result.has_latency = false;
  EXPECT_EQ(BenchProgress(result), "2,000 messages, 1,000/s");
}

}  // namespace
}  // namespace lanemq::cli
