#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <iostream>
#include <map>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/base/random.h"
#include "lanemq/lanemq.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/stop_signal.h"
#include "tests/support/wait_for.h"

namespace lanemq::e2e {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::Engine;

constexpr std::int32_t kPartitions = 2;
constexpr std::int64_t kSecond = 1'000'000;

std::int64_t NowUs() { return SystemClock::Instance().WallNow().micros; }

/// Ends threads also when an assertion leaves the test early. Declared after them.
struct AtEnd {
  std::function<void()> run;
  ~AtEnd() { run(); }
};

/// A delivered message as a reader saw it. Bodies are "<number> <due_us>".
struct Seen {
  std::int32_t partition = 0;
  std::int64_t timestamp_us = 0;
  std::int64_t seen_us = 0;
};
std::int64_t DueOf(const std::string& body) { return std::stoll(body.substr(body.find(' '))); }

// Delayed messages from the producer through the mover to a reader. Clocks are one clock here, so
// that "never early" is exact.
class DelayedTest : public ::testing::TestWithParam<Engine> {
 protected:
  void StartCluster(ClusterOptions options) {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    options.engine = GetParam();
    options.seed = seed_;
    auto started = Cluster::Start(std::move(options));
    ASSERT_TRUE(started.ok()) << started.error().ToString();
    cluster_ = std::move(started).value();
    auto topic = cluster_->CreateTopic("later", kPartitions);
    ASSERT_TRUE(topic.ok()) << topic.error().ToString();
    topic_ = *topic;
    ProducerOptions producer;
    producer.bootstrap_servers = cluster_->bootstrap();
    auto made = Producer::Create(producer);
    ASSERT_TRUE(made.ok());
    producer_ = std::move(made).value();
  }
  static ProducerRecord Message(int number, std::int64_t due_us) {
    ProducerRecord record;
    record.topic = "later";
    record.partition = number % kPartitions;
    record.body = fmt::format("{} {}", number, due_us);
    record.deliver_at_us = due_us;
    return record;
  }
  /// Reads everything until `stop`. Each body must come once.
  void Read(const StopSignal& stop) {
    ConsumerOptions options;
    options.bootstrap_servers = cluster_->bootstrap();
    auto consumer = Consumer::Create(options);
    ASSERT_TRUE(consumer.ok());
    std::vector<TopicPartition> partitions;
    for (std::int32_t p = 0; p < kPartitions; ++p) partitions.push_back({"later", p});
    ASSERT_TRUE((*consumer)->Assign(partitions).ok());
    ASSERT_TRUE((*consumer)->SeekToBeginning(partitions).ok());
    while (!stop.IsSet()) {
      const auto records = (*consumer)->Poll(200ms);
      if (!records.ok()) continue;
      const MutexLock lock(mutex_);
      for (const ConsumedRecord& record : *records) {
        const bool is_new =
            seen_.emplace(*record.body, Seen{record.partition(), record.timestamp_us, NowUs()})
                .second;
        EXPECT_TRUE(is_new) << *record.body << " is in the log twice";
        order_[record.partition()].push_back(*record.body);
      }
    }
  }
  std::size_t SeenCount() {
    const MutexLock lock(mutex_);
    return seen_.size();
  }
  void ExpectNothingEarly() {
    const MutexLock lock(mutex_);
    std::vector<std::int64_t> late;
    for (const auto& [body, seen] : seen_) {
      EXPECT_GE(seen.timestamp_us, DueOf(body)) << body << " has an early timestamp";
      EXPECT_GE(seen.seen_us, DueOf(body)) << body << " came early";
      late.push_back(seen.seen_us - DueOf(body));
    }
    if (late.empty()) return;
    std::ranges::sort(late);
    std::cout << fmt::format("{} delivered; late by {} ms (median), {} ms (99%); seed {}\n",
                             late.size(), late[late.size() / 2] / 1'000,
                             late[late.size() * 99 / 100] / 1'000, seed_);
  }
  bool IsNothingWaiting() {
    const std::string table = topic_.tables.front();
    // The node's own schema is beside those of the message tables: "`<prefix>_00`.`...`".
    const std::string schema = table.substr(1, table.find('`', 1) - 3);
    const auto rows =
        cluster_->data_server().Query("SELECT COUNT(*) FROM `" + schema + "node`.delayed_messages");
    return rows.ok() && std::stoll(*rows) == 0;
  }

  const std::uint64_t seed_ = static_cast<std::uint64_t>(Random::FromSystem().PositiveId());
  std::unique_ptr<Cluster> cluster_;
  TestTopic topic_;
  std::unique_ptr<Producer> producer_;
  StopSignal never_;
  Mutex mutex_;
  std::map<std::string, Seen> seen_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::int32_t, std::vector<std::string>> order_ LANEMQ_GUARDED_BY(mutex_);
};

TEST_P(DelayedTest, EachComesOnceInOrderNeverEarlyAndNeverWhenCancelled) {
  ASSERT_NO_FATAL_FAILURE(StartCluster({}));
  if (IsSkipped()) return;
  StopSignal stop;
  std::jthread reader([&] { Read(stop); });
  const AtEnd end_reader{[&] { stop.Set(); }};
  Random random(seed_);
  const std::int64_t base = NowUs();
  const std::int64_t calm = base + 12 * kSecond;  // Everything is sent and cancelled before.
  std::vector<std::future<Result<RecordMetadata>>> sent;
  std::vector<std::string> bodies;
  for (int i = 0; i < 500; ++i) {
    const bool has_passed = i % 10 == 0;
    const std::int64_t due = has_passed
                                 ? base - 3'600 * kSecond
                                 : calm + static_cast<std::int64_t>(random.Below(3 * kSecond));
    bodies.push_back(*Message(i, due).body);
    sent.push_back(producer_->Send(Message(i, due)));
  }
  std::set<std::string> expected(bodies.begin(), bodies.end());
  std::vector<std::string> handles;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const auto result = sent[i].get();
    ASSERT_TRUE(result.ok()) << result.error().ToString();
    if (i % 10 != 3) continue;
    handles.push_back(result->delayed_handle);
    expected.erase(bodies[i]);
  }
  const auto cancelled = producer_->Cancel(handles);
  ASSERT_TRUE(cancelled.ok()) << cancelled.error().ToString();
  EXPECT_EQ(*cancelled, std::vector<CancelState>(handles.size(), CancelState::kCancelled));
  EXPECT_TRUE(testing::WaitFor([&] { return SeenCount() >= 50; }, 11s, "those that are due"));
  ASSERT_LT(NowUs(), calm) << "too slow a machine for this test";
  EXPECT_TRUE(testing::WaitFor([&] { return SeenCount() == expected.size(); }, 40s, "all others"));
  EXPECT_TRUE(testing::WaitFor([&] { return IsNothingWaiting(); }, 20s, "nothing that waits"));
  stop.Set();
  reader.join();
  const auto late_cancel = producer_->Cancel(handles);
  ASSERT_TRUE(late_cancel.ok());
  EXPECT_EQ(*late_cancel, std::vector<CancelState>(handles.size(), CancelState::kDelivered))
      << "nobody remembers who was cancelled";
  ExpectNothingEarly();
  const MutexLock lock(mutex_);
  for (const auto& [body, seen] : seen_) EXPECT_TRUE(expected.contains(body)) << body;
  for (const auto& [partition, order] : order_) {
    EXPECT_TRUE(std::ranges::is_sorted(order, {}, DueOf)) << "partition " << partition;
  }
}

TEST_P(DelayedTest, BrokersKilledAndConnectionsCutLoseAndDoubleNothing) {
  ASSERT_NO_FATAL_FAILURE(StartCluster({.is_data_node_proxied = true}));
  if (IsSkipped()) return;
  StopSignal stop;
  std::jthread reader([&] { Read(stop); });
  std::atomic<bool> is_over = false;
  std::atomic<int> failures = 0;
  std::atomic<std::size_t> accepted = 0;
  std::jthread sender([&] {
    Random random(seed_);
    std::vector<std::future<Result<RecordMetadata>>> sent;
    for (int i = 0; !is_over; ++i) {
      sent.push_back(producer_->Send(
          Message(i, NowUs() + static_cast<std::int64_t>(random.Below(4 * kSecond)))));
      if (i % 20 == 19) never_.WaitFor(20ms);
    }
    for (auto& one : sent) {
      const auto result = one.get();
      if (result.ok()) {
        ++accepted;
      } else if (++failures == 1) {
        ADD_FAILURE() << result.error().ToString();
      }
    }
  });
  const AtEnd end_both{[&] {
    stop.Set();
    is_over = true;
  }};
  for (int kills = 0; kills < 4; ++kills) {
    cluster_->data_proxy()->SetCuts({.before_request = 0.002, .before_reply = 0.01});
    never_.WaitFor(1'500ms);
    // As many answers as kills, at least; on a slow machine fewer are given.
    EXPECT_TRUE(testing::WaitFor(
        [&] { return cluster_->data_proxy()->Stats().before_reply > kills; }, 20s, "lost answers"));
    cluster_->data_proxy()->SetCuts({});
    cluster_->data_proxy()->CutAll();
    cluster_->KillBroker(kills % 2);
    never_.WaitFor(500ms);
    const Status started = cluster_->StartBroker(kills % 2);
    ASSERT_TRUE(started.ok()) << started.error().ToString();
  }
  EXPECT_GT(cluster_->data_proxy()->Stats().before_reply, 3) << "hardly any answer was lost";
  is_over = true;
  sender.join();
  EXPECT_EQ(failures, 0);
  EXPECT_GT(accepted, 200u);
  EXPECT_TRUE(testing::WaitFor([&] { return SeenCount() >= accepted; }, 60s, "all of them"));
  EXPECT_TRUE(testing::WaitFor([&] { return IsNothingWaiting(); }, 20s, "nothing that waits"));
  stop.Set();
  reader.join();
  EXPECT_EQ(SeenCount(), accepted);
  ExpectNothingEarly();
}

INSTANTIATE_TEST_SUITE_P(Engines, DelayedTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::e2e
