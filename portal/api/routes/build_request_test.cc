#include "portal/api/routes/build_request.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "portal/api/transcode/encode.h"

namespace lanemq::portal {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

struct Asked {
  std::string method;
  std::string path;
  std::string query;
  std::optional<json> body = std::nullopt;
  std::string idempotency_key;
  std::string if_match;
};

BuiltRequest Build(const Asked& asked) {
  const Found found = FindRoute(asked.method, asked.path);
  EXPECT_TRUE(found.match) << asked.path;
  const Said said{.query = ParseQuery(asked.query).value(),
                  .body = asked.body,
                  .idempotency_key = asked.idempotency_key,
                  .if_match = asked.if_match,
                  .principal = "person:ann",
                  .random_id = 77};
  return BuildRequest(TheSchema(), *found.match, said);
}

// The request, of which the encoder has to approve, too.
json Good(const Asked& asked) {
  BuiltRequest built = Build(asked);
  const MethodRow& method =
      *TheSchema().FindMethod(FindRoute(asked.method, asked.path).match->route->rpc);
  (void)EncodeStruct(TheSchema(), TheSchema().structure(method.request), built.request,
                     built.faults);
  for (const Fault& fault : built.faults) ADD_FAILURE() << fault.pointer << ": " << fault.detail;
  return built.request;
}

std::string FaultOf(const Asked& asked) {
  const BuiltRequest built = Build(asked);
  return built.faults.empty() ? "" : built.faults[0].pointer + ": " + built.faults[0].detail;
}

TEST(BuildRequestTest, PathBodyAndQueryComeTogether) {
  EXPECT_EQ(Good({"POST", "/topics", "reason=ticket+1&dry_run=true",
                  json{{"name", "t"}, {"partitions", 2}}}),
            (json{{"name", "t"},
                  {"partitions", 2},
                  {"validate_only", true},
                  {"origin", {{"reason", "ticket 1"}}}}));
  EXPECT_EQ(Good({"PUT", "/teams/payments", "", json{{"description", "d"}}}),
            (json{{"team", {{"name", "payments"}, {"description", "d"}}}}));
  EXPECT_EQ(Good({"DELETE", "/topics/orders", "reason=gone"}),
            (json{{"name", "orders"}, {"origin", {{"reason", "gone"}}}}));
  EXPECT_EQ(Good({"GET", "/topics/a/partitions/3/messages/9"}),
            (json{{"topic", "a"}, {"partition", 3}, {"offset", "9"}}));
}

TEST(BuildRequestTest, ReasonsInTheBodyGoWhereTheyAreKept) {
  EXPECT_EQ(Good({"PATCH", "/topics/orders", "",
                  json{{"description", "x"}, {"reason", "why"}}})["origin"]["reason"],
            "why");
  // Where the request has a reason of its own, it is that.
  const json silence =
      Good({"POST", "/silences", "",
            json{{"kind", "*"}, {"subject", "*"}, {"for_ms", "60000"}, {"reason", "why"}}});
  EXPECT_EQ(silence["reason"], "why");
}

TEST(BuildRequestTest, WhoAsksIsSetByTheGateway) {
  EXPECT_EQ(
      Good(
          {"POST", "/silences", "",
           json{
               {"kind", "*"}, {"subject", "*"}, {"for_ms", 60000}, {"reason", "r"}}})["created_by"],
      "person:ann");
  EXPECT_THAT(FaultOf({"POST", "/groups/g:pause", "", json{{"requested_by", "person:bob"}}}),
              HasSubstr("/requested_by: is set by the gateway"));
  EXPECT_THAT(FaultOf({"POST", "/topics", "", json{{"origin", {{"on_behalf_of", "person:bob"}}}}}),
              HasSubstr("/origin: is set by the gateway"));
  EXPECT_THAT(FaultOf({"GET", "/redrives", "cluster_id=x"}), HasSubstr("is not known here"));
}

TEST(BuildRequestTest, FixedPartsCannotBeChanged) {
  EXPECT_EQ(Good({"POST", "/groups/g:pause", "", json{{"is_paused", false}}})["is_paused"], true);
  EXPECT_EQ(Good({"POST", "/groups/g:resume"})["is_paused"], false);
  EXPECT_EQ(Good({"POST", "/requests/5:approve", "", json{{"deed", "give_up"}}})["deed"],
            "approve");
  EXPECT_EQ(Good({"DELETE", "/alert-channels/ops"})["channel"]["name"], "ops");
}

TEST(BuildRequestTest, ABodyThatContradictsThePathIsRefused) {
  EXPECT_THAT(FaultOf({"PUT", "/teams/payments", "", json{{"name", "others"}}}),
              HasSubstr("is not what the path says"));
  EXPECT_EQ(FaultOf({"PUT", "/teams/payments", "", json{{"name", "payments"}}}), "");
  EXPECT_THAT(
      FaultOf({"POST", "/groups/g/dead-letters:drop", "", json{{"filter", {{"group", "h"}}}}}),
      HasSubstr("/group: is not what the path says"));
}

TEST(BuildRequestTest, FiltersOfListsGoIntoTheirStruct) {
  const json request = Good({"GET", "/groups/g/dead-letters",
                             "topic=t&partition=2&reason=timeout&limit=5&with_bodies=true"});
  EXPECT_EQ(request["filter"],
            (json{{"group", "g"}, {"topic", "t"}, {"partition", 2}, {"reason", "timeout"}}));
  EXPECT_EQ(request["max_count"], 5);
  EXPECT_EQ(request["with_bodies"], true);
}

TEST(BuildRequestTest, CursorsGoWhereTheCallHasThem) {
  EXPECT_EQ(
      Good({"GET", "/audit", "cursor=AWhm4&limit=10&actor=person:ann&source=node-1"}),
      (json{{"actor", "person:ann"}, {"cursor", "AWhm4"}, {"max", 10}, {"source", "node-1"}}));
  EXPECT_EQ(Good({"GET", "/requests", "cursor=120&limit=10"}),
            (json{{"before_id", "120"}, {"max", 10}}));
  EXPECT_EQ(Good({"GET", "/requests", "states=pending,approved"})["states"],
            (json{"pending", "approved"}));
}

TEST(BuildRequestTest, WishesForListsAreRead) {
  const BuiltRequest built =
      Build({"GET", "/topics",
             "limit=7&sort=-name&filter=name:or*&filter=state:ACTIVE&fields=name,state"});
  EXPECT_TRUE(built.faults.empty());
  EXPECT_EQ(built.list.limit, 7u);
  EXPECT_EQ(built.list.sort, "-name");
  EXPECT_EQ(built.list.filters.size(), 2u);
  EXPECT_EQ(built.list.fields, (std::vector<std::string>{"name", "state"}));
  for (const char* query : {"limit=0", "limit=1001", "limit=x", "limit=-1", "limit=", "filter=name",
                            "filter=:x", "limit=1&limit=2"}) {
    EXPECT_NE(FaultOf({"GET", "/topics", query}), "") << query;
  }
}

TEST(BuildRequestTest, WhatACallDoesNotTakeIsRefused) {
  EXPECT_THAT(FaultOf({"GET", "/topics", "limt=3"}), HasSubstr("did you mean 'limit'?"));
  EXPECT_THAT(FaultOf({"GET", "/topics/orders", "dry_run=true"}), HasSubstr("no trying out"));
  EXPECT_THAT(FaultOf({"POST", "/topics", "dry_run=yes", json{{"name", "t"}, {"partitions", 1}}}),
              HasSubstr("must be true or false"));
  EXPECT_THAT(FaultOf({"GET", "/topics", "", json::object()}), HasSubstr("there is no body"));
  EXPECT_THAT(FaultOf({"PUT", "/teams/payments"}), HasSubstr("the body is missing"));
  EXPECT_THAT(FaultOf({"POST", "/topics", "", json::array()}), HasSubstr("must be an object"));
  EXPECT_THAT(FaultOf({"POST", "/topics", "name=t", json{{"partitions", 1}}}),
              HasSubstr("not known"));
  EXPECT_THAT(FaultOf({"GET", "/topics/orders", "name=other"}), HasSubstr("not known"));
}

TEST(BuildRequestTest, IdempotencyKeysAreKeptOrRefused) {
  EXPECT_EQ(Good({"POST", "/requests", "", json{{"bundle_json", {{"changes", json::array()}}}},
                  "k1"})["idempotency_key"],
            "k1");
  EXPECT_THAT(FaultOf({"POST", "/tokens", "", json{{"service_name", "s"}}, "k1"}),
              HasSubstr("no Idempotency-Key here"));
  EXPECT_EQ(FaultOf({"POST", "/topics", "", json{{"name", "t"}, {"partitions", 1}}, "k1"}), "");
}

TEST(BuildRequestTest, VersionsComeFromETags) {
  const json policy{{"policy_json", json::object()}};
  EXPECT_EQ(Good({"PUT", "/policy", "", policy, "", "\"v12\""})["if_version"], "12");
  for (const char* tag : {"12", "\"12\"", "*", "W/\"v12\"", "\"v\""}) {
    EXPECT_THAT(FaultOf({"PUT", "/policy", "", policy, "", tag}), HasSubstr("If-Match")) << tag;
  }
  EXPECT_THAT(FaultOf({"DELETE", "/topics/orders", "", std::nullopt, "", "\"v12\""}),
              HasSubstr("If-Match"));
}

TEST(BuildRequestTest, RedrivesHaveANumberOfTheirOwn) {
  EXPECT_EQ(Good({"POST", "/groups/g/dead-letters:redrive", "", json::object()})["id"], 77);
  EXPECT_EQ(Good({"POST", "/groups/g/dead-letters:redrive", "", json{{"id", "5"}}})["id"], "5");
}

}  // namespace
}  // namespace lanemq::portal
