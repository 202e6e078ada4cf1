#include "client/cli/apply/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/apply/diff_text.h"
#include "client/cli/apply/document_text.h"
#include "common/core/policy/bundle_json.h"

namespace lanemq::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// What the cluster has in every test.
constexpr char kActual[] = R"(
- {kind: team, name: pay, leads: [ann], members: [bob]}
- {kind: team, name: old}
- {kind: quota, team: pay, topics: 10, partitions: 100}
- kind: topic
  name: pay.orders
  owner: pay
  tier: page
  description: all of them
  partitions: 4
  config: {retention.ms: 1000, cleanup.policy: delete}
  traffic: {messages_per_day: 10, message_bytes: 20, ordering: all}
- {kind: topic, name: pay.bare, owner: pay}
- {kind: topic, name: old.events, owner: old}
- {kind: group, name: pay.api, owner: pay, tier: page}
- {kind: grant, principal: billing, topic: pay.orders, actions: [consume], expires_at: 2027-01-31}
- {kind: grant, principal: team:old, topic: "pay.*", actions: [consume]}
- {kind: grant, principal: team:pay, topic: old.events, actions: [consume]}
)";

Documents Read(const std::string& text) {
  Documents documents;
  Faults faults;
  ReadDocuments(text, "f", documents, faults);
  CheckDuplicates(documents, faults);
  EXPECT_THAT(faults.lines(), ElementsAre());
  return documents;
}

core::PolicyWorld Actual() {
  core::PolicyWorld world;
  Faults faults;
  core::ApplyBundle(world, {MakePlan({}, Read(kActual), "", faults).changes});
  return world;
}

struct Planned {
  std::vector<std::string> changes;  ///< As JSON.
  std::string diff;
  std::vector<std::string> faults;
};

Planned PlanFor(const std::string& text, const std::string& pruned_team = {}) {
  Faults faults;
  const Plan plan = MakePlan(Actual(), Read(text), pruned_team, faults);
  Planned planned{{}, DiffText(plan.differences, false), faults.lines()};
  for (const core::Change& change : plan.changes) {
    planned.changes.push_back(core::ChangeToText(change));
  }
  return planned;
}

TEST(Plan, WhatIsAsTheFilesSayNeedsNothing) {
  const Planned planned = PlanFor(kActual);
  EXPECT_THAT(planned.changes, ElementsAre());
  EXPECT_EQ(planned.diff, "");
}

TEST(Plan, WhatIsLeftOutStaysAsItIs) {
  EXPECT_THAT(PlanFor("- {kind: topic, name: pay.orders}\n- {kind: team, name: pay}\n"
                      "- {kind: quota, team: pay}\n- {kind: group, name: pay.api}\n"
                      "- {kind: grant, principal: billing, topic: pay.orders, actions: [consume]}")
                  .changes,
              ElementsAre());
}

TEST(Plan, ANewTopicIsMadeWithWhatItHas) {
  const Planned planned =
      PlanFor("{kind: topic, name: pay.new, owner: pay, config: {retention.ms: 5}}");
  EXPECT_THAT(planned.changes,
              ElementsAre(R"({"config":{"retention.ms":"5"},"kind":"create_topic",)"
                          R"("name":"pay.new","owner":"pay","partitions":1})"));
  EXPECT_EQ(planned.diff,
            "+ topic pay.new\n"
            "    owner                pay\n"
            "    partitions           1\n"
            "    config.retention.ms  5\n"
            "1 to make\n");
}

TEST(Plan, OnlyWhatDiffersOfATopicIsChanged) {
  const Planned planned = PlanFor(
      "kind: topic\nname: pay.orders\nowner: old\ntier: page\ndescription: ''\npartitions: 6\n"
      "config: {retention.ms: 2000}\ntraffic: {messages_per_day: 10, message_bytes: 21}");
  EXPECT_THAT(
      planned.changes,
      ElementsAre(R"({"kind":"set_owner","name":"pay.orders","resource":"topic","team":"old"})",
                  R"({"kind":"add_partitions","name":"pay.orders","partitions":6})",
                  R"({"description":"","kind":"alter_topic","name":"pay.orders",)"
                  R"("set":{"retention.ms":"2000"},"traffic":{"message_bytes":21,)"
                  R"("messages_per_day":10,"ordering":"none"},"unset":["cleanup.policy"]})"));
  EXPECT_EQ(planned.diff,
            "~ topic pay.orders\n"
            "    owner                  pay -> old\n"
            "    description            all of them -> -\n"
            "    partitions             4 -> 6\n"
            "    config.cleanup.policy  delete -> -\n"
            "    config.retention.ms    1000 -> 2000\n"
            "    traffic                10 messages a day of 20 bytes, ordering all -> "
            "10 messages a day of 21 bytes, ordering none\n"
            "1 to change\n");
}

TEST(Plan, AnEmptyOwnerMakesItNobodys) {
  EXPECT_THAT(PlanFor("{kind: topic, name: pay.bare, owner: ''}").changes,
              ElementsAre(R"({"kind":"set_owner","name":"pay.bare","resource":"topic"})"));
}

TEST(Plan, FewerPartitionsThanThereAreIsAFault) {
  const Planned planned = PlanFor("\nkind: topic\nname: pay.orders\npartitions: 3");
  EXPECT_THAT(planned.faults, ElementsAre("f:2: topic pay.orders has 4 partitions, and 3 are "
                                          "fewer: partitions cannot be taken away"));
}

TEST(Plan, TeamsQuotasAndGroupsAreChangedAsAWholeAndKeepWhatWasNotSaid) {
  const Planned planned = PlanFor(
      "- {kind: team, name: pay, leads: [ann, eve]}\n"
      "- {kind: quota, team: pay, topics: null, stored_bytes: 7}\n"
      "- {kind: group, name: pay.api, description: x}\n");
  EXPECT_THAT(planned.changes,
              ElementsAre(R"({"kind":"put_team","members":[{"person":"ann","role":"lead"},)"
                          R"({"person":"eve","role":"lead"}],"name":"pay"})",
                          R"({"kind":"set_quota","partitions":100,"stored_bytes":7,"team":"pay"})",
                          R"({"description":"x","kind":"put_group","name":"pay.api",)"
                          R"("owner":"pay","tier":"page"})"));
  EXPECT_THAT(planned.diff, HasSubstr("    leads    ann -> ann, eve\n    members  bob -> -\n"));
  EXPECT_THAT(planned.diff, HasSubstr("    topics        10 -> -\n    stored_bytes  - -> 7\n"));
}

TEST(Plan, AGrantIsChangedInItsActionsAndItsEnd) {
  EXPECT_EQ(PlanFor("{kind: grant, principal: billing, topic: pay.orders, "
                    "actions: [consume, describe]}")
                .diff,
            "~ grant topic pay.orders to service:billing\n"
            "    actions  consume -> describe, consume\n"
            "1 to change\n");
  const std::string never =
      "{kind: grant, principal: billing, topic: pay.orders, actions: [consume], expires_at: null}";
  EXPECT_EQ(PlanFor(never).diff,
            "~ grant topic pay.orders to service:billing\n"
            "    expires_at  2027-01-31T00:00:00.000000Z -> -\n"
            "1 to change\n");
  EXPECT_EQ(
      PlanFor("{kind: grant, principal: billing, topic: 'pay.orders*', actions: [consume]}").diff,
      "+ grant topic pay.orders* to service:billing\n"
      "    actions  consume\n"
      "1 to make\n");
}

TEST(Plan, PruningTakesWhatTheTeamOwnsAndNoFileNames) {
  const Planned planned = PlanFor("{kind: topic, name: pay.bare}", "pay");
  // The grant of billing goes with the topic, so that it can come back with it.
  EXPECT_THAT(planned.changes, ElementsAre(R"({"kind":"delete_group","name":"pay.api"})",
                                           R"({"kind":"delete_topic","name":"pay.orders"})"));
  EXPECT_EQ(planned.diff,
            "- group pay.api\n"
            "- topic pay.orders\n"
            "2 to remove\n");
}

TEST(Plan, PruningSparesWhatAFileNamesForAnotherOwner) {
  EXPECT_THAT(
      PlanFor("- {kind: topic, name: pay.orders, owner: old}\n"
              "- {kind: topic, name: pay.bare}\n- {kind: group, name: pay.api}\n"
              "- {kind: grant, principal: billing, topic: pay.orders, actions: [consume]}",
              "pay")
          .changes,
      ElementsAre(R"({"kind":"set_owner","name":"pay.orders","resource":"topic","team":"old"})"));
}

TEST(Plan, PruningTakesGrantsOnWhatBecomesTheTeams) {
  const Planned planned = PlanFor(
      "- {kind: topic, name: pay.orders}\n- {kind: topic, name: pay.bare}\n"
      "- {kind: group, name: pay.api}\n- {kind: topic, name: old.events, owner: pay}\n"
      "- {kind: grant, principal: billing, topic: pay.orders, actions: [consume]}",
      "pay");
  EXPECT_THAT(planned.changes,
              ElementsAre(R"({"kind":"set_owner","name":"old.events","resource":"topic",)"
                          R"("team":"pay"})",
                          R"({"kind":"revoke_grant","name":"old.events","principal":"team:pay",)"
                          R"("resource":"topic"})"));
}

TEST(Plan, ChangesAreSplitByCountAndBytesInTheirOrder) {
  std::vector<core::Change> changes;
  for (int i = 0; i < 7; ++i) changes.emplace_back(core::DeleteGroupChange{std::to_string(i)});
  const std::size_t bytes = core::ChangeToText(changes.front()).size() + 1;
  EXPECT_EQ(InBundles({}).size(), 0U);
  EXPECT_EQ(InBundles(changes).size(), 1U);
  EXPECT_EQ(InBundles(changes, 3).size(), 3U);
  EXPECT_EQ(InBundles(changes, 100, 2 * bytes).size(), 4U);
  EXPECT_EQ(InBundles(changes, 100, 2 * bytes - 1).size(), 7U);
  std::vector<core::Change> joined;
  for (const core::Bundle& bundle : InBundles(changes, 3)) {
    joined.insert(joined.end(), bundle.changes.begin(), bundle.changes.end());
  }
  EXPECT_EQ(joined, changes);
}

TEST(DiffText, ShowsNoControlCharactersAndColoursOnlyTitles) {
  const std::vector<Difference> differences = {
      {Difference::Kind::kMade, "topic", "a\x1b[2J", {{"tier", "", "x\ny"}}}};
  EXPECT_EQ(DiffText(differences, false), "+ topic a\\x1b[2J\n    tier  x\\ny\n1 to make\n");
  EXPECT_EQ(DiffText(differences, true),
            "\x1b[32m+ topic a\\x1b[2J\x1b[0m\n    tier  x\\ny\n1 to make\n");
}

TEST(DecisionText, NamesWhoMustAgreeWhatItCostsAndEveryFix) {
  idl::Decision decision;
  decision.__set_kind("refuse");
  decision.__set_cost({});
  idl::Violation violation;
  violation.__set_subject("topic pay.x");
  violation.__set_field("partitions");
  violation.__set_limit("at most 32");
  violation.__set_got("64");
  violation.__set_fix("32");
  decision.__set_violations({violation});
  EXPECT_THAT(DecisionLines(decision),
              ElementsAre("Refused: 1 violations of the policy.",
                          "  topic pay.x: partitions: 64; allowed: at most 32; try: 32"));
  decision.__set_violations(std::vector<idl::Violation>(60, violation));
  EXPECT_EQ(DecisionLines(decision).size(), 52U);
  EXPECT_EQ(DecisionLines(decision).back(), "  ... and 10 more");
  decision.__set_violations({});
  decision.__set_kind("needs_approval");
  decision.__set_approvers({"leads of pay", "operators"});
  decision.cost.__set_partitions(8);
  decision.cost.__set_stored_bytes(-1'000);
  EXPECT_THAT(DecisionLines(decision),
              ElementsAre("Needs the yes of leads of pay; operators.",
                          "Cost: +8 partitions, +0 messages a day, -1,000 bytes stored."));
}

}  // namespace
}  // namespace lanemq::cli
