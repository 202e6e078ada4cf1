#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "portal/api/routes/route.h"
#include "portal/api/transcode/schema.h"

namespace lanemq::portal {
namespace {

using ::testing::UnorderedElementsAre;

std::string RpcOf(std::string_view method, std::string_view path) {
  const Found found = FindRoute(method, path);
  return found.match ? std::string(found.match->route->rpc) : "";
}

std::string PlaceOf(std::string_view path) {
  const Found found = FindRoute("GET", path);
  return found.match && found.match->places.size() == 1 ? found.match->places[0].second : "(none)";
}

TEST(RoutesTest, EveryMethodOfTheIdlIsRoutedOrNamedWithWhyNot) {
  std::map<std::string_view, int> routed;
  for (const Route& route : Routes()) ++routed[route.rpc];
  std::set<std::string_view> known;
  for (const MethodRow& method : TheSchema().methods()) {
    known.insert(method.name);
    const bool is_named =
        std::ranges::count(UnroutedMethods(), method.name, &Unrouted::method) == 1;
    EXPECT_NE(routed.contains(method.name), is_named) << method.name;
  }
  for (const auto& [rpc, count] : routed) EXPECT_TRUE(known.contains(rpc)) << rpc;
  for (const Unrouted& row : UnroutedMethods()) EXPECT_TRUE(known.contains(row.method));
}

// The struct field at "a.b", or null.
const FieldRow* FieldAt(const StructRow* row, std::string_view path) {
  const Schema& schema = TheSchema();
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
    const FieldRow* field = schema.FindField(*row, path.substr(0, dot));
    if (field == nullptr || schema.type(field->type).kind != Kind::kStruct) return nullptr;
    row = &schema.structure(schema.type(field->type).a);
    path.remove_prefix(dot + 1);
  }
  return schema.FindField(*row, path);
}

TEST(RoutesTest, WhatRoutesNameIsThere) {
  const Schema& schema = TheSchema();
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const Route& route : Routes()) {
    SCOPED_TRACE(std::string(route.method) + " " + std::string(route.path));
    EXPECT_TRUE(seen.emplace(route.method, route.path).second);
    const MethodRow& method = *schema.FindMethod(route.rpc);
    const StructRow* request = &schema.structure(method.request);
    const StructRow* response = &schema.structure(method.response);
    for (const std::string_view field : {route.into, route.cursor, route.limit, route.server}) {
      EXPECT_TRUE(field.empty() || FieldAt(request, field) != nullptr) << field;
    }
    if (route.body != "*") {
      EXPECT_TRUE(route.body.empty() || FieldAt(request, route.body) != nullptr);
    }
    EXPECT_TRUE(route.etag.empty() || FieldAt(response, route.etag) != nullptr);
    EXPECT_EQ(route.list.empty(), route.paging == Paging::kNone);
    if (!route.list.empty()) {
      const FieldRow* list = FieldAt(response, route.list);
      ASSERT_NE(list, nullptr);
      const TypeRow& items = schema.type(schema.type(list->type).a);
      EXPECT_TRUE(route.key.empty() || FieldAt(&schema.structure(items.a), route.key) != nullptr);
    }
    const bool is_change = route.method != "GET";
    EXPECT_TRUE(is_change || route.body.empty());
    for (std::string_view path = route.path; path.find('{') != std::string_view::npos;) {
      const std::string_view place =
          path.substr(path.find('{') + 1, path.find('}') - path.find('{') - 1);
      EXPECT_NE(FieldAt(request, place), nullptr) << place;
      path.remove_prefix(path.find('}') + 1);
    }
  }
}

TEST(RoutesTest, DataPlaneMethodsGoToBrokersAndOthersToMetaservers) {
  for (const Route& route : Routes()) {
    const bool is_data = TheSchema().FindMethod(route.rpc)->service == "DataPlane";
    EXPECT_EQ(is_data, route.target == Target::kBroker) << route.rpc;
  }
}

TEST(RouterTest, FindsLiteralsPlacesAndVerbs) {
  EXPECT_EQ(RpcOf("GET", "/topics"), "listTopics");
  EXPECT_EQ(RpcOf("GET", "/topics/orders"), "describeTopic");
  EXPECT_EQ(RpcOf("HEAD", "/topics/orders"), "describeTopic");
  EXPECT_EQ(RpcOf("POST", "/topics:trim"), "trim");
  EXPECT_EQ(RpcOf("POST", "/groups/billing:pause"), "pauseGroup");
  EXPECT_EQ(RpcOf("POST", "/groups/billing/offsets:reset"), "resetOffsets");
  EXPECT_EQ(RpcOf("POST", "/requests/12:break-glass"), "actOnChange");
  EXPECT_EQ(RpcOf("POST", "/topics/a/messages:search"), "searchMessages");
  const Found found = FindRoute("GET", "/topics/a/partitions/3/messages/7");
  ASSERT_TRUE(found.match);
  EXPECT_EQ(found.match->places.size(), 3u);
  EXPECT_EQ(found.match->places[2], (std::pair<std::string_view, std::string>("offset", "7")));
}

TEST(RouterTest, NamesMayHaveWhatPathsAreMadeOf) {
  EXPECT_EQ(PlaceOf("/topics/a%2Fb"), "a/b");
  EXPECT_EQ(PlaceOf("/topics/%e2%82%ac"), "\u20ac");
  EXPECT_EQ(PlaceOf("/topics/a+b"), "a+b");
  EXPECT_EQ(PlaceOf("/topics/a%252Fb"), "a%2Fb");
  EXPECT_EQ(RpcOf("DELETE", "/outboxes/shop%40db:3306"), "forgetOutbox");
}

TEST(RouterTest, RefusesPathsThatTryToGetElsewhere) {
  for (const char* path : {"",
                           "/",
                           "//",
                           "topics",
                           "/topics/",
                           "//topics",
                           "/topics//orders",
                           "/topics/..",
                           "/topics/.",
                           "/topics/%2e%2e",
                           "/topics/%2E",
                           "/topics/a/../b",
                           "/topics/%00",
                           "/topics/%0a",
                           "/topics/%zz",
                           "/topics/%4",
                           "/topics/%",
                           "/topics/%ff",
                           "/topics/%c0%af",

                           "/TOPICS",
                           "/topics/a/partitions/b/messages"}) {
    EXPECT_TRUE(FindRoute("GET", path).allowed.empty()) << path;
  }
  EXPECT_EQ(RpcOf("POST", "/groups/:pause"), "");  // Of no group.
  EXPECT_TRUE(FindRoute("GET", "/topics/" + std::string(5000, 'a')).allowed.empty());
}

TEST(RouterTest, SaysWhichMethodsAPathHas) {
  const Found found = FindRoute("POST", "/topics/orders");
  EXPECT_FALSE(found.match);
  EXPECT_THAT(found.allowed, UnorderedElementsAre("GET", "PATCH", "DELETE"));
}

TEST(RouterTest, QueriesDecode) {
  const auto query = ParseQuery("a=1&b=x+y%26&c&&d=%c3%a4=");
  ASSERT_TRUE(query);
  EXPECT_EQ((*query)[1].second, "x y&");
  EXPECT_EQ((*query)[2], (std::pair<std::string, std::string>("c", "")));
  EXPECT_EQ((*query)[3].second, "ä=");
  EXPECT_FALSE(ParseQuery("a=%"));
  EXPECT_FALSE(ParseQuery("a=%ff"));
  std::string many;
  for (int i = 0; i < 101; ++i) many += "a=1&";
  EXPECT_FALSE(ParseQuery(many));
}

}  // namespace
}  // namespace lanemq::portal
