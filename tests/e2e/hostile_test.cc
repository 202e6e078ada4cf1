#include <iostream>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/base/random.h"
#include "common/rpc/test_rig.h"
#include "common/rpc/wire/errors.h"
#include "lanemq_types.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/steady_producer.h"
#include "tests/fuzz/seeds.h"
#include "tests/support/wait_for.h"

namespace lanemq::e2e {
namespace {

using apache::thrift::protocol::TProtocol;
using apache::thrift::protocol::TType;
using rpc::test::CallFrame;
using rpc::test::RawClient;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

Deadline In(std::chrono::nanoseconds time) {
  return Deadline::After(SystemClock::Instance(), time);
}

// A real broker under attack by raw bytes, with a well-behaved producer beside.
class HostileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, testing::Engine::kMariaDb);
    auto started = Cluster::Start({.brokers = 1, .metaservers = 0});
    ASSERT_TRUE(started.ok()) << started.error().ToString();
    cluster_ = std::move(started).value();
    const auto topic = cluster_->CreateTopic("orders", 1);
    ASSERT_TRUE(topic.ok()) << topic.error().ToString();
    producer_ = std::make_unique<SteadyProducer>(cluster_->broker(0), "orders", 2ms);
    ASSERT_TRUE(testing::WaitFor([&] { return producer_->sent() > 200; }, 20s, "warm"));
    static_cast<void>(producer_->TakeQuantiles({}));
    rss_before_kib_ = ResidentKib(cluster_->broker_process(0).pid());
  }
  void TearDown() override {
    if (producer_ == nullptr) return;
    const std::int64_t sent = producer_->sent();
    EXPECT_TRUE(testing::WaitFor([&] { return producer_->sent() > sent + 50; }, 20s,
                                 "progress of the well-behaved producer"));
    producer_->Stop();
    EXPECT_TRUE(producer_->status().ok()) << producer_->status().error().ToString();
    const auto us = producer_->TakeQuantiles({0.5, 0.95, 0.99, 1});
    EXPECT_LT(us[1], 500'000) << "the well-behaved producer was made to wait";
    EXPECT_LT(us[3], 5'000'000);
    ASSERT_TRUE(cluster_->broker_process(0).IsRunning());
    const std::int64_t rss = ResidentKib(cluster_->broker_process(0).pid());
    EXPECT_LT(rss - rss_before_kib_, 48 << 10) << "the broker's memory grew";
    std::cout << fmt::format(
        "well-behaved: {} messages, p50 {} us, p95 {} us, p99 {} us, max {} us; broker {} KiB "
        "before, {} KiB after\n",
        producer_->sent(), us[0], us[1], us[2], us[3], rss_before_kib_, rss);
  }
  std::uint16_t port() const { return cluster_->broker(0).port; }

  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<SteadyProducer> producer_;
  std::int64_t rss_before_kib_ = 0;
};

std::string Prefix(std::uint32_t length) {
  return {static_cast<char>(length >> 24), static_cast<char>(length >> 16),
          static_cast<char>(length >> 8), static_cast<char>(length)};
}

TEST_F(HostileTest, ImpossibleFramesAreClosed) {
  const std::vector<std::pair<const char*, std::string>> attacks = {
      {"2 GiB - 1", Prefix(0x7fffffff) + "x"},
      {"4 GiB - 1", Prefix(0xffffffff) + "x"},
      {"one byte over the frame limit", Prefix(16'384'001) + "x"},
      {"an empty frame", Prefix(0)},
      {"HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"TLS", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)},
      {"unframed", std::string("\x80\x01\x00\x01\x00\x00\x00\x07produce", 15)},
      {"not strict", Prefix(8) + std::string("\x00\x00\x00\x04ping", 8)},
  };
  for (int round = 0; round < 20; ++round) {
    for (const auto& [name, bytes] : attacks) {
      RawClient client(port());
      client.Send(bytes);
      EXPECT_TRUE(client.WaitClosed(15s)) << name;
    }
  }
}

TEST_F(HostileTest, TruncatedFramesAndVanishingClientsCostNothing) {
  const std::string whole = rpc::test::FetchFrame(1);
  for (int round = 0; round < 20; ++round) {
    for (std::size_t cut = 1; cut < whole.size(); ++cut) {
      RawClient client(port());
      client.Send(whole.substr(0, cut));
    }
    // Parked fetches whose clients vanish, and requests whose answers nobody takes.
    RawClient client(port());
    client.Send(whole + whole + rpc::test::ServerInfoFrame(2));
  }
}

TEST_F(HostileTest, BombsAreProtocolErrors) {
  const auto produce = [](const std::function<void(TProtocol&)>& write) {
    return CallFrame("produce", 9, [&](TProtocol& p) {
      p.writeStructBegin("args");
      p.writeFieldBegin("request", TType::T_STRUCT, 1);
      p.writeStructBegin("ProduceRequest");
      write(p);
    });
  };
  std::vector<std::string> bombs;
  for (const std::uint32_t n : {0x7fffffffu, 10'000'000u, 100'001u}) {
    for (const std::int16_t field : {std::int16_t{1}, std::int16_t{99}}) {
      bombs.push_back(produce([&](TProtocol& p) {
        p.writeFieldBegin("list", TType::T_LIST, field);
        p.writeListBegin(TType::T_STRUCT, n);
      }));
    }
    bombs.push_back(produce([&](TProtocol& p) {
      p.writeFieldBegin("client_id", TType::T_STRING, 3);
      p.writeI32(static_cast<std::int32_t>(n));
    }));
  }
  bombs.push_back(produce([](TProtocol& p) {  // A field of another type.
    p.writeFieldBegin("partitions", TType::T_I64, 1);
    p.writeI64(1);
    p.writeFieldStop();
    p.writeFieldStop();
  }));
  bombs.push_back(produce([](TProtocol& p) {  // Nesting without end.
    for (int i = 0; i < 100'000; ++i) p.writeFieldBegin("deep", TType::T_STRUCT, 50);
  }));
  for (int round = 0; round < 30; ++round) {
    RawClient client(port());
    for (std::size_t i = 0; i < bombs.size(); ++i) {
      ASSERT_TRUE(client.Send(bombs[i]));
      const auto reply = client.ReadFrame(10s);
      ASSERT_TRUE(reply.has_value()) << "bomb " << i;
      EXPECT_TRUE(rpc::test::Parse(*reply).fault.has_value()) << "bomb " << i;
    }
    ASSERT_TRUE(client.Send(rpc::test::ServerInfoFrame(77)));
    EXPECT_EQ(rpc::test::Parse(client.ReadFrame(10s).value()).seqid, 77) << "still usable";
  }
}

TEST_F(HostileTest, DrippingAndAnnouncingConnectionsHurtNobody) {
  std::vector<RawClient> clients;
  for (int i = 0; i < 300; ++i) {
    RawClient& client = clients.emplace_back(port());
    client.Send(Prefix(16'000'000));  // Announced, never sent.
  }
  const std::string frame = rpc::test::ServerInfoFrame(1);
  StopSignal never;
  for (std::size_t byte = 0; byte < 20; ++byte) {
    for (std::size_t i = 0; i < clients.size(); i += 3) clients[i].Send(frame.substr(byte, 1));
    never.WaitFor(100ms);
  }
}

TEST_F(HostileTest, SeedsOfTheFuzzerAndTheirMutations) {
  const std::vector<std::string> seeds = fuzz::Seeds();
  ASSERT_GT(seeds.size(), 10u);
  const std::uint64_t seed = static_cast<std::uint64_t>(Random::FromSystem().PositiveId());
  SCOPED_TRACE(fmt::format("seed {}", seed));
  std::mt19937_64 random(seed);
  const Deadline end = In(8s);
  std::int64_t sent = 0;
  while (!end.HasPassed(SystemClock::Instance())) {
    std::string bytes = seeds[random() % seeds.size()];
    for (std::uint64_t i = random() % 4; i > 0 && !bytes.empty(); --i) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    RawClient client(port());
    client.Send(bytes);
    if (random() % 4 == 0) static_cast<void>(client.ReadFrame(20ms));
    ++sent;
  }
  EXPECT_GT(sent, 200);
}

// ---------------------------------------------------------------- one over every limit

class LimitsTest : public HostileTest {
 protected:
  static idl::ProduceRequest One(idl::Message message) {
    idl::ProduceRequest request;
    idl::ProducePartition& part = request.partitions.emplace_back();
    part.topic = "orders";
    part.messages.push_back(std::move(message));
    return request;
  }
  static idl::Message Body(std::size_t bytes) {
    idl::Message message;
    message.__set_body(std::string(bytes, 'b'));
    return message;
  }
  // NONE: stored.
  std::string Produce(const idl::ProduceRequest& request) {
    const auto reply = cluster_->data_plane().ProduceSync(cluster_->broker(0), request, In(30s));
    if (!reply.ok()) return std::string(NameOf(reply.error().code));
    const idl::ProducePartitionResult& result = reply->partitions.at(0);
    if (!result.__isset.error) return "NONE";
    EXPECT_FALSE(result.error.message.empty());
    return std::string(NameOf(wire::FromWire(result.error).code));
  }
  std::string Commit(const std::string& group, const std::string& metadata) {
    idl::CommitOffsetsRequest request;
    request.group = group;
    idl::CommitPartition& part = request.partitions.emplace_back();
    part.topic = "orders";
    part.offset = 1;
    part.__set_metadata(metadata);
    const auto reply =
        cluster_->data_plane().CommitOffsetsSync(cluster_->broker(0), request, In(30s));
    if (!reply.ok()) return std::string(NameOf(reply.error().code));
    const auto& result = reply->partitions.at(0);
    return result.__isset.error ? std::string(NameOf(wire::FromWire(result.error).code)) : "NONE";
  }
};

TEST_F(LimitsTest, Messages) {
  EXPECT_EQ(Produce(One(Body(1 << 20))), "NONE");
  EXPECT_EQ(Produce(One(Body((1 << 20) + 1))), "MESSAGE_TOO_LARGE");
  const auto keyed = [](std::size_t bytes) {
    idl::Message message = Body(1);
    message.__set_key(std::string(bytes, 'k'));
    return message;
  };
  EXPECT_EQ(Produce(One(keyed(1'024))), "NONE");
  EXPECT_EQ(Produce(One(keyed(1'025))), "MESSAGE_TOO_LARGE");
  const auto with_headers = [](std::size_t count, std::size_t name, std::size_t value) {
    idl::Message message = Body(1);
    message.__isset.headers = true;
    for (std::size_t i = 0; i < count; ++i) {
      idl::Header& header = message.headers.emplace_back();
      header.name = std::string(name, 'n');
      header.value = std::string(value, '=');  // What the storage has to escape.
    }
    return message;
  };
  EXPECT_EQ(Produce(One(with_headers(2, 192, 8'000))), "NONE");
  EXPECT_EQ(Produce(One(with_headers(2, 192, 8'001))), "MESSAGE_TOO_LARGE");
  EXPECT_EQ(Produce(One(with_headers(100, 1, 1))), "NONE");
  EXPECT_EQ(Produce(One(with_headers(101, 1, 1))), "MESSAGE_TOO_LARGE");
}

TEST_F(LimitsTest, Batches) {
  const auto batch = [](std::size_t count, std::size_t bytes) {
    idl::ProduceRequest request = One(Body(bytes));
    auto& messages = request.partitions[0].messages;
    messages.resize(count, messages.front());
    return request;
  };
  EXPECT_EQ(Produce(batch(1'000, 10)), "NONE");
  EXPECT_EQ(Produce(batch(1'001, 10)), "RECORD_LIST_TOO_LARGE");
  // 4 MiB, with 48 bytes of overhead per message.
  EXPECT_EQ(Produce(batch(8, (512 << 10) - 48)), "NONE");
  EXPECT_EQ(Produce(batch(8, (512 << 10) - 47)), "RECORD_LIST_TOO_LARGE");
  idl::ProduceRequest nothing = One(Body(1));
  nothing.partitions[0].messages.clear();
  EXPECT_EQ(Produce(nothing), "INVALID_REQUEST");
  idl::ProduceRequest wide = One(Body(1));
  wide.partitions.resize(1'001, wide.partitions.front());
  EXPECT_EQ(Produce(wide), "INVALID_REQUEST");
}

TEST_F(LimitsTest, RequestsForAnotherCluster) {
  rpc::DataPlaneClient& data = cluster_->data_plane();
  const auto info = data.MetadataSync(cluster_->broker(0), {}, In(30s));
  ASSERT_TRUE(info.ok());
  const auto check = [&](auto request, auto method, const char* what) {
    request.__set_cluster_id("another");
    const auto refused = (data.*method)(cluster_->broker(0), request, In(30s));
    ASSERT_FALSE(refused.ok()) << what;
    EXPECT_EQ(refused.error().code, ErrorCode::kInconsistentClusterId) << what;
    request.__set_cluster_id(info->cluster_id);
    EXPECT_TRUE((data.*method)(cluster_->broker(0), request, In(30s)).ok()) << what;
  };
  check(One(Body(1)), &rpc::DataPlaneClient::ProduceSync, "produce");
  idl::FetchRequest fetch;
  fetch.partitions.emplace_back().topic = "orders";
  check(fetch, &rpc::DataPlaneClient::FetchSync, "fetch");
  idl::ListOffsetsRequest list;
  list.partitions.emplace_back().topic = "orders";
  check(list, &rpc::DataPlaneClient::ListOffsetsSync, "listOffsets");
  idl::CommitOffsetsRequest commit;
  commit.group = "g";
  commit.partitions.emplace_back().topic = "orders";
  check(commit, &rpc::DataPlaneClient::CommitOffsetsSync, "commitOffsets");
  idl::FetchOffsetsRequest offsets;
  offsets.group = "g";
  check(offsets, &rpc::DataPlaneClient::FetchOffsetsSync, "fetchOffsets");
}

TEST_F(LimitsTest, Names) {
  EXPECT_EQ(Commit(std::string(249, 'g'), std::string(4'096, 'm')), "NONE");
  EXPECT_EQ(Commit(std::string(250, 'g'), ""), "INVALID_GROUP_ID");
  EXPECT_EQ(Commit("", ""), "INVALID_GROUP_ID");
  EXPECT_EQ(Commit("g", std::string(4'097, 'm')), "OFFSET_METADATA_TOO_LARGE");
  for (const std::string& name : {std::string(249, 't'), std::string(250, 't'), std::string(),
                                  std::string("../x"), std::string("a\0b", 3)}) {
    idl::ProduceRequest request = One(Body(1));
    request.partitions[0].topic = name;
    const std::string code = Produce(request);
    EXPECT_TRUE(code == "UNKNOWN_TOPIC_OR_PARTITION" || code == "INVALID_TOPIC_EXCEPTION") << code;
  }
  idl::ProduceRequest request = One(Body(1));
  for (const std::int32_t partition : {-1, 1, 0x7fffffff}) {
    request.partitions[0].partition = partition;
    EXPECT_EQ(Produce(request), "UNKNOWN_TOPIC_OR_PARTITION");
  }
}

}  // namespace
}  // namespace lanemq::e2e
