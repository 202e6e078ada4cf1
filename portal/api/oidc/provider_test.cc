#include "portal/api/oidc/provider.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "portal/api/oidc/test_provider.h"

namespace lanemq::portal {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class ProviderTest : public ::testing::Test {
 protected:
  ~ProviderTest() override { std::filesystem::remove(secret_file_); }

  std::string SecretFile(const std::string& text) {
    std::ofstream(secret_file_) << text;
    return secret_file_;
  }
  Provider& provider() {
    if (!provider_) {
      provider_ = std::make_unique<Provider>(options_, web_, clock_);
    }
    return *provider_;
  }

  PassingClock clock_;
  FakeProvider web_{clock_};
  ProviderOptions options_ = TestOidcOptions().provider;

 private:
  const std::string secret_file_ = ::testing::TempDir() +
                                   ::testing::UnitTest::GetInstance()->current_test_info()->name() +
                                   ".secret";
  std::unique_ptr<Provider> provider_;
};

TEST_F(ProviderTest, DocumentAndKeysAreFetchedOnceAnHour) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(provider().Keys(false).ok());
  EXPECT_EQ(web_.documents, 1);
  EXPECT_EQ(web_.key_sets, 1);
  clock_.Pass(Provider::kKeptFor);
  EXPECT_TRUE(provider().Keys(false).ok());
  EXPECT_EQ(web_.documents, 2);
  EXPECT_EQ(web_.key_sets, 2);
}

TEST_F(ProviderTest, KeysThatDoNotDoAreAskedForAgainAtMostOnceAMinute) {
  EXPECT_TRUE(provider().Keys(false).ok());
  EXPECT_TRUE(provider().Keys(true).ok());
  EXPECT_EQ(web_.key_sets, 1);
  clock_.Pass(Provider::kKeysPause);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(provider().Keys(true).ok());
  EXPECT_EQ(web_.key_sets, 2);
}

TEST_F(ProviderTest, NothingOldIsBelievedWhenTheProviderIsGone) {
  EXPECT_TRUE(provider().Keys(false).ok());
  web_.is_down = true;
  EXPECT_TRUE(provider().Keys(false).ok());
  clock_.Pass(Provider::kKeptFor);
  EXPECT_FALSE(provider().Keys(false).ok());
  web_.is_down = false;
  clock_.Pass(Provider::kFailurePause);
  EXPECT_TRUE(provider().Keys(false).ok());
}

TEST_F(ProviderTest, AfterADocumentThatCouldNotBeHadOthersAreRefusedAtOnceForAWhile) {
  web_.document["issuer"] = "https://evil.example";
  const auto first = provider().Document();
  ASSERT_FALSE(first.ok());
  const auto second = provider().Document();
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error(), first.error());
  EXPECT_EQ(web_.documents, 1);
  web_.document["issuer"] = kIssuer;
  clock_.Pass(Provider::kFailurePause - std::chrono::seconds(1));
  EXPECT_FALSE(provider().Document().ok());
  clock_.Pass(std::chrono::seconds(1));
  EXPECT_TRUE(provider().Document().ok());
  EXPECT_EQ(web_.documents, 2);
}

TEST_F(ProviderTest, AfterKeysThatCouldNotBeHadOthersAreRefusedAtOnceForAWhile) {
  const std::string good = std::exchange(web_.keys, "none");
  EXPECT_FALSE(provider().Keys(false).ok());
  EXPECT_FALSE(provider().Keys(false).ok());
  EXPECT_FALSE(provider().Keys(true).ok());
  EXPECT_EQ(web_.key_sets, 1);
  web_.keys = good;
  clock_.Pass(Provider::kFailurePause);
  EXPECT_TRUE(provider().Keys(false).ok());
  EXPECT_EQ(web_.key_sets, 2);
}

TEST(ProviderDocumentTest, WhatItLacksOrMisplacesIsRefused) {
  const json good = {{"issuer", kIssuer},
                     {"authorization_endpoint", "https://login.example/authorize"},
                     {"token_endpoint", "https://login.example/token"},
                     {"jwks_uri", "https://login.example/keys"}};
  EXPECT_TRUE(ReadProviderDocument(good.dump(), kIssuer).ok());
  EXPECT_FALSE(ReadProviderDocument(good.dump(), "https://login.example/").ok());
  EXPECT_FALSE(ReadProviderDocument("[]", kIssuer).ok());
  EXPECT_FALSE(ReadProviderDocument("{", kIssuer).ok());
  for (const char* name : {"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"}) {
    for (const json& value : {json(), json("http://login.example/x"), json(7)}) {
      json document = good;
      document[name] = value;
      EXPECT_FALSE(ReadProviderDocument(document.dump(), kIssuer).ok()) << document;
    }
  }
}

TEST_F(ProviderTest, TheSecretGoesAsAPasswordUnlessTheProviderWantsItInTheBody) {
  options_.client_secret_file = SecretFile("s&cret\n");
  options_.client_id = "lane mq";
  web_.token_reply = transfer::HttpReply{200, R"({"id_token":"a.b.c"})"};
  ASSERT_TRUE(provider().Exchange("the code", "the verifier").ok());
  ASSERT_THAT(web_.posts, SizeIs(1));
  EXPECT_EQ(web_.posts[0].user, "lane%20mq");
  EXPECT_EQ(web_.posts[0].password, "s%26cret");
  EXPECT_EQ(web_.posts[0].body,
            "grant_type=authorization_code&code=the%20code&redirect_uri=https%3A%2F%2Fportal."
            "example%2Fapi%2Fv1%2Fauth%2Foidc%2Fcallback&code_verifier=the%20verifier");
  web_.document["token_endpoint_auth_methods_supported"] = json::array({"client_secret_post"});
  clock_.Pass(Provider::kKeptFor);
  ASSERT_TRUE(provider().Exchange("c", "v").ok());
  EXPECT_EQ(web_.posts[1].user, "");
  EXPECT_THAT(web_.posts[1].body, HasSubstr("&client_id=lane%20mq&client_secret=s%26cret"));
}

TEST_F(ProviderTest, AClientWithoutASecretSaysWhoItIs) {
  web_.token_reply = transfer::HttpReply{200, R"({"id_token":"a.b.c"})"};
  ASSERT_TRUE(provider().Exchange("c", "v").ok());
  EXPECT_EQ(web_.posts[0].user, "");
  EXPECT_THAT(web_.posts[0].body, HasSubstr("&client_id=lanemq"));
  EXPECT_THAT(web_.posts[0].body, Not(HasSubstr("client_secret")));
}

TEST_F(ProviderTest, AnswersWithoutATokenAreRefusedWithoutTellingWhatIsInThem) {
  const auto code_of = [&](int status, const std::string& body) {
    web_.token_reply = transfer::HttpReply{status, body};
    const auto token = provider().Exchange("c", "v");
    EXPECT_FALSE(token.ok());
    EXPECT_THAT(token.ok() ? "" : token.error().message, Not(HasSubstr("canary")));
    return token.ok() ? ErrorCode::kConflict : token.error().code;
  };
  EXPECT_EQ(code_of(400, R"({"error":"invalid_grant"})"), ErrorCode::kAuthenticationFailed);
  EXPECT_EQ(code_of(401, R"({"error":"Canary: canary"})"), ErrorCode::kAuthenticationFailed);
  EXPECT_EQ(code_of(302, "canary"), ErrorCode::kNetworkException);
  EXPECT_EQ(code_of(500, "canary"), ErrorCode::kNetworkException);
  EXPECT_EQ(code_of(200, "canary"), ErrorCode::kNetworkException);
  EXPECT_EQ(code_of(200, R"({"access_token":"canary"})"), ErrorCode::kNetworkException);
}

TEST_F(ProviderTest, AFileThatHoldsNoSecretIsSaidToBeSo) {
  EXPECT_FALSE(ReadSecretFile("/nowhere/secret").ok());
  for (const std::string& text : {std::string(), std::string("\n"), std::string("canary\ncanary\n"),
                                  std::string(5'000, 'a')}) {
    const auto secret = ReadSecretFile(SecretFile(text));
    ASSERT_FALSE(secret.ok());
    EXPECT_EQ(secret.error().code, ErrorCode::kInvalidConfig);
    EXPECT_THAT(secret.error().message, Not(HasSubstr("canary")));
  }
  const auto secret = ReadSecretFile(SecretFile("good secret\r\n"));
  ASSERT_TRUE(secret.ok());
  EXPECT_EQ(*secret, "good secret");
}

}  // namespace
}  // namespace lanemq::portal
