#include "metaserver/governance/world_builder.h"

#include <gtest/gtest.h>

#include "metaserver/governance/actor.h"

namespace lanemq::metaserver {
namespace {

core::AccessRecords Records() {
  core::AccessRecords records;
  records.teams = {{"pay", "", "", {{"ann", core::TeamRole::kLead}}}};
  core::Service service;
  service.name = "api";
  service.team = "pay";
  core::Service tool;
  tool.name = "tool";
  tool.kind = core::ServiceKind::kOperator;
  records.services = {service, tool};
  records.owners = {{core::ResourceKind::kTopic, "orders", "pay"},
                    {core::ResourceKind::kGroup, "readers", "pay"}};
  records.people = {{"olga", core::PersonRole::kOperator, false, false},
                    {"adam", core::PersonRole::kAdmin, true, false}};
  records.quotas = {{"pay", {.topics = 3}}};
  const auto grant = [](const std::string& group, bool is_prefix) {
    return core::Grant{1,         core::ResourceKind::kGroup,          group,
                       is_prefix, {core::PrincipalKind::kTeam, "pay"}, {core::Action::kConsume},
                       {}};
  };
  records.grants = {grant("readers", false), grant("unclaimed", false), grant("un", true)};
  return records;
}

TEST(BuildWorldTest, HasTopicsWithOwnersAndFacts) {
  core::CatalogSnapshot snapshot;
  core::Topic orders;
  orders.name = "orders";
  orders.description = "what it is";
  orders.partitions = {{0, core::NodeId{1}, 0}, {1, core::NodeId{1}, 0}};
  orders.config = {{"retention.ms", "5"}};
  core::Topic gone = orders;
  gone.name = "gone";
  gone.state = core::TopicState::kDeleting;
  snapshot.topics = {gone, orders};
  core::GovernanceFacts facts;
  facts.topics["orders"] = {"page", core::Traffic{7, 8, core::Ordering::kAll}};
  facts.groups["readers"] = {"ticket", "who reads"};
  facts.groups["others"] = {"", "nobody's"};
  const core::PolicyWorld world = BuildWorld(snapshot, Records(), facts);
  const core::TopicFacts* topic = world.FindTopic("orders");
  ASSERT_NE(topic, nullptr);
  EXPECT_EQ(*topic, (core::TopicFacts{"orders",
                                      "pay",
                                      "page",
                                      "what it is",
                                      2,
                                      {{"retention.ms", "5"}},
                                      core::Traffic{7, 8, core::Ordering::kAll},
                                      false}));
  EXPECT_EQ(world.FindTopic("gone"), nullptr);
  EXPECT_EQ(*world.FindGroup("readers"),
            (core::GroupFacts{"readers", "pay", "ticket", "who reads"}));
  EXPECT_EQ(world.FindGroup("others")->owner, "");
  EXPECT_FALSE(world.FindGroup("others")->is_only_named);
  ASSERT_NE(world.FindGroup("unclaimed"), nullptr);
  EXPECT_EQ(*world.FindGroup("unclaimed"), (core::GroupFacts{"unclaimed", "", "", "", true}));
  EXPECT_EQ(world.FindGroup("un"), nullptr);
  EXPECT_EQ(world.UseOf("pay").topics, 1);
  EXPECT_EQ(world.UseOf("pay").partitions, 2);
  EXPECT_EQ(world.QuotaOf("pay").topics, 3);
  EXPECT_EQ(world.TeamOfService("api"), "pay");
}

TEST(ActorOfTest, IsWhatTheBookSaysAtTheMoment) {
  const core::AccessBook book(Records());
  const auto actor = [&](core::PrincipalKind kind, const std::string& name) {
    return ActorOf(&book, false, {kind, name});
  };
  EXPECT_TRUE(actor(core::PrincipalKind::kPerson, "ann").Leads("pay"));
  EXPECT_FALSE(actor(core::PrincipalKind::kPerson, "ann").Operates());
  EXPECT_TRUE(actor(core::PrincipalKind::kPerson, "olga").is_operator);
  // Disabled.
  EXPECT_FALSE(actor(core::PrincipalKind::kPerson, "adam").Operates());
  EXPECT_TRUE(actor(core::PrincipalKind::kService, "api").IsIn("pay"));
  EXPECT_FALSE(actor(core::PrincipalKind::kService, "api").Leads("pay"));
  EXPECT_TRUE(actor(core::PrincipalKind::kService, "tool").is_operator);
  EXPECT_FALSE(actor(core::PrincipalKind::kService, "nobody").Operates());
}

TEST(ActorOfTest, NobodyIsSomebodyOnlyWhereNobodyIsAsked) {
  EXPECT_TRUE(ActorOf(nullptr, true, {}).is_admin);
  EXPECT_FALSE(ActorOf(nullptr, false, {}).Operates());
}

}  // namespace
}  // namespace lanemq::metaserver
