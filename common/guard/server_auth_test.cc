#include "common/guard/server_auth.h"

#include <gtest/gtest.h>

namespace lanemq {
namespace {

ServerAuthOptions Auth(bool is_on, rpc::TlsServerOptions tls = {}) {
  return {is_on ? AuthMode::kToken : AuthMode::kNone, std::move(tls)};
}

TEST(ServerAuthTest, WithoutAuthenticationOnlyThisMachineMayReachTheServer) {
  for (const char* host : {"127.0.0.1", "127.8.9.10", "::1", "localhost"}) {
    EXPECT_TRUE(CheckServerAuth(Auth(false), host).ok()) << host;
  }
  for (const char* host : {"0.0.0.0", "::", "10.1.2.3", "192.168.0.1", ""}) {
    const Status checked = CheckServerAuth(Auth(false), host);
    ASSERT_FALSE(checked.ok()) << host;
    EXPECT_EQ(checked.error().code, ErrorCode::kInvalidConfig);
    EXPECT_NE(checked.error().message.find("--auth=token"), std::string::npos);
    EXPECT_TRUE(CheckServerAuth(Auth(true), host).ok()) << host;
  }
}

TEST(ServerAuthTest, AServerThatObservesMayListenAnywhere) {
  for (const char* host : {"127.0.0.1", "0.0.0.0", "10.1.2.3"}) {
    EXPECT_TRUE(CheckServerAuth({AuthMode::kObserve, {}}, host).ok()) << host;
  }
}

TEST(ServerAuthTest, AServerThatRefusesHasSomethingToShowItself) {
  EXPECT_TRUE(CheckOwnIdentity(AuthMode::kNone, {}).ok());
  EXPECT_TRUE(CheckOwnIdentity(AuthMode::kObserve, {}).ok());
  const Status bare = CheckOwnIdentity(AuthMode::kToken, {});
  ASSERT_FALSE(bare.ok());
  EXPECT_EQ(bare.error().code, ErrorCode::kInvalidConfig);
  EXPECT_NE(bare.error().message.find("--token-file"), std::string::npos);
  EXPECT_EQ(bare.error().message.find('\n'), std::string::npos);
  EXPECT_TRUE(CheckOwnIdentity(AuthMode::kToken, {.has_token = true}).ok());
  EXPECT_TRUE(CheckOwnIdentity(AuthMode::kToken, {.has_certificate = true}).ok());
}

TEST(ServerAuthTest, ModesAreReadAsTheyAreWritten) {
  for (const AuthMode mode : {AuthMode::kNone, AuthMode::kObserve, AuthMode::kToken}) {
    EXPECT_EQ(AuthModeFromString(NameOf(mode)), mode);
  }
  EXPECT_FALSE(AuthModeFromString("off"));
}

TEST(ServerAuthTest, CertificatesAreAskedForInFull) {
  EXPECT_TRUE(CheckServerAuth(Auth(true, {.certificate_file = "c", .key_file = "k"}), "::").ok());
  EXPECT_FALSE(CheckServerAuth(Auth(true, {.certificate_file = "c"}), "::").ok());
  EXPECT_FALSE(CheckServerAuth(Auth(true, {.key_file = "k"}), "::").ok());
  EXPECT_FALSE(CheckServerAuth(Auth(true, {.client_ca_file = "a"}), "::").ok());
  EXPECT_FALSE(
      CheckServerAuth(
          Auth(true, {.certificate_file = "c", .key_file = "k", .is_common_name_a_name = true}),
          "::")
          .ok());
  EXPECT_FALSE(CheckServerAuth(Auth(true, {.certificate_file = "c",
                                           .key_file = "k",
                                           .is_client_certificate_required = true}),
                               "::")
                   .ok());
}

TEST(ServerAuthTest, WithoutACertificateAListenerIsPlain) {
  const auto tls = MakeTls(Auth(true));
  ASSERT_TRUE(tls.ok());
  EXPECT_EQ(*tls, nullptr);
  EXPECT_EQ(
      MakeTls(Auth(true, {.certificate_file = "/no/such", .key_file = "/no/such"})).error().code,
      ErrorCode::kInvalidConfig);
}

}  // namespace
}  // namespace lanemq
