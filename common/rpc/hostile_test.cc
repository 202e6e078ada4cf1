// What a server must survive: every test checks that the attacker is dealt with, that memory stays
// flat, and that another client is served meanwhile.

#include <poll.h>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <thrift/TApplicationException.h>
#include <thrift/protocol/TProtocol.h>

#include "common/rpc/data_plane_client.h"
#include "common/rpc/server.h"
#include "common/rpc/test_rig.h"

namespace lanemq::rpc {
namespace {

using namespace test;  // NOLINT: the rig is this test's vocabulary.
using apache::thrift::TApplicationException;
using apache::thrift::protocol::TProtocol;
using apache::thrift::protocol::TType;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kMemorySlack = 8;  // Shadow memory and quarantine.
#else
constexpr std::size_t kMemorySlack = 1;
#endif
constexpr std::size_t kMiB = 1u << 20;

std::size_t GrownSince(std::size_t before) {
  const std::size_t now = ResidentBytes();
  return now > before ? now - before : 0;
}

// Another client, on connections of its own, that must not notice anything.
class Bystander {
 public:
  explicit Bystander(const TestServer& rig) : endpoint_(rig.endpoint()) { ExpectServed(); }
  void ExpectServed() {
    const auto result = client_.ServerInfoSync(endpoint_, {}, In(milliseconds(5'000)));
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(transport_.Stats().connects, 1u) << "its connection was cut";
  }

 private:
  const Endpoint endpoint_;
  RpcClient transport_;
  DataPlaneClient client_{transport_};
};

std::string Bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out.push_back(static_cast<char>(value));
  return out;
}

TEST(HostileTest, ImpossibleLengthsAndForeignProtocolsAreClosed) {
  TestServer rig;
  Bystander bystander(rig);
  const std::vector<std::string> inputs = {
      Bytes({0, 0, 0, 0}),                              // No message is empty.
      Bytes({0xff, 0xff, 0xff, 0xff}),                  // -1
      Bytes({0x7f, 0xff, 0xff, 0xff}),                  // 2 GB
      Bytes({0x80, 0, 0, 0}),                           // -2^31
      Bytes({0, 0xfa, 0, 1}),                           // One byte above 16,384,000.
      Bytes({0x80, 1, 0, 1, 0, 0, 0, 4}) + "ping",      // Unframed strict binary.
      Bytes({0x16, 3, 1, 2, 0, 1, 0, 1}),               // TLS
      "GET /metrics HTTP/1.1\r\nHost: lanemq\r\n\r\n",  // HTTP
      std::string(4'096, '\xa5'),                       // Noise.
      Framed("hello"),                                  // Framed, but what?
      Framed(Bytes({0, 0, 0, 4}) + "pingxxxxxxxx"),     // Binary without the strict version.
      Framed(Bytes({0x80, 2, 0, 1, 0, 0, 0, 4}) + "pingxxxx"),      // Binary version 2.
      Framed(Bytes({0x82, 0x3f, 1, 4}) + "pingxxxx"),               // Compact version 31.
      Framed(Bytes({0x80, 1, 0, 2, 0, 0, 0, 4}) + "pingxxxx"),      // A reply, not a call.
      Framed(Bytes({0x80, 1, 0, 1, 0x7f, 0xff, 0xff, 0xff, 'p'})),  // A name of 2 GB.
      Framed(Bytes({0x80, 1, 0, 1, 0, 0, 0x10, 0}) + std::string(5'000, 'n')),  // 4 KB of name.
      Framed(Bytes({0x80})),
      Framed(Bytes({0x82, 0x21})),
  };
  const std::size_t before = ResidentBytes();
  for (const std::string& input : inputs) {
    RawClient client(rig.server->port());
    client.Send(input);
    EXPECT_TRUE(client.WaitClosed()) << ::testing::PrintToString(input.substr(0, 30));
  }
  bystander.ExpectServed();
  EXPECT_LT(GrownSince(before), 2 * kMiB * kMemorySlack);
  EXPECT_TRUE(Eventually([&] {
    return rig.closed(CloseReason::kFrameLength) + rig.closed(CloseReason::kProtocol) ==
           inputs.size();
  }));
}

// A produce request whose arguments `write` fills in.
std::string ProduceFrame(std::int32_t seqid, bool is_compact,
                         const std::function<void(TProtocol&)>& write) {
  return CallFrame(
      "produce", seqid,
      [&](TProtocol& protocol) {
        protocol.writeStructBegin("args");
        protocol.writeFieldBegin("request", TType::T_STRUCT, 1);
        protocol.writeStructBegin("ProduceRequest");
        write(protocol);
      },
      is_compact);
}

TEST(HostileTest, BombsAreProtocolErrorsThatCostNothing) {
  TestServer rig;
  Bystander bystander(rig);
  struct Bomb {
    const char* name;
    std::function<void(TProtocol&)> write;
  };
  std::vector<Bomb> bombs;
  for (const std::uint32_t n : {0x7fffffffu, 10'000'000u, 200'000u, 1'000u}) {
    bombs.push_back({"list of structs", [n](TProtocol& p) {
                       p.writeFieldBegin("partitions", TType::T_LIST, 1);
                       p.writeListBegin(TType::T_STRUCT, n);
                     }});
    bombs.push_back({"skipped list of structs", [n](TProtocol& p) {
                       p.writeFieldBegin("unknown", TType::T_LIST, 99);
                       p.writeListBegin(TType::T_STRUCT, n);
                     }});
    bombs.push_back({"skipped map", [n](TProtocol& p) {
                       p.writeFieldBegin("unknown", TType::T_MAP, 99);
                       p.writeMapBegin(TType::T_STRUCT, TType::T_STRUCT, n);
                     }});
    bombs.push_back({"skipped set", [n](TProtocol& p) {
                       p.writeFieldBegin("unknown", TType::T_SET, 99);
                       p.writeSetBegin(TType::T_STRUCT, n);
                     }});
  }
  bombs.push_back({"list<i64> whose size overflows", [](TProtocol& p) {
                     p.writeFieldBegin("partitions", TType::T_LIST, 1);
                     p.writeListBegin(TType::T_I64, 0x1fffffff);
                   }});
  bombs.push_back({"string of 512 MiB, in compact 1 GiB", [](TProtocol& p) {
                     p.writeFieldBegin("client_id", TType::T_STRING, 3);
                     p.writeI32(0x20000000);
                   }});
  bombs.push_back({"negative string", [](TProtocol& p) {
                     p.writeFieldBegin("client_id", TType::T_STRING, 3);
                     p.writeI32(-1);
                   }});
  bombs.push_back({"a required field of another type", [](TProtocol& p) {
                     p.writeFieldBegin("partitions", TType::T_I64, 1);
                     p.writeI64(1);
                     p.writeFieldStop();
                     p.writeStructEnd();
                     p.writeFieldStop();
                   }});
  bombs.push_back({"nothing at all", [](TProtocol&) {}});

  const std::size_t before = ResidentBytes();
  for (const bool is_compact : {false, true}) {
    RawClient client(rig.server->port());
    std::int32_t seqid = 0;
    for (const Bomb& bomb : bombs) {
      ASSERT_TRUE(client.Send(ProduceFrame(++seqid, is_compact, bomb.write)));
      const auto frame = client.ReadFrame();
      ASSERT_TRUE(frame.has_value()) << bomb.name;
      const ParsedReply reply = Parse(*frame, is_compact);
      EXPECT_EQ(reply.seqid, seqid) << bomb.name;
      EXPECT_EQ(reply.fault, TApplicationException::PROTOCOL_ERROR) << bomb.name;
    }
    ASSERT_TRUE(client.Send(ServerInfoFrame(77, is_compact)));
    EXPECT_EQ(Parse(client.ReadFrame().value(), is_compact).seqid, 77) << "the connection lives";
  }
  bystander.ExpectServed();
  EXPECT_LT(GrownSince(before), 4 * kMiB * kMemorySlack);
  EXPECT_EQ(rig.server->Stats().malformed, 2 * bombs.size());
}

TEST(HostileTest, DeepNestingAndManyTinyElementsAreBounded) {
  TestServer rig;
  Bystander bystander(rig);
  const std::size_t before = ResidentBytes();
  const std::string head_binary =
      Bytes({0x80, 1, 0, 1, 0, 0, 0, 7}) + "produce" + Bytes({0, 0, 0, 1});
  const std::string head_compact = Bytes({0x82, 0x21, 1, 7}) + "produce";
  std::string deep_binary = head_binary;
  std::string deep_compact = head_compact;
  for (int i = 0; i < 1'000'000; ++i) {
    deep_binary += Bytes({12, 0, 99});  // Field 99: a struct, and in it ...
    deep_compact += Bytes({0x1c});
  }
  for (const auto& [frame, is_compact] :
       {std::pair(deep_binary, false), std::pair(deep_compact, true)}) {
    RawClient client(rig.server->port());
    ASSERT_TRUE(client.Send(Framed(frame)));
    const auto reply = client.ReadFrame();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(Parse(*reply, is_compact).fault, TApplicationException::PROTOCOL_ERROR);
    bystander.ExpectServed();
  }
  // 8 MB of empty structs: refused by the limit on elements before any is made.
  RawClient client(rig.server->port());
  ASSERT_TRUE(client.Send(ProduceFrame(1, false, [](TProtocol& p) {
    p.writeFieldBegin("partitions", TType::T_LIST, 1);
    p.writeListBegin(TType::T_STRUCT, 8'000'000);
    for (int i = 0; i < 8'000'000; ++i) p.writeFieldStop();
  })));
  EXPECT_EQ(Parse(client.ReadFrame().value()).fault, TApplicationException::PROTOCOL_ERROR);
  bystander.ExpectServed();
  EXPECT_LT(GrownSince(before), 64 * kMiB * kMemorySlack);
}

TEST(HostileTest, EveryTruncationOfARequestIsAnsweredOrClosed) {
  TestServer rig;
  Bystander bystander(rig);
  for (const bool is_compact : {false, true}) {
    idl::DataPlane_produce_args args;
    args.request.partitions.resize(2);
    for (auto& partition : args.request.partitions) {
      partition.topic = "orders";
      partition.messages.resize(2);
      partition.messages[1].__set_key("key");
    }
    args.request.__set_client_id("me");
    const std::string whole = CallFrame(
        "produce", 9, [&](TProtocol& p) { args.write(&p); }, is_compact);
    int answered = 0;
    for (std::size_t cut = 5; cut < whole.size(); ++cut) {
      RawClient client(rig.server->port());
      ASSERT_TRUE(client.Send(Framed(whole.substr(4, cut - 4))));
      if (const auto reply = client.ReadFrame()) {
        ++answered;
        EXPECT_EQ(Parse(*reply, is_compact).fault, TApplicationException::PROTOCOL_ERROR) << cut;
      }
    }
    EXPECT_GT(answered, 20);
  }
  bystander.ExpectServed();
  EXPECT_EQ(rig.server->Stats().abandoned, 0u);
}

TEST(HostileTest, ASteadyDripIsEndedByTheFrameDeadline) {
  ServerOptions options;
  options.limits.frame_deadline = milliseconds(150);
  TestServer rig(options);
  Bystander bystander(rig);
  RawClient client(rig.server->port());
  const std::string frame = Framed(std::string(100'000, '\x80'));
  std::size_t sent = 0;
  while (sent < frame.size() && client.Send(frame.substr(sent, 1))) {
    ++sent;
    ::poll(nullptr, 0, 2);
  }
  EXPECT_LT(sent, 10'000u);
  EXPECT_EQ(rig.closed(CloseReason::kFrameDeadline), 1u);
  bystander.ExpectServed();
}

TEST(HostileTest, ADripWithinTheLengthItselfIsEndedToo) {
  ServerOptions options;
  options.limits.frame_deadline = milliseconds(50);
  TestServer rig(options);
  RawClient client(rig.server->port());
  ASSERT_TRUE(client.Send(Bytes({0, 0})));
  EXPECT_TRUE(client.WaitClosed());
  EXPECT_EQ(rig.closed(CloseReason::kFrameDeadline), 1u);
}

TEST(HostileTest, AStalledFrameAndAnIdleConnectionAreClosedAParkedOneIsNot) {
  ServerOptions options;
  options.limits.stall_timeout = milliseconds(50);
  options.limits.idle_timeout = milliseconds(50);
  TestServer rig(options);
  RawClient parked(rig.server->port());
  ASSERT_TRUE(parked.Send(FetchFrame(1)));
  RawClient stalled(rig.server->port());
  ASSERT_TRUE(stalled.Send(Framed(std::string(1'000, '\x80')).substr(0, 500)));
  RawClient idle(rig.server->port());
  EXPECT_TRUE(stalled.WaitClosed());
  EXPECT_TRUE(idle.WaitClosed());
  RawClient idle_later(rig.server->port());
  EXPECT_TRUE(idle_later.WaitClosed());
  EXPECT_EQ(rig.closed(CloseReason::kStall), 1u);
  EXPECT_EQ(rig.closed(CloseReason::kIdle), 2u);
  EXPECT_EQ(rig.handler->WakeAll(), 1u);
  EXPECT_TRUE(parked.ReadFrame().has_value());
}

TEST(HostileTest, ManyConnectionsThatAnnounceMuchTakeNoMemory) {
  ServerOptions options;
  options.limits.stall_timeout = milliseconds(500);
  TestServer rig(options);
  Bystander bystander(rig);
  const std::size_t before = ResidentBytes();
  std::vector<RawClient> clients;
  for (int i = 0; i < 500; ++i) {
    clients.emplace_back(rig.server->port());
    ASSERT_TRUE(clients.back().Send(Bytes({0, 0xfa, 0, 0}) + Bytes({0x80, 1})));
  }
  ASSERT_TRUE(Eventually([&] { return rig.server->Stats().receive_bytes > 0; }));
  EXPECT_LT(rig.server->Stats().receive_bytes, static_cast<std::int64_t>(16 * kMiB));
  bystander.ExpectServed();
  EXPECT_LT(GrownSince(before), 16 * kMiB * kMemorySlack);
  EXPECT_TRUE(Eventually([&] { return rig.closed(CloseReason::kStall) == 500; }));
  EXPECT_EQ(rig.server->Stats().receive_bytes, 0);
}

TEST(HostileTest, HalfSentRequestsShareOneBudget) {
  ServerOptions options;
  options.limits.receive_bytes_max = 16 * kMiB;
  TestServer rig(options);
  Bystander bystander(rig);
  const std::size_t before = ResidentBytes();
  const std::string almost = Framed(std::string(2 * kMiB, '\x80')).substr(0, 2 * kMiB);
  std::vector<RawClient> clients;
  for (int i = 0; i < 50; ++i) {
    clients.emplace_back(rig.server->port());
    clients.back().Send(almost);  // May be cut off on the way.
    bystander.ExpectServed();
  }
  // Eight of 2 MiB fit, once all that was sent has been read.
  EXPECT_TRUE(Eventually([&] { return rig.closed(CloseReason::kReceiveBytes) >= 42; }));
  EXPECT_LE(rig.server->Stats().receive_bytes, static_cast<std::int64_t>(16 * kMiB));
  EXPECT_LT(GrownSince(before), 32 * kMiB * kMemorySlack);
}

TEST(HostileTest, AClientThatDoesNotReadItsRepliesIsPausedAndThenClosed) {
  ServerOptions options;
  options.limits.out_bytes_per_connection_max = 4 * kMiB;
  options.limits.stall_timeout = milliseconds(200);
  TestServer rig(options);
  Bystander bystander(rig);
  const std::size_t before = ResidentBytes();
  const std::string ask = CallFrame("getMessage", 1, [](TProtocol& p) {
    idl::DataPlane_getMessage_args args;
    args.request.offset = 1 << 20;
    args.write(&p);
  });
  RawClient client(rig.server->port());
  std::string many;
  for (int i = 0; i < 2'000; ++i) many += ask;
  client.Send(many);
  bystander.ExpectServed();
  EXPECT_TRUE(Eventually([&] { return rig.closed(CloseReason::kStall) == 1; }));
  EXPECT_GE(rig.server->Stats().pauses, 1u);
  EXPECT_LT(GrownSince(before), 64 * kMiB * kMemorySlack);
  EXPECT_LT(rig.server->Stats().frames_in, 100u);
}

TEST(HostileTest, APipelinePastTheInFlightLimitWaitsInTheSocket) {
  ServerOptions options;
  options.limits.in_flight_per_connection_max = 8;
  TestServer rig(options);
  RawClient client(rig.server->port());
  std::string many;
  for (int i = 0; i < 100; ++i) many += FetchFrame(i);
  ASSERT_TRUE(client.Send(many + ServerInfoFrame(100)));
  ASSERT_TRUE(Eventually([&] { return rig.handler->parked() == 8; }));
  EXPECT_EQ(rig.server->Stats().in_flight, 8);
  std::set<std::int32_t> answered;
  for (std::size_t woken = 0; answered.size() + 1 < 101;) {
    ASSERT_TRUE(Eventually([&] { return (woken = rig.handler->WakeAll()) > 0; }));
    for (; woken > 0; --woken) answered.insert(Parse(client.ReadFrame().value()).seqid);
  }
  answered.insert(Parse(client.ReadFrame().value()).seqid);
  EXPECT_EQ(answered.size(), 101u);
}

TEST(HostileTest, RequestBytesInFlightAreBoundedByRefusals) {
  ServerOptions options;
  options.limits.in_flight_bytes_max = kMiB;
  TestServer rig(options);
  const std::string large = CallFrame("fetch", 5, [](TProtocol& p) {
    idl::DataPlane_fetch_args args;
    args.request.__set_client_id(std::string(600 << 10, 'x'));
    args.write(&p);
  });
  RawClient first(rig.server->port());
  ASSERT_TRUE(first.Send(large));
  ASSERT_TRUE(Eventually([&] { return rig.handler->parked() == 1; }));
  RawClient second(rig.server->port());
  ASSERT_TRUE(second.Send(large));
  const ParsedReply refused = Parse(second.ReadFrame().value());
  EXPECT_EQ(refused.error_code, 1001);
  EXPECT_EQ(refused.seqid, 5);
  first.Close();
  ASSERT_TRUE(Eventually([&] { return rig.server->Stats().in_flight_bytes == 0; }));
  ASSERT_TRUE(second.Send(large));
  EXPECT_TRUE(Eventually([&] { return rig.handler->parked() == 1; }));
}

TEST(HostileTest, ConnectionsAboveTheLimitAreRefused) {
  ServerOptions options;
  options.limits.connections_max = 5;
  std::atomic<int> told = 0;
  options.on_limit = [&](LimitKind kind) { told += kind == LimitKind::kConnections ? 1 : 0; };
  TestServer rig(options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 5; ++i) {
    clients.emplace_back(rig.server->port());
    ASSERT_TRUE(clients.back().Send(ServerInfoFrame(i)));
    ASSERT_TRUE(clients.back().ReadFrame().has_value());
  }
  RawClient refused(rig.server->port());
  EXPECT_TRUE(refused.WaitClosed());
  EXPECT_EQ(rig.server->Stats().refused, 1u);
  EXPECT_EQ(told, 1);
  clients.pop_back();
  EXPECT_TRUE(Eventually([&] {
    RawClient again(rig.server->port());
    return again.Send(ServerInfoFrame(1)) && again.ReadFrame().has_value();
  }));
}

}  // namespace
}  // namespace lanemq::rpc
