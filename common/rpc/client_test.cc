#include "common/rpc/client.h"

#include <atomic>
#include <future>
#include <set>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "ControlPlane.h"
#include "common/rpc/control_plane_client.h"
#include "common/rpc/data_plane_client.h"
#include "common/rpc/test_rig.h"

namespace lanemq::rpc {
namespace {

using namespace test;  // NOLINT: the rig is this test's vocabulary.

idl::MetadataRequest Known(std::int64_t version) {
  idl::MetadataRequest request;
  request.__set_known_version(version);
  return request;
}

TEST(ClientTest, EveryKindOfErrorHasItsCode) {
  TestServer rig;
  RpcClient transport;
  DataPlaneClient client(transport);
  const Endpoint endpoint = rig.endpoint();

  idl::CommitOffsetsRequest commit;
  commit.group = "billing";
  const auto declared = client.CommitOffsetsSync(endpoint, commit, In(milliseconds(5'000)));
  EXPECT_EQ(declared.error().code, ErrorCode::kThrottled);
  EXPECT_EQ(declared.error().retry_after_ms, 70);
  EXPECT_EQ(declared.error().message.find("group billing [request "), 0u)
      << declared.error().message;

  const auto forgotten = client.FetchOffsetsSync(endpoint, {}, In(milliseconds(5'000)));
  EXPECT_EQ(forgotten.error().code, ErrorCode::kUnknownServerError);

  const auto late = client.FetchSync(endpoint, {}, In(milliseconds(20)));
  EXPECT_EQ(late.error().code, ErrorCode::kRequestTimedOut);

  ControlPlaneClient wrong_server(transport);
  const auto unknown = wrong_server.ListTopicsSync(endpoint, {}, In(milliseconds(5'000)));
  EXPECT_EQ(unknown.error().code, ErrorCode::kUnsupportedVersion);

  idl::ProduceRequest large;
  large.__set_client_id(std::string(17'000'000, 'x'));
  const auto refused = client.ProduceSync(endpoint, large, In(milliseconds(5'000)));
  EXPECT_EQ(refused.error().code, ErrorCode::kMessageTooLarge);

  // All of it on one connection, which is still good.
  EXPECT_TRUE(client.ServerInfoSync(endpoint, {}, In(milliseconds(5'000))).ok());
  EXPECT_EQ(transport.Stats().connects, 1u);
}

TEST(ClientTest, NobodyListeningIsBrokerNotAvailableAndBacksOff) {
  std::uint16_t port = 0;
  {
    TestServer rig;
    port = rig.server->port();
  }
  ClientOptions options;
  options.reconnect_backoff = options.reconnect_backoff_max = std::chrono::minutes(1);
  RpcClient transport(options);
  DataPlaneClient client(transport);
  const Endpoint endpoint{"127.0.0.1", port};
  const auto first = client.ServerInfoSync(endpoint, {}, In(milliseconds(5'000)));
  EXPECT_EQ(first.error().code, ErrorCode::kBrokerNotAvailable);
  const auto second = client.ServerInfoSync(endpoint, {}, In(milliseconds(5'000)));
  EXPECT_EQ(second.error().code, ErrorCode::kBrokerNotAvailable);
  EXPECT_GT(second.error().retry_after_ms, 25'000);
  EXPECT_EQ(transport.Stats().connect_failures, 1u);
}

TEST(ClientTest, AnUnresolvableHostIsBrokerNotAvailable) {
  RpcClient transport;
  DataPlaneClient client(transport);
  const auto result =
      client.ServerInfoSync({"no-such-host.invalid", 1}, {}, In(milliseconds(30'000)));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(EffectOf(result.error().code) == Effect::kNone,
            result.error().code == ErrorCode::kBrokerNotAvailable);
}

TEST(ClientTest, AConnectionThatBreaksAfterSendingIsANetworkException) {
  TestServer rig;
  RpcClient transport;
  DataPlaneClient client(transport);
  std::promise<Result<idl::FetchResponse>> promise;
  client.Fetch(rig.endpoint(), {}, In(milliseconds(10'000)),
               [&](Result<idl::FetchResponse> result) { promise.set_value(std::move(result)); });
  ASSERT_TRUE(Eventually([&] { return rig.handler->parked() == 1; }));
  rig.server->Stop();
  EXPECT_EQ(promise.get_future().get().error().code, ErrorCode::kNetworkException);
}

TEST(ClientTest, ReconnectsToARestartedServer) {
  auto rig = std::make_unique<TestServer>();
  const Endpoint endpoint = rig->endpoint();
  ClientOptions options;
  options.reconnect_backoff = milliseconds(1);
  options.reconnect_backoff_max = milliseconds(5);
  RpcClient transport(options);
  DataPlaneClient client(transport);
  ASSERT_TRUE(client.ServerInfoSync(endpoint, {}, In(milliseconds(5'000))).ok());
  rig.reset();
  EXPECT_TRUE(Eventually(
      [&] { return !client.ServerInfoSync(endpoint, {}, In(milliseconds(5'000))).ok(); }));
  ServerOptions again;
  again.port = endpoint.port;
  const TestServer restarted(again);
  EXPECT_TRUE(Eventually(
      [&] { return client.ServerInfoSync(endpoint, {}, In(milliseconds(5'000))).ok(); }));
  EXPECT_GE(transport.Stats().connects, 2u);
}

TEST(ClientTest, ManyCallsInFlightGetTheirOwnAnswers) {
  ServerOptions server_options;
  server_options.limits.in_flight_per_connection_max = 16;
  TestServer rig(server_options);
  ClientOptions options;
  options.in_flight_per_connection_max = 32;
  RpcClient transport(options);
  DataPlaneClient client(transport);
  constexpr int kCalls = 5'000;
  std::atomic<int> matched = 0, failed = 0;
  for (int i = 0; i < kCalls; ++i) {
    if (i % 2 == 0) {
      client.Metadata(rig.endpoint(), Known(i), In(milliseconds(20'000)), [&, i](auto result) {
        ++(result.ok() && result->version == i ? matched : failed);
      });
    } else {  // These are answered by other threads and overtake each other.
      idl::ProduceRequest request;
      request.partitions.resize(1);
      request.partitions[0].__set_base_sequence(i);
      client.Produce(rig.endpoint(), request, In(milliseconds(20'000)), [&, i](auto result) {
        ++(result.ok() && result->partitions[0].base_offset == i + 1 ? matched : failed);
      });
    }
  }
  EXPECT_TRUE(Eventually([&] { return matched + failed == kCalls; }));
  EXPECT_EQ(failed, 0);
  EXPECT_LE(transport.Stats().connects, 2u);
  EXPECT_EQ(transport.Stats().in_flight, 0);
  EXPECT_EQ(transport.Stats().queued, 0);
  EXPECT_GT(rig.server->Stats().pauses, 0u);
}

TEST(ClientTest, LateRepliesAreNotMistakenForOthers) {
  TestServer rig;
  ClientOptions options;
  options.connections_per_endpoint_max = 1;
  options.silent_timeouts_max = 1'000'000;
  RpcClient transport(options);
  DataPlaneClient client(transport);
  // A slow machine may not even have sent the call when its time is up: then once more.
  ASSERT_TRUE(Eventually([&] {
    const auto late = client.FetchSync(rig.endpoint(), {}, In(milliseconds(20)));
    EXPECT_EQ(late.error().code, ErrorCode::kRequestTimedOut);
    return rig.handler->parked() > 0;
  }));
  const std::size_t late_replies = rig.handler->WakeAll();
  for (int i = 0; i < 100; ++i) {
    const auto result = client.MetadataSync(rig.endpoint(), Known(i), In(milliseconds(5'000)));
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->version, i);
  }
  EXPECT_EQ(transport.Stats().late_replies, late_replies);
  EXPECT_EQ(transport.Stats().connects, 1u);
}

TEST(ClientTest, ASilentConnectionIsGivenUp) {
  TestServer rig;
  ClientOptions options;
  options.silent_timeouts_max = 2;
  RpcClient transport(options);
  DataPlaneClient client(transport);
  EXPECT_TRUE(Eventually([&] {
    EXPECT_FALSE(client.FetchSync(rig.endpoint(), {}, In(milliseconds(20))).ok());
    return transport.Stats().connects >= 2;
  }));
  EXPECT_TRUE(Eventually([&] { return rig.server->Stats().cancelled >= 1; }));
  EXPECT_TRUE(client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(5'000))).ok());
}

TEST(ClientTest, TooManyWaitingCallsAreRefused) {
  TestServer rig;
  ClientOptions options;
  options.connections_per_endpoint_max = 1;
  options.in_flight_per_connection_max = 2;
  options.queued_per_endpoint_max = 3;
  RpcClient transport(options);
  DataPlaneClient client(transport);
  std::atomic<int> full = 0, answered = 0;
  for (int i = 0; i < 10; ++i) {
    client.Fetch(rig.endpoint(), {}, In(milliseconds(20'000)), [&](auto result) {
      ++(result.ok() ? answered : full);
      if (!result.ok()) {
        EXPECT_EQ(result.error().code, ErrorCode::kQueueFull);
      }
    });
  }
  EXPECT_TRUE(Eventually([&] {
    rig.handler->WakeAll();
    return full + answered == 10;
  }));
  EXPECT_GE(full, 5);
  EXPECT_GE(answered, 3);
}

TEST(ClientTest, ClosingFailsWhatWaitsAndWhatComesLater) {
  TestServer rig;
  RpcClient transport;
  DataPlaneClient client(transport);
  std::promise<ErrorCode> parked;
  client.Fetch(rig.endpoint(), {}, In(milliseconds(20'000)),
               [&](auto result) { parked.set_value(result.error().code); });
  ASSERT_TRUE(Eventually([&] { return rig.handler->parked() == 1; }));
  transport.Close();
  EXPECT_EQ(parked.get_future().get(), ErrorCode::kNetworkException);
  EXPECT_EQ(client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(5'000))).error().code,
            ErrorCode::kClosed);
}

TEST(ClientTest, CallbacksRunOnTheExecutorAndSyncCallsDoNotNeedIt) {
  TestServer rig;
  ThreadPool pool({.name = "callbacks", .threads = 1});
  ClientOptions options;
  options.executor = [&](std::function<void()> task) { return pool.TryPost(std::move(task)); };
  RpcClient transport(options);
  DataPlaneClient client(transport);
  std::promise<bool> nested;
  client.ServerInfo(rig.endpoint(), {}, In(milliseconds(5'000)), [&](auto result) {
    // The pool's only thread waits here for a second call.
    nested.set_value(result.ok() && !transport.IsIoThread() &&
                     client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(5'000))).ok());
  });
  EXPECT_TRUE(nested.get_future().get());
  transport.Close();
}

TEST(ClientTest, AReplyThatIsNotThriftBreaksTheConnection) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_GE(listener, 0);
  std::uint16_t port = 0;
  ASSERT_TRUE(ListenOnLoopback(listener, port));
  std::jthread garbage([listener] {
    const int fd = ::accept(listener, nullptr, nullptr);
    char request[1024];
    (void)::recv(fd, request, sizeof request, 0);
    const std::string reply = "HTTP/1.1 400 Bad Request\r\n\r\n";
    (void)::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL);
    (void)::recv(fd, request, sizeof request, 0);
    ::close(fd);
  });
  RpcClient transport;
  DataPlaneClient client(transport);
  const auto result = client.ServerInfoSync({"127.0.0.1", port}, {}, In(milliseconds(5'000)));
  EXPECT_EQ(result.error().code, ErrorCode::kNetworkException);
  garbage.join();
  ::close(listener);
}

}  // namespace
}  // namespace lanemq::rpc
