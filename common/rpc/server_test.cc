#include "common/rpc/server.h"

#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <thrift/TApplicationException.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TSocket.h>

#include "common/rpc/data_plane_client.h"
#include "common/rpc/test_rig.h"

namespace lanemq::rpc {
namespace {

using namespace test;  // NOLINT: the rig is this test's vocabulary.
namespace thrift = apache::thrift;
using Fault = thrift::TApplicationException;

template <typename Protocol>
void CallWithStockClient(std::uint16_t port) {
  const auto transport = std::make_shared<thrift::transport::TFramedTransport>(
      std::make_shared<thrift::transport::TSocket>("127.0.0.1", port));
  idl::DataPlaneClient client(std::make_shared<Protocol>(transport));
  transport->open();

  idl::ServerInfo info;
  client.serverInfo(info, {});
  EXPECT_EQ(info.role, "test");

  idl::ProduceRequest request;
  request.partitions.resize(1);
  request.partitions[0].topic = "orders";
  request.partitions[0].messages.resize(3);
  request.partitions[0].__set_base_sequence(41);
  idl::ProduceResponse response;
  client.produce(response, request);
  ASSERT_EQ(response.partitions.size(), 1u);
  EXPECT_EQ(response.partitions[0].base_offset, 42);

  idl::CommitOffsetsResponse committed;
  EXPECT_THROW(client.commitOffsets(committed, {}), idl::LaneMqError);
  idl::GetMessageRequest get;
  get.offset = 5'000'000;
  idl::GetMessageResponse got;
  client.getMessage(got, get);
  EXPECT_EQ(got.message.body.size(), 5'000'000u);
}

TEST(ServerTest, StockThriftClientsTalkBinaryAndCompactOnOnePort) {
  TestServer rig;
  CallWithStockClient<thrift::protocol::TBinaryProtocol>(rig.server->port());
  CallWithStockClient<thrift::protocol::TCompactProtocol>(rig.server->port());
  EXPECT_TRUE(Eventually([&] { return rig.server->Stats().in_flight == 0; }));
  EXPECT_EQ(rig.server->Stats().frames_in, 8u);
}

TEST(ServerTest, RepliesOvertakeALongPollOnTheSameConnection) {
  TestServer rig;
  RawClient client(rig.server->port());
  ASSERT_TRUE(client.Send(FetchFrame(1) + ServerInfoFrame(2) + ServerInfoFrame(3)));
  EXPECT_EQ(Parse(client.ReadFrame().value()).seqid, 2);
  EXPECT_EQ(Parse(client.ReadFrame().value()).seqid, 3);
  EXPECT_EQ(rig.server->Stats().parked, 1);
  EXPECT_EQ(rig.handler->WakeAll(), 1u);
  EXPECT_EQ(Parse(client.ReadFrame().value()).seqid, 1);
  EXPECT_EQ(rig.server->Stats().parked, 0);
}

TEST(ServerTest, AnUncalledCallbackBecomesAnInternalError) {
  TestServer rig;
  RawClient client(rig.server->port());
  ASSERT_TRUE(client.Send(CallFrame("fetchOffsets", 7, [](auto& protocol) {
    idl::DataPlane_fetchOffsets_args().write(&protocol);
  })));
  const ParsedReply reply = Parse(client.ReadFrame().value());
  EXPECT_EQ(reply.seqid, 7);
  EXPECT_EQ(reply.method, "fetchOffsets");
  EXPECT_EQ(reply.fault, Fault::INTERNAL_ERROR);
  EXPECT_EQ(rig.server->Stats().abandoned, 1u);
}

TEST(ServerTest, ASecondAnswerIsIgnoredAndTheConnectionStaysInStep) {
  TestServer rig;
  RawClient client(rig.server->port());
  const auto list = CallFrame(
      "listOffsets", 8, [](auto& protocol) { idl::DataPlane_listOffsets_args().write(&protocol); });
  ASSERT_TRUE(client.Send(list + ServerInfoFrame(9)));
  EXPECT_EQ(Parse(client.ReadFrame().value()).seqid, 8);
  EXPECT_EQ(Parse(client.ReadFrame().value()).seqid, 9);
  EXPECT_EQ(rig.server->Stats().answered_twice, 1u);
}

TEST(ServerTest, AThrowingHandlerAndAnOversizedReplyBecomeInternalErrors) {
  ServerOptions options;
  options.limits.reply_bytes_max = 100'000;
  TestServer rig(options);
  RawClient client(rig.server->port());
  for (const std::int64_t offset : {std::int64_t{-1}, std::int64_t{200'000}}) {
    ASSERT_TRUE(client.Send(CallFrame("getMessage", 3, [&](auto& protocol) {
      idl::DataPlane_getMessage_args args;
      args.request.offset = offset;
      args.write(&protocol);
    })));
    EXPECT_EQ(Parse(client.ReadFrame().value()).fault, Fault::INTERNAL_ERROR) << offset;
  }
  ASSERT_TRUE(client.Send(ServerInfoFrame(4)));
  EXPECT_EQ(Parse(client.ReadFrame().value()).seqid, 4);
}

TEST(ServerTest, AnUnknownMethodIsAnsweredAndCounted) {
  TestServer rig;
  for (const bool is_compact : {false, true}) {
    RawClient client(rig.server->port());
    ASSERT_TRUE(client.Send(CallFrame(
        "rollBackTime", 5, [](auto& protocol) { idl::Common_serverInfo_args().write(&protocol); },
        is_compact)));
    EXPECT_EQ(Parse(client.ReadFrame().value(), is_compact).fault, Fault::UNKNOWN_METHOD);
  }
  EXPECT_EQ(rig.server->Stats().unknown_methods, 2u);
}

TEST(ServerTest, AClientThatVanishesWhileParkedFreesItsFetch) {
  TestServer rig;
  {
    RawClient client(rig.server->port());
    ASSERT_TRUE(client.Send(FetchFrame(1) + FetchFrame(2)));
    ASSERT_TRUE(Eventually([&] { return rig.handler->parked() == 2; }));
  }
  EXPECT_TRUE(Eventually([&] { return rig.handler->parked() == 0; }));
  EXPECT_TRUE(Eventually([&] { return rig.server->Stats().connections == 0; }));
  const ServerStats stats = rig.server->Stats();
  EXPECT_EQ(stats.cancelled, 2u);
  EXPECT_EQ(stats.abandoned, 0u);
  EXPECT_EQ(stats.parked, 0);
  EXPECT_EQ(stats.in_flight, 0);
  EXPECT_EQ(stats.in_flight_bytes, 0);
}

TEST(ServerTest, AThousandParkedFetchesTakeMemoryButNoThreads) {
  TestServer rig;
  RawClient bystander(rig.server->port());
  ASSERT_TRUE(bystander.Send(ServerInfoFrame(1)));
  ASSERT_TRUE(bystander.ReadFrame().has_value());
  const std::size_t threads = ProcessStatus("Threads");
  const std::size_t before = ResidentBytes();
  std::vector<RawClient> clients;
  for (int i = 0; i < 1'000; ++i) {
    clients.emplace_back(rig.server->port());
    ASSERT_TRUE(clients.back().Send(FetchFrame(i)));
  }
  ASSERT_TRUE(Eventually([&] { return rig.handler->parked() == 1'000; }));
  EXPECT_EQ(ProcessStatus("Threads"), threads);
  EXPECT_EQ(rig.server->Stats().parked, 1'000);
  RecordProperty("bytes_per_fetch", static_cast<int>((ResidentBytes() - before) / 1'000));
  EXPECT_LT(ResidentBytes() - before, std::size_t{16} << 20);
  EXPECT_EQ(rig.handler->WakeAll(), 1'000u);
  for (RawClient& client : clients) EXPECT_TRUE(client.ReadFrame().has_value());
}

TEST(ServerTest, RespondersThatOutliveTheServerAreSafeToUseAndToDrop) {
  auto rig = std::make_unique<TestServer>();
  const auto handler = rig->handler;
  RawClient client(rig->server->port());
  ASSERT_TRUE(client.Send(FetchFrame(1, 0) + FetchFrame(2, 0)));
  ASSERT_TRUE(Eventually([&] { return handler->parked() == 2; }));
  rig.reset();
  EXPECT_EQ(handler->WakeAll(), 2u);
  EXPECT_TRUE(client.WaitClosed());
}

TEST(ServerTest, TheObserverSeesEveryCallOnceWithItsOutcome) {
  Mutex mutex;
  std::map<std::string, std::vector<CallOutcome>> seen;
  ServerOptions options;
  options.on_call = [&](const CallEvent& event) {
    MutexLock lock(mutex);
    EXPECT_GT(event.request_bytes, 0u);
    seen[std::string(event.method)].push_back(event.outcome);
  };
  options.admit = [](const RequestHead& head) -> std::optional<Error> {
    if (head.method != "metadata") return std::nullopt;
    return Error{ErrorCode::kThrottled, "not now", 5};
  };
  {
    TestServer rig(options);
    RawClient client(rig.server->port());
    const auto commit = CallFrame("commitOffsets", 1, [](auto& protocol) {
      idl::DataPlane_commitOffsets_args().write(&protocol);
    });
    const auto metadata = CallFrame(
        "metadata", 2, [](auto& protocol) { idl::Common_metadata_args().write(&protocol); });
    ASSERT_TRUE(client.Send(commit + metadata + ServerInfoFrame(3) + FetchFrame(4)));
    EXPECT_EQ(Parse(client.ReadFrame().value()).error_code, 1001);
    const ParsedReply refused = Parse(client.ReadFrame().value());
    EXPECT_EQ(refused.error_code, 1001);
    EXPECT_EQ(refused.seqid, 2);
    EXPECT_EQ(Parse(client.ReadFrame().value()).seqid, 3);
    ASSERT_TRUE(Eventually([&] { return rig.handler->parked() == 1; }));
  }
  MutexLock lock(mutex);
  using Outcomes = std::vector<CallOutcome>;
  EXPECT_EQ(seen["commitOffsets"], Outcomes{CallOutcome::kDeclaredError});
  EXPECT_EQ(seen["metadata"], Outcomes{CallOutcome::kRejected});
  EXPECT_EQ(seen["serverInfo"], Outcomes{CallOutcome::kOk});
  EXPECT_EQ(seen["fetch"], Outcomes{CallOutcome::kCancelled});
}

TEST(ServerTest, DrainAnswersParkedCallsAndFlushesWhatIsRunning) {
  TestServer rig;
  std::vector<RawClient> parked;
  for (int i = 0; i < 20; ++i) {
    parked.emplace_back(rig.server->port());
    ASSERT_TRUE(parked.back().Send(FetchFrame(i)));
  }
  const RawClient idle(rig.server->port());
  ASSERT_TRUE(Eventually([&] { return rig.handler->parked() == 20; }));
  const Status drained =
      rig.server->Drain(milliseconds(10'000), [&] { EXPECT_EQ(rig.handler->WakeAll(), 20u); });
  EXPECT_TRUE(drained.ok());
  for (RawClient& client : parked) {
    EXPECT_TRUE(client.ReadFrame().has_value());
    EXPECT_TRUE(client.WaitClosed());
  }
  EXPECT_EQ(rig.server->Stats().connections, 0);
  EXPECT_EQ(rig.server->Stats().cancelled, 0u);
  rig.server->Stop();
}

TEST(ServerTest, DrainUnderLoadLosesNoAcknowledgedCallAndRefusesTheRest) {
  TestServer rig;
  RpcClient transport;
  rpc::DataPlaneClient client(transport);
  std::atomic<int> ok = 0, refused = 0, broken = 0, running = 4;
  std::vector<std::jthread> producers;
  for (int i = 0; i < 4; ++i) {
    producers.emplace_back([&] {
      for (bool is_over = false; !is_over;) {
        const auto result = client.ProduceSync(rig.endpoint(), {}, In(milliseconds(5'000)));
        if (result.ok()) {
          ++ok;
          continue;
        }
        is_over = true;
        const ErrorCode code = result.error().code;
        if (code == ErrorCode::kShuttingDown || code == ErrorCode::kBrokerNotAvailable) ++refused;
        if (code == ErrorCode::kNetworkException) ++broken;
      }
      --running;
    });
  }
  ASSERT_TRUE(Eventually([&] { return ok > 1'000; }));
  EXPECT_TRUE(rig.server->Drain(milliseconds(10'000)).ok());
  ASSERT_TRUE(Eventually([&] { return running == 0; }));
  EXPECT_EQ(refused + broken, 4);
  EXPECT_EQ(rig.server->Stats().abandoned, 0u);
  EXPECT_EQ(rig.server->Stats().in_flight, 0);
}

TEST(ServerTest, DrainGivesUpAtItsDeadline) {
  TestServer rig;
  RawClient client(rig.server->port());
  ASSERT_TRUE(client.Send(FetchFrame(1)));
  ASSERT_TRUE(Eventually([&] { return rig.handler->parked() == 1; }));
  const Status drained = rig.server->Drain(milliseconds(50));
  ASSERT_FALSE(drained.ok());
  EXPECT_EQ(drained.error().code, ErrorCode::kRequestTimedOut);
  EXPECT_TRUE(client.WaitClosed());
  EXPECT_EQ(rig.handler->parked(), 0u);
}

TEST(ServerTest, ATakenPortAndABadAddressAreErrors) {
  TestServer rig;
  ServerOptions taken;
  taken.host = "127.0.0.1";
  taken.port = rig.server->port();
  Server second(taken, std::make_shared<idl::DataPlaneAsyncProcessor>(rig.handler));
  EXPECT_EQ(second.Start().error().code, ErrorCode::kInvalidConfig);
  ServerOptions bad;
  bad.host = "not an address";
  Server third(bad, std::make_shared<idl::DataPlaneAsyncProcessor>(rig.handler));
  EXPECT_EQ(third.Start().error().code, ErrorCode::kInvalidConfig);
}

}  // namespace
}  // namespace lanemq::rpc
