#include "sql/store/outbox_text.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/store/outbox_plan_text.h"

namespace lanemq::sql {
namespace {

using core::OutboxGroup;
using core::OutboxHoldKey;
using core::OutboxPlan;
using ::testing::EndsWith;
using ::testing::HasSubstr;

TEST(OutboxTextTest, BucketsInARowAreOneRange) {
  const std::vector<std::int32_t> buckets = {0, 1, 2, 5, 7, 8};
  EXPECT_THAT(SelectReadyText(buckets, {}, 10),
              EndsWith(" WHERE state=0 AND (bucket BETWEEN 0 AND 2 OR bucket BETWEEN 7 AND 8 OR "
                       "bucket IN (5)) ORDER BY bucket,id LIMIT 10"));
  const std::vector<std::int32_t> one = {9};
  EXPECT_THAT(SelectReadyText(one, {}, 1), HasSubstr("(bucket IN (9))"));
}

TEST(OutboxTextTest, HeldRowsAreOfTheKeyTheMessageOrTheTopic) {
  OutboxHoldKey hold{.bucket = 3, .topic = "t", .key = {}, .id = {}, .partition = {}};
  EXPECT_THAT(SelectHeldText(hold, 7, 5),
              EndsWith("state=1 AND bucket=3 AND id>7 AND topic=_ascii't' ORDER BY id LIMIT 5"));
  hold.key = "a'\\b";
  EXPECT_THAT(SelectHeldText(hold, 7, 5), HasSubstr("AND message_key='a\\'\\\\b' ORDER"));
  hold.key.reset();
  hold.id = 9;
  EXPECT_THAT(SelectHeldText(hold, 7, 5), HasSubstr("AND id=9 ORDER"));
}

TEST(OutboxTextTest, WritesLookTheirRowsUpOneByOne) {
  const std::vector<std::int64_t> ids = {4, 2};
  EXPECT_EQ(
      DeletePublishedText(ids),
      "DELETE o FROM JSON_TABLE(_utf8mb4'[4,2]',_utf8mb4'$[*]' COLUMNS (wanted_id BIGINT PATH "
      "_utf8mb4'$')) d "
      "STRAIGHT_JOIN lanemq_outbox o FORCE INDEX (by_id) ON o.id=d.wanted_id "
      "WHERE o.state IN (0,1)");
  EXPECT_THAT(HoldRowsText(ids), EndsWith(" SET o.state=1 WHERE o.state IN (0)"));
  const std::vector<core::OutboxChange::Dead> dead = {{4, 9, "it's"}, {2, 1, ""}};
  EXPECT_THAT(BuryRowsText(dead),
              EndsWith(" SET o.attempts=CASE o.id WHEN 4 THEN 9 WHEN 2 THEN 1 END,"
                       "o.last_error=CASE o.id WHEN 4 THEN 'it\\'s' WHEN 2 THEN '' END,o.state=2 "
                       "WHERE o.state IN (0,1)"));
}

TEST(OutboxTextTest, DomainsTellWhatWaits) {
  OutboxHoldKey key{.bucket = 0, .topic = "t", .key = {}, .id = {}, .partition = {}};
  EXPECT_EQ(ToHoldDomain(key), "t:");
  key.partition = 3;
  EXPECT_EQ(ToHoldDomain(key), "p:3");
  key = {.bucket = 0, .topic = "t", .key = {}, .id = 17, .partition = {}};
  EXPECT_EQ(ToHoldDomain(key), "i:17");
  key = {.bucket = 0, .topic = "t", .key = std::string("\0x", 2), .id = {}, .partition = {}};
  EXPECT_EQ(ToHoldDomain(key), std::string("k:\0x", 4));
}

TEST(OutboxTextTest, ColumnTextIsUtf8ThatFits) {
  EXPECT_EQ(ToColumnText("naïve", 100), "naïve");
  EXPECT_EQ(ToColumnText("naïve", 3), "na");  // Not half of a character.
  EXPECT_EQ(ToColumnText("a\xff\xc3", 100), "a??");
  EXPECT_EQ(ToColumnText("\xed\xa0\x80", 100), "???");  // A surrogate.
  EXPECT_EQ(ToColumnText("\xf0\x9f\x98\x80", 100), "\xf0\x9f\x98\x80");
}

TEST(OutboxPlanTextTest, IsReadableAndComesBackAsItWas) {
  const OutboxPlan plan{
      {OutboxGroup{"orders", 2, false, core::ProducerId{7}, 40, {3, 4}},
       OutboxGroup{"later \"x\"", 0, true, core::ProducerId{9'000'000'000'000'000'001}, 0, {5}}}};
  EXPECT_EQ(ToPlanText(plan),
            R"({"v":1,"groups":[{"topic":"orders","partition":2,"delayed":false,"producer":7,)"
            R"("base":40,"ids":[3,4]},{"topic":"later \"x\"","partition":0,"delayed":true,)"
            R"("producer":9000000000000000001,"base":0,"ids":[5]}]})");
  const auto parsed = ParsePlanText(ToPlanText(plan));
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
  EXPECT_EQ(*parsed, plan);
  EXPECT_EQ(*ParsePlanText(""), OutboxPlan{});
}

TEST(OutboxPlanTextTest, WhatIsNoPlanIsRefused) {
  for (const std::string text : {"{", "[]", "{\"v\":1}", "{\"v\":2,\"groups\":[]}",
                                 "{\"v\":1,\"groups\":[{}]}", "{\"v\":\"1\",\"groups\":[]}"}) {
    const auto parsed = ParsePlanText(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kCorruptMessage) << text;
  }
}

}  // namespace
}  // namespace lanemq::sql
