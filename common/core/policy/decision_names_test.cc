// What is refused of names, grants, owners and teams, why, and with which fix.
#include <gtest/gtest.h>

#include "common/core/policy/test_field_cases.h"

namespace lanemq::core {
namespace {

using namespace policy_rig;  // NOLINT: the rig is this test's vocabulary.

TEST(DecisionTest, NamesAreCheckedMendedAndUnique) {
  const auto named = [](const char* name) { return TopicWith([name](auto& c) { c.name = name; }); };
  ExpectFields({
      {"mended", {named("Payments.Orders_Paid")}, "name", {"payments.orders-paid"}},
      {"one segment is cut", {named("orders-paid")}, "name", {"orders.paid"}},
      {"one segment that cannot be", {named("orders")}, "name", {kNoFix}},
      {"the owner comes first",
       {named("worker-x")},
       "name",
       {"payments.worker-x"},
       [](Policy& p) { p.topic_names->begins_with_owner = true; }},
      {"another comes first",
       {named("billing.orders")},
       "name",
       {"payments.billing.orders"},
       [](Policy& p) { p.topic_names->begins_with_owner = true; }},
      {"reserved", {named("payments.refunds.dlq")}, "name", {"payments.refunds"}},
      {"reserved, in upper case", {named("payments.refunds.RETRY")}, "name", {"payments.refunds"}},
      {"taken", {named("payments.orders")}, "name", {"payments.orders-2"}},
      {"taken after mending", {named("Payments.Orders")}, "name", {"payments.orders-2"}},
      {"taken in other letters", {named("legacy.mixed_case")}, "name", {"legacy.mixed-case"}},
      {"taken in other letters, which are allowed",
       {named("legacy.mixed_case")},
       "name",
       {"legacy.mixed_case_2"},
       [](Policy& p) {
         p.topic_names->punctuation = "_";
         p.topic_names->allows_upper_case = true;
       }},
      {"any name of Kafka's", {named("X_y")}, "", {}, [](Policy& p) { p.topic_names.reset(); }},
      {"no name of Kafka's",
       {named("a b")},
       "name",
       {"a-b"},
       [](Policy& p) { p.topic_names.reset(); }},
      {"empty", {named("")}, "name", {kNoFix}},
      {"two mended to the same",
       {named("payments.New_One"), named("payments.new one")},
       "name",
       {"*"}},
      {"two that differ in case alone",
       {named("payments.new"), named("payments.New")},
       "changes, name",
       {kNoFix}},
      {"a group's",
       {PutGroupChange{"Payments.Worker", "payments", "page", "d"}},
       "name",
       {"payments.worker"}},
      {"a group's that is taken",
       {PutGroupChange{"Payments.Api", "payments", "page", "d"}},
       "name",
       {"payments.api-2"}},
      {"a grant goes along",
       {named("Payments.New"), GrantWith([](Grant& g) { g.name = "Payments.New"; })},
       "name",
       {"payments.new"}},
      {"altered in other letters",
       {AlterTopicChange{.name = "PAYMENTS.orders", .description = "d", .set = {}, .unset = {}}},
       "name",
       {"payments.orders"}},
      {"altered, but not there",
       {AlterTopicChange{.name = "payments.none", .description = "d", .set = {}, .unset = {}}},
       "name",
       {kNoFix}},
      {"grown, but not there", {AddPartitionsChange{"payments.none", 5}}, "name", {kNoFix}},
      {"deleted, but not there", {DeleteTopicChange{"payments.none"}}, "name", {kNoFix}},
      {"a group deleted, but not there", {DeleteGroupChange{"payments.none"}}, "name", {kNoFix}},
      {"a group deleted in other letters",
       {DeleteGroupChange{"Payments.Api"}},
       "name",
       {"payments.api"}},
      {"an old name is not asked about",
       {AlterTopicChange{.name = "legacy.Mixed_Case", .description = "d", .set = {}, .unset = {}}},
       ""},
  });
}

TEST(DecisionTest, GrantsOwnersAndTeamsNameWhatIsThere) {
  const auto days = [](std::int64_t n) {
    return GrantWith([n](Grant& g) { g.expires_at = DaysFromNow(n); });
  };
  const std::string last = std::to_string(DaysFromNow(90).micros);
  const auto own = [](std::optional<WallTime> end) {
    return GrantWith([=](Grant& g) {
      g.principal = {PrincipalKind::kService, "pay-api"};
      g.expires_at = end;
    });
  };
  const auto forever = [](Policy& p) { p.grant_days_max.reset(); };
  ExpectFields({
      {"a grant", {PutGrantChange{GoodGrant()}}, ""},
      {"to the last day", {days(90)}, ""},
      {"a day longer", {days(91)}, "expires_at", {last}},
      {"without end", {GrantWith([](Grant& g) { g.expires_at.reset(); })}, "expires_at", {last}},
      {"without end, which is no matter",
       {GrantWith([](Grant& g) { g.expires_at.reset(); })},
       "",
       {},
       forever},
      {"ended", {days(0)}, "expires_at", {last}},
      {"ended long ago", {days(-5)}, "expires_at", {"never"}, forever},
      {"to an own service without end", {own({})}, ""},
      {"to an own service, ended", {own(DaysFromNow(-1))}, "expires_at", {"never"}},
      {"to a service",
       {GrantWith([](Grant& g) {
         g.principal = {PrincipalKind::kService, "bill-api"};
       })},
       ""},
      {"to no service",
       {GrantWith([](Grant& g) {
         g.principal = {PrincipalKind::kService, "none"};
       })},
       "principal",
       {kNoFix}},
      {"to no team",
       {GrantWith([](Grant& g) {
         g.principal = {PrincipalKind::kTeam, "gone"};
       })},
       "principal",
       {kNoFix}},
      {"to a person",
       {GrantWith([](Grant& g) {
         g.principal = {PrincipalKind::kPerson, "ann"};
       })},
       "grant",
       {kNoFix}},
      {"of nothing", {GrantWith([](Grant& g) { g.actions = {}; })}, "grant", {kNoFix}},
      {"of what topics have not",
       {GrantWith([](Grant& g) { g.actions = {Action::kOperate}; })},
       "grant",
       {kNoFix}},
      {"on no topic", {GrantWith([](Grant& g) { g.name = "payments.none"; })}, "name", {kNoFix}},
      {"on a topic in other letters",
       {GrantWith([](Grant& g) { g.name = "Payments.Orders"; })},
       "name",
       {"payments.orders"}},
      {"on a topic that is made now",
       {GoodTopic(), GrantWith([](Grant& g) { g.name = "payments.refunds"; })},
       ""},
      {"on a topic that goes now",
       {DeleteTopicChange{"payments.idle"}, GrantWith([](Grant& g) { g.name = "payments.idle"; })},
       "name",
       {kNoFix}},
      {"to a team that is made now",
       {PutTeamChange{{"fresh", "", "", {}}}, GrantWith([](Grant& g) {
          g.principal = {PrincipalKind::kTeam, "fresh"};
        })},
       ""},
      {"a prefix of nothing yet",
       {GrantWith([](Grant& g) {
         g.name = "zebra.";
         g.is_prefix = true;
       })},
       ""},
      {"a grant that is not there goes",
       {RevokeGrantChange{
           ResourceKind::kTopic, "payments.idle", false, {PrincipalKind::kTeam, "billing"}}},
       "grant",
       {kNoFix}},
      {"a grant that is a prefix is another",
       {RevokeGrantChange{
           ResourceKind::kTopic, "payments.orders", true, {PrincipalKind::kTeam, "billing"}}},
       "grant",
       {kNoFix}},
      {"an owner that is no team",
       {SetOwnerChange{ResourceKind::kTopic, "payments.orders", "gone"}},
       "owner",
       {kNoFix}},
      {"no owner",
       {SetOwnerChange{ResourceKind::kTopic, "payments.orders", ""}},
       "owner",
       {kNoFix}},
      {"no owner, which is no matter",
       {SetOwnerChange{ResourceKind::kTopic, "payments.orders", ""}},
       "",
       {},
       [](Policy& p) { p.required.owner = false; }},
      {"an owner of no topic",
       {SetOwnerChange{ResourceKind::kTopic, "payments.none", "payments"}},
       "name",
       {kNoFix}},
      {"an owner of the cluster",
       {SetOwnerChange{ResourceKind::kCluster, "", "payments"}},
       "kind",
       {kNoFix}},
      {"a quota of no team", {SetQuotaChange{"gone", {}}}, "team", {kNoFix}},
      {"a quota below nothing",
       {SetQuotaChange{"payments", {.topics = -1}}},
       "quota.topics",
       {"0"}},
      {"a quota of a team that is made now",
       {PutTeamChange{{"fresh", "", "", {}}}, SetQuotaChange{"fresh", {.topics = 5}}},
       ""},
      {"a team's name", {PutTeamChange{{"Fresh", "", "", {}}}}, "team", {kNoFix}},
      {"a member twice",
       {PutTeamChange{{"fresh", "", "", {{"ann", TeamRole::kLead}, {"ann", TeamRole::kMember}}}}},
       "team",
       {kNoFix}},
      {"a team with a service goes", {DeleteTeamChange{"billing"}}, "in_use", {kNoFix}},
      {"no team goes", {DeleteTeamChange{"gone"}}, "name", {kNoFix}},
      {"a topic of a team that goes",
       {DeleteTeamChange{"empty"}, GoodTopic("empty.x", "empty")},
       "in_use, owner",
       {kNoFix}},
      {"a team that has nothing goes", {DeleteTeamChange{"empty"}}, ""},
      {"nothing", {}, "changes", {kNoFix}},
      {"too much",
       std::vector<Change>(kBundleChangesMax + 1, DeleteTopicChange{"payments.idle"}),
       "changes",
       {kNoFix}},
  });
}

}  // namespace
}  // namespace lanemq::core
