#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/apply/document_text.h"
#include "client/cli/apply/plan.h"
#include "common/base/random.h"
#include "common/core/access/access_rules.h"
#include "common/core/policy/decision.h"
#include "common/core/policy/governed_state.h"

namespace lanemq::cli {
namespace {

constexpr WallTime kNow{1'800'000'000'000'000};

/// Random objects with few names, so that they meet.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::uint64_t Below(std::uint64_t bound) { return random_.Below(bound); }
  bool Sometimes() { return Below(2) == 0; }
  std::string OneOf(const std::vector<std::string>& words) { return words[Below(words.size())]; }
  std::string Team() { return OneOf({"red", "green", "blue"}); }
  std::string Owner() { return Sometimes() ? Team() : ""; }
  std::string Text() { return OneOf({"", "a", "two words", "ä: \"x\"", "null", "7"}); }
  std::string Tier() { return OneOf({"", "page", "ticket"}); }
  std::string TopicName() { return "topic" + std::to_string(Below(8)); }
  std::string GroupName() { return "group" + std::to_string(Below(5)); }
  core::TopicConfig Config() {
    core::TopicConfig config;
    if (Sometimes()) config["retention.ms"] = std::to_string(3'600'000 * (1 + Below(3)));
    if (Sometimes()) config["max.message.bytes"] = std::to_string(1'000 * (1 + Below(3)));
    return config;
  }
  core::Traffic Traffic() {
    return {static_cast<std::int64_t>(Below(3)), static_cast<std::int64_t>(Below(3)),
            static_cast<core::Ordering>(Below(3))};
  }
  std::vector<core::TeamMember> Members() {
    std::vector<core::TeamMember> members;
    for (const std::string name : {"ann", "bob", "carl"}) {
      if (!Sometimes()) continue;
      members.push_back({name, Sometimes() ? core::TeamRole::kLead : core::TeamRole::kMember});
    }
    return members;
  }
  core::TeamQuota Quota() {
    core::TeamQuota quota;
    for (const core::QuotaField& field : core::kQuotaFields) {
      if (Sometimes()) quota.*field.value = 1'000'000'000'000 + static_cast<int>(Below(3));
    }
    return quota;
  }
  core::Grant Grant(const std::string& topic) {
    core::Grant grant;
    grant.name = topic;
    grant.is_prefix = Below(4) == 0;
    grant.principal = {core::PrincipalKind::kTeam, Team()};
    grant.actions = {core::Action::kConsume};
    if (Sometimes()) grant.actions.push_back(core::Action::kProduce);
    if (Sometimes()) grant.expires_at = WallTime{kNow.micros + 1 + static_cast<int>(Below(3))};
    core::Normalize(grant);
    return grant;
  }

  core::PolicyWorld World() {
    core::PolicyWorld world;
    for (const std::string name : {"red", "green", "blue"}) {
      world.PutTeam({name, Text(), Sometimes() ? "route" : "", Members()});
      if (Sometimes()) world.SetQuota(name, Quota());
    }
    for (int i = 0; i < 8; ++i) {
      if (Sometimes()) continue;
      world.PutTopic({.name = "topic" + std::to_string(i),
                      .owner = Owner(),
                      .tier = Tier(),
                      .description = Text(),
                      .partitions = static_cast<std::int32_t>(1 + Below(4)),
                      .config = Config(),
                      .traffic = Sometimes() ? std::optional(Traffic()) : std::nullopt,
                      .is_in_use = false});
    }
    for (int i = 0; i < 5; ++i) {
      if (Sometimes()) world.PutGroup({"group" + std::to_string(i), Owner(), Tier(), Text()});
    }
    for (const auto& [name, topic] : world.topics()) {
      if (Sometimes()) world.PutGrant(Grant(name));
    }
    return world;
  }

  /// What somebody may want, where partitions are never fewer than in `world`.
  Documents Wanted(const core::PolicyWorld& world) {
    Documents wanted;
    for (const auto& [name, team] : world.teams()) {
      if (Sometimes()) continue;
      TeamDocument document{{"f", 1}, name, {}, {}, {}};
      if (Sometimes()) document.description = Text();
      if (Sometimes()) document.oncall_route = Text() == "" ? "" : "route";
      if (Sometimes()) document.members = Members();
      wanted.teams.push_back(document);
      QuotaDocument quota{{"f", 1}, name, {}};
      for (std::size_t i = 0; i < quota.limits.size(); ++i) {
        const core::TeamQuota random = Quota();
        if (Sometimes()) quota.limits.at(i) = random.*core::kQuotaFields.at(i).value;
      }
      wanted.quotas.push_back(quota);
    }
    for (int i = 0; i < 8; ++i) {
      if (Sometimes()) continue;
      TopicDocument document{{"f", 1}, "topic" + std::to_string(i), {}, {}, {}, {}, {}, {}};
      const core::TopicFacts* const topic = world.FindTopic(document.name);
      const std::int32_t least = topic == nullptr ? 1 : topic->partitions;
      if (Sometimes()) document.owner = Owner();
      if (Sometimes()) document.tier = Tier();
      if (Sometimes()) document.description = Text();
      if (Sometimes()) document.partitions = least + static_cast<std::int32_t>(Below(3));
      if (Sometimes()) document.config = Config();
      if (Sometimes()) document.traffic = Traffic();
      if (Sometimes()) {
        const core::Grant grant = Grant(document.name);
        wanted.grants.push_back({{"f", 1}, grant, Sometimes() || grant.expires_at});
      }
      wanted.topics.push_back(document);
    }
    for (int i = 0; i < 5; ++i) {
      if (Sometimes()) continue;
      GroupDocument document{{"f", 1}, "group" + std::to_string(i), {}, {}, {}};
      if (Sometimes()) document.owner = Owner();
      if (Sometimes()) document.description = Text();
      wanted.groups.push_back(document);
    }
    return wanted;
  }

 private:
  Random random_;
};

core::PolicyWorld After(const core::PolicyWorld& world, const Plan& plan, std::size_t per_bundle) {
  core::PolicyWorld after = world;
  for (const core::Bundle& bundle : InBundles(plan.changes, per_bundle)) {
    core::ApplyBundle(after, bundle);
  }
  return after;
}

/// Every object of the two worlds as one text by its name, so that what differs can be counted.
std::map<std::string, std::string> ObjectsOf(const core::PolicyWorld& world) {
  std::map<std::string, std::string> objects;
  const auto add = [&](const std::string& name, core::Change change) {
    objects[name] = core::ChangeToText(change);
  };
  const auto state = core::GovernedState(world, {}, kNow);
  EXPECT_TRUE(state.ok());
  for (const core::Change& change : state->changes) {
    if (const auto* c = std::get_if<core::CreateTopicChange>(&change)) add("topic " + c->name, *c);
    if (const auto* c = std::get_if<core::PutGroupChange>(&change)) add("group " + c->name, *c);
    if (const auto* c = std::get_if<core::PutTeamChange>(&change)) add("team " + c->team.name, *c);
    if (const auto* c = std::get_if<core::SetQuotaChange>(&change)) add("quota " + c->team, *c);
    if (const auto* c = std::get_if<core::PutGrantChange>(&change)) {
      add("grant " + NameOf(c->grant), *c);
    }
  }
  return objects;
}

/// Names of objects that are not the same in both.
std::set<std::string> Differing(const core::PolicyWorld& a, const core::PolicyWorld& b) {
  const auto before = ObjectsOf(a);
  const auto after = ObjectsOf(b);
  std::set<std::string> names;
  for (const auto& [name, text] : before) {
    const auto found = after.find(name);
    if (found == after.end() || found->second != text) names.insert(name);
  }
  for (const auto& [name, text] : after) {
    if (!before.contains(name)) names.insert(name);
  }
  return names;
}

class PlanProperty : public ::testing::Test {
 protected:
  static constexpr int kRounds = 200;
  const std::uint64_t seed_ = Random::FromSystem().Below(1'000'000'000);
};

TEST_F(PlanProperty, AppliedItGivesWhatIsWantedAndTheSecondPlanIsEmpty) {
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed_ + round);
    Generator generator(seed_ + round);
    const core::PolicyWorld world = generator.World();
    const Documents wanted = generator.Wanted(world);
    const std::string pruned = generator.Sometimes() ? generator.Team() : "";
    Faults faults;
    const Plan plan = MakePlan(world, wanted, pruned, faults);
    ASSERT_TRUE(faults.empty()) << faults.lines().front();
    // In parts of any size.
    const core::PolicyWorld after = After(world, plan, 1 + generator.Below(10));
    const Plan second = MakePlan(after, wanted, pruned, faults);
    EXPECT_TRUE(second.changes.empty()) << core::ChangeToText(second.changes.front());
    EXPECT_TRUE(second.differences.empty());
    for (const TopicDocument& topic : wanted.topics) {
      const core::TopicFacts* const made = after.FindTopic(topic.name);
      ASSERT_NE(made, nullptr);
      EXPECT_EQ(made->owner, topic.owner.value_or(made->owner));
      EXPECT_EQ(made->config, topic.config.value_or(made->config));
      EXPECT_EQ(made->partitions, topic.partitions.value_or(made->partitions));
    }
  }
}

TEST_F(PlanProperty, TheDifferenceNamesWhatChangesAndNothingElse) {
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed_ + round);
    Generator generator(seed_ + round);
    const core::PolicyWorld world = generator.World();
    const Documents wanted = generator.Wanted(world);
    Faults faults;
    const Plan plan =
        MakePlan(world, wanted, generator.Sometimes() ? generator.Team() : "", faults);
    std::set<std::string> told;
    for (const Difference& difference : plan.differences) {
      const std::string name = difference.object_kind + " " + difference.name;
      EXPECT_TRUE(told.insert(name).second) << name;
      EXPECT_EQ(difference.fields.empty(),
                difference.kind == Difference::Kind::kRemoved ||
                    (difference.kind == Difference::Kind::kMade &&
                     difference.object_kind == "group" && difference.fields.empty()))
          << name;
      for (const FieldDifference& field : difference.fields) EXPECT_NE(field.before, field.after);
    }
    EXPECT_EQ(told, Differing(world, After(world, plan, 1'000)));
  }
}

TEST_F(PlanProperty, WhatIsPlannedIsNeverRefusedForContradictingItself) {
  core::Author admin;
  admin.who.principal = {core::PrincipalKind::kPerson, "adam"};
  admin.who.is_admin = true;
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed_ + round);
    Generator generator(seed_ + round);
    const core::PolicyWorld world = generator.World();
    Faults faults;
    const Plan plan = MakePlan(world, generator.Wanted(world), "", faults);
    if (plan.changes.empty()) continue;
    const core::Decision decision =
        core::Decide(world, core::Policy{}, {plan.changes}, admin, kNow);
    for (const core::Violation& violation : decision.violations) {
      ADD_FAILURE() << violation.subject << ": " << violation.field << ": " << violation.got;
    }
  }
}

TEST_F(PlanProperty, WhatIsWrittenAsYamlIsReadBackAsTheSame) {
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed_ + round);
    Generator generator(seed_ + round);
    const core::PolicyWorld world = generator.World();
    const auto state = core::GovernedState(world, {}, kNow);
    ASSERT_TRUE(state.ok());
    for (const std::string& text : {ToYaml(*state), ToJson(*state)}) {
      Documents documents;
      Faults faults;
      ReadDocuments(text, "f", documents, faults);
      ASSERT_TRUE(faults.empty()) << faults.lines().front() << "\n" << text;
      const Plan same = MakePlan(world, documents, "", faults);
      EXPECT_TRUE(same.changes.empty()) << text;
      const Plan anew = MakePlan({}, documents, "", faults);
      EXPECT_EQ(ObjectsOf(After({}, anew, 1'000)), ObjectsOf(world)) << text;
    }
  }
}

}  // namespace
}  // namespace lanemq::cli
