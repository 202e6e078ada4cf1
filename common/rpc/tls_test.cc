#include "common/rpc/tls.h"

#include <atomic>
#include <future>
#include <openssl/ssl.h>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/rpc/data_plane_client.h"
#include "common/rpc/test_certificates.h"

namespace lanemq::rpc {
namespace {

using namespace test;  // NOLINT: the rigs are this test's vocabulary.

bool IsServed(const Endpoint& endpoint, const ClientOptions& options) {
  RpcClient transport(options);
  DataPlaneClient client(transport);
  return client.ServerInfoSync(endpoint, {}, In(milliseconds(5'000))).ok();
}

// ---------------------------------------------------------------- what works as without

TEST(TlsTest, LargeFramesGoBothWays) {
  const TlsRig rig;
  RpcClient transport(rig.Client());
  DataPlaneClient client(transport);
  for (const std::size_t bytes : {std::size_t{1} << 20, std::size_t{12} << 20}) {
    idl::ProduceRequest produce;
    produce.partitions.resize(1);
    produce.partitions[0].messages.resize(1);
    produce.partitions[0].messages[0].__set_body(std::string(bytes, 'x'));
    produce.partitions[0].__set_base_sequence(41);
    const auto produced = client.ProduceSync(rig.endpoint(), produce, In(milliseconds(20'000)));
    ASSERT_TRUE(produced.ok()) << produced.error().ToString();
    EXPECT_EQ(produced->partitions.at(0).base_offset, 42);

    idl::GetMessageRequest get;
    get.offset = static_cast<std::int64_t>(bytes);
    const auto got = client.GetMessageSync(rig.endpoint(), get, In(milliseconds(20'000)));
    ASSERT_TRUE(got.ok()) << got.error().ToString();
    EXPECT_EQ(got->message.body, std::string(bytes, 'x'));
  }
  EXPECT_EQ(rig.server->server->Stats().handshakes, 1u);
}

TEST(TlsTest, ManySmallCallsInFlightGetTheirOwnAnswers) {
  TlsRig::Setup setup;
  setup.options.limits.in_flight_per_connection_max = 16;  // Its reading pauses all the time.
  const TlsRig rig(std::move(setup));
  ClientOptions options = rig.Client();
  options.in_flight_per_connection_max = 32;
  RpcClient transport(options);
  DataPlaneClient client(transport);
  constexpr int kCalls = 4'000;
  std::atomic<int> matched = 0, failed = 0;
  for (int i = 0; i < kCalls; ++i) {
    idl::ProduceRequest request;
    request.partitions.resize(1);
    request.partitions[0].__set_base_sequence(i);
    client.Produce(rig.endpoint(), request, In(milliseconds(20'000)), [&, i](auto result) {
      ++(result.ok() && result->partitions[0].base_offset == i + 1 ? matched : failed);
    });
  }
  EXPECT_TRUE(Eventually([&] { return matched + failed == kCalls; }));
  EXPECT_EQ(failed, 0);
  EXPECT_GT(rig.server->server->Stats().pauses, 0u);
}

TEST(TlsTest, APipelineInOneRecordIsServedToItsEndWhenReadingPausesWithinIt) {
  TlsRig::Setup setup;
  setup.options.limits.in_flight_per_connection_max = 8;
  const TlsRig rig(std::move(setup));
  RawTlsClient client(rig.endpoint().port);
  ASSERT_TRUE(client.ShakeHands());
  std::string many;
  for (int i = 0; i < 100; ++i) many += FetchFrame(i);
  ASSERT_LT(many.size(), 16'000u) << "more than one record";
  ASSERT_TRUE(client.Send(many));
  std::set<std::int32_t> answered;
  while (answered.size() < 100) {
    ASSERT_TRUE(Eventually([&] { return rig.server->handler->parked() > 0; }));
    for (std::size_t woken = rig.server->handler->WakeAll(); woken > 0; --woken) {
      const auto frame = client.ReadFrame();
      ASSERT_TRUE(frame.has_value());
      answered.insert(Parse(*frame).seqid);
    }
  }
}

TEST(TlsTest, WhatTlsHoldsBackWhenReadingPausesIsReadLater) {
  TlsRig::Setup setup;
  setup.options.limits.in_flight_per_connection_max = 1;
  const TlsRig rig(std::move(setup));
  RawTlsClient client(rig.endpoint().port);
  ASSERT_TRUE(client.ShakeHands());
  const std::string large = CallFrame("fetch", 1, [](auto& protocol) {
    idl::DataPlane_fetch_args args;
    args.request.__set_client_id(std::string(10'000, 'x'));
    args.write(&protocol);
  });
  ASSERT_TRUE(client.Send(large.substr(0, 5'000)));
  ASSERT_TRUE(Eventually([&] { return rig.server->server->Stats().bytes_in == 5'000; }));
  // One record: the server reads the end of the first request out of it, and pauses there.
  ASSERT_TRUE(client.Send(large.substr(5'000) + ServerInfoFrame(2)));
  ASSERT_TRUE(Eventually([&] { return rig.server->handler->parked() == 1; }));
  EXPECT_EQ(rig.server->server->Stats().frames_in, 1u);
  EXPECT_EQ(rig.server->handler->WakeAll(), 1u);
  EXPECT_EQ(Parse(client.ReadFrame().value()).seqid, 1);
  const auto second = client.ReadFrame();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(Parse(*second).seqid, 2);
}

TEST(TlsTest, LargeRequestsArePausedAmongAndAllServed) {
  TlsRig::Setup setup;
  setup.options.limits.in_flight_per_connection_max = 2;
  const TlsRig rig(std::move(setup));
  ClientOptions options = rig.Client();
  options.connections_per_endpoint_max = 1;
  RpcClient transport(options);
  DataPlaneClient client(transport);
  idl::FetchRequest large;  // A record ends in the middle of nearly every one.
  large.__set_client_id(std::string(10'000, 'x'));
  std::atomic<int> ok = 0, done = 0;
  for (int i = 0; i < 60; ++i) {
    client.Fetch(rig.endpoint(), large, In(milliseconds(20'000)), [&](auto result) {
      ok += result.ok() ? 1 : 0;
      ++done;
    });
  }
  EXPECT_TRUE(Eventually([&] {
    rig.server->handler->WakeAll();
    return done == 60;
  }));
  EXPECT_EQ(ok, 60);
  EXPECT_GT(rig.server->server->Stats().pauses, 10u);
}

TEST(TlsTest, MoreThanOneTurnOfReadingIsReadToItsEnd) {
  TlsRig::Setup setup;
  setup.options.threads = 1;
  const TlsRig rig(std::move(setup));
  RpcClient transport(rig.Client());
  DataPlaneClient client(transport);
  std::atomic<int> ok = 0, done = 0;
  idl::ProduceRequest produce;
  produce.partitions.resize(1);
  produce.partitions[0].messages.resize(1);
  produce.partitions[0].messages[0].__set_body(std::string(300'000, 'x'));
  for (int i = 0; i < 60; ++i) {
    client.Produce(rig.endpoint(), produce, In(milliseconds(20'000)), [&](auto result) {
      ok += result.ok() ? 1 : 0;
      ++done;
    });
  }
  EXPECT_TRUE(Eventually([&] { return done == 60; }, milliseconds(20'000)));
  EXPECT_EQ(ok, 60);
}

TEST(TlsTest, ParkedCallsAreWokenAndThoseOfAVanishedClientAreCancelled) {
  const TlsRig rig;
  RpcClient transport(rig.Client());
  DataPlaneClient client(transport);
  std::promise<bool> woken;
  client.Fetch(rig.endpoint(), {}, In(milliseconds(20'000)),
               [&](auto result) { woken.set_value(result.ok()); });
  ASSERT_TRUE(Eventually([&] { return rig.server->handler->parked() == 1; }));
  EXPECT_EQ(rig.server->handler->WakeAll(), 1u);
  EXPECT_TRUE(woken.get_future().get());
  {
    RawTlsClient vanishing(rig.endpoint().port);
    ASSERT_TRUE(vanishing.ShakeHands());
    ASSERT_TRUE(vanishing.Send(FetchFrame(1)));
    ASSERT_TRUE(Eventually([&] { return rig.server->handler->parked() == 1; }));
  }
  EXPECT_TRUE(Eventually([&] { return rig.server->handler->parked() == 0; }));
  EXPECT_EQ(rig.server->server->Stats().cancelled, 1u);
}

TEST(TlsTest, ANameIsAskedForAndVerifiedAsWellAsAnAddress) {
  const TlsRig rig;
  EXPECT_TRUE(IsServed({"localhost", rig.endpoint().port}, rig.Client()));
  EXPECT_TRUE(IsServed({"127.0.0.1", rig.endpoint().port}, rig.Client()));
}

TEST(TlsTest, TheExpectedNameCanBeGiven) {
  TlsRig::Setup setup;
  setup.certificate.names = {"DNS:broker.example"};
  const TlsRig rig(std::move(setup));
  EXPECT_FALSE(IsServed(rig.endpoint(), rig.Client()));
  TlsClientOptions options;
  options.ca_file = rig.files.Write("ca.pem", rig.authority.certificate());
  options.server_name = "broker.example";
  ClientOptions client;
  client.tls = TlsClient::Make(options).value();
  EXPECT_TRUE(IsServed(rig.endpoint(), client));
}

TEST(TlsTest, DrainAnswersParkedCalls) {
  const TlsRig rig;
  RawTlsClient parked(rig.endpoint().port);
  ASSERT_TRUE(parked.ShakeHands());
  ASSERT_TRUE(parked.Send(FetchFrame(7)));
  RawClient undecided(rig.endpoint().port);  // Has not begun its handshake.
  ASSERT_TRUE(Eventually([&] { return rig.server->handler->parked() == 1; }));
  const Status drained = rig.server->server->Drain(
      milliseconds(10'000), [&] { EXPECT_EQ(rig.server->handler->WakeAll(), 1u); });
  EXPECT_TRUE(drained.ok());
  EXPECT_EQ(Parse(parked.ReadFrame().value()).seqid, 7);
  EXPECT_FALSE(parked.ReadFrame().has_value());
  EXPECT_EQ(SSL_get_error(parked.ssl(), 0), SSL_ERROR_ZERO_RETURN) << "it says that it ends";
  EXPECT_TRUE(undecided.WaitClosed());
}

// ---------------------------------------------------------------- whom a client does not believe

struct Untrusted {
  const char* what;
  TlsRig::Setup setup;
  const char* expected;
};

std::vector<Untrusted> UntrustedServers() {
  std::vector<Untrusted> all;
  Untrusted name{"another name", {}, "address mismatch, expected '127.0.0.1'"};
  name.setup.certificate.names = {"DNS:elsewhere.example", "IP:10.0.0.1"};
  all.push_back(std::move(name));
  Untrusted expired{"expired", {}, "certificate has expired"};
  expired.setup.certificate.valid_from_s = -7'200;
  expired.setup.certificate.valid_until_s = -3'600;
  all.push_back(std::move(expired));
  Untrusted early{"not yet valid", {}, "certificate is not yet valid"};
  early.setup.certificate.valid_from_s = 3'600;
  early.setup.certificate.valid_until_s = 7'200;
  all.push_back(std::move(early));
  Untrusted self{"self-signed", {}, "self-signed certificate"};
  self.setup.is_self_signed = true;
  all.push_back(std::move(self));
  return all;
}

TEST(TlsTest, AServerThatCannotProveWhoItIsIsNotCalled) {
  for (Untrusted& server : UntrustedServers()) {
    const TlsRig rig(std::move(server.setup));
    RpcClient transport(rig.Client());
    DataPlaneClient client(transport);
    const auto result = client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(5'000)));
    ASSERT_FALSE(result.ok()) << server.what;
    EXPECT_EQ(result.error().code, ErrorCode::kBrokerNotAvailable) << server.what;
    EXPECT_NE(result.error().message.find(server.expected), std::string::npos)
        << server.what << ": " << result.error().message;
    EXPECT_TRUE(Eventually([&] { return rig.server->closed(CloseReason::kTls) == 1; }));
    EXPECT_EQ(rig.server->server->Stats().frames_in, 0u) << server.what;
  }
}

TEST(TlsTest, ACommonNameIsNotTheNameOfAServer) {
  TlsRig::Setup setup;
  setup.certificate.common_name = "localhost";
  setup.certificate.names = {};
  const TlsRig rig(std::move(setup));
  RpcClient transport(rig.Client());
  DataPlaneClient client(transport);
  const auto result =
      client.ServerInfoSync({"localhost", rig.endpoint().port}, {}, In(milliseconds(5'000)));
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().message.find("hostname mismatch, expected 'localhost'"),
            std::string::npos)
      << result.error().message;
}

TEST(TlsTest, AnUnknownAuthorityIsNotBelieved) {
  const TlsRig rig;
  for (const auto& [name, expected] :
       {std::pair("test authority", "TLS: certificate verify failed: certificate signature"),
        std::pair("another one", "TLS: certificate verify failed: unable to get local issuer")}) {
    TlsClientOptions options;
    options.ca_file = rig.files.Write("other.pem", TestAuthority(name).certificate());
    ClientOptions client_options;
    client_options.tls = TlsClient::Make(options).value();
    RpcClient transport(client_options);
    DataPlaneClient client(transport);
    const auto result = client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(5'000)));
    EXPECT_EQ(result.error().code, ErrorCode::kBrokerNotAvailable);
    EXPECT_NE(result.error().message.find(expected), std::string::npos) << result.error().message;
  }
}

TEST(TlsTest, APlainClientIsToldToSpeakTls) {
  const TlsRig rig;
  RpcClient transport;
  DataPlaneClient client(transport);
  const auto result = client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(5'000)));
  EXPECT_EQ(result.error().code, ErrorCode::kBrokerNotAvailable) << "nothing took effect";
  EXPECT_NE(result.error().message.find("the server speaks TLS"), std::string::npos)
      << result.error().message;
  EXPECT_TRUE(Eventually([&] { return rig.server->closed(CloseReason::kTls) == 1; }));
}

TEST(TlsTest, ATlsClientOfAPlainServerFailsAtOnce) {
  const TlsRig trusted;
  const TestServer plain;
  RpcClient transport(trusted.Client());
  DataPlaneClient client(transport);
  const auto result = client.ServerInfoSync(plain.endpoint(), {}, In(milliseconds(5'000)));
  EXPECT_EQ(result.error().code, ErrorCode::kBrokerNotAvailable);
  EXPECT_NE(result.error().message.find("may not speak TLS"), std::string::npos)
      << result.error().message;
  EXPECT_TRUE(Eventually([&] { return plain.closed(CloseReason::kFrameLength) == 1; }));
}

}  // namespace
}  // namespace lanemq::rpc
