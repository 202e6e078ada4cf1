#include "client/cli/apply/documents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/apply/document_text.h"
#include "client/cli/apply/plan.h"

namespace lanemq::cli {
namespace {

using ::testing::ElementsAre;

struct Read {
  Documents documents;
  Faults faults;
};

Read ReadText(std::string_view text) {
  Read read;
  ReadDocuments(text, "a.yaml", read.documents, read.faults);
  CheckDuplicates(read.documents, read.faults);
  return read;
}

std::vector<std::string> FaultsOf(std::string_view text) { return ReadText(text).faults.lines(); }

constexpr char kEverything[] = R"(
# What the payments team has.
kind: team
name: payments
description: "Money: in and out"
oncall_route: pay
leads: [ann]
members:
  - bob
---
kind: quota
team: payments
partitions: 100
stored_bytes: null
---
kind: topic
name: payments.orders
owner: payments
tier: page
description: yes
partitions: 8
config:
  retention.ms: 86400000
  cleanup.policy: "delete"
traffic: {messages_per_day: 1000000, message_bytes: 800, ordering: per_key}
---
kind: list
items:
  - {kind: group, name: payments.api, owner: payments}
  - kind: grant
    principal: team:billing
    topic: payments.*
    actions: [produce, consume, produce]
    expires_at: 2027-01-31
)";

TEST(Documents, EveryKindIsReadWithItsFields) {
  const Read read = ReadText(kEverything);
  ASSERT_THAT(read.faults.lines(), ElementsAre());
  ASSERT_EQ(read.documents.size(), 5U);
  const TeamDocument& team = read.documents.teams.front();
  EXPECT_EQ(team.place.line, 3);
  EXPECT_EQ(team.description, "Money: in and out");
  EXPECT_EQ(team.oncall_route, "pay");
  ASSERT_TRUE(team.members);
  EXPECT_THAT(*team.members, ElementsAre(core::TeamMember{"ann", core::TeamRole::kLead},
                                         core::TeamMember{"bob", core::TeamRole::kMember}));
  const QuotaDocument& quota = read.documents.quotas.front();
  EXPECT_EQ(quota.team, "payments");
  EXPECT_EQ(quota.limits.at(0), std::nullopt);
  ASSERT_TRUE(quota.limits.at(1) && quota.limits.at(2));
  EXPECT_EQ(*quota.limits.at(1), 100);
  EXPECT_EQ(*quota.limits.at(2), std::nullopt);
  const TopicDocument& topic = read.documents.topics.front();
  EXPECT_EQ(topic.description, "yes");
  EXPECT_EQ(topic.partitions, 8);
  EXPECT_EQ(topic.config,
            (core::TopicConfig{{"retention.ms", "86400000"}, {"cleanup.policy", "delete"}}));
  EXPECT_EQ(topic.traffic, (core::Traffic{1'000'000, 800, core::Ordering::kPerKey}));
  EXPECT_EQ(read.documents.groups.front().tier, std::nullopt);
  const GrantDocument& grant = read.documents.grants.front();
  EXPECT_EQ(NameOf(grant.grant), "topic payments.* to team:billing");
  EXPECT_THAT(grant.grant.actions, ElementsAre(core::Action::kProduce, core::Action::kConsume));
  EXPECT_TRUE(grant.says_end);
  EXPECT_EQ(grant.grant.expires_at, WallTime{1'801'353'600'000'000});
}

TEST(Documents, WhatIsNotSaidIsNotTheSameAsWhatIsEmpty) {
  const Read read = ReadText("{kind: topic, name: a, owner: '', description: null, config: {}}");
  ASSERT_THAT(read.faults.lines(), ElementsAre());
  const TopicDocument& topic = read.documents.topics.front();
  EXPECT_EQ(topic.owner, "");
  EXPECT_EQ(topic.description, "");
  EXPECT_EQ(topic.tier, std::nullopt);
  EXPECT_EQ(topic.config, core::TopicConfig{});
  EXPECT_EQ(topic.partitions, std::nullopt);
}

TEST(Documents, AStarAtTheEndIsAPrefixUnlessItIsSaidOtherwise) {
  const Read read = ReadText(
      "[{kind: grant, principal: api, group: 'g*', actions: [consume]},"
      " {kind: grant, principal: api, group: 'g*', is_prefix: false, actions: [consume]},"
      " {kind: grant, principal: api, group: '*', actions: [consume]}]");
  ASSERT_THAT(read.faults.lines(), ElementsAre());
  ASSERT_EQ(read.documents.grants.size(), 3U);
  EXPECT_EQ(NameOf(read.documents.grants[0].grant), "group g* to service:api");
  EXPECT_TRUE(read.documents.grants[0].grant.is_prefix);
  EXPECT_EQ(read.documents.grants[1].grant.name, "g*");
  EXPECT_FALSE(read.documents.grants[1].grant.is_prefix);
  EXPECT_EQ(read.documents.grants[2].grant.name, "");
}

TEST(Documents, MergedDefaultsAreOverruledByTheMapItself) {
  const Read read = ReadText(
      "- &a {kind: topic, name: a, partitions: 4, config: {retention.ms: 1000}}\n"
      "- {<<: *a, name: b}\n"
      "- name: c\n"
      "  partitions: 2\n"
      "  <<: [*a, {tier: page, partitions: 9}]\n");
  ASSERT_THAT(read.faults.lines(), ElementsAre());
  ASSERT_EQ(read.documents.topics.size(), 3U);
  EXPECT_EQ(read.documents.topics[1].name, "b");
  EXPECT_EQ(read.documents.topics[1].partitions, 4);
  EXPECT_EQ(read.documents.topics[2].partitions, 2);
  EXPECT_EQ(read.documents.topics[2].tier, "page");
  EXPECT_EQ(read.documents.topics[2].config, (core::TopicConfig{{"retention.ms", "1000"}}));
}

TEST(Documents, FaultsAreToldWithTheirLinesAndWhatWasMeant) {
  EXPECT_THAT(FaultsOf("kind: topic\nname: orders\npartition: 8\nowner: [a]\n"),
              ElementsAre("a.yaml:4: owner is not a text",
                          "a.yaml:3: topic has no field 'partition'; did you mean 'partitions'?"));
  EXPECT_THAT(FaultsOf("kind: topc\nname: a"),
              ElementsAre("a.yaml:1: there is no kind 'topc'; did you mean 'topic'?"));
  EXPECT_THAT(FaultsOf("name: a"), ElementsAre("a.yaml:1: an object: kind is missing"));
  EXPECT_THAT(FaultsOf("kind: topic"), ElementsAre("a.yaml:1: topic: name is missing"));
  EXPECT_THAT(FaultsOf("just a text"),
              ElementsAre("a.yaml:1: neither an object nor a list of objects"));
  EXPECT_THAT(FaultsOf("kind: topic\nname: a\npartitions: many"),
              ElementsAre("a.yaml:3: partitions is no whole number from 1 on"));
  EXPECT_THAT(FaultsOf("kind: topic\nname: a\npartitions: 0"),
              ElementsAre("a.yaml:3: partitions is no whole number from 1 on"));
  EXPECT_THAT(FaultsOf("kind: topic\nname: a\npartitions: 3000000000"),
              ElementsAre("a.yaml:3: partitions is no whole number from 1 on"));
  EXPECT_THAT(FaultsOf("kind: topic\nname: a\nconfig:\n  retention.ms:\n"),
              ElementsAre("a.yaml:4: config: retention.ms has no value"));
  EXPECT_THAT(FaultsOf("kind: topic\nname: a\ntraffic: {ordering: some}"),
              ElementsAre("a.yaml:3: traffic: ordering 'some' is none of none, per_key, all"));
  EXPECT_THAT(FaultsOf("kind: team\nname: a\nleads: [ann]\nmembers: [ann]"),
              ElementsAre("a.yaml:1: team: ann is there twice; a lead is a member, too"));
  EXPECT_THAT(FaultsOf("kind: quota\nteam: a\ntopics: -1"),
              ElementsAre("a.yaml:3: topics is neither a whole number from 0 on nor null"));
}

TEST(Documents, FaultsOfGrants) {
  EXPECT_THAT(FaultsOf("kind: grant\nprincipal: person:ann\ntopic: a\nactions: [consume]"),
              ElementsAre("a.yaml:1: grant: 'person:ann' is neither a service nor a team; try "
                          "service:billing or team:payments"));
  EXPECT_THAT(FaultsOf("kind: grant\nprincipal: api\nactions: [consume]"),
              ElementsAre("a.yaml:1: grant: name either a topic or a group"));
  EXPECT_THAT(
      FaultsOf("kind: grant\nprincipal: api\ngroup: g\nactions: [produce]"),
      ElementsAre("a.yaml:1: grant: action 'produce' is none of describe, consume, manage"));
  EXPECT_THAT(FaultsOf("kind: grant\nprincipal: api\ngroup: g\nactions: []"),
              ElementsAre("a.yaml:1: grant: actions are missing"));
  for (const std::string end : {"90d", "now", "tomorrow", "2027-13-01", "1800000000"}) {
    EXPECT_THAT(
        FaultsOf("kind: grant\nprincipal: api\ngroup: g\nactions: [consume]\nexpires_at: " + end),
        ElementsAre("a.yaml:5: expires_at '" + end +
                    "' is no time such as 2027-01-31 or 2027-01-31T12:00:00Z"));
  }
}

TEST(Documents, TheSameObjectTwiceIsToldWithBothPlaces) {
  Read read;
  ReadDocuments("kind: topic\nname: a\n---\nkind: group\nname: a", "one.yaml", read.documents,
                read.faults);
  ReadDocuments("\n\nkind: topic\nname: a", "two.yaml", read.documents, read.faults);
  CheckDuplicates(read.documents, read.faults);
  EXPECT_THAT(read.faults.lines(),
              ElementsAre("two.yaml:3: topic a is there twice, first at one.yaml:1"));
}

TEST(Documents, OfVeryManyFaultsTheFirstAreToldAndAllCounted) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "- {kind: nonsense}\n";
  const Read read = ReadText(text);
  EXPECT_EQ(read.faults.count(), 100U);
  EXPECT_EQ(read.faults.lines().size(), Faults::kMax);
}

TEST(DocumentText, IsYamlThatPeopleWouldWrite) {
  core::Bundle bundle;
  bundle.changes.emplace_back(
      core::CreateTopicChange{.name = "orders.paid",
                              .owner = "orders",
                              .tier = {},
                              .description = "Paid: \"all\"\nof them",
                              .partitions = 8,
                              .config = {{"retention.ms", "86400000"}},
                              .traffic = core::Traffic{1'000, 100, core::Ordering::kAll}});
  bundle.changes.emplace_back(core::PutGrantChange{{0,
                                                    core::ResourceKind::kTopic,
                                                    "orders.",
                                                    true,
                                                    {core::PrincipalKind::kService, "true"},
                                                    {core::Action::kConsume},
                                                    WallTime{1'800'000'000'000'000}}});
  bundle.changes.emplace_back(core::DeleteTopicChange{"gone"});
  EXPECT_EQ(ToYaml(bundle),
            "kind: topic\n"
            "name: orders.paid\n"
            "owner: orders\n"
            "description: \"Paid: \\\"all\\\"\\nof them\"\n"
            "partitions: 8\n"
            "config:\n"
            "  retention.ms: \"86400000\"\n"
            "traffic:\n"
            "  messages_per_day: 1000\n"
            "  message_bytes: 100\n"
            "  ordering: all\n"
            "---\n"
            "kind: grant\n"
            "principal: \"service:true\"\n"
            "topic: \"orders.*\"\n"
            "actions: [consume]\n"
            "expires_at: \"2027-01-15T08:00:00.000000Z\"\n");
}

TEST(DocumentText, TextsThatLookLikeSomethingElseComeBackAsTheyWere) {
  for (const std::string text :
       {"true", "No",   "~", "null", "1.5", "0x10", "- a",       "a: b",        "#c",
        " a ",  "a\tb", "'", "\"",   "\\",  "a\nb", "{}",        "[x]",         "&a",
        "*a",   "!t",   "%", "@",    "`",   "\x01", "\x7f",      "ä€😀",         "2027-01-31",
        "<<",   ".inf", "=", "?",    "-",   "a#b",  "e\xcc\x81", "\xe2\x80\xa8"}) {
    core::Bundle bundle;
    bundle.changes.emplace_back(core::PutGroupChange{"g", "", "", text});
    for (const std::string& written : {ToYaml(bundle), ToJson(bundle)}) {
      const Read read = ReadText(written);
      ASSERT_THAT(read.faults.lines(), ElementsAre()) << written;
      EXPECT_EQ(read.documents.groups.front().description, text) << written;
    }
  }
}

}  // namespace
}  // namespace lanemq::cli
