#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "portal/api/gateway/test_gateway.h"

namespace lanemq::portal {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kGood = R"({"name":"ann","password":"correct horse battery"})";

class GatewaySessionTest : public GatewayTestBase {
 protected:
  GatewaySessionTest() {
    // The clock says 1,000 s.
    backend.replies["signIn"] = {{{"token", TokenOf('n')},
                                  {"person", {{"name", "ann"}, {"role", "viewer"}}},
                                  {"expires_at_us", "1060000000"}},
                                 {},
                                 {}};
  }
};

TEST_F(GatewaySessionTest, SigningInSetsACookieAndTellsNoToken) {
  const HttpReply reply = Ask("POST", "/api/v1/session", {}, kGood);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(HeaderOf(reply, "Set-Cookie"),
            "lanemq_session=" + TokenOf('n') + "; Path=/; Max-Age=60; HttpOnly; SameSite=Strict");
  EXPECT_THAT(reply.body, Not(HasSubstr(TokenOf('n'))));
  EXPECT_EQ(Body(reply)["principal"], "person:ann");
  EXPECT_EQ(Body(reply)["csrf_token"], CsrfTokenOf(TokenOf('n')));
  EXPECT_EQ(HeaderOf(reply, "Cache-Control"), "no-store");
  // The gateway asks in its own name, and says where its client is.
  EXPECT_EQ(backend.asked[0].caller.token, "");
  EXPECT_EQ(backend.asked[0].request["client_address"], "10.1.1.1");
  EXPECT_EQ(backend.asked[0].request["password"], "correct horse battery");
}

TEST_F(GatewaySessionTest, SigningInTellsWhatAskingForTheSessionWould) {
  const auto before = Body(Ask("POST", "/api/v1/session", {}, kGood));
  EXPECT_EQ(before["role"], "viewer");
  EXPECT_EQ(before["must_change_password"], false);
  backend.replies["signIn"].body["person"]["must_change_password"] = true;
  EXPECT_EQ(Body(Ask("POST", "/api/v1/session", {}, kGood))["must_change_password"], true);
}

TEST_F(GatewaySessionTest, ASessionThatWasThereBeforeIsOfNoAccount) {
  const HttpReply reply =
      Ask("POST", "/api/v1/session", {{"cookie", "lanemq_session=" + TokenOf('o')}}, kGood);
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(HeaderOf(reply, "Set-Cookie"), HasSubstr(TokenOf('n')));
}

TEST_F(GatewaySessionTest, OnlyNamePasswordAndLifetimeAreTaken) {
  EXPECT_EQ(Ask("POST", "/api/v1/session", {},
                R"({"name":"a","password":"b","client_address":"1.2.3.4"})")
                .status,
            400);
  EXPECT_EQ(Ask("POST", "/api/v1/session", {}, R"({"name":"a"})").status, 400);
  EXPECT_EQ(Ask("POST", "/api/v1/session", {}, R"(["a","b"])").status, 400);
  EXPECT_EQ(Ask("POST", "/api/v1/session", {{"content-type", "text/plain"}}, kGood).status, 415);
  EXPECT_TRUE(backend.asked.empty());
}

TEST_F(GatewaySessionTest, OtherSitesCannotSignAnybodyIn) {
  EXPECT_EQ(Ask("POST", "/api/v1/session", {{"origin", "http://evil.example"}}, kGood).status, 403);
  EXPECT_EQ(Ask("POST", "/api/v1/session", {{"sec-fetch-site", "cross-site"}}, kGood).status, 403);
  EXPECT_TRUE(backend.asked.empty());
}

TEST_F(GatewaySessionTest, OtherSitesCannotUseUpWhatAnAddressMayGuess) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Ask("POST", "/api/v1/session", {{"sec-fetch-site", "cross-site"}}, kGood).status,
              403);
  }
  EXPECT_EQ(Ask("POST", "/api/v1/session", {}, kGood).status, 200);
}

TEST_F(GatewaySessionTest, GuessingIsLimitedByAddress) {
  backend.replies["signIn"] = {{}, "srv", Error{ErrorCode::kAuthenticationFailed, "no", 0}};
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Ask("POST", "/api/v1/session", {}, kGood).status, 401);
  const HttpReply reply = Ask("POST", "/api/v1/session", {}, kGood);
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(HeaderOf(reply, "Retry-After"), "5");
  EXPECT_EQ(backend.asked.size(), 10u);
  EXPECT_EQ(HeaderOf(reply, "Set-Cookie"), "");
}

class GatewayDemoTest : public GatewaySessionTest {
 protected:
  HttpReply Here(const std::string& method, Headers headers = {}, const std::string& body = "",
                 const std::string& host = "127.0.0.1:9680") {
    headers.emplace_back("host", host);
    return Ask(method, "/api/v1/session/demo", std::move(headers), body);
  }
  void Offer() { options.demo = DemoSignIn{"dana", "a password of the demo"}; }
};

TEST_F(GatewayDemoTest, OneClickSignsInAsTheDemoPersonAlone) {
  Offer();
  EXPECT_EQ(Body(Here("GET")), (json{{"is_offered", true}, {"name", "dana"}}));
  EXPECT_TRUE(backend.asked.empty());
  const HttpReply reply = Here("POST");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(HeaderOf(reply, "Set-Cookie"),
            "lanemq_session=" + TokenOf('n') + "; Path=/; Max-Age=60; HttpOnly; SameSite=Strict");
  EXPECT_EQ(Body(reply)["csrf_token"], CsrfTokenOf(TokenOf('n')));
  EXPECT_THAT(reply.body, Not(HasSubstr(TokenOf('n'))));
  ASSERT_EQ(backend.asked.size(), 1u);
  EXPECT_EQ(backend.asked[0].method, "signIn");
  EXPECT_EQ(backend.asked[0].request["name"], "dana");
  EXPECT_EQ(backend.asked[0].request["password"], "a password of the demo");
  EXPECT_EQ(backend.asked[0].request["client_address"], "10.1.1.1");
  // Nobody says who it is to be.
  EXPECT_EQ(Here("POST", {}, R"({"name":"root"})").status, 400);
  EXPECT_EQ(Here("POST", {}, "{}").status, 200);
  EXPECT_EQ(Here("DELETE").status, 405);
  EXPECT_EQ(Here("OPTIONS").status, 204);
}

TEST_F(GatewayDemoTest, IsNotThereUnlessItIsOffered) {
  EXPECT_EQ(Body(Here("GET")), (json{{"is_offered", false}}));
  EXPECT_EQ(Here("POST").status, 404);
  EXPECT_TRUE(backend.asked.empty());
}

TEST_F(GatewayDemoTest, OtherSitesCannotDoTheClick) {
  Offer();
  EXPECT_EQ(Here("POST", {{"origin", "http://evil.example"}}).status, 403);
  EXPECT_EQ(Here("POST", {{"sec-fetch-site", "cross-site"}}).status, 403);
  EXPECT_TRUE(backend.asked.empty());
  EXPECT_EQ(Here("POST", {{"origin", "http://127.0.0.1:9680"}}).status, 200);
}

TEST_F(GatewayDemoTest, NoNameButThisMachinesOwnLeadsHere) {
  Offer();
  for (const char* host : {"evil.example", "10.1.1.2:9680", "127.0.0.1.evil.example", "", "::1"}) {
    EXPECT_EQ(Here("POST", {}, "", host).status, 421) << host;
    EXPECT_EQ(AsService("GET", "/api/v1/topics", "", {{"host", host}}).status, 421) << host;
  }
  EXPECT_TRUE(backend.asked.empty());
  for (const char* host : {"localhost:9680", "127.0.0.1", "[::1]:9680"}) {
    EXPECT_EQ(Here("POST", {}, "", host).status, 200) << host;
  }
}

TEST_F(GatewayDemoTest, ClicksCountAsAttempts) {
  Offer();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Here("POST").status, 200);
  EXPECT_EQ(Here("POST").status, 429);
}

TEST_F(GatewayDemoTest, APasswordThatIsWrongByNowSaysSo) {
  Offer();
  backend.replies["signIn"] = {{}, "srv", Error{ErrorCode::kAuthenticationFailed, "no", 0}};
  EXPECT_EQ(Here("POST").status, 401);
}

TEST_F(GatewaySessionTest, SigningOutEndsItHereAndThere) {
  const Headers headers{{"cookie", "lanemq_session=" + TokenOf('c')},
                        {"x-csrf-token", CsrfTokenOf(TokenOf('c'))}};
  const HttpReply reply = Ask("DELETE", "/api/v1/session", headers);
  EXPECT_EQ(reply.status, 204);
  EXPECT_THAT(HeaderOf(reply, "Set-Cookie"), HasSubstr("Max-Age=0"));
  EXPECT_EQ(backend.asked[0].method, "signOut");
  EXPECT_EQ(backend.asked[0].caller.token, TokenOf('c'));
  EXPECT_EQ(backend.forgotten, (std::vector<std::string>{TokenOf('c')}));
  EXPECT_EQ(Ask("DELETE", "/api/v1/session", {headers[0]}).status, 403);
}

TEST_F(GatewaySessionTest, SigningOutOfASessionThatHasEndedIsNoFault) {
  backend.replies["signOut"] = {{}, "srv", Error{ErrorCode::kAuthenticationFailed, "gone", 0}};
  EXPECT_EQ(AsService("DELETE", "/api/v1/session").status, 204);
  backend.replies["signOut"] = {{}, "", Error{ErrorCode::kBrokerNotAvailable, "down", 0}};
  EXPECT_EQ(AsService("DELETE", "/api/v1/session").status, 503);
}

TEST_F(GatewaySessionTest, SaysWhoIsThere) {
  backend.identity.body["role"] = "admin";
  const HttpReply reply =
      Ask("GET", "/api/v1/session", {{"cookie", "lanemq_session=" + TokenOf('c')}});
  EXPECT_EQ(Body(reply)["principal"], "person:ann");
  EXPECT_EQ(Body(reply)["role"], "admin");
  EXPECT_EQ(Body(reply)["csrf_token"], CsrfTokenOf(TokenOf('c')));
  EXPECT_FALSE(Body(AsService("GET", "/api/v1/session")).contains("csrf_token"));
}

TEST_F(GatewaySessionTest, ASessionThatIsNoMoreTakesItsCookieBack) {
  backend.replies["listTopics"] = {
      {}, "srv", Error{ErrorCode::kAuthenticationFailed, "revoked", 0}};
  const HttpReply reply =
      Ask("GET", "/api/v1/topics", {{"cookie", "lanemq_session=" + TokenOf('c')}});
  EXPECT_EQ(reply.status, 401);
  EXPECT_THAT(HeaderOf(reply, "Set-Cookie"), HasSubstr("Max-Age=0"));
}

TEST_F(GatewaySessionTest, BehindATlsProxyTheCookieIsThisHostsAlone) {
  options.trust = {.is_on = true, .proxies = {"10.1.1.1"}};
  const HttpReply reply =
      Ask("POST", "/api/v1/session",
          {{"x-forwarded-for", "1.2.3.4"}, {"x-forwarded-proto", "https"}}, kGood);
  EXPECT_THAT(HeaderOf(reply, "Set-Cookie"), HasSubstr("__Host-lanemq_session="));
  EXPECT_THAT(HeaderOf(reply, "Set-Cookie"), HasSubstr("; Secure"));
  EXPECT_EQ(backend.asked[0].request["client_address"], "1.2.3.4");
}

}  // namespace
}  // namespace lanemq::portal
