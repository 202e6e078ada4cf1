#include <iostream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/e2e/parked_consumers.h"
#include "tests/e2e/steady_producer.h"
#include "tests/support/wait_for.h"

namespace lanemq::e2e {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// The small sibling of perf/parked: parked fetches cost memory, not threads.
TEST(ParkedTest, AThousandParkedConsumersCostNoThreads) {
  LANEMQ_REQUIRE_SERVER(server, testing::Engine::kMariaDb);
  auto started = Cluster::Start({.brokers = 1});
  ASSERT_TRUE(started.ok()) << started.error().ToString();
  Cluster& cluster = **started;
  const auto topic = cluster.CreateTopic("orders", 2);
  ASSERT_TRUE(topic.ok()) << topic.error().ToString();
  SteadyProducer producer(cluster.broker(0), "orders", 2ms);
  ASSERT_TRUE(testing::WaitFor([&] { return producer.sent() > 100; }, 20s, "warm"));
  const pid_t pid = cluster.broker_process(0).pid();
  const std::int64_t rss = ResidentKib(pid);
  const int threads = ThreadsOf(pid);
  {
    const ParkedConsumers parked(cluster.broker(0), "orders", 1, 1'000);
    ASSERT_TRUE(testing::WaitFor([&] { return parked.waiting() == 1'000; }, 20s, "all parked"));
    const std::int64_t sent = producer.sent();
    ASSERT_TRUE(testing::WaitFor([&] { return producer.sent() > sent + 100; }, 20s, "progress"));
    EXPECT_EQ(parked.errors(), 0);
    EXPECT_EQ(parked.waiting(), 1'000);
    // One that comes and goes by itself is not a consumer's.
    EXPECT_TRUE(testing::WaitFor([&] { return ThreadsOf(pid) <= threads; }, 10s, "no more threads"))
        << ThreadsOf(pid) << " threads, before " << threads;
    const std::int64_t grown = ResidentKib(pid) - rss;
    EXPECT_LT(grown, 24 << 10);
    std::cout << fmt::format("1,000 parked: {} KiB more, {} threads\n", grown, threads);
  }
  producer.Stop();
  EXPECT_TRUE(producer.status().ok()) << producer.status().error().ToString();
}

}  // namespace
}  // namespace lanemq::e2e
