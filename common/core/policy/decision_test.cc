// What bundles, prefixes and services need, and what breaking the glass does. The table of
// approvals: decision_approvals_test.
#include "common/core/policy/decision.h"

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/policy/policy_rig.h"

namespace lanemq::core {
namespace {

using namespace policy_rig;  // NOLINT: the rig is this test's vocabulary.

TEST(DecisionTest, ABundleNeedsEveryYesThatItsChangesNeed) {
  const Bundle bundle{{GoodTopic(), SetQuotaChange{"billing", {}},
                       GrantWith([](Grant& g) { g.name = "billing.invoices"; })}};
  const Decision decision = Decide(SmallWorld(), StrictPolicy(), bundle, AuthorNamed("bob"), kNow);
  EXPECT_EQ(ApproversOf(decision), "operators, team:billing") << Shown(decision);
}

TEST(DecisionTest, APrefixCoversWhatItsOwnersWillBe) {
  Policy policy = StrictPolicy();
  policy.topic_names->begins_with_owner = true;
  policy.required.owner = false;
  policy.approvals[ChangeKind::kPutGrant].is_for_own_team = true;
  const Change grant = GrantWith([](Grant& g) {
    g.name = "solo.";
    g.is_prefix = true;
  });
  PolicyWorld world = SmallWorld();
  world.PutTopic(Created(GoodTopic("solo.old", "payments")));
  const auto approvers = [&](std::vector<Change> changes) {
    return ApproversOf(Decide(world, policy, {std::move(changes)}, AuthorNamed("eve"), kNow));
  };
  EXPECT_EQ(approvers({grant}), "team:payments");
  // Payments' leads agree to the handing over; then all of it is the team's own.
  EXPECT_EQ(approvers({grant, SetOwnerChange{ResourceKind::kTopic, "solo.old", "solo"}}),
            "team:payments");
  Author ann = AuthorNamed("ann");
  ann.who.teams["solo"] = TeamRole::kMember;
  EXPECT_EQ(ApproversOf(Decide(world, policy,
                               {{grant, SetOwnerChange{ResourceKind::kTopic, "solo.old", "solo"}}},
                               ann, kNow)),
            "-");
}

TEST(DecisionTest, NobodyMakesHimselfALeadWithinTheBundleThatHeNeedsOneFor) {
  Team payments = *SmallWorld().FindTeam("payments");
  payments.members = {{"nina", TeamRole::kLead}};
  Policy policy = StrictPolicy();
  policy.approvals[ChangeKind::kPutTeam].is_automatic = true;
  const Bundle bundle{{PutTeamChange{payments}, DeleteTopicChange{"payments.idle"}}};
  const Decision decision = Decide(SmallWorld(), policy, bundle, AuthorNamed("nina"), kNow);
  EXPECT_EQ(ApproversOf(decision), "team:payments") << Shown(decision);
}

TEST(DecisionTest, WhatAGrantAloneNamesIsNotFreeToClaim) {
  PolicyWorld world = SmallWorld();
  world.PutGroup({"payments.readers", "", "", "", /*is_only_named=*/true});
  for (const Change& claim :
       {Change{PutGroupChange{"payments.readers", "payments", "page", "d"}},
        Change{SetOwnerChange{ResourceKind::kGroup, "payments.readers", "payments"}}}) {
    const Decision decision = Decide(world, StrictPolicy(), {{claim}}, AuthorNamed("ann"), kNow);
    EXPECT_EQ(ApproversOf(decision), "operators") << Shown(decision);
    ApplyBundle(world, {{claim}});
    EXPECT_FALSE(world.FindGroup("payments.readers")->is_only_named);
    world.PutGroup({"payments.readers", "", "", "", /*is_only_named=*/true});
  }
}

TEST(DecisionTest, APrefixIsATeamsAsItsNamesAreWritten) {
  PolicyWorld world = SmallWorld();
  world.PutTeam({"pay", "", "", {{"paul", TeamRole::kLead}}});
  world.PutTeam({"pay.api", "", "", {{"pia", TeamRole::kLead}}});
  Policy policy = StrictPolicy();
  policy.topic_names->begins_with_owner = true;
  const auto approvers = [&](const std::string& person, const std::string& team,
                             const std::string& prefix) {
    Author author = AuthorNamed(person);
    author.who.teams[team] = TeamRole::kLead;
    const Change grant = GrantWith([&](Grant& g) {
      g.name = prefix;
      g.is_prefix = true;
    });
    return ApproversOf(Decide(world, policy, {{grant}}, author, kNow));
  };
  EXPECT_EQ(approvers("pia", "pay.api", "pay-api."), "-");
  EXPECT_EQ(approvers("pia", "pay.api", "pay.api."), "operators");
  EXPECT_EQ(approvers("paul", "pay", "pay.api."), "-");
  EXPECT_EQ(approvers("paul", "pay", "pay-api."), "operators");
}

TEST(DecisionTest, AServiceMakesNewThingsOfItsTeamAndAsksItsLeadsForTheRest) {
  struct Case {
    std::string name;
    std::vector<Change> changes;
    std::string approvers;
  };
  const auto to_other = GrantWith([](Grant& g) {
    g.principal = {PrincipalKind::kService, "bill-api"};
  });
  const auto new_prefix = GrantWith([](Grant& g) {
    g.name = "payments.later.";
    g.is_prefix = true;
  });
  const auto new_topic_to_other = GrantWith([](Grant& g) { g.name = "payments.refunds"; });
  const Case cases[] = {
      {"a topic", {GoodTopic()}, "-"},
      {"a group", {PutGroupChange{"payments.worker", "payments", "page", "d"}}, "-"},
      {"both", {GoodTopic(), PutGroupChange{"payments.worker", "payments", "page", "d"}}, "-"},
      {"a topic of another team", {GoodTopic("solo.new", "solo")}, "team:solo"},
      {"a group of nobody", {PutGroupChange{"payments.free", "", "page", "d"}}, "operators"},
      {"a group that is there",
       {PutGroupChange{"payments.api", "payments", "ticket", "d"}},
       "team:payments"},
      {"a topic altered",
       {AlterTopicChange{.name = "payments.orders", .description = "d", .set = {}, .unset = {}}},
       "team:payments"},
      {"more partitions", {AddPartitionsChange{"payments.orders", 8}}, "team:payments"},
      {"a topic deleted", {DeleteTopicChange{"payments.idle"}}, "team:payments"},
      {"a group deleted", {DeleteGroupChange{"payments.api"}}, "team:payments"},
      {"a grant", {to_other}, "team:payments"},
      {"a grant on what it makes", {GoodTopic(), new_topic_to_other}, "team:payments"},
      {"a grant under its prefix", {new_prefix}, "team:payments"},
      {"a grant taken",
       {RevokeGrantChange{
           ResourceKind::kTopic, "payments.orders", false, {PrincipalKind::kTeam, "billing"}}},
       "team:payments"},
      {"a topic handed over",
       {SetOwnerChange{ResourceKind::kTopic, "payments.idle", "payments"}},
       "team:payments"},
  };
  Policy policy = StrictPolicy();
  policy.topic_names->begins_with_owner = true;
  policy.required.owner = false;
  policy.approvals = DefaultApprovals();
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Author service;
    service.who.principal = {PrincipalKind::kService, "pay-api"};
    service.who.teams["payments"] = TeamRole::kMember;
    const auto decide = [&] { return Decide(SmallWorld(), policy, {c.changes}, service, kNow); };
    const Decision decision = decide();
    ASSERT_NE(decision.kind, Decision::Kind::kRefuse) << Shown(decision);
    EXPECT_EQ(ApproversOf(decision), c.approvers) << Shown(decision);
    service.who.is_operator = true;
    EXPECT_EQ(ApproversOf(decide()), "-") << Shown(decide());
  }
}

TEST(DecisionTest, AServiceDoesNotGiveBackWhatItsTeamWasGiven) {
  Author service;
  service.who.principal = {PrincipalKind::kService, "bill-api"};
  service.who.teams["billing"] = TeamRole::kMember;
  const RevokeGrantChange back{
      ResourceKind::kTopic, "payments.orders", false, {PrincipalKind::kTeam, "billing"}};
  EXPECT_EQ(ApproversOf(Decide(SmallWorld(), StrictPolicy(), {{back}}, service, kNow)),
            "team:payments");
}

TEST(DecisionTest, AServiceActsForItsTeam) {
  Author service;
  service.who.principal = {PrincipalKind::kService, "pay-api"};
  service.who.teams["payments"] = TeamRole::kMember;
  const PolicyWorld world = SmallWorld();
  EXPECT_EQ(Decide(world, StrictPolicy(), {{GoodTopic()}}, service, kNow).kind,
            Decision::Kind::kApply);
  const Bundle other{{GoodTopic("solo.new", "solo")}};
  EXPECT_EQ(ApproversOf(Decide(world, StrictPolicy(), other, service, kNow)), "team:solo");
}

TEST(DecisionTest, BreakGlassIsForOperatorsWithAReasonAndOverridesNoLimit) {
  const PolicyWorld world = SmallWorld();
  const Bundle quota{{SetQuotaChange{"billing", {}}}};
  const auto decide = [&](const std::string& who, const std::string& reason, const Bundle& bundle) {
    Author author = AuthorNamed(who);
    author.break_glass_reason = reason;
    return Decide(world, StrictPolicy(), bundle, author, kNow);
  };
  const Decision broken = decide("olga", "disk is full", quota);
  EXPECT_EQ(broken.kind, Decision::Kind::kApply);
  EXPECT_TRUE(broken.is_break_glass);
  EXPECT_EQ(ApproversOf(broken), "operators");  // Who is told.
  EXPECT_EQ(decide("adam", "disk is full", quota).kind, Decision::Kind::kApply);
  EXPECT_FALSE(decide("olga", "not needed", {{GoodTopic()}}).is_break_glass);
  EXPECT_EQ(FieldsOf(decide("olga", "", quota)), "break_glass");
  EXPECT_EQ(FieldsOf(decide("olga", " \n\t", quota)), "break_glass");
  EXPECT_EQ(FieldsOf(decide("olga", std::string(501, 'x'), quota)), "break_glass");
  EXPECT_EQ(FieldsOf(decide("ann", "please", quota)), "break_glass");
  EXPECT_EQ(FieldsOf(decide("olga", "night", {{TopicWith([](auto& c) { c.partitions = 33; })}})),
            "partitions");
}

TEST(DecisionTest, TheCostIsWhatTheBundleAdds) {
  const PolicyWorld world = SmallWorld();
  const auto cost = [&](std::vector<Change> changes) {
    return Decide(world, StrictPolicy(), {std::move(changes)}, AuthorNamed("olga"), kNow).cost;
  };
  EXPECT_EQ(cost({GoodTopic()}), (Cost{4, 1'000'000, 7'000'000'000}));
  EXPECT_EQ(cost({DeleteTopicChange{"payments.idle"}}), (Cost{-4, -1'000'000, -7'000'000'000}));
  EXPECT_EQ(cost({GoodTopic(), DeleteTopicChange{"payments.idle"}}), (Cost{}));
  EXPECT_EQ(cost({AddPartitionsChange{"payments.orders", 8}}), (Cost{4, 0, 0}));
  EXPECT_EQ(cost({SetOwnerChange{ResourceKind::kTopic, "payments.orders", "billing"}}), (Cost{}));
  EXPECT_EQ(cost({PutGrantChange{GoodGrant()}}), (Cost{}));
}

TEST(DecisionTest, WithoutAPolicyWhateverTheClusterCanDoIsDoneAtOnce) {
  Author nobody;
  nobody.who.is_admin = true;  // As everybody is where nobody is asked who he is.
  const CreateTopicChange topic{
      .name = "X", .partitions = 1'000, .config = {{"retention.ms", "-1"}}, .traffic = {}};
  EXPECT_EQ(Decide({}, {}, {{topic}}, nobody, kNow).kind, Decision::Kind::kApply);
  CreateTopicChange retry = topic;
  retry.name = "x.retry";
  EXPECT_EQ(FieldsOf(Decide({}, {}, {{retry}}, nobody, kNow)), "name");
}

TEST(DecisionTest, AThousandTopicsAreDecidedOnInOneGo) {
  PolicyWorld world = SmallWorld();
  Bundle bundle;
  for (int i = 0; i < 1'000; ++i) {
    bundle.changes.emplace_back(GoodTopic("payments.t" + std::to_string(i)));
    world.PutTopic(Created(GoodTopic("payments.u" + std::to_string(i))));
  }
  const Decision decision = Decide(world, StrictPolicy(), bundle, AuthorNamed("bob"), kNow);
  EXPECT_EQ(decision.kind, Decision::Kind::kApply) << FieldsOf(decision);
  EXPECT_EQ(decision.cost.partitions, 4'000);
}

}  // namespace
}  // namespace lanemq::core
