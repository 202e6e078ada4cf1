#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/access/access_rules.h"
#include "portal/api/gateway/test_gateway.h"
#include "portal/api/oidc/id_token.h"
#include "portal/api/oidc/test_provider.h"

namespace lanemq::portal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kStart = "/api/v1/auth/oidc/start";
constexpr const char* kCallback = "/api/v1/auth/oidc/callback?";

class GatewayOidcTest : public GatewayTestBase {
 protected:
  GatewayOidcTest() {
    options.oidc = &oidc_;
    // The clock says 1,000 s.
    backend.replies["openSession"] = {
        {{"token", TokenOf('n')}, {"person", {{"name", "ann"}}}, {"expires_at_us", "1060000000"}},
        {},
        {}};
  }

  static std::vector<std::string> CookiesOf(const HttpReply& reply) {
    std::vector<std::string> cookies;
    for (const auto& [name, value] : reply.headers) {
      if (name == "Set-Cookie") cookies.push_back(value);
    }
    return cookies;
  }
  /// What the browser brings back of the cookie that a start has set.
  static Headers Brought(const HttpReply& started) {
    const std::string cookie = HeaderOf(started, "Set-Cookie");
    return {{"cookie", cookie.substr(0, cookie.find(';'))}};
  }
  std::string VisitProvider(const HttpReply& started) {
    return kCallback + FormText(web_.Visit(HeaderOf(started, "Location")));
  }
  HttpReply SignIn(const std::string& start = kStart) {
    const HttpReply started = Ask("GET", start);
    return Ask("GET", VisitProvider(started), Brought(started));
  }

  PassingClock provider_clock_;
  FakeProvider web_{provider_clock_};

 private:
  OidcSignIn oidc_{TestOidcOptions(), TestSealingKeys(), web_, provider_clock_};
};

constexpr const char* kTakenBack = "lanemq_sign_in=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax";

TEST_F(GatewayOidcTest, StartSendsTheBrowserToTheProviderWithACookieOfItsOwn) {
  const HttpReply reply = Ask("GET", std::string(kStart) + "?return_to=/topics");
  EXPECT_EQ(reply.status, 303);
  EXPECT_THAT(HeaderOf(reply, "Location"), StartsWith("https://login.example/authorize?"));
  ASSERT_EQ(CookiesOf(reply).size(), 1u);
  EXPECT_THAT(CookiesOf(reply)[0], StartsWith("lanemq_sign_in="));
  EXPECT_THAT(CookiesOf(reply)[0], HasSubstr("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax"));
  EXPECT_EQ(HeaderOf(reply, "Cache-Control"), "no-store");
  EXPECT_THAT(backend.asked, IsEmpty());
}

TEST_F(GatewayOidcTest, ReturningSetsTheSessionAndGoesOn) {
  const HttpReply reply = SignIn(std::string(kStart) + "?return_to=/topics%3Fa=1%26b=2");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(CookiesOf(reply), ElementsAre("lanemq_session=" + TokenOf('n') +
                                                "; Path=/; Max-Age=60; HttpOnly; SameSite=Strict",
                                            kTakenBack));
  EXPECT_EQ(HeaderOf(reply, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(reply.body, HasSubstr("content=\"0; url=/topics?a=1&amp;b=2\""));
  EXPECT_THAT(reply.body, Not(HasSubstr(TokenOf('n'))));
  // The gateway asks in its own name, and says where its client is.
  ASSERT_EQ(backend.asked.size(), 1u);
  EXPECT_EQ(backend.asked[0].method, "openSession");
  EXPECT_EQ(backend.asked[0].caller.token, "");
  EXPECT_EQ(backend.asked[0].request["oidc_subject"], "https://login.example|ann");
  EXPECT_EQ(backend.asked[0].request["client_address"], "10.1.1.1");
}

TEST_F(GatewayOidcTest, NothingIsOpenedForAnAnswerThatProvesNothing) {
  const HttpReply started = Ask("GET", kStart);
  const std::string callback = VisitProvider(started);
  for (const Headers& headers :
       {Headers{}, Headers{{"cookie", "lanemq_sign_in=nonsense"}}, Brought(Ask("GET", kStart))}) {
    const HttpReply reply = Ask("GET", callback, headers);
    EXPECT_EQ(reply.status, 401);
    EXPECT_EQ(Body(reply)["code"], "AUTHENTICATION_FAILED");
    // What the browser has under way can still come back.
    EXPECT_THAT(CookiesOf(reply), IsEmpty());
    EXPECT_THAT(reply.body, Not(HasSubstr(web_.code)));
  }
  const HttpReply senseless = Ask("GET", std::string(kCallback) + "code=%zz", Brought(started));
  EXPECT_EQ(senseless.status, 400);
  EXPECT_THAT(CookiesOf(senseless), IsEmpty());
  EXPECT_THAT(backend.asked, IsEmpty());
  EXPECT_EQ(Ask("GET", callback, Brought(started)).status, 200);
  const HttpReply again = Ask("GET", callback, Brought(started));
  EXPECT_EQ(again.status, 401);
  EXPECT_THAT(CookiesOf(again), ElementsAre(kTakenBack));
  EXPECT_EQ(backend.asked.size(), 1u);
}

TEST_F(GatewayOidcTest, ASessionThatWasThereBeforeIsOfNoAccount) {
  const HttpReply started = Ask("GET", kStart);
  Headers headers = Brought(started);
  headers[0].second += "; lanemq_session=" + TokenOf('o');
  const HttpReply reply = Ask("GET", VisitProvider(started), headers);
  EXPECT_THAT(HeaderOf(reply, "Set-Cookie"), HasSubstr(TokenOf('n')));
  EXPECT_EQ(backend.asked[0].caller.token, "");
}

TEST_F(GatewayOidcTest, GoesNowhereElseAfterwards) {
  for (const std::string place :
       {"//evil.example", "https://evil.example", "/%5Cevil.example", "/%22%3E%3Cscript%3E", ""}) {
    const HttpReply reply = Ask("GET", std::string(kStart) + "?return_to=" + place);
    EXPECT_EQ(reply.status, 400) << place;
    EXPECT_THAT(reply.body, Not(HasSubstr("evil")));
  }
}

TEST_F(GatewayOidcTest, WhoIsNobodyHereIsToldWhatAnAdminCanDo) {
  backend.replies["openSession"] = {{}, "srv", Error{ErrorCode::kNotFound, "nobody", 0}};
  const HttpReply reply = SignIn();
  EXPECT_EQ(reply.status, 403);
  EXPECT_THAT(Body(reply)["detail"].get<std::string>(),
              HasSubstr("lanemq person put NAME --oidc-subject 'https://login.example|ann'"));
  EXPECT_THAT(CookiesOf(reply), ElementsAre(kTakenBack));
  backend.replies["openSession"] = {{}, "", Error{ErrorCode::kBrokerNotAvailable, "down", 0}};
  EXPECT_EQ(SignIn().status, 503);
}

TEST_F(GatewayOidcTest, ASubjectThatAShellCouldMisreadIsShownWithoutTheCommand) {
  backend.replies["openSession"] = {{}, "srv", Error{ErrorCode::kNotFound, "nobody", 0}};
  const auto detail_for = [&](const std::string& sub) {
    web_.changed_claims = {{"sub", sub}};
    const HttpReply reply = SignIn();
    EXPECT_EQ(reply.status, 403);
    return Body(reply)["detail"].get<std::string>();
  };
  for (const std::string sub : {"a'; rm -rf ~ #", "a b", "$HOME", "a\\b", "a`b`", "a\"b"}) {
    EXPECT_THAT(detail_for(sub), Not(HasSubstr("lanemq person put"))) << sub;
  }
  // U+202E turns the rest of the line round.
  EXPECT_THAT(detail_for("a'\"\u202e"),
              HasSubstr(R"(you are: "https://login.example|a'\"\u202e")"));
  EXPECT_THAT(detail_for("AZ09._|@:/+=-"), HasSubstr("'https://login.example|AZ09._|@:/+=-'"));
}

TEST_F(GatewayOidcTest, ASubjectThatNobodyCanBeGivenIsSaidToBeTooLong) {
  const std::size_t issuer_bytes = SubjectText(kIssuer, "").size();
  web_.changed_claims = {{"sub", std::string(core::kOidcSubjectBytesMax - issuer_bytes, 'a')}};
  EXPECT_EQ(SignIn().status, 200);
  web_.changed_claims = {{"sub", std::string(core::kOidcSubjectBytesMax - issuer_bytes + 1, 'a')}};
  const HttpReply reply = SignIn();
  EXPECT_EQ(reply.status, 403);
  EXPECT_THAT(Body(reply)["detail"].get<std::string>(), HasSubstr("too long"));
  EXPECT_THAT(reply.body, Not(HasSubstr("lanemq person put")));
  EXPECT_THAT(CookiesOf(reply), ElementsAre(kTakenBack));
  EXPECT_EQ(backend.asked.size(), 1u);
}

TEST_F(GatewayOidcTest, WhatIsWrongInsideIsForTheLogAlone) {
  web_.token_reply = transfer::HttpReply{500, ""};
  HttpReply reply = SignIn();
  EXPECT_EQ(reply.status, 502);
  EXPECT_EQ(Body(reply)["code"], "NETWORK_EXCEPTION");
  EXPECT_THAT(Body(reply)["detail"].get<std::string>(), HasSubstr("the gateway's log"));
  EXPECT_THAT(reply.body, Not(HasSubstr("500")));
  EXPECT_THAT(CookiesOf(reply), ElementsAre(kTakenBack));
  web_.token_reply = std::nullopt;
  backend.replies["openSession"] = {
      {}, "srv", Error{ErrorCode::kBrokerNotAvailable, "10.9.9.9:1 is down", 0}};
  reply = SignIn();
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(Body(reply)["server_request_id"], "srv");
  EXPECT_THAT(reply.body, Not(HasSubstr("10.9.9.9")));
}

TEST_F(GatewayOidcTest, AnAddressOfTheProviderIsForTheLogAlone) {
  web_.is_down = true;
  const HttpReply reply = Ask("GET", kStart);
  EXPECT_EQ(reply.status, 502);
  EXPECT_THAT(reply.body, Not(HasSubstr("nobody listens")));
}

TEST_F(GatewayOidcTest, AReturnForWhichThereWasNoPlaceMayComeAgain) {
  const HttpReply waiting = Ask("GET", kStart);
  const std::string callback = VisitProvider(waiting);
  const std::string code = web_.code;
  const std::string challenge = web_.challenge;
  const std::string nonce = web_.nonce;
  // As many as may talk to the provider at once, each from within the one before.
  std::size_t depth = 1;
  web_.during_post = [&] {
    if (++depth <= OidcOptions().at_work_max) {
      SignIn();
      return;
    }
    web_.during_post = nullptr;
    const HttpReply reply = Ask("GET", callback, Brought(waiting));
    EXPECT_EQ(reply.status, 503);
    EXPECT_EQ(Body(reply)["code"], "QUEUE_FULL");
    EXPECT_THAT(CookiesOf(reply), IsEmpty());
    const HttpReply started = Ask("GET", kStart);
    EXPECT_EQ(started.status, 503);
    EXPECT_THAT(CookiesOf(started), IsEmpty());
  };
  SignIn();
  EXPECT_EQ(depth, OidcOptions().at_work_max + 1);
  std::tie(web_.code, web_.challenge, web_.nonce) = std::tie(code, challenge, nonce);
  EXPECT_EQ(Ask("GET", callback, Brought(waiting)).status, 200);
}

TEST_F(GatewayOidcTest, ReturnsAreLimitedByAddress) {
  const HttpReply started = Ask("GET", kStart);
  const std::string callback = VisitProvider(started);
  EXPECT_EQ(Ask("GET", callback, Brought(started)).status, 200);
  for (int i = 1; i < 60; ++i) EXPECT_EQ(Ask("GET", callback, Brought(started)).status, 401);
  const HttpReply reply = Ask("GET", callback, Brought(started));
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(HeaderOf(reply, "Retry-After"), "1");
  EXPECT_THAT(CookiesOf(reply), IsEmpty());
  // Passwords have a limit of their own.
  EXPECT_EQ(Ask("POST", "/api/v1/session", {}, R"({"name":"a","password":"b"})").status, 200);
}

TEST_F(GatewayOidcTest, PagesOfOthersUseNoLimitUp) {
  options.oidc_returns.burst = 1;
  const HttpReply started = Ask("GET", kStart);
  // <img src=".../callback">: without the cookie, or with one but another state.
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Ask("GET", kCallback).status, 401);
    EXPECT_EQ(Ask("GET", std::string(kCallback) + "state=x", Brought(started)).status, 401);
  }
  EXPECT_EQ(Ask("POST", "/api/v1/session", {}, R"({"name":"a","password":"b"})").status, 200);
  EXPECT_EQ(Ask("GET", VisitProvider(started), Brought(started)).status, 200);
}

TEST_F(GatewayOidcTest, OverHttpsTheCookieIsThisHostsAlone) {
  options.trust = {.is_on = true, .proxies = {"10.1.1.1"}};
  const Headers https{{"x-forwarded-for", "1.2.3.4"}, {"x-forwarded-proto", "https"}};
  const HttpReply started = Ask("GET", kStart, https);
  EXPECT_THAT(HeaderOf(started, "Set-Cookie"), StartsWith("__Host-lanemq_sign_in="));
  EXPECT_THAT(HeaderOf(started, "Set-Cookie"), HasSubstr("; Secure"));
  Headers headers = Brought(started);
  headers.insert(headers.end(), https.begin(), https.end());
  const HttpReply reply = Ask("GET", VisitProvider(started), headers);
  EXPECT_THAT(HeaderOf(reply, "Set-Cookie"), StartsWith("__Host-lanemq_session="));
  EXPECT_EQ(backend.asked[0].request["client_address"], "1.2.3.4");
}

TEST_F(GatewayOidcTest, OtherMethodsAndPathsAreNone) {
  EXPECT_EQ(Ask("POST", kStart).status, 405);
  EXPECT_EQ(HeaderOf(Ask("OPTIONS", kStart), "Allow"), "OPTIONS, GET");
  EXPECT_EQ(Ask("GET", "/api/v1/auth/oidc/other").status, 404);
}

class GatewayWithoutOidcTest : public GatewayTestBase {};

TEST_F(GatewayWithoutOidcTest, HasNoSuchPaths) {
  EXPECT_EQ(Ask("GET", kStart).status, 404);
  EXPECT_EQ(Ask("GET", kCallback).status, 404);
}

}  // namespace
}  // namespace lanemq::portal
