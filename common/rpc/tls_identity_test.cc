// Certificates of clients, and certificates that change.

#include <openssl/ssl.h>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/rpc/data_plane_client.h"
#include "common/rpc/test_certificates.h"

namespace lanemq::rpc {
namespace {

using namespace test;  // NOLINT: the rigs are this test's vocabulary.

Result<std::string> RoleSeenBy(const Endpoint& endpoint, const ClientOptions& options) {
  RpcClient transport(options);
  DataPlaneClient client(transport);
  auto info = client.ServerInfoSync(endpoint, {}, In(milliseconds(5'000)));
  if (!info.ok()) return info.error();
  return info->role;
}

TlsRig::Setup AskingForCertificates(bool is_required) {
  TlsRig::Setup setup;
  setup.asks_clients = true;
  setup.requires_clients = is_required;
  setup.options.identify = [](const std::string& name) -> std::shared_ptr<const core::Caller> {
    if (name == "stranger") return nullptr;
    return std::make_shared<const core::Caller>(
        core::Caller{{core::PrincipalKind::kService, name}, ""});
  };
  return setup;
}

// ---------------------------------------------------------------- clients

TEST(TlsIdentityTest, TheNameInAVerifiedCertificateIsTheCaller) {
  TlsRig::Setup setup = AskingForCertificates(true);
  setup.is_common_name_a_name = true;
  const TlsRig rig(std::move(setup));
  struct Case {
    CertificateText text;
    const char* expected;
  };
  const std::vector<Case> cases = {
      {{.common_name = "someone", .names = {"URI:lanemq:service/billing"}}, "billing"},
      {{.common_name = "billing", .names = {}}, "billing"},
      {{.common_name = "billing", .names = {"URI:https://example.com/x"}}, "billing"},
      {{.common_name = "a", .names = {"URI:lanemq:service/b", "URI:lanemq:service/c"}}, "test"},
      {{.common_name = "a", .names = {"URI:lanemq:service/"}}, "test"},
      {{.common_name = "", .names = {"DNS:host.example"}}, "test"},
      {{.common_name = "stranger", .names = {}}, "test"},
  };
  for (const Case& one : cases) {
    const auto role = RoleSeenBy(rig.endpoint(), rig.Client(one.text));
    ASSERT_TRUE(role.ok()) << role.error().ToString();
    EXPECT_EQ(*role, one.expected) << one.text.common_name;
  }
}

TEST(TlsIdentityTest, ACommonNameCountsWhereTheServerWasToldSoAlone) {
  const TlsRig rig(AskingForCertificates(true));
  const CertificateText by_common_name{.common_name = "billing", .names = {}};
  EXPECT_EQ(RoleSeenBy(rig.endpoint(), rig.Client(by_common_name)).value(), "test");
  const CertificateText by_uri{.common_name = "x", .names = {"URI:lanemq:service/billing"}};
  EXPECT_EQ(RoleSeenBy(rig.endpoint(), rig.Client(by_uri)).value(), "billing");
}

TEST(TlsIdentityTest, AConnectionEndsWithTheCertificateThatSaidWhoIsThere) {
  TlsRig::Setup setup = AskingForCertificates(true);
  setup.options.limits.sweep_interval = milliseconds(20);
  const TlsRig rig(std::move(setup));
  CertificateText short_lived{.common_name = "x", .names = {"URI:lanemq:service/billing"}};
  short_lived.valid_until_s = 3;
  RpcClient ending(rig.Client(short_lived));
  DataPlaneClient client(ending);
  RpcClient lasting(
      rig.Client(CertificateText{.common_name = "x", .names = {"URI:lanemq:service/payments"}}));
  DataPlaneClient other(lasting);
  ASSERT_TRUE(client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(2'000))).ok());
  ASSERT_TRUE(other.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(2'000))).ok());
  EXPECT_TRUE(Eventually([&] { return rig.server->closed(CloseReason::kExpired) == 1; }));
  EXPECT_TRUE(other.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(2'000))).ok());
  EXPECT_EQ(lasting.Stats().connects, 1u);
}

TEST(TlsIdentityTest, WithACertificateAConnectionIsNotWaitedForToSayWhoItIs) {
  TlsRig::Setup setup = AskingForCertificates(false);
  setup.options.must_identify = true;
  setup.options.limits.unidentified.patience = milliseconds(300);
  setup.options.limits.sweep_interval = milliseconds(20);
  const TlsRig rig(std::move(setup));
  RpcClient known(
      rig.Client(CertificateText{.common_name = "x", .names = {"URI:lanemq:service/billing"}}));
  DataPlaneClient client(known);
  ASSERT_TRUE(client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(5'000))).ok());
  RawTlsClient silent(rig.endpoint().port);
  ASSERT_TRUE(silent.ShakeHands());
  RawClient mute(rig.endpoint().port);  // It does not even shake hands.
  EXPECT_TRUE(Eventually([&] { return rig.server->closed(CloseReason::kUnidentified) == 2; }));
  EXPECT_TRUE(client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(5'000))).ok());
  EXPECT_EQ(known.Stats().connects, 1u);
}

TEST(TlsIdentityTest, WithoutACertificateACallerMayComeWhereNoneIsRequired) {
  const TlsRig rig(AskingForCertificates(false));
  EXPECT_EQ(RoleSeenBy(rig.endpoint(), rig.Client()).value(), "test");
  ClientOptions with_token = rig.Client();
  with_token.token = [] { return "lmq_billing_good"; };
  EXPECT_EQ(RoleSeenBy(rig.endpoint(), with_token).value(), "billing");
}

TEST(TlsIdentityTest, AClientWithoutTheRequiredCertificateIsRefusedAndDoesNotSpin) {
  const TlsRig rig(AskingForCertificates(true));
  ClientOptions options = rig.Client();
  options.reconnect_backoff = options.reconnect_backoff_max = std::chrono::minutes(1);
  RpcClient transport(options);
  DataPlaneClient client(transport);
  for (int i = 0; i < 20; ++i) {
    const auto result = client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(5'000)));
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::kAuthenticationFailed) << result.error().message;
  }
  EXPECT_EQ(transport.Stats().connects + transport.Stats().connect_failures, 2u);
  EXPECT_EQ(rig.server->server->Stats().accepted, 1u);
  EXPECT_EQ(rig.server->server->Stats().frames_in, 0u);
  EXPECT_TRUE(Eventually([&] { return rig.server->closed(CloseReason::kTls) == 1; }));
}

TEST(TlsIdentityTest, CertificatesOfOtherAuthoritiesAndExpiredOnesAreRefused) {
  const TlsRig rig(AskingForCertificates(true));
  const TestAuthority other("another authority");
  const TestAuthority namesake;  // Of the trusted one, with another key.
  const CertificateText name{.common_name = "billing", .names = {}};
  CertificateText expired = name;
  expired.valid_from_s = -7'200;
  expired.valid_until_s = -3'600;
  for (const CertifiedKey& own :
       {other.Issue(name), namesake.Issue(name), SelfSigned(name), rig.authority.Issue(expired)}) {
    TlsClientOptions options;
    options.ca_file = rig.files.Write("ca.pem", rig.authority.certificate());
    options.certificate_file = rig.files.Write("own.pem", own.certificate);
    options.key_file = rig.files.Write("own.key", own.key);
    ClientOptions client;
    client.tls = TlsClient::Make(options).value();
    const auto role = RoleSeenBy(rig.endpoint(), client);
    ASSERT_FALSE(role.ok());
    EXPECT_EQ(role.error().code, ErrorCode::kAuthenticationFailed) << role.error().message;
  }
}

TEST(TlsIdentityTest, ATokenMayComeBehindACertificate) {
  const TlsRig rig(AskingForCertificates(true));
  ClientOptions options =
      rig.Client(CertificateText{.common_name = "x", .names = {"URI:lanemq:service/billing"}});
  options.token = [] { return "lmq_payments_good"; };
  EXPECT_EQ(RoleSeenBy(rig.endpoint(), options).value(), "payments") << "the handler decides";
}

// ---------------------------------------------------------------- certificates that change

TEST(TlsReloadTest, ANewCertificateIsForNewConnectionsAndOldOnesGoOn) {
  const TlsRig rig;
  RpcClient old_transport(rig.Client());
  DataPlaneClient old_client(old_transport);
  ASSERT_TRUE(old_client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(5'000))).ok());
  EXPECT_FALSE(rig.tls->Reload().value()) << "nothing has changed";
  EXPECT_NEAR(rig.tls->DaysLeft(), 1.0, 0.1);

  const TestAuthority other("another authority");
  CertificateText longer;
  longer.valid_until_s = 10 * 86'400;
  const CertifiedKey fresh = other.Issue(longer);
  rig.files.Write("server.pem", fresh.certificate);
  rig.files.Write("server.key", fresh.key);
  EXPECT_TRUE(rig.tls->Reload().value());
  EXPECT_NEAR(rig.tls->DaysLeft(), 10.0, 0.1);

  EXPECT_TRUE(old_client.ServerInfoSync(rig.endpoint(), {}, In(milliseconds(5'000))).ok());
  EXPECT_EQ(old_transport.Stats().connects, 1u);
  EXPECT_FALSE(RoleSeenBy(rig.endpoint(), rig.Client()).ok()) << "its authority is another one";
  TlsClientOptions trusting;
  trusting.ca_file = rig.files.Write("other.pem", other.certificate());
  ClientOptions options;
  options.tls = TlsClient::Make(trusting).value();
  EXPECT_TRUE(RoleSeenBy(rig.endpoint(), options).ok());
}

TEST(TlsReloadTest, AClientTakesChangedFilesForNewConnections) {
  const TlsRig rig(AskingForCertificates(true));
  const PemFolder files;
  TlsClientOptions options;
  options.ca_file = files.Write("ca.pem", rig.authority.certificate());
  const auto write = [&](const std::string& service) {
    const CertifiedKey own =
        rig.authority.Issue({.common_name = "x", .names = {"URI:lanemq:service/" + service}});
    options.certificate_file = files.Write("own.pem", own.certificate);
    options.key_file = files.Write("own.key", own.key);
  };
  write("billing");
  ClientOptions client;
  client.tls = TlsClient::Make(options).value();
  EXPECT_EQ(RoleSeenBy(rig.endpoint(), client).value(), "billing");
  write("payments");
  EXPECT_TRUE(Eventually([&] {
    const auto role = RoleSeenBy(rig.endpoint(), client);
    return role.ok() && *role == "payments";
  }));
  // What cannot be used leaves those before in place, and better ones are taken again.
  files.Write("own.key", "not PEM");
  const MonotonicTime until = SystemClock::Instance().Now() + milliseconds(1'200);
  while (SystemClock::Instance().Now() < until) {
    ASSERT_EQ(RoleSeenBy(rig.endpoint(), client).value(), "payments");
  }
  write("billing");
  EXPECT_TRUE(Eventually([&] {
    const auto role = RoleSeenBy(rig.endpoint(), client);
    return role.ok() && *role == "billing";
  }));
}

TEST(TlsReloadTest, ABadPairIsAnErrorAndTheOldOneStays) {
  const TlsRig rig;
  const CertifiedKey first = rig.authority.Issue({});
  const CertifiedKey second = rig.authority.Issue({});
  const auto expect_error = [&](const std::string& expected) {
    const auto reloaded = rig.tls->Reload();
    ASSERT_FALSE(reloaded.ok());
    EXPECT_EQ(reloaded.error().code, ErrorCode::kInvalidConfig);
    EXPECT_NE(reloaded.error().message.find(expected), std::string::npos)
        << reloaded.error().message;
    EXPECT_TRUE(RoleSeenBy(rig.endpoint(), rig.Client()).ok());
  };
  rig.files.Write("server.pem", first.certificate);
  rig.files.Write("server.key", second.key);
  expect_error("server.key': does not fit the certificate");
  rig.files.Write("server.key", KeyOfAnotherKind());
  expect_error("server.key': does not fit the certificate");
  rig.files.Write("server.key", "");
  expect_error("server.key': is empty or cannot be read");
  rig.files.Write("server.key", first.key);
  rig.files.Write("server.pem", first.certificate.substr(0, first.certificate.size() / 2));
  expect_error("server.pem': holds no certificate");
  rig.files.Write("server.pem", first.certificate + "-----BEGIN CERTIFICATE-----\nMII\n");
  expect_error("server.pem': the chain does not decode");
  rig.files.Write("server.pem", first.certificate);
  EXPECT_TRUE(rig.tls->Reload().value());
  EXPECT_TRUE(RoleSeenBy(rig.endpoint(), rig.Client()).ok());
}

TEST(TlsOptionsTest, WhatIsWrongWithThemIsSaidWithTheFile) {
  const PemFolder files;
  const TestAuthority authority;
  const CertifiedKey good = authority.Issue({});
  const std::string certificate = files.Write("good.pem", good.certificate);
  const std::string key = files.Write("good.key", good.key);
  const std::string noise = files.Write("noise.pem", "not PEM");
  const auto error_of = [](const TlsServerOptions& options) {
    const auto made = TlsServer::Make(options);
    return made.ok() ? std::string("none") : made.error().message;
  };
  EXPECT_EQ(error_of({certificate, key, "", false}), "none");
  EXPECT_NE(error_of({"", key, "", false}).find("needs a certificate file"), std::string::npos);
  EXPECT_NE(error_of({"/nowhere.pem", key, "", false}).find("'/nowhere.pem': No such file"),
            std::string::npos);
  EXPECT_NE(error_of({noise, key, "", false}).find("noise.pem': holds no certificate"),
            std::string::npos);
  EXPECT_NE(error_of({certificate, noise, "", false}).find("noise.pem': holds no private key"),
            std::string::npos);
  EXPECT_NE(error_of({certificate, key, noise, true}).find("noise.pem': holds no readable"),
            std::string::npos);
  EXPECT_NE(error_of({certificate, key, "", true}).find("authority"), std::string::npos);
  EXPECT_EQ(TlsClient::Make({.ca_file = "/nowhere.pem"}).error().code, ErrorCode::kInvalidConfig);
  EXPECT_EQ(TlsClient::Make({.certificate_file = certificate}).error().code,
            ErrorCode::kInvalidConfig);
  EXPECT_TRUE(TlsClient::Make({}).ok()) << "the system's authorities";
}

}  // namespace
}  // namespace lanemq::rpc
