#include "client/src/publisher/cluster_publisher.h"

#include <atomic>
#include <future>
#include <map>
#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include "DataPlane.h"
#include "common/base/mutex.h"
#include "common/rpc/server.h"
#include "common/rpc/wire/errors.h"
#include "lanemq_types.h"
#include "tests/support/wait_for.h"

namespace lanemq::client {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// Remembers what it is sent and answers as it is told; is its own metadata
// server.
class FakeBroker final : public idl::DataPlaneCobSvNull {
 public:
  template <typename T>
  using Cob = std::function<void(const T&)>;
  using ExnCob = std::function<void(apache::thrift::TDelayedException*)>;

  void metadata(Cob<idl::MetadataResponse> cob, ExnCob,
                const idl::MetadataRequest& request) override {
    MutexLock lock(mutex_);
    idl::MetadataResponse response;
    response.version = version_;
    response.is_unchanged = false;
    response.__set_cluster_id("ours");
    idl::Broker broker;
    broker.broker_id = broker_;
    broker.host = "127.0.0.1";
    broker.port = port_;
    broker.state = idl::BrokerState::ACTIVE;
    response.__set_brokers({broker});
    response.__set_metaservers({});
    std::vector<idl::TopicMetadata> topics;
    for (const std::string& name : request.topics) {
      const auto found = topics_.find(name);
      if (found == topics_.end()) continue;
      idl::TopicMetadata& topic = topics.emplace_back();
      topic.name = name;
      topic.topic_id = 7;
      topic.state = static_cast<idl::TopicState::type>(found->second.second);
      for (std::int32_t i = 0; i < found->second.first; ++i) {
        idl::PartitionMetadata& partition = topic.partitions.emplace_back();
        partition.partition = i;
        partition.__set_preferred_broker_id(broker_);
      }
    }
    response.__set_topics(topics);
    cob(response);
  }
  void produce(Cob<idl::ProduceResponse> cob, ExnCob, const idl::ProduceRequest& request) override {
    MutexLock lock(mutex_);
    produced.push_back(request);
    if (is_silent) {
      parked_.push_back(std::move(cob));
      return;
    }
    idl::ProduceResponse response;
    if (!is_confused) {
      idl::ProducePartitionResult& result = response.partitions.emplace_back();
      result.topic = request.partitions.front().topic;
      result.partition = request.partitions.front().partition;
      if (error) result.__set_error(wire::ToWire(*error));
      if (is_duplicate) result.__set_is_duplicate(true);
    }
    cob(response);
  }
  void schedule(Cob<idl::ScheduleResponse> cob, ExnCob,
                const idl::ScheduleRequest& request) override {
    MutexLock lock(mutex_);
    scheduled.push_back(request);
    idl::ScheduleResponse response;
    idl::SchedulePartitionResult& result = response.partitions.emplace_back();
    result.__set_duplicates(1);
    cob(response);
  }
  void Set(std::int32_t broker, std::uint16_t port) {
    MutexLock lock(mutex_);
    broker_ = broker;
    port_ = port;
    ++version_;
  }
  /// A parked call keeps its server alive, which keeps this.
  void AnswerParked() {
    std::vector<Cob<idl::ProduceResponse>> parked;
    {
      MutexLock lock(mutex_);
      parked.swap(parked_);
    }
    for (const auto& cob : parked) cob({});
  }
  void SetTopic(const std::string& name, std::int32_t partitions, core::TopicState state) {
    MutexLock lock(mutex_);
    topics_[name] = {partitions, static_cast<int>(state)};
    ++version_;
  }
  template <typename F>
  auto With(F f) {
    MutexLock lock(mutex_);
    return f(*this);
  }

  // By With().
  std::vector<idl::ProduceRequest> produced;
  std::vector<idl::ScheduleRequest> scheduled;
  std::optional<Error> error;
  bool is_duplicate = false;
  bool is_silent = false;
  bool is_confused = false;

 private:
  Mutex mutex_;
  std::int64_t version_ LANEMQ_GUARDED_BY(mutex_) = 1;
  std::int32_t broker_ LANEMQ_GUARDED_BY(mutex_) = 1;
  std::uint16_t port_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::map<std::string, std::pair<std::int32_t, int>> topics_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<Cob<idl::ProduceResponse>> parked_ LANEMQ_GUARDED_BY(mutex_);
};

core::OutboxMessage MessageOf(std::int64_t id, const std::string& key, const std::string& body) {
  core::OutboxMessage message;
  message.id = id;
  core::Record record;
  record.key = key;
  record.body = body;
  record.headers = {{"h", std::string("\0v", 2)}};
  message.record = std::make_shared<const core::Record>(std::move(record));
  return message;
}

class ClusterPublisherTest : public ::testing::Test {
 protected:
  ClusterPublisherTest()
      : server_({.host = "127.0.0.1", .threads = 1, .name = "broker"},
                std::make_shared<idl::DataPlaneAsyncProcessor>(broker_)) {
    EXPECT_TRUE(server_.Start().ok());
    broker_->Set(1, server_.port());
    broker_->SetTopic("orders", 3, core::TopicState::kActive);
    ClientOptions options;
    options.bootstrap_servers = {"127.0.0.1:" + std::to_string(server_.port())};
    options.retry_backoff = 1ms;
    cluster_.emplace(options, Security(), "test");
    publisher_.emplace(*cluster_, ClusterPublisher::Options{.topic_patience = 200ms});
  }
  ~ClusterPublisherTest() override {
    cluster_->Close();
    publisher_.reset();
    broker_->AnswerParked();
    server_.Stop();
  }
  bool Knows(const std::string& topic) {
    return static_cast<bool>(
        testing::WaitFor([&] { return publisher_->PartitionsOf(topic).ok(); }, 10s, "topic known"));
  }
  std::future<std::optional<Error>> Start(std::chrono::milliseconds timeout = 10s) {
    auto promise = std::make_shared<std::promise<std::optional<Error>>>();
    publisher_->Publish(group_, messages_, Deadline::After(cluster_->clock(), timeout),
                        [promise](std::optional<Error> error) { promise->set_value(error); });
    return promise->get_future();
  }
  std::optional<ErrorCode> Publish() {
    const auto error = Start().get();
    return error ? std::optional(error->code) : std::nullopt;
  }

  const std::shared_ptr<FakeBroker> broker_ = std::make_shared<FakeBroker>();
  rpc::Server server_;
  std::optional<Cluster> cluster_;
  std::optional<ClusterPublisher> publisher_;
  core::OutboxGroup group_{"orders", 2, false, core::ProducerId{77}, 40, {5, 9}};
  std::vector<core::OutboxMessage> messages_{MessageOf(5, "k", "first"),
                                             MessageOf(9, "", "second")};
};

TEST_F(ClusterPublisherTest, SendsABatchAsItIsPlanned) {
  ASSERT_TRUE(Knows("orders"));
  EXPECT_EQ(*publisher_->PartitionsOf("orders"), 3);
  EXPECT_EQ(Publish(), std::nullopt);
  const idl::ProduceRequest sent = broker_->With([](FakeBroker& b) { return b.produced.at(0); });
  EXPECT_EQ(sent.cluster_id, "ours") << "a broker at a reused address must refuse it";
  EXPECT_GT(sent.timeout_ms, 0);
  EXPECT_LE(sent.timeout_ms, 10'000);
  ASSERT_EQ(sent.partitions.size(), 1u);
  const idl::ProducePartition& partition = sent.partitions.front();
  EXPECT_EQ(partition.topic, "orders");
  EXPECT_EQ(partition.partition, 2);
  EXPECT_EQ(partition.producer_id, 77);
  EXPECT_EQ(partition.base_sequence, 40);
  ASSERT_EQ(partition.messages.size(), 2u);
  EXPECT_EQ(partition.messages[0].body, "first");
  EXPECT_TRUE(partition.messages[1].__isset.key) << "an empty key is a key";
  EXPECT_EQ(partition.messages[0].headers.at(0).value, std::string("\0v", 2));
  const PublishCounts counts = publisher_->Counts();
  EXPECT_EQ(counts.requests, 1);
  EXPECT_EQ(counts.messages, 2);
  EXPECT_EQ(counts.stored, 2);
  EXPECT_EQ(counts.duplicates, 0);
  EXPECT_GT(counts.bytes, 0);
}

TEST_F(ClusterPublisherTest, DelayedMessagesAreScheduled) {
  ASSERT_TRUE(Knows("orders"));
  group_.is_delayed = true;
  for (core::OutboxMessage& message : messages_) message.due = WallTime{1'000 + message.id};
  EXPECT_EQ(Publish(), std::nullopt);
  const auto sent = broker_->With([](FakeBroker& b) { return b.scheduled.at(0).partitions.at(0); });
  EXPECT_EQ(sent.producer_id, 77);
  EXPECT_EQ(sent.base_sequence, 40);
  ASSERT_EQ(sent.messages.size(), 2u);
  EXPECT_EQ(sent.messages[1].due_us, 1'009);
  EXPECT_EQ(sent.messages[1].message.body, "second");
  EXPECT_EQ(publisher_->Counts().duplicates, 1);
}

TEST_F(ClusterPublisherTest, WhatWasStoredBeforeIsStored) {
  ASSERT_TRUE(Knows("orders"));
  broker_->With([](FakeBroker& b) { b.is_duplicate = true; });
  EXPECT_EQ(Publish(), std::nullopt);
  EXPECT_EQ(publisher_->Counts().duplicates, 2);
  broker_->With([](FakeBroker& b) { b.error = Error{ErrorCode::kDuplicateSequence, "long ago"}; });
  EXPECT_EQ(Publish(), std::nullopt);
  EXPECT_EQ(publisher_->Counts().duplicates, 4);
  EXPECT_EQ(publisher_->Counts().failures, 0);
}

TEST_F(ClusterPublisherTest, RefusalsAndConfusedRepliesKeepTheirMeaning) {
  ASSERT_TRUE(Knows("orders"));
  broker_->With([](FakeBroker& b) { b.error = Error{ErrorCode::kMessageTooLarge, "big"}; });
  const auto refused = Start().get();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, ErrorCode::kMessageTooLarge);
  EXPECT_EQ(refused->message, "broker 1: big");
  broker_->With([](FakeBroker& b) { b.is_confused = true; });
  EXPECT_EQ(Publish(), ErrorCode::kNetworkException) << "it may be stored, and may be repeated";
  EXPECT_EQ(publisher_->Counts().failures, 2);
  EXPECT_EQ(publisher_->Counts().stored, 0);
}

TEST_F(ClusterPublisherTest, ABrokerThatVanishesGivesItsRequestsBack) {
  ASSERT_TRUE(Knows("orders"));
  broker_->With([](FakeBroker& b) { b.is_silent = true; });
  auto answer = Start(60s);
  ASSERT_TRUE(testing::WaitFor(
      [&] { return broker_->With([](FakeBroker& b) { return !b.produced.empty(); }); }, 10s,
      "sent"));
  broker_->Set(2, server_.port());
  cluster_->RequestRefresh();
  ASSERT_EQ(answer.wait_for(10s), std::future_status::ready) << "long before the deadline";
  const auto error = answer.get();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::kNetworkException);
  EXPECT_EQ(error->message, "broker 1 is gone");
}

TEST_F(ClusterPublisherTest, AClosedClusterAnswersWhatIsInFlightOnce) {
  ASSERT_TRUE(Knows("orders"));
  broker_->With([](FakeBroker& b) { b.is_silent = true; });
  auto answer = Start(60s);
  ASSERT_TRUE(testing::WaitFor(
      [&] { return broker_->With([](FakeBroker& b) { return !b.produced.empty(); }); }, 10s,
      "sent"));
  cluster_->Close();
  ASSERT_EQ(answer.wait_for(0s), std::future_status::ready);
  EXPECT_TRUE(answer.get());
}

TEST_F(ClusterPublisherTest, ATopicIsAbsentOnlyWhenServersHaveSaidSoForAWhile) {
  int rounds = 0;
  std::optional<ErrorCode> first;
  const MonotonicTime began = cluster_->clock().Now();
  ASSERT_TRUE(testing::WaitFor(
      [&] {
        ++rounds;
        const auto answer = publisher_->PartitionsOf("nowhere");
        if (!first) first = answer.error().code;
        return !answer.ok() && answer.error().code == ErrorCode::kUnknownTopicOrPartition;
      },
      10s, "absent"));
  EXPECT_NE(first, ErrorCode::kUnknownTopicOrPartition) << "nobody was asked yet";
  EXPECT_GE(cluster_->clock().Now() - began, 200ms);
  EXPECT_GT(rounds, 1);

  broker_->SetTopic("going", 1, core::TopicState::kDeleting);
  EXPECT_TRUE(testing::WaitFor(
      [&] {
        const auto answer = publisher_->PartitionsOf("going");
        return !answer.ok() && answer.error().code == ErrorCode::kUnknownTopicOrPartition;
      },
      10s, "deleted"));

  std::atomic<int> changes{0};
  publisher_->SetListener([&] { ++changes; });
  broker_->SetTopic("nowhere", 4, core::TopicState::kActive);
  EXPECT_FALSE(publisher_->PartitionsOf("nowhere").ok());
  EXPECT_TRUE(testing::WaitFor([&] { return changes > 0; }, 10s, "news"));
  ASSERT_TRUE(Knows("nowhere"));
  EXPECT_EQ(*publisher_->PartitionsOf("nowhere"), 4);
  publisher_->SetListener(nullptr);
}

TEST(ClusterPublisherAloneTest, WithoutAClusterNothingIsKnownAndNothingIsSent) {
  ClientOptions options;
  options.bootstrap_servers = {"127.0.0.1:1"};
  Cluster cluster(options, {}, "test");
  ClusterPublisher publisher(cluster);
  EXPECT_EQ(publisher.PartitionsOf("orders").error().code, ErrorCode::kBrokerNotAvailable);
  std::optional<Error> answer;
  publisher.Publish({"orders", 0, false, core::ProducerId{1}, 0, {1}}, {MessageOf(1, "k", "b")},
                    Deadline::After(cluster.clock(), 1s),
                    [&](std::optional<Error> error) { answer = std::move(error); });
  ASSERT_TRUE(answer) << "at once";
  EXPECT_EQ(answer->code, ErrorCode::kBrokerNotAvailable);
  EXPECT_EQ(publisher.Counts().requests, 0);
  EXPECT_EQ(publisher.Counts().failures, 1);
  cluster.Close();
}

}  // namespace
}  // namespace lanemq::client
