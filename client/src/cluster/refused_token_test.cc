// The clients against a server that asks for a token: what is refused, and what goes on.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ControlPlane.h"
#include "DataPlane.h"
#include "client/src/cluster/cluster.h"
#include "client/src/publisher/cluster_publisher.h"
#include "common/base/mutex.h"
#include "common/core/types/caller.h"
#include "common/rpc/call_context.h"
#include "common/rpc/responder.h"
#include "common/rpc/server.h"
#include "common/rpc/wire/errors.h"
#include "lanemq/admin.h"
#include "lanemq/consumer.h"
#include "lanemq/producer.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_for.h"

namespace lanemq::client {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::int64_t kLogEnd = 11;

std::optional<Error> ErrorOf(const std::string& topic) {
  if (topic != "theirs") return std::nullopt;
  return Error{ErrorCode::kTopicAuthorizationFailed, "service:mine may not touch topic 'theirs'"};
}

// A broker that knows some tokens, and that lets nobody touch topic "theirs". Is its own metadata
// server.
class GuardedBroker final : public idl::DataPlaneCobSvNull {
 public:
  template <typename T>
  using Cob = std::function<void(const T&)>;
  using ExnCob = std::function<void(apache::thrift::TDelayedException*)>;

  void SetPort(std::uint16_t port) {
    MutexLock lock(mutex_);
    port_ = port;
  }
  void Accept(std::set<std::string> tokens) {
    MutexLock lock(mutex_);
    accepted_ = std::move(tokens);
  }
  /// Answers what waits: a parked call keeps its server alive, which keeps this.
  void LetGo() {
    std::vector<rpc::Responder<idl::FetchResponse>> parked;
    {
      MutexLock lock(mutex_);
      parked.swap(parked_);
      is_ending_ = true;
    }
    for (const auto& responder : parked) responder.Respond({});
  }
  [[nodiscard]] int CountProduced(const std::string& topic) const {
    MutexLock lock(mutex_);
    return static_cast<int>(std::count(produced_.begin(), produced_.end(), topic));
  }

  std::atomic<int> not_yet{0};  ///< So many tokens are told to come again.
  std::atomic<int> refusals{0};
  std::atomic<int> fetches{0};

  void authenticate(Cob<idl::AuthenticateResponse> cob, ExnCob exn,
                    const idl::AuthenticateRequest& request) override {
    const rpc::Responder<idl::AuthenticateResponse> responder(std::move(cob), std::move(exn));
    MutexLock lock(mutex_);
    if (not_yet > 0) {
      --not_yet;
      return responder.Fail({ErrorCode::kMetadataUnavailable, "it may be a new one", 20});
    }
    if (!accepted_.contains(request.token)) {
      ++refusals;
      return responder.Fail({ErrorCode::kAuthenticationFailed, "the token is not valid"});
    }
    responder.context()->Identify(std::make_shared<core::Caller>(
        core::Caller{{core::PrincipalKind::kService, "mine"}, request.token}));
    idl::AuthenticateResponse response;
    response.principal = "service:mine";
    responder.Respond(response);
  }
  void metadata(Cob<idl::MetadataResponse> cob, ExnCob,
                const idl::MetadataRequest& request) override {
    MutexLock lock(mutex_);
    idl::MetadataResponse response;
    response.version = 1;
    response.is_unchanged = false;
    response.__set_cluster_id("ours");
    idl::Broker broker;
    broker.broker_id = 1;
    broker.host = "127.0.0.1";
    broker.port = port_;
    broker.state = idl::BrokerState::ACTIVE;
    response.__set_brokers({broker});
    response.__set_metaservers({});
    std::vector<idl::TopicMetadata> topics;
    for (const std::string& name : request.topics) {
      idl::TopicMetadata& topic = topics.emplace_back();
      topic.name = name;
      topic.topic_id = 7;
      topic.state = idl::TopicState::ACTIVE;
      idl::PartitionMetadata& partition = topic.partitions.emplace_back();
      partition.partition = 0;
      partition.__set_preferred_broker_id(1);
    }
    response.__set_topics(topics);
    cob(response);
  }
  void produce(Cob<idl::ProduceResponse> cob, ExnCob, const idl::ProduceRequest& request) override {
    MutexLock lock(mutex_);
    idl::ProduceResponse response;
    for (const idl::ProducePartition& wanted : request.partitions) {
      produced_.push_back(wanted.topic);
      idl::ProducePartitionResult& result = response.partitions.emplace_back();
      result.topic = wanted.topic;
      result.partition = wanted.partition;
      if (const auto error = ErrorOf(wanted.topic)) result.__set_error(wire::ToWire(*error));
    }
    cob(response);
  }
  void fetch(Cob<idl::FetchResponse> cob, ExnCob exn, const idl::FetchRequest& request) override {
    const rpc::Responder<idl::FetchResponse> responder(std::move(cob), std::move(exn));
    ++fetches;
    idl::FetchResponse response;
    bool is_news = false;
    for (const idl::FetchPartition& wanted : request.partitions) {
      idl::FetchPartitionResult& result = response.partitions.emplace_back();
      result.topic = wanted.topic;
      result.partition = wanted.partition;
      const auto error = ErrorOf(wanted.topic);
      if (error) result.__set_error(wire::ToWire(*error));
      for (std::int64_t o = wanted.offset; !error && o < kLogEnd; ++o) {
        result.messages.emplace_back().offset = o;
      }
      is_news = is_news || error || !result.messages.empty();
    }
    MutexLock lock(mutex_);
    if (is_news || is_ending_) return responder.Respond(response);
    parked_.push_back(responder);
  }

 private:
  mutable Mutex mutex_;
  std::uint16_t port_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::set<std::string> accepted_ LANEMQ_GUARDED_BY(mutex_){"right"};
  std::vector<std::string> produced_ LANEMQ_GUARDED_BY(mutex_);  // Topics, one per batch.
  std::vector<rpc::Responder<idl::FetchResponse>> parked_ LANEMQ_GUARDED_BY(mutex_);
  bool is_ending_ LANEMQ_GUARDED_BY(mutex_) = false;
};

std::optional<Error> Admit(const rpc::RequestHead& head) {
  if (head.caller != nullptr || head.method == "authenticate") return std::nullopt;
  return Error{ErrorCode::kAuthenticationFailed, "say who you are first"};
}

class RefusedTokenTest : public ::testing::Test {
 protected:
  RefusedTokenTest() {
    EXPECT_TRUE(server_.Start().ok());
    broker_->SetPort(server_.port());
    SetToken("wrong");
  }
  ~RefusedTokenTest() override {
    broker_->LetGo();
    server_.Stop();
  }

  void SetToken(const std::string& token) const {
    std::ofstream(path_ + ".new", std::ios::trunc) << token << "\n";
    std::filesystem::rename(path_ + ".new", path_);
  }
  template <typename Options>
  [[nodiscard]] Options Of() const {
    Options options;
    options.bootstrap_servers = {"127.0.0.1:" + std::to_string(server_.port())};
    options.token_file = path_;
    options.retry_backoff = 5ms;
    options.retry_backoff_max = 50ms;
    return options;
  }
  [[nodiscard]] std::unique_ptr<Producer> MakeProducer() const {
    auto producer = Producer::Create(Of<ProducerOptions>());
    EXPECT_TRUE(producer.ok()) << producer.error().ToString();
    return std::move(producer).value();
  }
  [[nodiscard]] std::unique_ptr<Consumer> MakeConsumer(std::vector<std::string> topics) const {
    auto options = Of<ConsumerOptions>();
    options.enable_retries = false;
    auto consumer = Consumer::Create(std::move(options));
    EXPECT_TRUE(consumer.ok()) << consumer.error().ToString();
    std::vector<TopicPartition> partitions;
    for (std::string& topic : topics) partitions.push_back({std::move(topic), 0});
    EXPECT_TRUE((*consumer)->Assign(partitions).ok());
    for (const TopicPartition& id : partitions) EXPECT_TRUE((*consumer)->Seek(id, 1).ok());
    return std::move(consumer).value();
  }
  static ProducerRecord RecordOf(const std::string& topic) {
    ProducerRecord record;
    record.topic = topic;
    record.body = "b";
    return record;
  }
  /// Everything that the message of a refusal is for.
  void ExpectAdvice(const Error& error) const {
    EXPECT_EQ(error.code, ErrorCode::kAuthenticationFailed) << error.message;
    EXPECT_NE(error.message.find(path_), std::string::npos) << error.message;
    EXPECT_EQ(error.message.find("wrong"), std::string::npos) << error.message;
  }

  /// Of a call that may take 30 s and more.
  template <typename Call>
  void ExpectRefusedSoon(const Call& call) const {
    const Clock& clock = SystemClock::Instance();
    const MonotonicTime began = clock.Now();
    const auto result = call();
    EXPECT_LT(clock.Now() - began, 10s);
    ASSERT_FALSE(result.ok());
    ExpectAdvice(result.error());
  }

  const testing::TempDir dir_;
  const std::string path_ = (dir_.path() / "credential").string();
  const std::shared_ptr<GuardedBroker> broker_ = std::make_shared<GuardedBroker>();
  rpc::Server server_{{.host = "127.0.0.1", .threads = 1, .name = "broker", .admit = Admit},
                      std::make_shared<idl::DataPlaneAsyncProcessor>(broker_)};
};

TEST_F(RefusedTokenTest, CallsFailLongBeforeTheirTimeAndSayWhatToDo) {
  const auto admin = Admin::Create(Of<AdminOptions>());
  ASSERT_TRUE(admin.ok()) << admin.error().ToString();
  ExpectRefusedSoon([&] { return (*admin)->ListTopics(); });
}

TEST_F(RefusedTokenTest, AProducerDoesNotWaitForATopicThatItMayNotAskFor) {
  const auto producer = MakeProducer();
  ExpectRefusedSoon([&] { return producer->SendSync(RecordOf("mine")); });
}

TEST_F(RefusedTokenTest, AConsumerTellsOfItInPoll) {
  const auto consumer = MakeConsumer({"mine"});
  ExpectRefusedSoon([&] { return consumer->Poll(30s); });
}

TEST_F(RefusedTokenTest, AnOutboxKeepsWhatItHasRatherThanCallingItRefused) {
  Cluster cluster(Of<ClientOptions>(), *MakeSecurity(Of<ClientOptions>()), "test");
  ClusterPublisher publisher(cluster);
  ASSERT_TRUE(testing::WaitFor([&] { return cluster.Refused().has_value(); }, 10s, "refused"));
  ExpectAdvice(*cluster.Refused());
  EXPECT_EQ(publisher.PartitionsOf("mine").error().code, ErrorCode::kAuthenticationFailed);
  cluster.Close();
}

TEST_F(RefusedTokenTest, ATokenThatTheServerDoesNotKnowYetComesAgain) {
  SetToken("right");
  broker_->not_yet = 5;
  const auto producer = MakeProducer();
  const auto sent = producer->SendSync(RecordOf("mine"));
  EXPECT_TRUE(sent.ok()) << sent.error().ToString();
  EXPECT_EQ(broker_->not_yet, 0);
  broker_->not_yet = 5;
  const auto consumer = MakeConsumer({"mine"});
  std::size_t read = 0;
  EXPECT_TRUE(testing::WaitFor(
      [&] {
        const auto records = consumer->Poll(10ms);
        EXPECT_TRUE(records.ok()) << records.error().ToString();
        if (records.ok()) read += records->size();
        return read == kLogEnd - 1;
      },
      10s, "read"));
  EXPECT_EQ(broker_->refusals, 0);
}

TEST_F(RefusedTokenTest, ANewTokenInTheFileNeedsNoRestart) {
  const auto producer = MakeProducer();
  const auto consumer = MakeConsumer({"mine"});
  ASSERT_FALSE(producer->SendSync(RecordOf("mine")).ok());
  ASSERT_FALSE(consumer->Poll(30s).ok());
  SetToken("right");
  EXPECT_TRUE(testing::WaitFor([&] { return producer->SendSync(RecordOf("mine")).ok(); }, 10s,
                               "the producer has the new token"));
  EXPECT_TRUE(testing::WaitFor(
      [&] {
        const auto records = consumer->Poll(10ms);
        return records.ok() && !records->empty();
      },
      10s, "the consumer has it, too"));
}

TEST_F(RefusedTokenTest, ARevokedTokenEndsWhatWasOpen) {
  SetToken("right");
  const auto producer = MakeProducer();
  ASSERT_TRUE(producer->SendSync(RecordOf("mine")).ok());
  broker_->Accept({});
  server_.CloseConnections([](const core::Caller& caller) { return caller.token_id == "right"; });
  std::optional<Error> error;
  EXPECT_TRUE(testing::WaitFor(
      [&] {
        const auto sent = producer->SendSync(RecordOf("mine"));
        if (!sent.ok()) error = sent.error();
        // What was on its way when the connection ended may be stored: it says so first.
        return error && error->code == ErrorCode::kAuthenticationFailed;
      },
      10s, "refused"));
  ASSERT_TRUE(error);
  ExpectAdvice(*error);
}

TEST_F(RefusedTokenTest, AReaderGoesOnWithTheNewTokenWhereItWas) {
  SetToken("right");
  const auto consumer = MakeConsumer({"mine"});
  std::size_t read = 0;
  ASSERT_TRUE(testing::WaitFor(
      [&] {
        const auto records = consumer->Poll(10ms);
        if (records.ok()) read += records->size();
        return read == kLogEnd - 1;
      },
      10s, "read"));
  broker_->Accept({});
  server_.CloseConnections([](const core::Caller&) { return true; });
  bool is_told = false;
  EXPECT_TRUE(testing::WaitFor(
      [&] {
        is_told = !consumer->Poll(10ms).ok() || is_told;
        return is_told && broker_->refusals >= 10;
      },
      10s, "everything it asks for was refused"));
  const int before = broker_->fetches;
  broker_->Accept({"newer"});
  SetToken("newer");
  EXPECT_TRUE(testing::WaitFor(
      [&] { return consumer->Poll(10ms).ok() && broker_->fetches > before; }, 10s, "it goes on"));
  EXPECT_EQ(*consumer->Position({"mine", 0}), kLogEnd);
}

TEST_F(RefusedTokenTest, AMissingRightFailsTheRecordsOfThatTopicAlone) {
  SetToken("right");
  const auto producer = MakeProducer();
  auto theirs = producer->Send(RecordOf("theirs"));
  auto mine = producer->Send(RecordOf("mine"));
  const auto refused = theirs.get();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kTopicAuthorizationFailed);
  EXPECT_NE(refused.error().message.find("'theirs'"), std::string::npos);
  EXPECT_TRUE(mine.get().ok());
  EXPECT_EQ(broker_->CountProduced("theirs"), 1) << "it was not tried again";
}

TEST_F(RefusedTokenTest, AMissingRightStopsTheReadingOfThatTopicAlone) {
  SetToken("right");
  const auto consumer = MakeConsumer({"mine", "theirs"});
  std::size_t read = 0;
  std::optional<Error> error;
  EXPECT_TRUE(testing::WaitFor(
      [&] {
        const auto records = consumer->Poll(10ms);
        if (records.ok()) {
          read += records->size();
        } else {
          error = records.error();
        }
        return error && read == kLogEnd - 1;
      },
      10s, "all of one and the error of the other"));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::kTopicAuthorizationFailed);
}

}  // namespace
}  // namespace lanemq::client
