// Who may do what at once, and whose yes is needed otherwise: a table of a few hundred cases.
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

// One letter an approver: leads of (p)ayments, (b)illing, (s)olo; (o)perators, (a)dmins.
std::string Letters(const Decision& decision) {
  if (decision.kind == Decision::Kind::kRefuse) return "R";
  std::string letters;
  for (const Approver& approver : decision.approvers) {
    switch (approver.kind) {
      case Approver::Kind::kTeamLeads:
        letters += approver.team.front();
        break;
      case Approver::Kind::kOperators:
        letters += 'o';
        break;
      case Approver::Kind::kAdmins:
        letters += 'a';
        break;
      case Approver::Kind::kOwnerLeads:
        letters += '?';
        break;
    }
  }
  std::sort(letters.begin(), letters.end());
  return letters.empty() ? "-" : letters;
}

struct ApprovalCase {
  std::string name;
  Change change;
  // For ann (leads payments), bob (in payments), carl (leads billing), nina (in no team), eve
  // (leads solo), olga (operator), adam (admin).
  std::vector<std::string> expected;
  std::function<void(Policy&)> tweak = {};
};

const std::vector<std::string> kPeople = {"ann", "bob", "carl", "nina", "eve", "olga", "adam"};

std::vector<ApprovalCase> TopicCases() {
  const auto big = [](auto& c) { c.partitions = 17; };
  return {
      {"a topic of payments", GoodTopic(), {"-", "-", "p", "p", "p", "-", "-"}},
      {"a topic with many partitions", TopicWith(big), {"p", "p", "p", "p", "p", "p", "p"}},
      {"the same, by operators",
       TopicWith(big),
       {"o", "o", "op", "op", "op", "o", "o"},
       [](Policy& p) {
         p.approvals[ChangeKind::kCreateTopic].approvers = {{Approver::Kind::kOperators, {}}};
       }},
      {"the same, by two",
       TopicWith(big),
       {"ab", "ab", "aop", "abp", "abp", "ab", "ab"},
       [](Policy& p) {
         p.approvals[ChangeKind::kCreateTopic].approvers = {
             {Approver::Kind::kAdmins, {}}, {Approver::Kind::kTeamLeads, "billing"}};
       }},
      {"the same, by nobody, which is operators",
       TopicWith(big),
       {"o", "o", "op", "op", "op", "o", "o"},
       [](Policy& p) { p.approvals[ChangeKind::kCreateTopic].approvers = {}; }},
      {"a topic with as many as are automatic",
       TopicWith([](auto& c) {
         c.partitions = 16;
         c.traffic->messages_per_day = 10'000'000;
       }),
       {"-", "-", "p", "p", "p", "-", "-"}},
      {"a topic with as many bytes as are automatic",
       TopicWith([](auto& c) {
         c.config["retention.ms"] = std::to_string(kDayMs);
         c.traffic = Traffic{1 << 20, 100 << 10, Ordering::kNone};
       }),
       {"-", "-", "p", "p", "p", "-", "-"}},
      {"a topic with many messages",
       TopicWith([](auto& c) { c.traffic->messages_per_day = 10'000'001; }),
       {"p", "p", "p", "p", "p", "p", "p"}},
      {"a topic with many bytes",
       TopicWith([](auto& c) { c.traffic->message_bytes = 100'000; }),
       {"p", "p", "p", "p", "p", "p", "p"}},
      {"a tier that is not automatic",
       GoodTopic(),
       {"p", "p", "p", "p", "p", "p", "p"},
       [](Policy& p) { p.approvals[ChangeKind::kCreateTopic].tiers = {"ticket"}; }},
      {"a topic of whom has one lead",
       With(GoodTopic("solo.x", "solo"), big),
       {"s", "s", "s", "s", "o", "s", "s"}},
      {"a topic of a team without lead",
       GoodTopic("leadless.x", "leadless"),
       {"o", "o", "o", "o", "o", "-", "-"}},
      {"a topic of nobody",
       GoodTopic("free.x", ""),
       {"o", "o", "o", "o", "o", "-", "-"},
       [](Policy& p) { p.required.owner = false; }},
      {"a description",
       AlterTopicChange{.name = "payments.orders", .description = "more", .set = {}, .unset = {}},
       {"-", "-", "p", "p", "p", "-", "-"}},
      {"a longer retention",
       AlterTopicChange{.name = "payments.orders",
                        .set = {{"retention.ms", std::to_string(20 * kDayMs)}},
                        .unset = {}},
       {"-", "-", "p", "p", "p", "-", "-"}},
      {"more messages than are automatic",
       AlterTopicChange{.name = "payments.orders",
                        .set = {},
                        .unset = {},
                        .traffic = Traffic{20'000'000, 10, Ordering::kNone}},
       {"p", "p", "p", "p", "p", "p", "p"}},
      {"what is beyond a limit already and does not grow",
       AlterTopicChange{.name = "payments.orders", .description = "more", .set = {}, .unset = {}},
       {"-", "-", "p", "p", "p", "-", "-"},
       [](Policy& p) { p.approvals[ChangeKind::kAlterTopic].partitions_max = 2; }},
      {"a topic of nobody is altered",
       AlterTopicChange{.name = "orphan.events", .description = "more", .set = {}, .unset = {}},
       {"o", "o", "o", "o", "o", "-", "-"}},
      {"a topic of a team that is gone is altered",
       AlterTopicChange{.name = "lost.events", .description = "more", .set = {}, .unset = {}},
       {"o", "o", "o", "o", "o", "-", "-"}},
      {"more partitions",
       AddPartitionsChange{"payments.orders", 8},
       {"-", "-", "p", "p", "p", "-", "-"}},
      {"as many partitions as before",
       AddPartitionsChange{"payments.orders", 4},
       {"-", "-", "p", "p", "p", "-", "-"}},
      {"many more partitions",
       AddPartitionsChange{"payments.orders", 20},
       {"p", "p", "p", "p", "p", "p", "p"}},
      {"a deletion", DeleteTopicChange{"payments.idle"}, {"p", "p", "p", "p", "p", "p", "p"}},
      {"a deletion that is automatic",
       DeleteTopicChange{"payments.idle"},
       {"-", "-", "p", "p", "p", "-", "-"},
       [](Policy& p) { p.approvals[ChangeKind::kDeleteTopic].is_automatic = true; }},
      {"a deletion of what is in use",
       DeleteTopicChange{"payments.orders"},
       {"R", "R", "R", "R", "R", "R", "R"}},
  };
}

std::vector<ApprovalCase> OtherCases() {
  const auto owned = [](Policy& p) { p.topic_names->begins_with_owner = true; };
  const auto any_action = [](Policy& p) { p.approvals[ChangeKind::kPutGrant].actions = {}; };
  const auto prefix = [](std::string name) {
    return GrantWith([&](Grant& g) {
      g.name = name;
      g.is_prefix = true;
    });
  };
  Team payments = *SmallWorld().FindTeam("payments");
  payments.description = "takes money";
  return {
      {"a group",
       PutGroupChange{"payments.worker", "payments", "page", "d"},
       {"-", "-", "p", "p", "p", "-", "-"}},
      {"a group of nobody",
       PutGroupChange{"free.worker", "", "page", "d"},
       {"o", "o", "o", "o", "o", "-", "-"},
       [](Policy& p) { p.required.owner = false; }},
      {"a group of nobody is claimed",
       PutGroupChange{"orphan.group", "payments", "page", "d"},
       {"o", "o", "op", "op", "op", "-", "-"}},
      {"a group of nobody is taken",
       SetOwnerChange{ResourceKind::kGroup, "orphan.group", "payments"},
       {"o", "o", "op", "op", "op", "-", "-"}},
      {"a group is handed over",
       PutGroupChange{"payments.api", "billing", "page", "d"},
       {"b", "bp", "p", "bp", "bp", "-", "-"}},
      {"a group is described",
       PutGroupChange{"billing.report", "billing", "ticket", "d"},
       {"b", "b", "-", "b", "b", "-", "-"}},
      {"a group is deleted",
       DeleteGroupChange{"billing.report"},
       {"b", "b", "-", "b", "b", "-", "-"}},
      {"a group of nobody is deleted",
       DeleteGroupChange{"orphan.group"},
       {"o", "o", "o", "o", "o", "-", "-"}},
      {"a grant", PutGrantChange{GoodGrant()}, {"-", "-", "p", "p", "p", "-", "-"}},
      {"a grant of payloads",
       GrantWith([](Grant& g) { g.actions = {Action::kPeek}; }),
       {"p", "p", "p", "p", "p", "p", "p"}},
      {"a grant of payloads and more",
       GrantWith([](Grant& g) {
         g.actions = {Action::kConsume, Action::kPeek};
       }),
       {"p", "p", "p", "p", "p", "p", "p"}},
      {"a grant of payloads where that is automatic",
       GrantWith([](Grant& g) { g.actions = {Action::kPeek}; }),
       {"-", "p", "p", "p", "p", "-", "-"},
       any_action},
      {"a grant of payloads to the team itself",
       GrantWith([](Grant& g) {
         g.principal.name = "payments";
         g.actions = {Action::kConsume, Action::kPeek};
       }),
       {"-", "p", "p", "p", "p", "-", "-"},
       any_action},
      {"a grant of payloads under the team's prefix, where nothing is yet",
       GrantWith([](Grant& g) {
         g.name = "payments.later.";
         g.is_prefix = true;
         g.actions = {Action::kPeek};
       }),
       {"-", "p", "o", "o", "o", "-", "-"},
       [=](Policy& p) {
         owned(p);
         any_action(p);
       }},
      {"a grant to manage, to another team",
       GrantWith([](Grant& g) { g.actions = {Action::kManage}; }),
       {"-", "p", "p", "p", "p", "-", "-"},
       any_action},
      {"a grant to manage, to an own service",
       GrantWith([](Grant& g) {
         g.principal = {PrincipalKind::kService, "pay-api"};
         g.actions = {Action::kManage};
       }),
       {"-", "-", "p", "p", "p", "-", "-"},
       any_action},
      {"a grant to another team where only the own is automatic",
       PutGrantChange{GoodGrant()},
       {"p", "p", "p", "p", "p", "p", "p"},
       [](Policy& p) { p.approvals[ChangeKind::kPutGrant].is_for_own_team = true; }},
      {"a grant to an own service where only the own is automatic",
       GrantWith([](Grant& g) {
         g.principal = {PrincipalKind::kService, "pay-api"};
       }),
       {"-", "-", "p", "p", "p", "-", "-"},
       [](Policy& p) { p.approvals[ChangeKind::kPutGrant].is_for_own_team = true; }},
      {"a grant to nobody's service where only the own is automatic",
       GrantWith([](Grant& g) {
         g.principal = {PrincipalKind::kService, "robot"};
       }),
       {"p", "p", "p", "p", "p", "p", "p"},
       [](Policy& p) { p.approvals[ChangeKind::kPutGrant].is_for_own_team = true; }},
      {"a grant on a group",
       GrantWith([](Grant& g) {
         g.kind = ResourceKind::kGroup;
         g.name = "billing.report";
       }),
       {"b", "b", "-", "b", "b", "-", "-"}},
      {"a prefix that anybody may make topics under",
       prefix("payments."),
       {"o", "o", "op", "op", "op", "-", "-"}},
      {"a prefix that only the team makes topics under",
       prefix("payments."),
       {"-", "-", "p", "p", "p", "-", "-"},
       owned},
      {"a prefix in a team's names",
       prefix("payments.or"),
       {"-", "-", "p", "p", "p", "-", "-"},
       owned},
      {"a prefix that is not yet a team's",
       prefix("payment"),
       {"o", "o", "op", "op", "op", "-", "-"},
       owned},
      {"every topic", prefix(""), {"bo", "bo", "op", "bop", "bop", "-", "-"}},
      {"a grant is given back, or taken",
       RevokeGrantChange{
           ResourceKind::kTopic, "payments.orders", false, {PrincipalKind::kTeam, "billing"}},
       {"-", "-", "-", "p", "p", "-", "-"}},
      {"a topic is handed over",
       SetOwnerChange{ResourceKind::kTopic, "payments.orders", "billing"},
       {"b", "bp", "p", "bp", "bp", "-", "-"}},
      {"a topic is given to nobody",
       SetOwnerChange{ResourceKind::kTopic, "payments.idle", ""},
       {"o", "op", "op", "op", "op", "-", "-"},
       [](Policy& p) { p.required.owner = false; }},
      {"a topic of nobody is taken",
       SetOwnerChange{ResourceKind::kTopic, "orphan.events", "payments"},
       {"o", "o", "op", "op", "op", "-", "-"}},
      {"a topic of a team that is gone is taken",
       SetOwnerChange{ResourceKind::kTopic, "lost.events", "payments"},
       {"o", "o", "op", "op", "op", "-", "-"}},
      {"a group is handed over by its owner",
       SetOwnerChange{ResourceKind::kGroup, "billing.report", "payments"},
       {"b", "b", "p", "bp", "bp", "-", "-"}},
      {"a quota",
       SetQuotaChange{"billing", {.topics = 50}},
       {"bo", "bo", "o", "bo", "bo", "o", "o"}},
      {"a quota where it is automatic",
       SetQuotaChange{"billing", {.topics = 50}},
       {"b", "b", "-", "b", "b", "-", "-"},
       [](Policy& p) { p.approvals[ChangeKind::kSetQuota].is_automatic = true; }},
      {"a new team",
       PutTeamChange{{"newcomers", "", "", {{"nina", TeamRole::kLead}}}},
       {"o", "o", "o", "o", "o", "o", "o"}},
      {"a team is changed", PutTeamChange{payments}, {"o", "op", "op", "op", "op", "o", "o"}},
      {"a team is changed where that is automatic",
       PutTeamChange{payments},
       {"-", "p", "p", "p", "p", "-", "-"},
       [](Policy& p) { p.approvals[ChangeKind::kPutTeam].is_automatic = true; }},
      {"a team is deleted", DeleteTeamChange{"empty"}, {"o", "o", "o", "o", "o", "o", "o"}},
      {"a team with topics is deleted",
       DeleteTeamChange{"payments"},
       {"R", "R", "R", "R", "R", "R", "R"}},
  };
}

TEST(DecisionTest, ThoseMustAgreeWhoseThingsItIsAndWhomTheRuleNames) {
  const PolicyWorld world = SmallWorld();
  std::vector<ApprovalCase> cases = TopicCases();
  for (ApprovalCase& other : OtherCases()) cases.push_back(std::move(other));
  int count = 0;
  for (const ApprovalCase& c : cases) {
    Policy policy = StrictPolicy();
    if (c.tweak) c.tweak(policy);
    ASSERT_EQ(c.expected.size(), kPeople.size()) << c.name;
    for (std::size_t i = 0; i < kPeople.size(); ++i) {
      SCOPED_TRACE(c.name + ", by " + kPeople[i]);
      const Decision decision = Decide(world, policy, {{c.change}}, AuthorNamed(kPeople[i]), kNow);
      EXPECT_EQ(Letters(decision), c.expected[i]) << Shown(decision);
      EXPECT_EQ(decision.kind == Decision::Kind::kApply, c.expected[i] == "-");
      ++count;
    }
  }
  EXPECT_GE(count, 300);
}

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
