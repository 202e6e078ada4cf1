#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "common/core/partition/partitioner.h"
#include "tests/integration/client/client_test_base.h"

namespace lanemq::testing {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

class ClientProducerTest : public ClientTest {};
INSTANTIATE_TEST_SUITE_P(Engines, ClientProducerTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(ClientProducerTest, EverythingOfARecordComesBackAndOffsetsAreTold) {
  if (!StartCluster()) return;
  auto producer = Producer::Create(cluster_->ForProducer());
  ASSERT_TRUE(producer.ok());
  ProducerRecord full = RecordAt(1, std::string("\0body\xff", 6));
  full.key = "";
  full.headers = {{"trace", "1"}, {"trace", ""}};
  full.codec = 3;
  const auto first = (*producer)->SendSync(full);
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  EXPECT_EQ(first->partition, 1);
  EXPECT_EQ(first->offset, 1);
  EXPECT_GT(first->timestamp_us, 0);
  ProducerRecord tombstone;
  tombstone.topic = "orders";
  tombstone.partition = 1;
  EXPECT_EQ((*producer)->SendSync(tombstone)->offset, 2);

  auto consumer = Consumer::Create(cluster_->ForConsumer());
  ASSERT_TRUE(consumer.ok());
  ASSERT_TRUE((*consumer)->Assign({{"orders", 1}}).ok());
  const auto records = PollFor(**consumer, 2);
  ASSERT_TRUE(records.ok()) << records.error().ToString();
  ASSERT_EQ(records->size(), 2u);
  const ConsumedRecord& record = records->front();
  EXPECT_EQ(record.topic(), "orders");
  EXPECT_EQ(record.partition(), 1);
  EXPECT_EQ(record.key, "");
  EXPECT_EQ(record.body, std::string("\0body\xff", 6));
  EXPECT_EQ(record.headers, full.headers);
  EXPECT_EQ(record.codec, 3);
  EXPECT_EQ(record.timestamp_us, first->timestamp_us);
  EXPECT_EQ(records->back().key, std::nullopt);
  EXPECT_EQ(records->back().body, std::nullopt);
}

TEST_P(ClientProducerTest, KeysKeepTheirPartitionAndOrderAndKeylessRecordsSpread) {
  if (!StartCluster()) return;
  ProducerOptions options = cluster_->ForProducer();
  options.batch_size = 1 << 10;
  auto producer = Producer::Create(options);
  ASSERT_TRUE(producer.ok());
  for (int i = 0; i < 2'000; ++i) {
    const std::string key = "k" + std::to_string(i % 17);
    ASSERT_TRUE((*producer)->Send(Record(key + "=" + std::to_string(i), key), nullptr).ok());
    ASSERT_TRUE((*producer)->Send(Record("keyless"), nullptr).ok());
  }
  ASSERT_TRUE((*producer)->Flush(30s).ok());
  const auto rows = cluster_->Rows();
  ASSERT_TRUE(rows.ok()) << rows.error().ToString();
  std::map<std::string, int> last;
  for (std::int32_t p = 0; p < 4; ++p) {
    int keyless = 0;
    for (const std::string& body : rows->at(static_cast<std::size_t>(p))) {
      if (body == "keyless") {
        ++keyless;
        continue;
      }
      const std::string key = body.substr(0, body.find('='));
      EXPECT_EQ(core::PartitionForKey(key, 4), p);
      const int number = std::stoi(body.substr(body.find('=') + 1));
      EXPECT_GT(number, last.contains(key) ? last[key] : -1) << key;
      last[key] = number;
    }
    EXPECT_GT(keyless, 100) << "partition " << p << " got too few of 2000";
  }
  EXPECT_EQ(last.size(), 17u);
  EXPECT_EQ((*producer)->Stats().records_sent, 4'000);
}

TEST_P(ClientProducerTest, CallbacksRunOnceInOrderOnOneThreadBeforeCloseReturns) {
  if (!StartCluster()) return;
  auto producer = Producer::Create(cluster_->ForProducer());
  ASSERT_TRUE(producer.ok());
  std::set<std::thread::id> threads;
  std::map<std::int32_t, std::vector<std::int64_t>> offsets;
  int resent = 0;
  for (int i = 0; i < 3'000; ++i) {
    const auto done = [&](const Result<RecordMetadata>& result) {
      ASSERT_TRUE(result.ok()) << result.error().ToString();
      threads.insert(std::this_thread::get_id());
      offsets[result->partition].push_back(result->offset);
      if (resent == 0) {
        // Allowed here; Flush() and Close() are not.
        ++resent;
        EXPECT_TRUE((*producer)->Send(Record("again"), [&](const auto&) { ++resent; }).ok());
        EXPECT_EQ((*producer)->Flush(1s).error().code, ErrorCode::kFailedPrecondition);
      }
    };
    ASSERT_TRUE((*producer)->Send(RecordAt(i % 4, "x"), done).ok());
  }
  ASSERT_TRUE((*producer)->Flush(30s).ok());
  ASSERT_TRUE((*producer)->Close(30s).ok());
  EXPECT_EQ(threads.size(), 1u);
  EXPECT_FALSE(threads.contains(std::this_thread::get_id()));
  EXPECT_EQ(resent, 2);
  ASSERT_EQ(offsets.size(), 4u);
  for (const auto& [partition, seen] : offsets) {
    EXPECT_EQ(seen.size(), 750u);
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end())) << "partition " << partition;
  }
  EXPECT_EQ((*producer)->SendSync(Record("x")).error().code, ErrorCode::kClosed);
}

TEST_P(ClientProducerTest, WhatIsWrongWithARecordIsSaidAtOnce) {
  if (!StartCluster({.brokers = 1})) return;
  ProducerOptions options = cluster_->ForProducer();
  options.max_block = 500ms;
  auto producer = Producer::Create(options);
  ASSERT_TRUE(producer.ok());
  EXPECT_EQ((*producer)->SendSync(RecordAt(4, "x")).error().code,
            ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ((*producer)->SendSync(Record(std::string(2 << 20, 'x'))).error().code,
            ErrorCode::kMessageTooLarge);
  EXPECT_EQ((*producer)->SendSync(Record("x", std::string(2 << 10, 'k'))).error().code,
            ErrorCode::kMessageTooLarge)
      << "refused by the broker";
  ProducerRecord stray = Record("x");
  stray.topic = "no-such-topic";
  EXPECT_EQ((*producer)->SendSync(stray).error().code, ErrorCode::kUnknownTopicOrPartition);
  EXPECT_TRUE((*producer)->SendSync(Record("fine")).ok());
}

TEST_P(ClientProducerTest, WithoutBrokersTheBufferFillsAndNothingIsStoredOrClaimedToBe) {
  if (!StartCluster({.brokers = 1})) return;
  ProducerOptions options = cluster_->ForProducer();
  options.buffer_memory = 1 << 20;
  options.max_block = 50ms;
  options.delivery_timeout = 2s;
  auto producer = Producer::Create(options);
  ASSERT_TRUE(producer.ok());
  ASSERT_TRUE(WaitFor([&] { return (*producer)->SendSync(Record("first")).ok(); }, 20s,
                      "the topic to be known"));
  cluster_->proxy(0).Block(true);
  std::vector<std::future<Result<RecordMetadata>>> waiting;
  while (true) {
    auto sent = (*producer)->Send(Record(std::string(100'000, 'x')));
    if (sent.wait_for(0s) == std::future_status::ready) {
      EXPECT_EQ(sent.get().error().code, ErrorCode::kQueueFull);
      break;
    }
    waiting.push_back(std::move(sent));
    ASSERT_LT(waiting.size(), 20u);
  }
  EXPECT_GE(waiting.size(), 9u);
  for (auto& one : waiting) {
    const auto result = one.get();
    ASSERT_FALSE(result.ok());
    // The proxy takes the connection before it cuts it: some requests may have left.
    EXPECT_TRUE(result.error().code == ErrorCode::kBrokerNotAvailable ||
                result.error().code == ErrorCode::kNetworkException ||
                result.error().code == ErrorCode::kOutcomeUnknown)
        << result.error().ToString();
  }
  cluster_->proxy(0).Block(false);
  EXPECT_TRUE((*producer)->SendSync(Record("last")).ok()) << "it works again";
}

TEST_P(ClientProducerTest, WhenRepliesNeverComeTheOutcomeIsUnknownAndTheRecordIsStoredOnce) {
  if (!StartCluster({.brokers = 1, .partitions = 1})) return;
  ProducerOptions options = cluster_->ForProducer();
  options.delivery_timeout = 2s;
  auto producer = Producer::Create(options);
  ASSERT_TRUE(producer.ok());
  ASSERT_TRUE((*producer)->SendSync(Record("first")).ok());
  cluster_->proxy(0).SetCuts({.before_reply = 1});
  const auto lost = (*producer)->SendSync(Record("second"));
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.error().code, ErrorCode::kOutcomeUnknown) << lost.error().ToString();
  cluster_->proxy(0).SetCuts({});
  ASSERT_TRUE((*producer)->SendSync(Record("third")).ok());
  EXPECT_EQ(cluster_->Rows()->front(), (std::vector<std::string>{"first", "second", "third"}));
}

}  // namespace
}  // namespace lanemq::testing
