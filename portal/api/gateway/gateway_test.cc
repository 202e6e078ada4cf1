#include "portal/api/gateway/gateway.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

#include "common/base/log.h"
#include "portal/api/gateway/test_gateway.h"

namespace lanemq::portal {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

class GatewayTest : public GatewayTestBase {};

TEST_F(GatewayTest, CallsGoOutInTheNameOfWhoAsks) {
  backend.replies["describeTopic"] = {{{"topic", {{"name", "orders"}}}}, {}, {}};
  const HttpReply reply = AsService("GET", "/api/v1/topics/orders");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(Body(reply)["topic"]["name"], "orders");
  ASSERT_EQ(backend.asked.size(), 1u);
  EXPECT_EQ(backend.asked[0].method, "describeTopic");
  EXPECT_EQ(backend.asked[0].request, (json{{"name", "orders"}}));
  EXPECT_EQ(backend.asked[0].caller.token, TokenOf('s'));
  EXPECT_EQ(backend.asked[0].caller.client_address, "10.1.1.1");
  EXPECT_TRUE(backend.asked[0].is_read);
}

TEST_F(GatewayTest, NobodyIsAskedAboutRequestsWithoutCredentials) {
  for (const char* target : {"/api/v1/topics", "/api/v1/people", "/api/v1/session"}) {
    const HttpReply reply = Ask("GET", target);
    EXPECT_EQ(reply.status, 401) << target;
    EXPECT_EQ(HeaderOf(reply, "WWW-Authenticate"), "Bearer");
  }
  EXPECT_TRUE(backend.asked.empty() && backend.identified.empty());
}

TEST_F(GatewayTest, EveryRouteNeedsCredentials) {
  options.requests = {.per_second = 1e6, .burst = 1e6};
  for (const Route& route : Routes()) {
    std::string path(route.path);
    for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{')) {
      path.replace(open, path.find('}') - open + 1, "1");
    }
    EXPECT_EQ(Ask(std::string(route.method), "/api/v1" + path).status, 401) << path;
  }
  EXPECT_TRUE(backend.asked.empty());
}

TEST_F(GatewayTest, AnonymousRequestsAreServedWhereNobodyIsAsked) {
  options.is_anonymous = true;
  EXPECT_EQ(Ask("GET", "/api/v1/topics", {{"host", "127.0.0.1:9680"}}).status, 200);
  EXPECT_EQ(Ask("GET", "/api/v1/topics", {{"host", "[::1]:9680"}}).status, 200);
  EXPECT_EQ(backend.asked[0].caller.token, "");
  // A name that somebody else lets lead here.
  EXPECT_EQ(Ask("GET", "/api/v1/topics", {{"host", "evil.example"}}).status, 421);
  EXPECT_EQ(backend.asked.size(), 2u);
}

TEST_F(GatewayTest, OnlyItsOwnNamesAreServed) {
  options.host_names = {"lanemq.example"};
  EXPECT_EQ(AsService("GET", "/api/v1/topics").status, 200);
  EXPECT_EQ(AsService("GET", "/api/v1/topics", "", {{"host", "other.example"}}).status, 421);
  EXPECT_EQ(AsService("GET", "/api/v1/topics", "", {{"host", "a"}, {"host", "b"}}).status, 421);
}

TEST_F(GatewayTest, ErrorsOfTheClusterBecomeProblems) {
  backend.replies["describeTopic"] = {
      {}, "srv-9", Error{ErrorCode::kUnknownTopicOrPartition, "no topic 'x'", 0}};
  const HttpReply reply = AsService("GET", "/api/v1/topics/x");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(HeaderOf(reply, "Content-Type"), "application/problem+json");
  EXPECT_EQ(Body(reply)["code"], "UNKNOWN_TOPIC_OR_PARTITION");
  EXPECT_EQ(Body(reply)["server_request_id"], "srv-9");
  EXPECT_EQ(Body(reply)["request_id"], HeaderOf(reply, "X-Request-Id"));
}

TEST_F(GatewayTest, EveryFaultOfARequestIsToldBeforeTheClusterIsAsked) {
  const HttpReply reply = AsService("POST", "/api/v1/topics?limt=1", R"({"name":7,"partitons":3})");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(Body(reply)["faults"].size(), 4u);
  EXPECT_THAT(reply.body, HasSubstr("did you mean 'partitions'?"));
  EXPECT_TRUE(backend.asked.empty());
}

TEST_F(GatewayTest, BodiesAreJsonAndNothingElse) {
  const std::string body = R"({"name":"t","partitions":1})";
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
                           "application/json; charset=latin1", "application/jsonp"}) {
    EXPECT_EQ(AsService("POST", "/api/v1/topics", body, {{"content-type", type}}).status, 415)
        << type;
  }
  EXPECT_EQ(AsService("POST", "/api/v1/topics", body, {{"content-encoding", "gzip"}}).status, 415);
  EXPECT_EQ(AsService("POST", "/api/v1/topics", body,
                      {{"content-type", "Application/JSON; charset=UTF-8"}})
                .status,
            201);
  EXPECT_EQ(AsService("POST", "/api/v1/topics", "{").status, 400);
  EXPECT_EQ(backend.asked.size(), 1u);
}

TEST_F(GatewayTest, ChangesWithACookieNeedTheTokenAgainstForgedRequests) {
  const Headers cookie{{"cookie", "lanemq_session=" + TokenOf('c')}};
  EXPECT_EQ(Ask("GET", "/api/v1/topics", cookie).status, 200);
  EXPECT_EQ(Ask("DELETE", "/api/v1/topics/t", cookie).status, 403);
  EXPECT_EQ(backend.asked.size(), 1u);
  Headers both = cookie;
  both.emplace_back("x-csrf-token", CsrfTokenOf(TokenOf('c')));
  EXPECT_EQ(Ask("DELETE", "/api/v1/topics/t", both).status, 200);
  both.emplace_back("origin", "http://evil.example");
  EXPECT_EQ(Ask("DELETE", "/api/v1/topics/t", both).status, 403);
  EXPECT_EQ(backend.asked.size(), 2u);
}

TEST_F(GatewayTest, UnknownPathsAndMethodsAreToldApart) {
  EXPECT_EQ(AsService("GET", "/").status, 404);
  EXPECT_EQ(AsService("GET", "/api/v1/nothing").status, 404);
  EXPECT_EQ(AsService("GET", "/api/v1/topics/../../etc").status, 404);
  EXPECT_EQ(AsService("GET", "http://elsewhere/api/v1/topics").status, 404);
  const HttpReply wrong = AsService("PUT", "/api/v1/topics/x");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(HeaderOf(wrong, "Allow"), "OPTIONS, GET, HEAD, PATCH, DELETE");
  EXPECT_EQ(Ask("OPTIONS", "/api/v1/topics/x").status, 204);
  EXPECT_EQ(AsService("TRACE", "/api/v1/topics").status, 501);
  EXPECT_EQ(AsService("CONNECT", "evil:443").status, 501);
  EXPECT_TRUE(backend.asked.empty());
}

TEST_F(GatewayTest, AnAddressMayNotAskTooOften) {
  options.requests = {.per_second = 1, .burst = 2};
  EXPECT_EQ(AsService("GET", "/api/v1/topics").status, 200);
  EXPECT_EQ(AsService("GET", "/api/v1/topics").status, 200);
  const HttpReply reply = AsService("GET", "/api/v1/topics");
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(HeaderOf(reply, "Retry-After"), "1");
  clock.now = clock.now + std::chrono::seconds(1);
  EXPECT_EQ(AsService("GET", "/api/v1/topics").status, 200);
}

TEST_F(GatewayTest, ListsArePagedAndETagsSaveThem) {
  backend.replies["listTopics"] = {
      {{"topics", {{{"name", "a"}}, {{"name", "b"}}, {{"name", "c"}}}}}, {}, {}};
  const HttpReply reply = AsService("GET", "/api/v1/topics?limit=2");
  EXPECT_EQ(Body(reply)["topics"].size(), 2u);
  const std::string next = Body(reply)["next_cursor"];
  EXPECT_EQ(Body(AsService("GET", "/api/v1/topics?limit=2&cursor=" + next))["topics"][0]["name"],
            "c");
  EXPECT_EQ(AsService("GET", "/api/v1/topics?cursor=nonsense").status, 400);
  const std::string tag = HeaderOf(reply, "ETag");
  const HttpReply same = AsService("GET", "/api/v1/topics?limit=2", "", {{"if-none-match", tag}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(AsService("GET", "/api/v1/topics?limit=1", "", {{"if-none-match", tag}}).status, 200);
}

TEST_F(GatewayTest, VersionsOfDocumentsAreTheirETags) {
  backend.replies["getPolicy"] = {{{"policy_json", "{}"}, {"version", "4"}}, {}, {}};
  const std::string tag = HeaderOf(AsService("GET", "/api/v1/policy"), "ETag");
  EXPECT_EQ(tag, "\"v4\"");
  EXPECT_EQ(AsService("PUT", "/api/v1/policy", R"({"policy_json":{}})", {{"if-match", tag}}).status,
            200);
  EXPECT_EQ(backend.asked.back().request["if_version"], "4");
  backend.replies["putPolicy"] = {{}, {}, Error{ErrorCode::kConflict, "another version", 0}};
  EXPECT_EQ(AsService("PUT", "/api/v1/policy", R"({"policy_json":{}})", {{"if-match", tag}}).status,
            409);
}

TEST_F(GatewayTest, ATeamIsChangedAsItWasSeen) {
  backend.replies["putTeam"] = {{}, {}, Error{ErrorCode::kConflict, "changed meanwhile", 0}};
  const std::string body = R"({"description":"x","version":"12"})";
  EXPECT_EQ(AsService("PUT", "/api/v1/teams/shop", body, {{"if-match", "\"v12\""}}).status, 409);
  EXPECT_EQ(backend.asked.back().request["if_version"], "12");
  EXPECT_EQ(backend.asked.back().request["team"]["name"], "shop");
}

TEST_F(GatewayTest, WhoDidItIsWhoTheClusterSaysHeIs) {
  EXPECT_EQ(AsService("POST", "/api/v1/groups/g:pause", R"({"reason":"deploy"})").status, 200);
  EXPECT_EQ(backend.asked[0].request["requested_by"], "person:ann");
  backend.identity = {{}, "srv", Error{ErrorCode::kAuthenticationFailed, "expired", 0}};
  EXPECT_EQ(AsService("POST", "/api/v1/groups/g:pause", R"({"reason":"deploy"})").status, 401);
  EXPECT_EQ(backend.asked.size(), 1u);
}

TEST_F(GatewayTest, TriesAreNoCreations) {
  const std::string body = R"({"name":"t","partitions":1})";
  EXPECT_EQ(AsService("POST", "/api/v1/topics?dry_run=true", body).status, 200);
  EXPECT_EQ(backend.asked[0].request["validate_only"], true);
  EXPECT_EQ(AsService("POST", "/api/v1/topics", body).status, 201);
}

TEST_F(GatewayTest, TextsComeBackAsTheyWere) {
  const std::string nasty =
      "'; DROP TABLE topics; -- <script>alert(1)</script> \xf0\x9f\x92\xa3 \\ \"";
  backend.replies["alterTopic"] = {{{"topic", {{"description", nasty}}}}, {}, {}};
  const HttpReply reply =
      AsService("PATCH", "/api/v1/topics/t", json{{"description", nasty}}.dump());
  EXPECT_EQ(backend.asked[0].request["description"], nasty);
  EXPECT_EQ(Body(reply)["topic"]["description"], nasty);
  EXPECT_EQ(HeaderOf(reply, "Content-Type"), "application/json");
}

TEST_F(GatewayTest, EveryReplyTellsBrowsersToBeCareful) {
  for (const HttpReply& reply :
       {AsService("GET", "/api/v1/topics"), Ask("GET", "/nothing"),
        AsService("DELETE", "/api/v1/topics/t"), gateway().Malformed(431, "too large")}) {
    EXPECT_EQ(HeaderOf(reply, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(HeaderOf(reply, "X-Frame-Options"), "DENY");
    EXPECT_THAT(HeaderOf(reply, "Content-Security-Policy"), HasSubstr("default-src 'none'"));
    EXPECT_NE(HeaderOf(reply, "Cache-Control"), "");
    EXPECT_NE(HeaderOf(reply, "X-Request-Id"), "");
  }
}

class GatewayPagesTest : public GatewayTest {
 protected:
  static constexpr Asset kAssets[] = {
      {.path = "/assets/a.js", .type = "text/javascript", .hash = "aa", .identity = {5, 2}},
      {.path = "/index.html", .type = "text/html", .hash = "cc", .identity = {0, 5}}};
  const Pages pages_{{"<doc>js", kAssets}};
  void SetUp() override { options.pages = &pages_; }
};

TEST_F(GatewayPagesTest, WhatIsNotTheApiIsAPage) {
  for (const char* path : {"/", "/topics/orders?q=a", "/apiary", "/assets/a.js"}) {
    const HttpReply reply = Ask("GET", path);  // Nobody need have signed in.
    EXPECT_EQ(reply.status, 200) << path;
    EXPECT_EQ(reply.body, std::string(path) == "/assets/a.js" ? "js" : "<doc>") << path;
    EXPECT_THAT(HeaderOf(reply, "Content-Security-Policy"), HasSubstr("script-src 'self'"));
    EXPECT_EQ(HeaderOf(reply, "X-Frame-Options"), "DENY") << path;
    EXPECT_EQ(HeaderOf(reply, "Vary"), "Accept-Encoding") << path;
  }
  EXPECT_TRUE(backend.asked.empty());
}

TEST_F(GatewayPagesTest, TheApiIsNoPage) {
  for (const char* path : {"/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/v2/topics"}) {
    const HttpReply reply = AsService("GET", path);
    EXPECT_EQ(reply.status, 404) << path;
    EXPECT_EQ(HeaderOf(reply, "Content-Type"), "application/problem+json") << path;
  }
  EXPECT_EQ(AsService("GET", "http://elsewhere/topics").status, 404);
}

TEST_F(GatewayPagesTest, PagesAreReadAndNothingElse) {
  const HttpReply posted = Ask("POST", "/topics", {}, "{}");
  EXPECT_EQ(posted.status, 405);
  EXPECT_EQ(HeaderOf(posted, "Allow"), "OPTIONS, GET, HEAD");
  EXPECT_EQ(Ask("OPTIONS", "/topics").status, 204);
  EXPECT_EQ(Ask("HEAD", "/topics").status, 200);
  EXPECT_EQ(Ask("GET", "/assets/b.js").status, 404);
}

TEST_F(GatewayPagesTest, PagesCountAsRequestsOfTheirAddress) {
  options.requests = {.per_second = 1, .burst = 2};
  EXPECT_EQ(Ask("GET", "/").status, 200);
  EXPECT_EQ(Ask("GET", "/").status, 200);
  EXPECT_EQ(Ask("GET", "/").status, 429);
}

TEST_F(GatewayTest, WaitsAreNumbersOrNotThere) {
  for (const char* wait : {"null", "0", "100"}) {
    const std::string body = std::string(R"({"bundle_json":{},"wait_ms":)") + wait + "}";
    EXPECT_EQ(AsService("POST", "/api/v1/requests", body).status, 200) << wait;
    EXPECT_EQ(
        AsService("POST", "/api/v1/requests/7:approve", std::string(R"({"wait_ms":)") + wait + "}")
            .status,
        200)
        << wait;
    EXPECT_EQ(AsService("POST", "/api/v1/messages:fetch",
                        std::string(R"({"partitions":[],"max_wait_ms":)") + wait + "}")
                  .status,
              200)
        << wait;
  }
  for (const char* wait : {"{}", "[]", "true", "1.5", R"("x")", R"("")",
                           R"("99999999999999999999")", "-99999999999999"}) {
    const std::string body = std::string(R"({"bundle_json":{},"wait_ms":)") + wait + "}";
    EXPECT_EQ(AsService("POST", "/api/v1/requests", body).status, 400) << wait;
  }
}

TEST_F(GatewayTest, WaitsAreCutToWhatTheGatewayHasThreadsFor) {
  (void)AsService("POST", "/api/v1/messages:fetch", R"({"partitions":[],"max_wait_ms":60000})");
  (void)AsService("POST", "/api/v1/messages:fetch",
                  R"({"partitions":[],"max_wait_ms":18446744073709551615})");
  (void)AsService("POST", "/api/v1/messages:fetch", R"({"partitions":[],"max_wait_ms":4999})");
  (void)AsService("POST", "/api/v1/requests", R"({"bundle_json":{},"wait_ms":60000})");
  ASSERT_EQ(backend.asked.size(), 4u);
  EXPECT_EQ(backend.asked[0].request["max_wait_ms"], 5'000);
  EXPECT_EQ(backend.asked[1].request["max_wait_ms"], 5'000);
  EXPECT_EQ(backend.asked[2].request["max_wait_ms"], 4'999);
  EXPECT_EQ(backend.asked[3].request["wait_ms"], 20'000);
}

TEST_F(GatewayTest, CallsThatWaitLeaveThreadsToTheOthers) {
  options.waiting_max = 1;
  const char* const waits = R"({"partitions":[],"max_wait_ms":1000})";
  const char* const waits_by_default = R"({"partitions":[]})";
  const char* const waits_not = R"({"partitions":[],"max_wait_ms":0})";
  backend.during_call = [&] {
    for (const char* body : {waits, waits_by_default}) {
      const HttpReply reply = AsService("POST", "/api/v1/messages:fetch", body);
      EXPECT_EQ(reply.status, 503);
      EXPECT_EQ(HeaderOf(reply, "Retry-After"), "1");
    }
    EXPECT_EQ(AsService("POST", "/api/v1/messages:fetch", waits_not).status, 200);
    EXPECT_EQ(AsService("GET", "/api/v1/topics").status, 200);
  };
  EXPECT_EQ(AsService("POST", "/api/v1/messages:fetch", waits).status, 200);
  EXPECT_EQ(backend.asked.size(), 3u);
  // Its place is free again, and so are those of the refused.
  EXPECT_EQ(AsService("POST", "/api/v1/messages:fetch", waits).status, 200);
}

TEST_F(GatewayTest, FailuresOfTheGatewayItselfAreProblems) {
  const HttpReply reply = gateway().Malformed(500, "the gateway failed at this request");
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(HeaderOf(reply, "Content-Type"), "application/problem+json");
  EXPECT_EQ(Body(reply)["code"], "UNKNOWN_SERVER_ERROR");
}

TEST_F(GatewayTest, ServesItsOwnDescription) {
  const HttpReply reply = Ask("GET", "/api/v1/openapi.yaml");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, HasSubstr("openapi: \"3.1.0\""));
}

TEST_F(GatewayTest, NeitherLogsNorMetricsHaveWhatClientsSent) {
  ::testing::internal::CaptureStderr();
  SetUpLogging("gateway_test", LogLevel::DEBUG);
  (void)AsService("GET", "/api/v1/topics/canary-in-path?x=canary-in-query");
  (void)AsService("GET", "/api/v1/tokens/" + TokenOf('t') + "/canary-elsewhere");
  (void)AsService("POST", "/api/v1/topics", R"({"password":"canary-in-body"})");
  (void)Ask("POST", "/api/v1/session", {},
            R"({"name":"canary-name","password":"canary-password"})");
  const std::string metrics_text =
      prometheus::TextSerializer().Serialize(metrics.registry()->Collect());
  const std::string log = ::testing::internal::GetCapturedStderr();
  for (const std::string& secret : {std::string("canary"), TokenOf('s'), TokenOf('t')}) {
    EXPECT_THAT(log, Not(HasSubstr(secret)));
    EXPECT_THAT(metrics_text, Not(HasSubstr(secret)));
  }
  EXPECT_THAT(log, HasSubstr("http.request"));
  EXPECT_THAT(metrics_text, HasSubstr("GET /topics/{name}"));
}

TEST_F(GatewayTest, OneServerIsAskedWhenItIsNamed) {
  EXPECT_EQ(AsService("GET", "/api/v1/server/settings?server=b1%3A9300").status, 200);
  EXPECT_EQ(AsService("GET", "/api/v1/slow-calls?max=3").status, 200);
  EXPECT_EQ(AsService("GET", "/api/v1/nodes?server=b1%3A9300").status, 400);
  ASSERT_EQ(backend.asked.size(), 2u);
  EXPECT_EQ(backend.asked[0].method, "serverSettings");
  EXPECT_EQ(backend.asked[0].server, "b1:9300");
  EXPECT_EQ(backend.asked[0].request, json::object());
  EXPECT_EQ(backend.asked[1].server, "");
  EXPECT_EQ(backend.asked[1].request, (json{{"max", 3}}));
}

}  // namespace
}  // namespace lanemq::portal
