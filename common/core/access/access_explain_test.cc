#include <string>

#include <gtest/gtest.h>

#include "common/core/access/access_book.h"
#include "common/core/access/access_rig.h"

namespace lanemq::core {
namespace {

using enum Action;
using testing::AccessRig;
using testing::Group;
using testing::PersonNamed;
using testing::ServiceNamed;
using testing::TeamNamed;
using testing::Topic;

constexpr WallTime kNow{1'000'000};

class AccessExplainTest : public ::testing::Test {
 protected:
  static AccessRecords Records() {
    AccessRig rig;
    rig.AddTeam("payments", {{"ann", TeamRole::kLead}, {"bob", TeamRole::kMember}});
    rig.AddTeam("shipping");
    rig.AddService("billing", "payments");
    rig.AddService("parcels", "shipping");
    rig.AddService("asleep", "payments").is_disabled = true;
    rig.AddService("tools", "", ServiceKind::kOperator);
    rig.Own(ResourceKind::kTopic, "orders", "payments");
    rig.Own(ResourceKind::kTopic, "parcels", "shipping");
    rig.AddGrant(ResourceKind::kTopic, "eu.*", TeamNamed("shipping"), {kConsume});
    rig.AddGrant(ResourceKind::kGroup, "g", ServiceNamed("parcels"), {kConsume});
    rig.AddGrant(ResourceKind::kTopic, "orders", ServiceNamed("parcels"), {kConsume}).expires_at =
        kNow;
    rig.AddPerson("eva", PersonRole::kOperator);
    rig.AddPerson("gil").is_disabled = true;
    return rig.records;
  }
  /// "yes: ..." or "no: ...".
  [[nodiscard]] std::string Explain(const Principal& principal, Action action,
                                    const Resource& resource) const {
    const AccessVerdict verdict = book_.Explain(principal, action, resource, kNow);
    return (verdict.is_allowed ? "yes: " : "no: ") + verdict.because;
  }

  const AccessBook book_{Records()};
};

TEST_F(AccessExplainTest, WhatIsAllowedNamesRoleOwnershipOrGrant) {
  EXPECT_EQ(Explain(ServiceNamed("tools"), kPeek, Topic("orders")),
            "yes: service:tools is of kind operator");
  EXPECT_EQ(Explain(PersonNamed("eva"), kPeek, Topic("orders")),
            "yes: person:eva has the role operator");
  EXPECT_EQ(Explain(ServiceNamed("billing"), kProduce, Topic("orders")),
            "yes: topic 'orders' belongs to team:payments, as service:billing does");
  EXPECT_EQ(Explain(TeamNamed("payments"), kProduce, Topic("orders")),
            "yes: topic 'orders' belongs to team:payments");
  EXPECT_EQ(Explain(PersonNamed("ann"), kPeek, Topic("orders")),
            "yes: topic 'orders' belongs to team:payments, of which person:ann is a lead");
  EXPECT_EQ(Explain(ServiceNamed("parcels"), kConsume, Topic("eu.x")),
            "yes: grant 1: topics 'eu.*' to team:shipping");
  EXPECT_EQ(Explain(ServiceNamed("parcels"), kConsume, Group("g")),
            "yes: grant 2: group 'g' to service:parcels");
  EXPECT_EQ(Explain(ServiceNamed("parcels"), kNothing, {}), "yes: whoever has said who he is may");
}

TEST_F(AccessExplainTest, WhatIsRefusedNamesWhomToAsk) {
  EXPECT_EQ(Explain(ServiceNamed("parcels"), kProduce, Topic("orders")),
            "no: no role, ownership or grant lets service:parcels produce to topic 'orders'; ask "
            "team:payments, which owns it (its leads: ann)");
  EXPECT_EQ(Explain(ServiceNamed("billing"), kConsume, Topic("parcels")),
            "no: no role, ownership or grant lets service:billing consume from topic 'parcels'; "
            "ask team:shipping, which owns it");
  EXPECT_EQ(Explain(ServiceNamed("billing"), kConsume, Group("g")),
            "no: no role, ownership or grant lets service:billing consume with group 'g'; nobody "
            "owns it: ask who administers LaneMQ here");
}

TEST_F(AccessExplainTest, AGrantThatHasEndedIsNamed) {
  EXPECT_EQ(Explain(ServiceNamed("parcels"), kConsume, Topic("orders")),
            "no: no role, ownership or grant lets service:parcels consume from topic 'orders'; "
            "grant 3 did until it ended; ask team:payments, which owns it (its leads: ann)");
}

TEST_F(AccessExplainTest, WhatIsOfTheClusterNamesTheKindOfServiceThatMay) {
  EXPECT_EQ(Explain(ServiceNamed("billing"), kOperate, {}),
            "no: service:billing may not operate the cluster: that takes a service or person that "
            "is operator or admin");
  EXPECT_EQ(Explain(ServiceNamed("tools"), kAdminister, {}),
            "no: service:tools may not administer the cluster: that takes a service or person "
            "that is admin");
  EXPECT_EQ(Explain(PersonNamed("ann"), kServe, {}),
            "no: person:ann may not serve the cluster: that takes a service of kind server");
}

TEST_F(AccessExplainTest, WhoIsNotThereIsTold) {
  EXPECT_EQ(Explain(ServiceNamed("nobody"), kProduce, Topic("orders")),
            "no: there is no service 'nobody'");
  EXPECT_EQ(Explain(ServiceNamed("asleep"), kProduce, Topic("orders")),
            "no: service 'asleep' is disabled");
  EXPECT_EQ(Explain(PersonNamed("dan"), kManage, Topic("orders")),
            "no: there is no person 'dan', and no team has one");
  EXPECT_EQ(Explain(PersonNamed("gil"), kManage, Topic("orders")), "no: person 'gil' is disabled");
  EXPECT_EQ(Explain(TeamNamed("none"), kProduce, Topic("orders")), "no: there is no team 'none'");
  EXPECT_EQ(Explain({}, kProduce, Topic("orders")),
            "no: whoever does not say who he is may do nothing");
}

TEST_F(AccessExplainTest, AnActionThatTheKindDoesNotHaveIsTold) {
  EXPECT_EQ(Explain(ServiceNamed("tools"), kPeek, Group("g")),
            "no: a group has no action 'peek'; it has describe, consume, manage");
}

TEST_F(AccessExplainTest, NamesThatAnybodyMayHaveTypedAreShownSafely) {
  EXPECT_EQ(Explain(ServiceNamed("x\n\x1b[2J"), kPeek, Topic("t")),
            "no: there is no service 'x??[2J'");
  const std::string because =
      book_.Explain(ServiceNamed("billing"), kProduce, Topic(std::string(100'000, 'x')), kNow)
          .because;
  EXPECT_LT(because.size(), 500u);
}

}  // namespace
}  // namespace lanemq::core
