#include "portal/api/routes/shape_reply.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portal/api/transcode/encode.h"

namespace lanemq::portal {
namespace {

using Json = nlohmann::ordered_json;

const Route& TopicsRoute() { return *FindRoute("GET", "/topics").match->route; }

Json Topics(std::initializer_list<const char*> names) {
  Json reply{{"topics", Json::array()}};
  int id = 100;
  for (const char* name : names) {
    reply["topics"].push_back(
        {{"name", name}, {"topic_id", std::to_string(id -= 7)}, {"state", "ACTIVE"}});
  }
  return reply;
}

std::string Names(const Json& reply) {
  std::string names;
  for (const Json& item : reply["topics"]) names += item["name"].get<std::string>();
  return names;
}

TEST(ShapeReplyTest, PagesShowEveryItemOnce) {
  ListWish wish{.limit = 2};
  std::string seen;
  for (int page = 0; page < 3; ++page) {
    Json reply = Topics({"a", "b", "c", "d", "e"});
    ASSERT_FALSE(ShapeReply(TheSchema(), TopicsRoute(), wish, reply));
    EXPECT_EQ(reply["total_count"], 5);
    seen += Names(reply) + "|";
    EXPECT_EQ(reply.contains("next_cursor"), page < 2);
    wish.cursor = reply.value("next_cursor", "");
  }
  EXPECT_EQ(seen, "ab|cd|e|");
}

TEST(ShapeReplyTest, PagesGoOnBehindTheLastItemThoughOthersComeAndGo) {
  ListWish wish{.limit = 2};
  Json reply = Topics({"a", "b", "c", "d"});
  ASSERT_FALSE(ShapeReply(TheSchema(), TopicsRoute(), wish, reply));
  wish.cursor = reply["next_cursor"].get<std::string>();
  Json before = Topics({"0", "1", "a", "b", "c", "d"});
  ASSERT_FALSE(ShapeReply(TheSchema(), TopicsRoute(), wish, before));
  EXPECT_EQ(Names(before), "cd");
  Json gone = Topics({"a", "c", "d"});  // b, behind which it went on: by position then.
  ASSERT_FALSE(ShapeReply(TheSchema(), TopicsRoute(), wish, gone));
  EXPECT_EQ(Names(gone), "d");
}

TEST(ShapeReplyTest, FiltersTakeAWholeABeginningOrAnyPart) {
  const auto found = [](const char* wanted) {
    Json reply = Topics({"shop.Orders", "orders", "old.orders.eu", "bill"});
    ListWish wish{.limit = 10, .filters = {{"name", wanted}}};
    EXPECT_FALSE(ShapeReply(TheSchema(), TopicsRoute(), wish, reply));
    std::string names;
    for (const Json& item : reply["topics"]) names += item["name"].get<std::string>() + " ";
    return names;
  };
  EXPECT_EQ(found("orders"), "orders ");
  EXPECT_EQ(found("o*"), "orders old.orders.eu ");
  EXPECT_EQ(found("O*"), "");
  EXPECT_EQ(found("*ORDERS*"), "shop.Orders orders old.orders.eu ");
  EXPECT_EQ(found("*.eu*"), "old.orders.eu ");
  EXPECT_EQ(found("*.eu"), "");  // A star at the beginning alone is a letter.
  for (const char* all : {"*", "**"}) EXPECT_EQ(found(all).size(), 38U) << all;
}

TEST(ShapeReplyTest, RefusesCursorsThatAreNone) {
  for (const char* cursor : {"x", "AAAA", "MTI=", "OmE="}) {
    Json reply = Topics({"a"});
    EXPECT_TRUE(ShapeReply(TheSchema(), TopicsRoute(), {.cursor = cursor}, reply)) << cursor;
  }
}

TEST(ShapeReplyTest, SortsNumbersAsSuch) {
  Json reply = Topics({"a", "b", "c"});
  ASSERT_FALSE(ShapeReply(TheSchema(), TopicsRoute(), {.sort = "topic_id"}, reply));
  EXPECT_EQ(Names(reply), "cba");
  ASSERT_FALSE(ShapeReply(TheSchema(), TopicsRoute(), {.sort = "-topic_id"}, reply));
  EXPECT_EQ(Names(reply), "abc");
  Json mixed{{"topics", Json::array({{{"name", "x"}, {"topic_id", "9"}},
                                     {{"name", "y"}, {"topic_id", "10"}}})}};
  ASSERT_FALSE(ShapeReply(TheSchema(), TopicsRoute(), {.sort = "topic_id"}, mixed));
  EXPECT_EQ(Names(mixed), "xy");
  EXPECT_TRUE(ShapeReply(TheSchema(), TopicsRoute(), {.sort = "nothing"}, reply));
}

// Of topics a to d: b has nothing known, d no rate.
Json WithFigures() {
  Json reply = Topics({"a", "b", "c", "d"});
  reply["topics"][0]["figures"] = {{"in_rate", 2.5}, {"dead_letters", "9"}};
  reply["topics"][2]["figures"] = {{"in_rate", 12.0}, {"dead_letters", "10"}};
  reply["topics"][3]["figures"] = {{"dead_letters", "0"}};
  return reply;
}

TEST(ShapeReplyTest, WhatIsNotKnownIsBehindTheRestInEitherOrder) {
  const auto sorted = [](const char* by) {
    Json reply = WithFigures();
    EXPECT_FALSE(ShapeReply(TheSchema(), TopicsRoute(), {.sort = by}, reply)) << by;
    return Names(reply);
  };
  EXPECT_EQ(sorted("figures.in_rate"), "acbd");
  EXPECT_EQ(sorted("-figures.in_rate"), "cabd");
  EXPECT_EQ(sorted("-figures.dead_letters"), "cadb");
  // No item has one, but items may.
  EXPECT_EQ(sorted("-figures.groups"), "abcd");
  EXPECT_EQ(sorted("owner"), "abcd");
  for (const char* none : {"figures.nothing", "owner.name", "."}) {
    Json reply = WithFigures();
    EXPECT_TRUE(ShapeReply(TheSchema(), TopicsRoute(), {.sort = none}, reply)) << none;
  }
}

TEST(ShapeReplyTest, FiltersCompareNumbers) {
  const auto found = [](const char* field, const char* wanted) {
    Json reply = WithFigures();
    EXPECT_FALSE(ShapeReply(TheSchema(), TopicsRoute(), {.filters = {{field, wanted}}}, reply));
    return Names(reply);
  };
  EXPECT_EQ(found("figures.dead_letters", ">0"), "ac");
  EXPECT_EQ(found("figures.dead_letters", ">9"), "c");
  EXPECT_EQ(found("figures.dead_letters", "<1"), "d") << "what is not known is not less";
  EXPECT_EQ(found("figures.in_rate", ">2.4"), "ac");
  EXPECT_EQ(found("name", ">0"), "") << "no numbers";
  EXPECT_EQ(found("name", ">a"), "") << "a text as any other";
}

TEST(ShapeReplyTest, FiltersAndProjects) {
  Json reply = Topics({"ab", "ac", "b"});
  ASSERT_FALSE(ShapeReply(TheSchema(), TopicsRoute(),
                          {.filters = {{"name", "a*"}, {"state", "ACTIVE"}}, .fields = {"name"}},
                          reply));
  EXPECT_EQ(reply["topics"], (Json::array({{{"name", "ab"}}, {{"name", "ac"}}})));
  Json none = Topics({"a"});
  ASSERT_FALSE(ShapeReply(TheSchema(), TopicsRoute(), {.filters = {{"name", "A"}}}, none));
  EXPECT_TRUE(none["topics"].empty());
}

// The reply of a route's call, read with `pick`; null: all of it.
Json ReadAs(const Route& route, const nlohmann::json& reply, const ListPick* pick,
            LateItems& late) {
  const StructRow& row = TheSchema().structure(TheSchema().FindMethod(route.rpc)->response);
  Faults faults;
  late.bytes = EncodeStruct(TheSchema(), row, reply, faults);
  for (const Fault& fault : faults) ADD_FAILURE() << fault.pointer << ": " << fault.detail;
  wire::Reader reader(late.bytes);
  const auto read = pick == nullptr ? DecodeStruct(TheSchema(), row, reader)
                                    : DecodeStruct(TheSchema(), row, reader, *pick, late);
  EXPECT_TRUE(read.has_value());
  return read.value_or(Json());
}

// All pages of the wish, from all of the reply or from what was picked.
std::string AllPages(const Route& route, const nlohmann::json& reply, ListWish wish,
                     bool is_picked) {
  std::string pages;
  do {
    const auto pick = PickOf(route, wish);
    LateItems late;
    Json page = ReadAs(route, reply, is_picked ? &*pick : nullptr, late);
    EXPECT_EQ(late.row != nullptr, is_picked);
    EXPECT_FALSE(ShapeReply(TheSchema(), route, wish, page, late));
    pages += page.dump() + "\n";
    wish.cursor = page.value("next_cursor", "");
  } while (!wish.cursor.empty());
  return pages;
}

TEST(ShapeReplyTest, ItemsThatAreReadLateMakeTheSamePages) {
  nlohmann::json topics{{"topics", nlohmann::json::array()}};
  nlohmann::json owners{{"owners", nlohmann::json::array()}};
  for (int i = 0; i < 9; ++i) {
    const std::string name = "t" + std::to_string(i * 5 % 9);
    nlohmann::json topic{{"name", name},
                         {"topic_id", std::to_string(i + 7)},
                         {"state", i % 3 == 0 ? "ACTIVE" : "DELETING"},
                         {"partitions", nlohmann::json::array()},
                         {"config", {{"retention.ms", "1000"}}}};
    if (i % 2 == 0) topic["figures"] = {{"in_rate", i * 1.5}};
    topics["topics"].push_back(topic);
    owners["owners"].push_back({{"kind", "topic"}, {"name", name}, {"team", "shop"}});
  }
  const std::vector<ListWish> wishes{
      {.limit = 2},
      {.limit = 3, .sort = "name"},
      {.limit = 3, .sort = "-figures.in_rate"},
      {.limit = 1, .filters = {{"state", "ACTIVE"}}},
      {.limit = 2, .sort = "-topic_id", .filters = {{"figures.in_rate", ">1"}, {"name", "*T*"}}},
      {.limit = 2, .fields = {"name", "config"}}};
  for (const ListWish& wish : wishes) {
    const std::string whole = AllPages(TopicsRoute(), topics, wish, false);
    EXPECT_EQ(AllPages(TopicsRoute(), topics, wish, true), whole);
    EXPECT_NE(whole.find("retention.ms"), std::string::npos);
  }
  // Its items are told apart by all that they are.
  const Route& route = *FindRoute("GET", "/owners").match->route;
  for (const ListWish& wish : {ListWish{.limit = 2}, ListWish{.limit = 4, .sort = "-name"}}) {
    EXPECT_EQ(AllPages(route, owners, wish, true), AllPages(route, owners, wish, false));
  }
}

TEST(ShapeReplyTest, CallsThatPageThemselvesGetOneNameForIt) {
  const Route& requests = *FindRoute("GET", "/requests").match->route;
  Json some{{"requests", Json::array({{{"id", "9"}}, {{"id", "7"}}})}, {"has_more", true}};
  ASSERT_FALSE(ShapeReply(TheSchema(), requests, {}, some));
  EXPECT_EQ(some["next_cursor"], "7");
  Json last{{"requests", Json::array({{{"id", "9"}}})}, {"has_more", false}};
  ASSERT_FALSE(ShapeReply(TheSchema(), requests, {}, last));
  EXPECT_FALSE(last.contains("next_cursor"));
  const Route& audit = *FindRoute("GET", "/audit").match->route;
  Json events{{"events", Json::array()}, {"has_more", true}, {"next_page", "AWhm4"}};
  ASSERT_FALSE(ShapeReply(TheSchema(), audit, {}, events));
  EXPECT_EQ(events["next_cursor"], "AWhm4");
  const Route& letters = *FindRoute("GET", "/groups/g/dead-letters").match->route;
  Json page{{"letters", Json::array()}, {"next_page", "p2"}};
  ASSERT_FALSE(ShapeReply(TheSchema(), letters, {}, page));
  EXPECT_EQ(page["next_cursor"], "p2");
}

TEST(ShapeReplyTest, ETagsAreVersionsOrWhatTheTextIs) {
  const Route& policy = *FindRoute("GET", "/policy").match->route;
  EXPECT_EQ(ETagOf(policy, Json{{"version", "12"}}, "x"), "\"v12\"");
  EXPECT_NE(ETagOf(TopicsRoute(), {}, "x"), ETagOf(TopicsRoute(), {}, "y"));
  EXPECT_EQ(ETagOf(TopicsRoute(), {}, "x"), ETagOf(TopicsRoute(), {}, "x"));
}

}  // namespace
}  // namespace lanemq::portal
