#include <iostream>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/base/random.h"
#include "tests/chaos/chaos_proxy.h"
#include "tests/checker/checker.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/workload.h"
#include "tests/support/wait_for.h"

namespace lanemq::e2e {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::Engine;

class IdempotenceTest : public ::testing::TestWithParam<Engine> {};

// Every request goes to both brokers at once, replies are dropped at random, a lost one is asked
// for again at the other broker, and each broker dies once, so that what it knew of the producers
// is gone: one row per message all the same.
TEST_P(IdempotenceTest, EveryRequestTwiceRepliesDroppedBrokersSwitched) {
  LANEMQ_REQUIRE_SERVER(server, GetParam());
  const std::uint64_t seed = static_cast<std::uint64_t>(Random::FromSystem().PositiveId());
  auto started = Cluster::Start({.engine = GetParam(), .metaservers = 0, .seed = seed});
  ASSERT_TRUE(started.ok()) << started.error().ToString();
  Cluster& cluster = **started;
  const auto topic = cluster.CreateTopic("once", 2);
  ASSERT_TRUE(topic.ok()) << topic.error().ToString();

  std::vector<std::unique_ptr<chaos::ChaosProxy>> proxies;
  for (int i = 0; i < cluster.brokers(); ++i) {
    auto proxy = chaos::ChaosProxy::Start(cluster.broker(i).port, seed + 1);
    ASSERT_TRUE(proxy.ok());
    (*proxy)->SetCuts({.before_request = 0.02, .before_reply = 0.15});
    proxies.push_back(std::move(proxy).value());
  }
  checker::History history;
  WorkloadOptions options{.partitions = 2, .readers = 2, .is_every_request_doubled = true};
  options.seed = seed;
  options.produce_endpoint = [&](int broker) {
    const auto port = proxies[static_cast<std::size_t>(broker)]->port();
    return rpc::Endpoint{"127.0.0.1", static_cast<std::uint16_t>(port)};
  };
  Workload workload(cluster, *topic, history, options);
  workload.Start();
  const auto dropped = [&] {
    return proxies[0]->Stats().before_reply + proxies[1]->Stats().before_reply;
  };
  const auto wait_for_drops = [&](std::int64_t count) {
    return testing::WaitFor([&] { return dropped() >= count; }, 40s, "dropped replies");
  };
  for (int i = 0; i < cluster.brokers(); ++i) {
    ASSERT_TRUE(wait_for_drops(5 * (i + 1)));
    cluster.KillBroker(i);
    const Status again = cluster.StartBroker(i);
    ASSERT_TRUE(again.ok()) << again.error().ToString();
    proxies[static_cast<std::size_t>(i)]->SetTarget(cluster.broker(i).port);
  }
  ASSERT_TRUE(wait_for_drops(15));
  ASSERT_TRUE(testing::WaitFor([&] { return workload.acked() > 200; }, 30s, "messages"));
  for (const auto& proxy : proxies) proxy->SetCuts({});
  const Status finished = workload.Finish();
  EXPECT_TRUE(finished.ok()) << finished.error().ToString();
  const checker::Report report = checker::Check(history);
  EXPECT_TRUE(report.ok()) << report.ToString();
  EXPECT_EQ(report.unknown, 0);
  EXPECT_GT(report.acked, 200);
  std::cout << fmt::format("{}dropped replies {}, repeated requests {} (each to both), seed {}\n",
                           report.ToString(), dropped(), workload.retries(), seed);
}

INSTANTIATE_TEST_SUITE_P(Engines, IdempotenceTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::e2e
