#include "client/cli/commands/policy_table.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lanemq::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

idl::GroupPolicy Policy(const std::string& topic, std::int32_t attempts, std::int64_t node,
                        std::int64_t at_us) {
  idl::GroupPolicy policy;
  if (!topic.empty()) policy.__set_topic(topic);
  policy.policy.__set_max_attempts(attempts);
  policy.__set_node_id(node);
  policy.__set_at_us(at_us);
  policy.__set_requested_by("ann@desk");
  return policy;
}

idl::DataNode Node(std::int64_t id, const std::string& name,
                   idl::NodeState::type state = idl::NodeState::WRITABLE) {
  idl::DataNode node;
  node.__set_node_id(id);
  node.__set_name(name);
  node.__set_state(state);
  return node;
}

TEST(PolicyTable, EqualPoliciesAreOneLine) {
  const PolicyPicture picture{.group = "g",
                              .policies = {Policy("", 5, 1, 10), Policy("", 5, 2, 11)},
                              .nodes = {Node(1, "n1"), Node(2, "n2")}};
  const Table table = PoliciesTable(picture);
  ASSERT_EQ(table.rows.size(), 1U);
  EXPECT_THAT(Render(table, {OutputFormat::kCsv, false}),
              HasSubstr("*,5,\"1s, 2s, 4s, ... up to 1h\",20%,,,\"n1,n2\",1970-"));
  EXPECT_THAT(PolicyWarnings(picture), IsEmpty());
}

TEST(PolicyTable, WithoutAPolicyTheDefaultsAreShown) {
  const Table table = PoliciesTable({.group = "g", .policies = {}, .nodes = {Node(1, "n1")}});
  EXPECT_THAT(Render(table, {OutputFormat::kCsv, false}), HasSubstr("*,16,"));
  EXPECT_THAT(Render(table, {OutputFormat::kCsv, false}), HasSubstr("(default)"));
}

TEST(PolicyTable, WarnsOfNodesThatDiffer) {
  const PolicyPicture picture{
      .group = "g",
      .policies = {Policy("", 5, 1, 10), Policy("", 6, 2, 11), Policy("orders", 2, 1, 12)},
      .nodes = {Node(1, "n1"), Node(2, "n2"), Node(3, "off", idl::NodeState::DISABLED)}};
  EXPECT_THAT(PolicyWarnings(picture),
              ElementsAre("data nodes have different policies; set it again",
                          "data node n2 does not have the policy for topic orders; set it again"));
  EXPECT_EQ(PoliciesTable(picture).rows.size(), 3U);
}

TEST(PolicyTable, NodesThatAreNotKnownGiveNoWarning) {
  EXPECT_THAT(PolicyWarnings({.group = "g", .policies = {Policy("", 5, 1, 10)}, .nodes = {}}),
              IsEmpty());
}

TEST(PolicyTable, TheNewestHoldsAndTopicsFallBackToTheGroups) {
  const PolicyPicture picture{
      .group = "g",
      .policies = {Policy("", 6, 2, 11), Policy("", 5, 1, 10), Policy("orders", 2, 1, 12)},
      .nodes = {}};
  EXPECT_EQ(EffectivePolicy(picture, "").max_attempts, 6);
  EXPECT_EQ(EffectivePolicy(picture, "orders").max_attempts, 2);
  EXPECT_EQ(EffectivePolicy(picture, "clicks").max_attempts, 6);
  EXPECT_FALSE(PolicyOf(picture, "clicks").has_value());
  EXPECT_EQ(EffectivePolicy({}, "clicks").max_attempts, 16);
}

TEST(PolicyTable, JsonHasEveryField) {
  PolicyPicture picture{.group = "g", .policies = {Policy("orders", 2, 1, 12)}, .nodes = {}};
  picture.policies[0].policy.__set_delays_ms({1'000, 5'000});
  picture.policies[0].policy.__set_fatal_reasons({"bad \"json\""});
  const auto json = nlohmann::json::parse(PoliciesJson(picture, false));
  ASSERT_EQ(json["items"].size(), 2U);
  const auto& general = json["items"][0];
  EXPECT_TRUE(general["topic"].is_null());
  EXPECT_EQ(general["is_default"], true);
  EXPECT_EQ(general["multiplier"], 2);
  const auto& own = json["items"][1];
  EXPECT_EQ(own["topic"], "orders");
  EXPECT_EQ(own["is_default"], false);
  EXPECT_EQ(own["max_attempts"], 2);
  EXPECT_EQ(own["delays_ms"], nlohmann::json({1'000, 5'000}));
  EXPECT_EQ(own["fatal_reasons"], nlohmann::json({"bad \"json\""}));
  EXPECT_EQ(own["nodes"], nlohmann::json({"#1"}));
  EXPECT_EQ(own["requested_by"], "ann@desk");
  const std::string lines = PoliciesJson(picture, true);
  EXPECT_EQ(std::ranges::count(lines, '\n'), 2);
}

}  // namespace
}  // namespace lanemq::cli
