#include "portal/api/oidc/oidc_sign_in.h"

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "portal/api/oidc/test_provider.h"

namespace lanemq::portal {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

class OidcSignInTest : public ::testing::Test {
 protected:
  OidcSignIn& oidc() {
    if (!oidc_) oidc_ = std::make_unique<OidcSignIn>(options_, TestSealingKeys(), web_, clock_);
    return *oidc_;
  }
  OidcSignIn::Started Started(const std::string& return_to = "/") {
    auto started = oidc().Start(return_to);
    EXPECT_TRUE(started.ok());
    return started.ok() ? *std::move(started) : OidcSignIn::Started();
  }
  static Result<OidcSignIn::Proof> Finish(OidcSignIn& oidc, const std::string& cookie,
                                          const OidcSignIn::Query& query) {
    LANEMQ_ASSIGN_OR_RETURN(SignInFlow flow, oidc.FlowOf(cookie, query));
    return oidc.Finish(std::move(flow), query);
  }
  /// The subject, or what was wrong.
  std::string FinishWith(const std::string& cookie, const OidcSignIn::Query& query) {
    const auto proof = Finish(oidc(), cookie, query);
    if (proof.ok()) return proof->subject;
    EXPECT_EQ(proof.error().code, ErrorCode::kAuthenticationFailed) << proof.error().message;
    return proof.error().message;
  }
  std::string SignIn() {
    const auto started = Started();
    return FinishWith(started.cookie, web_.Visit(started.location));
  }

  PassingClock clock_;
  FakeProvider web_{clock_};
  OidcOptions options_ = TestOidcOptions();

 private:
  std::unique_ptr<OidcSignIn> oidc_;
};

constexpr const char* kAnn = "https://login.example|ann";

TEST_F(OidcSignInTest, TellsWhoItIsAndWhereHeWantedToGo) {
  const auto started = Started("/topics?limit=1");
  EXPECT_THAT(started.location, StartsWith("https://login.example/authorize?response_type=code&"));
  const OidcSignIn::Query back = web_.Visit(started.location);
  const auto& asked = web_.last_asked;
  EXPECT_EQ(FakeProvider::Value(asked, "client_id"), "lanemq");
  EXPECT_EQ(FakeProvider::Value(asked, "scope"), "openid");
  EXPECT_EQ(FakeProvider::Value(asked, "code_challenge_method"), "S256");
  EXPECT_EQ(FakeProvider::Value(asked, "redirect_uri"), options_.provider.redirect_uri);
  const auto proof = Finish(oidc(), started.cookie, back);
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_EQ(proof->subject, kAnn);
  EXPECT_EQ(proof->return_to, "/topics?limit=1");
}

TEST_F(OidcSignInTest, KeepsTheQueryOfAnEndpointThatHasOne) {
  web_.document["authorization_endpoint"] = "https://login.example/authorize?realm=a";
  EXPECT_THAT(Started().location,
              StartsWith("https://login.example/authorize?realm=a&response_type=code"));
}

TEST_F(OidcSignInTest, GoesBackNowhereElse) {
  for (const std::string path : {"", "//evil.example", "https://evil.example", "/\\evil.example"}) {
    const auto started = oidc().Start(path);
    ASSERT_FALSE(started.ok());
    EXPECT_EQ(started.error().code, ErrorCode::kInvalidRequest);
  }
  EXPECT_EQ(web_.documents, 0);
}

TEST_F(OidcSignInTest, AnAnswerIsGoodOnceAndInTheBrowserThatAsked) {
  const auto mine = Started();
  const auto back = web_.Visit(mine.location);
  // Another's browser, which was made to open the answer.
  const auto others = Started();
  EXPECT_THAT(FinishWith(others.cookie, back), HasSubstr("another sign-in"));
  EXPECT_THAT(FinishWith("", back), HasSubstr("no sign-in under way"));
  EXPECT_THAT(web_.posts, SizeIs(0));
  EXPECT_EQ(FinishWith(mine.cookie, back), kAnn);
  EXPECT_THAT(FinishWith(mine.cookie, back), HasSubstr("has been used"));
  EXPECT_THAT(web_.posts, SizeIs(1));
}

TEST_F(OidcSignInTest, AnotherGatewayWithTheSameKeyFinishesItOnceToo) {
  const auto started = Started();
  const auto back = web_.Visit(started.location);
  OidcSignIn other(options_, TestSealingKeys(), web_, clock_);
  EXPECT_TRUE(Finish(other, started.cookie, back).ok());
  // The provider has given its token away.
  EXPECT_THAT(FinishWith(started.cookie, back), HasSubstr("invalid_grant"));
  OidcSignIn stranger(options_, TestSealingKeys(2), web_, clock_);
  const auto again = Started();
  EXPECT_FALSE(Finish(stranger, again.cookie, web_.Visit(again.location)).ok());
}

TEST_F(OidcSignInTest, AStateThatIsMissingTwiceThereOrWrongIsRefused) {
  const auto started = Started();
  const auto back = web_.Visit(started.location);
  const std::string state = FakeProvider::Value(back, "state");
  EXPECT_THAT(FinishWith(started.cookie, {{"code", web_.code}}), HasSubstr("another sign-in"));
  EXPECT_THAT(FinishWith(started.cookie, {{"code", web_.code}, {"state", ""}}),
              HasSubstr("another sign-in"));
  EXPECT_THAT(FinishWith(started.cookie, {{"code", web_.code}, {"state", state}, {"state", state}}),
              HasSubstr("another sign-in"));
  EXPECT_THAT(FinishWith(started.cookie, {{"code", web_.code}, {"state", state + "x"}}),
              HasSubstr("another sign-in"));
  EXPECT_THAT(FinishWith(started.cookie,
                         {{"code", web_.code}, {"state", state}, {"iss", "a"}, {"iss", kIssuer}}),
              HasSubstr("another sign-in"));
  EXPECT_THAT(FinishWith(started.cookie, {{"state", state}}), HasSubstr("no code"));
}

TEST_F(OidcSignInTest, ACodeOfAnotherSignInIsOfNoUse) {
  // Somebody else's code, put into one's own answer: PKCE does not fit at the provider.
  const auto mine = Started();
  const auto back = web_.Visit(mine.location);
  const std::string stolen = FakeProvider::Value(web_.Visit(Started().location), "code");
  EXPECT_THAT(
      FinishWith(mine.cookie, {{"code", stolen}, {"state", FakeProvider::Value(back, "state")}}),
      HasSubstr("invalid_grant"));
}

TEST_F(OidcSignInTest, ATokenOfAnotherSignInIsOfNoUse) {
  const auto started = Started();
  const auto back = web_.Visit(started.location);
  web_.nonce = "of another one";
  EXPECT_THAT(FinishWith(started.cookie, back), HasSubstr("(nonce)"));
  web_.changed_claims = {{"aud", "payroll"}};
  EXPECT_THAT(SignIn(), HasSubstr("(aud)"));
}

TEST_F(OidcSignInTest, ASignInThatTookTooLongIsOver) {
  const auto started = Started();
  const auto back = web_.Visit(started.location);
  clock_.Pass(options_.flow_lifetime);
  EXPECT_THAT(FinishWith(started.cookie, back), HasSubstr("took too long"));
}

TEST_F(OidcSignInTest, TheProvidersRefusalIsToldInWordsAlone) {
  const auto refused = [&](const std::string& error) {
    const auto started = Started();
    const auto back = web_.Visit(started.location);
    return FinishWith(started.cookie,
                      {{"error", error}, {"state", FakeProvider::Value(back, "state")}});
  };
  EXPECT_EQ(refused("access_denied"), "the provider did not let you in: access_denied");
  EXPECT_EQ(refused("<script>"), "the provider did not let you in");
  EXPECT_EQ(refused(std::string(1'000, 'a')), "the provider did not let you in");
}

TEST_F(OidcSignInTest, AnAnswerOfAnotherProviderIsNotTaken) {
  const auto answered = [&](const std::string& issuer) {
    const auto started = Started();
    auto back = web_.Visit(started.location);
    if (!issuer.empty()) back.emplace_back("iss", issuer);
    return FinishWith(started.cookie, back);
  };
  EXPECT_EQ(answered(kIssuer), kAnn);
  EXPECT_THAT(answered("https://evil.example"), HasSubstr("another provider"));
  web_.document["authorization_response_iss_parameter_supported"] = true;
  clock_.Pass(Provider::kKeptFor);
  EXPECT_THAT(answered(""), HasSubstr("another provider"));
}

TEST_F(OidcSignInTest, KeysThatTheProviderHasChangedAreFetchedAgain) {
  EXPECT_EQ(SignIn(), kAnn);
  web_.signer = TestKey::Ec("e2");
  web_.keys = JwkSet({web_.signer.Jwk()});
  EXPECT_THAT(SignIn(), HasSubstr("has no key"));
  EXPECT_EQ(web_.key_sets, 1);
  clock_.Pass(Provider::kKeysPause);
  EXPECT_EQ(SignIn(), kAnn);
  EXPECT_EQ(web_.key_sets, 2);
  // A key under a name that is known, but which is not the provider's.
  web_.signer = TestKey::Ec("e2");
  clock_.Pass(Provider::kKeysPause);
  EXPECT_THAT(SignIn(), HasSubstr("signature does not hold"));
}

TEST_F(OidcSignInTest, ASlowProviderHoldsSoManySignInsAndNoMore) {
  options_.at_work_max = 1;
  std::optional<ErrorCode> second;
  web_.during_post = [&] {
    const auto started = oidc().Start("/");
    second = started.ok() ? std::nullopt : std::optional(started.error().code);
  };
  EXPECT_EQ(SignIn(), kAnn);
  EXPECT_EQ(second, ErrorCode::kQueueFull);
  EXPECT_EQ(SignIn(), kAnn);
}

TEST_F(OidcSignInTest, AnAnswerForWhichThereWasNoPlaceIsNotUsed) {
  options_.at_work_max = 1;
  const auto started = Started();
  web_.during_post = [&] {
    web_.during_post = nullptr;
    const std::string state = FakeProvider::Value(web_.last_asked, "state");
    const auto second = Finish(oidc(), started.cookie, {{"code", "c"}, {"state", state}});
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, ErrorCode::kQueueFull);
  };
  const auto other = Started();
  const auto others_back = web_.Visit(other.location);
  const auto back = web_.Visit(started.location);
  EXPECT_THAT(FinishWith(other.cookie, others_back), HasSubstr("invalid_grant"));
  EXPECT_EQ(FinishWith(started.cookie, back), kAnn);
}

TEST_F(OidcSignInTest, WhatIsRememberedHasABound) {
  options_.returns_max = 1;
  const auto first = Started();
  const auto back = web_.Visit(first.location);
  EXPECT_EQ(FinishWith(first.cookie, back), kAnn);
  EXPECT_EQ(SignIn(), kAnn);
  // Forgotten here; the provider still knows.
  EXPECT_THAT(FinishWith(first.cookie, back), HasSubstr("invalid_grant"));
}

TEST_F(OidcSignInTest, AProviderThatIsGoneIsNoRefusal) {
  web_.is_down = true;
  const auto started = oidc().Start("/");
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().code, ErrorCode::kNetworkException);
}

}  // namespace
}  // namespace lanemq::portal
