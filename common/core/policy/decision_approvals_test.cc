// Who may do what at once, and whose yes is needed otherwise: a table of a few hundred cases.
#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/core/policy/decision.h"
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

}  // namespace
}  // namespace lanemq::core
