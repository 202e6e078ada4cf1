// Who a connection is: the server's side and the client's.

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/rpc/authentication.h"
#include "common/rpc/data_plane_client.h"
#include "common/rpc/test_rig.h"

namespace lanemq::rpc {
namespace {

using namespace test;  // NOLINT: the rig is this test's vocabulary.

constexpr const char* kNobody = "say who you are";

// Nothing but `authenticate` for connections that have not said who they are.
ServerOptions AskingWhoIsThere() {
  ServerOptions options;
  options.admit = [](const RequestHead& head) -> std::optional<Error> {
    if (head.caller != nullptr || head.method == "authenticate") return std::nullopt;
    return Error{ErrorCode::kAuthenticationFailed, kNobody, 0};
  };
  return options;
}

ClientOptions WithToken(const std::string& token) {
  ClientOptions options;
  options.token = [token] { return token; };
  return options;
}

ClientOptions PatientWith(ClientOptions options) {
  options.reconnect_backoff = options.reconnect_backoff_max = std::chrono::minutes(1);
  return options;
}

// ---------------------------------------------------------------- server

TEST(CallerTest, RequestsBehindAuthenticateInTheSameReadAreTheCallers) {
  TestServer rig(AskingWhoIsThere());
  RawClient client(rig.server->port());
  ASSERT_TRUE(client.Send(ServerInfoFrame(1) + AuthenticateFrame(2, "lmq_billing_good") +
                          ServerInfoFrame(3)));
  const ParsedReply refused = Parse(client.ReadFrame().value());
  EXPECT_EQ(refused.seqid, 1);
  EXPECT_EQ(refused.error_code, static_cast<int>(ErrorCode::kAuthenticationFailed));
  EXPECT_EQ(Parse(client.ReadFrame().value()).seqid, 2);
  EXPECT_EQ(RoleIn(client.ReadFrame().value()), "billing");

  RawClient other(rig.server->port());
  ASSERT_TRUE(other.Send(ServerInfoFrame(1)));
  EXPECT_EQ(RoleIn(other.ReadFrame().value()), "") << "each connection says it for itself";
}

TEST(CallerTest, ARefusedAuthenticateLeavesTheConnectionNobodys) {
  TestServer rig(AskingWhoIsThere());
  RawClient client(rig.server->port());
  ASSERT_TRUE(client.Send(AuthenticateFrame(1, "lmq_billing_refused") + ServerInfoFrame(2) +
                          AuthenticateFrame(3, "lmq_billing_good") + ServerInfoFrame(4)));
  EXPECT_TRUE(Parse(client.ReadFrame().value()).error_code.has_value());
  EXPECT_TRUE(Parse(client.ReadFrame().value()).error_code.has_value());
  EXPECT_FALSE(Parse(client.ReadFrame().value()).error_code.has_value());
  EXPECT_EQ(RoleIn(client.ReadFrame().value()), "billing");
}

TEST(CallerTest, VoidCallersAreClosedWithWhatIsParkedAndOthersAreNot) {
  ServerOptions options = AskingWhoIsThere();
  options.threads = 2;
  TestServer rig(options);
  std::vector<RawClient> revoked;
  std::vector<RawClient> others;
  for (int i = 0; i < 4; ++i) {  // On both threads.
    revoked.emplace_back(rig.server->port());
    ASSERT_TRUE(revoked.back().Send(AuthenticateFrame(1, "lmq_billing_good") + FetchFrame(2)));
    others.emplace_back(rig.server->port());
    ASSERT_TRUE(others.back().Send(AuthenticateFrame(1, "lmq_payments_good") + FetchFrame(2)));
  }
  RawClient nobody(rig.server->port());
  ASSERT_TRUE(Eventually([&] { return rig.handler->parked() == 8; }));
  std::mutex mutex;
  std::set<std::string> asked;
  rig.server->CloseConnections([&](const core::Caller& caller) {
    const std::lock_guard lock(mutex);
    asked.insert(caller.principal.name);
    return caller.principal.name == "billing";
  });
  for (RawClient& client : revoked) EXPECT_TRUE(client.WaitClosed());
  ASSERT_TRUE(Eventually([&] { return rig.handler->parked() == 4; }));
  EXPECT_EQ(rig.closed(CloseReason::kRevoked), 4u);
  EXPECT_EQ(rig.server->Stats().cancelled, 4u);
  EXPECT_TRUE(Eventually([&] { return rig.server->Stats().connections == 5; }));
  EXPECT_EQ(rig.handler->WakeAll(), 4u);
  for (RawClient& client : others) {
    EXPECT_TRUE(client.ReadFrame().has_value());
    EXPECT_TRUE(client.ReadFrame().has_value());
  }
  rig.server->Stop();
  const std::lock_guard lock(mutex);
  EXPECT_EQ(asked, (std::set<std::string>{"billing", "payments"}));
}

TEST(CallerTest, ClosingConnectionsOfAStoppedServerDoesNothing) {
  TestServer rig;
  rig.server->Stop();
  rig.server->CloseConnections([](const core::Caller&) { return true; });
  EXPECT_EQ(rig.closed(CloseReason::kRevoked), 0u);
}

// ---------------------------------------------------------------- client

TEST(CallerTest, TheClientSaysWhoItIsBeforeAnythingElse) {
  TestServer rig(AskingWhoIsThere());
  RpcClient transport(WithToken("lmq_billing_good"));
  DataPlaneClient client(transport);
  std::atomic<int> ok = 0, done = 0;
  for (int i = 0; i < 200; ++i) {  // They are sent behind it, without waiting.
    client.ServerInfo(rig.endpoint(), {}, In(milliseconds(10'000)), [&](auto result) {
      ok += result.ok() && result->role == "billing" ? 1 : 0;
      ++done;
    });
  }
  ASSERT_TRUE(Eventually([&] { return done == 200; }));
  EXPECT_EQ(ok, 200);
  EXPECT_EQ(transport.Stats().in_flight, 0);
  EXPECT_EQ(rig.server->Stats().rejected, 0u);
}

TEST(CallerTest, AFurtherConnectionSaysWhoItIsEvenWhenNothingWaitsForIt) {
  TestServer rig(AskingWhoIsThere());
  ClientOptions options = WithToken("lmq_billing_good");
  options.connections_per_endpoint_max = 2;
  options.spread_at = 1;
  RpcClient transport(options);
  DataPlaneClient client(transport);
  ASSERT_TRUE(client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(5'000))).ok());
  std::atomic<bool> is_done = false;
  client.Fetch(rig.endpoint(), {}, In(milliseconds(20'000)), [&](auto) { is_done = true; });
  ASSERT_TRUE(Eventually([&] { return rig.handler->parked() == 1; }));
  // The first connection has room for it; the second is opened all the same.
  ASSERT_TRUE(client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(5'000))).ok());
  EXPECT_TRUE(Eventually([&] { return rig.server->Stats().frames_in == 5; }, milliseconds(1'000)));
  EXPECT_EQ(transport.Stats().connects, 2u);
  rig.handler->WakeAll();
  EXPECT_TRUE(Eventually([&] { return is_done.load(); }));
}

TEST(CallerTest, WithoutATokenNothingIsPresented) {
  TestServer rig;
  RpcClient transport(WithToken(""));
  DataPlaneClient client(transport);
  const auto info = client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(5'000)));
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->role, "test");
  EXPECT_EQ(rig.server->Stats().frames_in, 1u);
}

TEST(CallerTest, ANewTokenCountsFromTheNextConnectionOn) {
  TestServer rig(AskingWhoIsThere());
  std::atomic<bool> is_new = false;
  ClientOptions options;
  options.connections_per_endpoint_max = 1;
  options.reconnect_backoff = milliseconds(1);
  options.token = [&] { return is_new ? "lmq_payments_good" : "lmq_billing_good"; };
  RpcClient transport(options);
  DataPlaneClient client(transport);
  const auto role = [&] {
    const auto info = client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(5'000)));
    return info.ok() ? info->role : std::string();
  };
  EXPECT_EQ(role(), "billing");
  is_new = true;
  EXPECT_EQ(role(), "billing");
  rig.server->CloseConnections([](const core::Caller&) { return true; });
  EXPECT_TRUE(Eventually([&] { return role() == "payments"; }));
  EXPECT_EQ(transport.Stats().connects, 2u);
}

TEST(CallerTest, ARefusedTokenFailsTheCallsAndDoesNotSpin) {
  TestServer rig(AskingWhoIsThere());
  ClientOptions options = PatientWith(WithToken("lmq_billing_refused"));
  RpcClient transport(options);
  DataPlaneClient client(transport);
  std::atomic<int> refused = 0, done = 0;
  const auto count = [&](const auto& result) {
    const bool is_refusal = !result.ok() && result.error().code == ErrorCode::kAuthenticationFailed;
    refused += is_refusal ? 1 : 0;
    EXPECT_EQ(result.error().message.find("lmq_"), std::string::npos) << result.error().message;
    ++done;
  };
  for (int i = 0; i < 100; ++i) {
    client.ServerInfo(rig.endpoint(), {}, In(milliseconds(10'000)), count);
  }
  ASSERT_TRUE(Eventually([&] { return done == 100; }));
  for (int i = 0; i < 20; ++i) {
    count(client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(5'000))));
  }
  EXPECT_EQ(refused, 120);
  EXPECT_EQ(rig.server->Stats().accepted, 1u);
  EXPECT_EQ(transport.Stats().connect_failures, 1u);
  EXPECT_EQ(transport.Stats().in_flight, 0);
  EXPECT_EQ(transport.Stats().connections, 0);
}

TEST(CallerTest, ATokenThatIsGoodLaterIsTakenLater) {
  std::atomic<bool> has_book = false;
  ServerOptions options;
  options.admit = [&](const RequestHead& head) -> std::optional<Error> {
    if (has_book || head.method != "authenticate") return std::nullopt;
    return Error{ErrorCode::kMetadataUnavailable, "there is no book yet", 0};
  };
  TestServer rig(options);
  ClientOptions client_options = WithToken("lmq_billing_good");
  client_options.reconnect_backoff = client_options.reconnect_backoff_max = milliseconds(5);
  RpcClient transport(client_options);
  DataPlaneClient client(transport);
  const auto early = client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(5'000)));
  ASSERT_FALSE(early.ok());
  EXPECT_EQ(early.error().code, ErrorCode::kMetadataUnavailable);
  has_book = true;
  EXPECT_TRUE(Eventually([&] {
    const auto info = client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(5'000)));
    return info.ok() && info->role == "billing";
  }));
}

TEST(CallerTest, AServerThatAsksNobodyWhoHeIsServesThoseWhoSay) {
  ServerOptions options;
  options.admit = [](const RequestHead& head) -> std::optional<Error> {
    if (head.method != "authenticate") return std::nullopt;
    return Error{ErrorCode::kUnsupportedVersion, "there is no such method", 0};
  };
  TestServer rig(options);
  RpcClient transport(WithToken("lmq_billing_good"));
  DataPlaneClient client(transport);
  const auto info = client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(5'000)));
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->role, "test");
}

TEST(CallerTest, AnAuthenticateWithoutAnAnswerIsGivenUp) {
  TestServer rig(AskingWhoIsThere());
  ClientOptions options = PatientWith(WithToken("lmq_billing_ignored"));
  options.connect_timeout = milliseconds(100);
  RpcClient transport(options);
  DataPlaneClient client(transport);
  std::atomic<bool> is_done = false;
  // The server refuses what comes behind it; a long deadline would only hide who gives up.
  client.Fetch(rig.endpoint(), {}, In(milliseconds(20'000)), [&](auto result) {
    EXPECT_FALSE(result.ok());
    is_done = true;
  });
  EXPECT_TRUE(Eventually([&] { return is_done && transport.Stats().connections == 0; }));
  EXPECT_EQ(transport.Stats().connect_failures, 1u);
  EXPECT_EQ(transport.Stats().in_flight, 0);
  EXPECT_TRUE(Eventually([&] { return rig.server->Stats().connections == 0; }));
}

TEST(CallerTest, WhatTheServerSaysOfATokenIsPassedOnWithoutTheToken) {
  TestServer rig(AskingWhoIsThere());
  for (const auto& [token, expected] :
       {std::pair("lmq_billing_refused", "does not accept the token: nobody's [request "),
        std::pair("lmq_billing_repeated", "(a text that repeats the token)")}) {
    RpcClient transport(WithToken(token));
    DataPlaneClient client(transport);
    const auto result = client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(5'000)));
    ASSERT_FALSE(result.ok());
    EXPECT_NE(result.error().message.find(expected), std::string::npos) << result.error().message;
    EXPECT_EQ(result.error().message.find("repeated"), std::string::npos) << result.error().message;
  }
}

TEST(CallerTest, ATokenLargerThanACallIsRefusedWithoutSendingIt) {
  TestServer rig;
  RpcClient transport(PatientWith(WithToken(std::string(17'000'000, 'x'))));
  DataPlaneClient client(transport);
  const auto result = client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(5'000)));
  EXPECT_EQ(result.error().code, ErrorCode::kAuthenticationFailed);
  EXPECT_EQ(rig.server->Stats().frames_in, 0u);
}

}  // namespace
}  // namespace lanemq::rpc
