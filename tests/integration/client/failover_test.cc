#include <atomic>
#include <csignal>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "tests/integration/client/client_test_base.h"

// Whatever happens to brokers and connections, the application sees every record stored once, in
// order, and reads them so.
namespace lanemq::testing {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

class ClientFailoverTest : public ClientTest {
 protected:
  // Producers that run until told to stop, a consumer that reads along.
  class Load {
   public:
    Load(ClientCluster& cluster, int producers) : cluster_(cluster) {
      for (int i = 0; i < producers; ++i) threads_.emplace_back([this, i] { Produce(i); });
      threads_.emplace_back([this] { Consume(); });
    }
    [[nodiscard]] std::int64_t acked() const { return acked_; }
    /// Stops producing, waits for the reader and checks all that was seen.
    void Finish() {
      is_over_ = true;
      threads_.clear();
      EXPECT_EQ(failures_, 0) << first_failure_;
      EXPECT_GT(acked_, 0);
      const auto rows = cluster_.Rows();
      ASSERT_TRUE(rows.ok()) << rows.error().ToString();
      std::set<std::string> stored;
      std::map<std::string, int> next;
      for (std::size_t p = 0; p < rows->size(); ++p) {
        for (const std::string& body : rows->at(p)) {
          EXPECT_TRUE(stored.insert(body).second) << body << " is stored twice";
          // "<producer>-<key>-<number of the key>"
          const std::size_t dash = body.rfind('-');
          EXPECT_EQ(std::stoi(body.substr(dash + 1)), next[body.substr(0, dash)]++) << body;
        }
        EXPECT_TRUE(read_[static_cast<std::int32_t>(p)] == rows->at(p))
            << "partition " << p << ": " << read_[static_cast<std::int32_t>(p)].size() << " read, "
            << rows->at(p).size() << " stored";
      }
      EXPECT_EQ(static_cast<std::int64_t>(stored.size()), acked_);
    }

   private:
    void Produce(int index) {
      auto producer = Producer::Create(cluster_.ForProducer());
      ASSERT_TRUE(producer.ok());
      for (int i = 0; !is_over_; ++i) {
        const std::string key = std::to_string(index) + "-" + std::to_string(i % 10);
        ProducerRecord record;
        record.topic = "orders";
        record.key = key;
        record.body = key + "-" + std::to_string(i / 10);
        const Status sent =
            (*producer)->Send(std::move(record), [this](const Result<RecordMetadata>& result) {
              result.ok() ? void(++acked_) : Fail(result.error());
            });
        if (!sent.ok()) return Fail(sent.error());
        // A bounded pace: the point is what happens, not how fast.
        if (i % 50 == 49 && !(*producer)->Flush(60s).ok()) return Fail({{}, "flush"});
      }
      const Status closed = (*producer)->Close(60s);
      EXPECT_TRUE(closed.ok()) << closed.error().ToString();
      --producing_;
    }

    void Consume() {
      auto consumer = Consumer::Create(cluster_.ForConsumer());
      ASSERT_TRUE(consumer.ok());
      ASSERT_TRUE((*consumer)->Assign(cluster_.Partitions()).ok());
      const Deadline patience = Deadline::After(SystemClock::Instance(), 180s);
      while (!patience.HasPassed(SystemClock::Instance())) {
        auto records = (*consumer)->Poll(200ms);
        if (!records.ok()) return Fail(records.error());
        for (const ConsumedRecord& record : *records) {
          std::vector<std::string>& seen = read_[record.partition()];
          EXPECT_EQ(record.offset, static_cast<std::int64_t>(seen.size()) + 1);
          seen.push_back(record.body.value_or("null"));
          ++received_;
        }
        if ((producing_ == 0 && received_ >= acked_) || failures_ > 0) return;
      }
      Fail({ErrorCode::kRequestTimedOut, "the consumer did not get everything"});
    }

    void Fail(const Error& error) {
      const std::lock_guard lock(mutex_);
      if (failures_++ == 0) first_failure_ = error.ToString();
    }

    ClientCluster& cluster_;
    std::atomic<bool> is_over_{false};
    std::atomic<std::int64_t> acked_{0};
    std::atomic<int> producing_{2};
    std::int64_t received_ = 0;
    std::map<std::int32_t, std::vector<std::string>> read_;
    std::mutex mutex_;
    std::atomic<int> failures_{0};
    std::string first_failure_;
    std::vector<std::jthread> threads_;
  };

  void WaitForMore(const Load& load, std::int64_t records) {
    const std::int64_t before = load.acked();
    EXPECT_TRUE(WaitFor([&] { return load.acked() >= before + records; }, 40s, "more records"));
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, ClientFailoverTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(ClientFailoverTest, BrokersKilledUnderLoadLoseAndRepeatNothing) {
  if (!StartCluster()) return;
  Load load(*cluster_, 2);
  for (int round = 0; round < 4; ++round) {
    WaitForMore(load, 300);
    cluster_->KillBroker(round % 2);
    WaitForMore(load, 300);
    const Status started = cluster_->StartBroker(round % 2);
    ASSERT_TRUE(started.ok()) << started.error().ToString();
  }
  WaitForMore(load, 300);
  load.Finish();
}

TEST_P(ClientFailoverTest, RepliesAndConnectionsLostAtRandomLoseAndRepeatNothing) {
  if (!StartCluster({.seed = 42})) return;
  Load load(*cluster_, 2);
  WaitForMore(load, 100);
  for (int i = 0; i < 2; ++i) {
    cluster_->proxy(i).SetCuts({.before_request = 0.01,
                                .inside_request = 0.01,
                                .before_reply = 0.03,
                                .inside_reply = 0.01});
  }
  EXPECT_TRUE(WaitFor(
      [&] {
        return cluster_->proxy(0).Stats().before_reply + cluster_->proxy(1).Stats().before_reply >=
               10;
      },
      60s, "lost replies"));
  WaitForMore(load, 500);
  for (int i = 0; i < 2; ++i) cluster_->proxy(i).SetCuts({});
  WaitForMore(load, 200);
  load.Finish();
}

TEST_P(ClientFailoverTest, ABrokerThatDrainsIsLeftWithoutAnError) {
  if (!StartCluster()) return;
  Load load(*cluster_, 2);
  WaitForMore(load, 300);
  EXPECT_EQ(cluster_->DrainBroker(0), 0);
  WaitForMore(load, 500);
  const Status started = cluster_->StartBroker(0);
  ASSERT_TRUE(started.ok()) << started.error().ToString();
  WaitForMore(load, 300);
  EXPECT_EQ(cluster_->DrainBroker(1), 0);
  WaitForMore(load, 500);
  load.Finish();
}

TEST_P(ClientFailoverTest, ABrokerThatHangsIsReplacedAfterTheRequestTimeout) {
  if (!StartCluster()) return;
  ProducerOptions options = cluster_->ForProducer();
  options.request_timeout = 1s;
  options.delivery_timeout = 60s;
  auto producer = Producer::Create(options);
  ASSERT_TRUE(producer.ok());
  for (int p = 0; p < 4; ++p) ASSERT_TRUE((*producer)->SendSync(RecordAt(p, "before")).ok());
  cluster_->Signal(0, SIGSTOP);
  for (int p = 0; p < 4; ++p) {
    const auto result = (*producer)->SendSync(RecordAt(p, "during"));
    EXPECT_TRUE(result.ok()) << result.error().ToString();
  }
  cluster_->Signal(0, SIGCONT);
  for (int p = 0; p < 4; ++p) ASSERT_TRUE((*producer)->SendSync(RecordAt(p, "after")).ok());
  const auto rows = cluster_->Rows();
  for (const auto& bodies : *rows) {
    EXPECT_EQ(bodies, (std::vector<std::string>{"before", "during", "after"}));
  }
}

}  // namespace
}  // namespace lanemq::testing
