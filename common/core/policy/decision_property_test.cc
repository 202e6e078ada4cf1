// Thousands of seeded bundles against a small world: what must hold whatever is asked for.
#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/random.h"
#include "common/core/catalog/topic_rules.h"
#include "common/core/policy/bundle_fixes.h"
#include "common/core/policy/decision.h"
#include "common/core/policy/name_rules.h"
#include "common/core/policy/policy_rig.h"

namespace lanemq::core {
namespace {

using namespace policy_rig;  // NOLINT: the rig is this test's vocabulary.
using Kind = Decision::Kind;

constexpr std::uint64_t kSeeds = 6'000;

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  template <typename T>
  T Of(const std::vector<T>& values) {
    return values[random_.Below(values.size())];
  }
  bool Chance(double p) { return random_.Unit() < p; }

  std::string Topic() {
    return Of<std::string>({"payments.orders", "payments.idle", "billing.invoices", "orphan.events",
                            "lost.events", "legacy.Mixed_Case", "Payments.Orders",
                            "payments.none"});
  }
  std::string Team() {
    return Of<std::string>({"payments", "payments", "billing", "solo", "empty", "", "gone"});
  }
  TopicConfig Config() {
    TopicConfig config;
    if (Chance(0.4)) {
      config["retention.ms"] = Of<std::string>({"1", "3600000", "86400000", "2592000001", "-1"});
    }
    if (Chance(0.3)) config["max.message.bytes"] = Of<std::string>({"1000", "100001", "2000000"});
    if (Chance(0.1)) config["retention.bytes"] = "1000000000";
    if (Chance(0.02)) config["retention"] = "5";
    return config;
  }
  Change One(int number) {
    switch (random_.Below(12)) {
      case 0:
      case 1:
      case 2: {
        CreateTopicChange change = GoodTopic(
            Of<std::string>({"payments.n", "Payments.N_", "n-x", "payments.t.dlq", "Orders"}) +
                (Chance(0.9) ? std::to_string(number) : ""),
            Team());
        if (Chance(0.2)) change.tier = Of<std::string>({"", "gold", "ticket"});
        if (Chance(0.05)) change.description = "";
        change.partitions = Of<std::int32_t>({1, 4, 16, 17, 32, 33, 2'000, 0});
        change.config = Config();
        if (Chance(0.3)) {
          change.traffic = Traffic{Of<std::int64_t>({0, 100'000, 20'000'000, -1}),
                                   Of<std::int64_t>({10, 1'000, 1'000'000}), Ordering::kNone};
        }
        return change;
      }
      case 3: {
        AlterTopicChange change{.name = Topic(), .set = Config(), .unset = {}};
        if (Chance(0.3)) change.tier = Of<std::string>({"ticket", "gold"});
        if (Chance(0.2)) change.unset.emplace_back("retention.unread");
        return change;
      }
      case 4:
        return AddPartitionsChange{Topic(), Of<std::int32_t>({3, 4, 5, 8, 17, 33})};
      case 5:
        return DeleteTopicChange{Topic()};
      case 6:
        return PutGroupChange{Of<std::string>({"payments.api", "payments.New_G", "billing.report"}),
                              Team(), "page", "d"};
      case 7:
        return PutGrantChange{MakeGrant()};
      case 8:
        return RevokeGrantChange{ResourceKind::kTopic,
                                 "payments.orders",
                                 false,
                                 {PrincipalKind::kTeam, Of<std::string>({"billing", "solo"})}};
      case 9:
        return SetOwnerChange{ResourceKind::kTopic, Topic(), Team()};
      case 10:
        return SetQuotaChange{Of<std::string>({"payments", "billing", "gone"}),
                              {.topics = Of<std::int64_t>({-1, 0, 3, 50}),
                               .partitions = Of<std::int64_t>({8, 20, 500})}};
      default:
        return DeleteTeamChange{Of<std::string>({"empty", "payments", "leadless"})};
    }
  }
  Bundle Make() {
    Bundle bundle;
    const int count = 1 + static_cast<int>(random_.Below(5));
    for (int i = 0; i < count; ++i) bundle.changes.push_back(One(i));
    return bundle;
  }
  Author MakeAuthor() {
    return AuthorNamed(Of<std::string>({"ann", "bob", "carl", "eve", "nina", "olga", "adam"}));
  }
  Policy MakePolicy() {
    Policy policy = StrictPolicy();
    if (Chance(0.3)) policy.topic_names->begins_with_owner = true;
    if (Chance(0.2)) policy.topic_names.reset();
    if (Chance(0.3)) policy.partitions = {2, Of<std::int64_t>({4, 8, 64})};
    if (Chance(0.3)) policy.retention_ms = {};
    if (Chance(0.3)) policy.message_bytes_max = 500;
    if (Chance(0.3)) policy.grant_days_max.reset();
    if (Chance(0.2)) policy.required = {};
    return policy;
  }
  void Shuffle(std::vector<std::size_t>& order) {
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random_.Below(i)]);
  }
  Random& random() { return random_; }

 private:
  Grant MakeGrant() {
    Grant grant = GoodGrant();
    grant.name = Topic();
    if (Chance(0.2)) grant.principal = {PrincipalKind::kService, "pay-api"};
    if (Chance(0.2)) grant.actions = {Action::kPeek};
    if (Chance(0.2)) grant.expires_at = DaysFromNow(Of<std::int64_t>({-1, 90, 91}));
    if (Chance(0.2)) grant.expires_at.reset();
    if (Chance(0.2)) {
      grant.is_prefix = true;
      grant.name = Of<std::string>({"", "payments.", "billing."});
    }
    return grant;
  }

  Random random_;
};

struct Tally {
  int applied = 0, waiting = 0, refused = 0, fixed = 0;
  void Count(const Decision& decision) {
    if (decision.kind == Kind::kApply) ++applied;
    if (decision.kind == Kind::kNeedsApproval) ++waiting;
    if (decision.kind == Kind::kRefuse) ++refused;
    if (decision.fixed) ++fixed;
  }
};

TEST(DecisionPropertyTest, TheKindSaysWhatIsInTheDecision) {
  const PolicyWorld world = SmallWorld();
  Tally tally;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Maker maker(seed);
    const Policy policy = maker.MakePolicy();
    const Author author = maker.MakeAuthor();
    const Bundle bundle = maker.Make();
    const Decision decision = Decide(world, policy, bundle, author, kNow);
    tally.Count(decision);
    ASSERT_EQ(decision.kind == Kind::kRefuse, !decision.violations.empty()) << "seed " << seed;
    ASSERT_EQ(decision.kind == Kind::kNeedsApproval, !decision.approvers.empty())
        << "seed " << seed;
    ASSERT_TRUE(std::is_sorted(decision.approvers.begin(), decision.approvers.end()));
    for (const Violation& violation : decision.violations) {
      ASSERT_TRUE(!violation.change || *violation.change < bundle.changes.size());
      if (!violation.change) continue;  // A quota's fix is as much as is asked for.
      ASSERT_NE(violation.fix, violation.got) << "seed " << seed << Shown(decision);
    }
    ASSERT_EQ(decision, Decide(world, policy, bundle, author, kNow)) << "seed " << seed;
  }
  EXPECT_GT(tally.applied, 100);
  EXPECT_GT(tally.waiting, 300);
  EXPECT_GT(tally.refused, 1'000);
  EXPECT_GT(tally.fixed, 300);
}

// Judged by what the world is afterwards, not by the code that judged the bundle.
TEST(DecisionPropertyTest, WhatIsNotRefusedIsWithinEveryLimit) {
  const PolicyWorld world = SmallWorld();
  int looked_at = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Maker maker(seed);
    const Policy policy = maker.MakePolicy();
    const Author author = maker.MakeAuthor();
    Bundle bundle = maker.Make();
    const Decision decision = Decide(world, policy, bundle, author, kNow);
    if (decision.fixed) bundle = *decision.fixed;
    if (decision.kind == Kind::kRefuse && !decision.fixed) continue;
    PolicyWorld after = world;
    ApplyBundle(after, bundle);
    for (const auto& [name, topic] : after.topics()) {
      const TopicFacts* const before = world.FindTopic(name);
      if (before != nullptr && *before == topic) continue;
      ++looked_at;
      const std::int64_t partitions = topic.partitions;
      const bool has_grown = before == nullptr || partitions > before->partitions;
      if (has_grown) {
        ASSERT_LE(partitions, policy.partitions.max.value_or(1'000)) << name;
      }
      ASSERT_TRUE(CheckTopicConfig(topic.config).ok()) << name;
      if (before == nullptr) {
        const NameRule* const rule = policy.topic_names ? &*policy.topic_names : nullptr;
        ASSERT_TRUE(NameFaults(name, {rule, policy.reserved_suffixes, topic.owner}).empty())
            << name;
        ASSERT_EQ(world.FindTopicFolded(name), "") << name;
        ASSERT_GE(partitions, policy.partitions.min.value_or(1)) << name;
        if (policy.message_bytes_max) {
          ASSERT_LE(TopicConfigValue(topic.config, kMaxMessageBytes), *policy.message_bytes_max);
        }
        if (policy.required.owner) {
          ASSERT_NE(topic.owner, "") << name;
        }
        if (policy.required.description) {
          ASSERT_NE(topic.description, "") << name;
        }
        if (policy.required.tier) {
          ASSERT_NE(topic.tier, "") << name;
        }
      }
      const bool is_new_owner = before == nullptr || before->owner != topic.owner;
      if (is_new_owner && !topic.owner.empty()) {
        ASSERT_NE(after.FindTeam(topic.owner), nullptr);
      }
    }
    for (const auto& [team, facts] : after.teams()) {
      const TeamUse use = after.UseOf(team);
      const TeamUse used = world.UseOf(team);
      const TeamQuota quota = after.QuotaOf(team);
      if (use.topics > used.topics) {
        ASSERT_LE(use.topics, quota.topics.value_or(INT64_MAX));
      }
      if (use.partitions > used.partitions) {
        ASSERT_LE(use.partitions, quota.partitions.value_or(INT64_MAX));
      }
      if (use.stored_bytes > used.stored_bytes) {
        ASSERT_LE(use.stored_bytes, quota.stored_bytes.value_or(INT64_MAX));
      }
    }
  }
  EXPECT_GT(looked_at, 1'000);
}

TEST(DecisionPropertyTest, TheFixedBundleIsNotRefusedAndAMissingOneMeansThatAPersonMustSay) {
  const PolicyWorld world = SmallWorld();
  int missing = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Maker maker(seed);
    const Policy policy = maker.MakePolicy();
    const Author author = maker.MakeAuthor();
    const Bundle bundle = maker.Make();
    const Decision decision = Decide(world, policy, bundle, author, kNow);
    if (decision.kind != Kind::kRefuse) continue;
    if (decision.fixed) {
      const Decision again = Decide(world, policy, *decision.fixed, author, kNow);
      ASSERT_NE(again.kind, Kind::kRefuse) << "seed " << seed << Shown(decision) << Shown(again);
      continue;
    }
    const auto has_fix = [](const Violation& violation) { return violation.fix.has_value(); };
    if (!std::all_of(decision.violations.begin(), decision.violations.end(), has_fix)) continue;
    // Every fix was there; what they lead to has one that is not.
    ++missing;
    const Bundle once = ApplyFixes(world, bundle, decision.violations);
    const Decision again = Decide(world, policy, once, author, kNow);
    ASSERT_EQ(again.kind, Kind::kRefuse) << "seed " << seed << Shown(decision);
    ASSERT_FALSE(std::all_of(again.violations.begin(), again.violations.end(), has_fix))
        << "seed " << seed << Shown(decision) << Shown(again);
  }
  EXPECT_LT(missing, static_cast<int>(kSeeds) / 20);
}

TEST(DecisionPropertyTest, TheOrderOfChangesMeansNothing) {
  const PolicyWorld world = SmallWorld();
  using Seen = std::tuple<std::size_t, std::string, std::string, std::string, std::string,
                          std::optional<std::string>>;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Maker maker(seed);
    const Policy policy = maker.MakePolicy();
    const Author author = maker.MakeAuthor();
    const Bundle bundle = maker.Make();
    std::vector<std::size_t> order(bundle.changes.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    maker.Shuffle(order);
    Bundle shuffled;
    for (const std::size_t from : order) shuffled.changes.push_back(bundle.changes[from]);
    const Decision one = Decide(world, policy, bundle, author, kNow);
    const Decision other = Decide(world, policy, shuffled, author, kNow);
    ASSERT_EQ(one.kind, other.kind) << "seed " << seed << Shown(one) << Shown(other);
    ASSERT_EQ(one.approvers, other.approvers) << "seed " << seed;
    const bool contradicts = std::any_of(one.violations.begin(), one.violations.end(),
                                         [](const Violation& v) { return v.field == "changes"; });
    if (contradicts) continue;  // Then there is no one world afterwards to judge.
    ASSERT_EQ(one.cost, other.cost) << "seed " << seed;
    const auto seen = [](const Decision& decision, const auto& place) {
      std::multiset<Seen> all;
      for (const Violation& v : decision.violations) {
        all.insert(
            {v.change ? place(*v.change) : SIZE_MAX, v.subject, v.field, v.limit, v.got, v.fix});
      }
      return all;
    };
    ASSERT_EQ(seen(one, [](std::size_t i) { return i; }),
              seen(other, [&](std::size_t i) { return order[i]; }))
        << "seed " << seed << Shown(one) << Shown(other);
    ASSERT_EQ(one.fixed.has_value(), other.fixed.has_value()) << "seed " << seed;
  }
}

/// One limit less strict, at random.
void Loosen(Policy& policy, Maker& maker) {
  ApprovalRule& rule = policy.approvals[static_cast<ChangeKind>(maker.random().Below(12))];
  switch (maker.random().Below(14)) {
    case 0:
      policy.partitions.max = policy.partitions.max.value_or(1'000) * 2;
      break;
    case 1:
      policy.partitions.min.reset();
      break;
    case 2:
      policy.retention_ms = {};
      break;
    case 3:
      policy.message_bytes_max.reset();
      break;
    case 4:
      policy.required = {};
      break;
    case 5:
      policy.tiers = {};
      break;
    case 6:
      policy.grant_days_max.reset();
      break;
    case 7:
      policy.may_delete_topics_in_use = true;
      break;
    case 8:
      policy.reserved_suffixes = {};
      break;
    case 9:
      rule.is_automatic = true;
      break;
    case 10:
      rule.partitions_max.reset();
      break;
    case 11:
      rule.messages_per_day_max.reset();
      rule.stored_bytes_max.reset();
      break;
    case 12:
      rule.actions = {};
      rule.tiers = {};
      break;
    default:
      if (policy.topic_names) {
        policy.topic_names->bytes_max = 249;
        policy.topic_names->segments_max = 20;
        policy.topic_names->allows_upper_case = true;
        policy.topic_names->punctuation = "-_";
      }
  }
}

TEST(DecisionPropertyTest, LooserLimitsNeverMakeItWorse) {
  int better = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Maker maker(seed);
    PolicyWorld world = SmallWorld();
    Policy policy = maker.MakePolicy();
    const Author author = maker.MakeAuthor();
    const Bundle bundle = maker.Make();
    Kind before = Decide(world, policy, bundle, author, kNow).kind;
    for (int i = 0; i < 4; ++i) {
      Loosen(policy, maker);
      if (maker.Chance(0.2)) world.SetQuota("billing", {});
      const Decision decision = Decide(world, policy, bundle, author, kNow);
      // kApply, kNeedsApproval and kRefuse are in order.
      ASSERT_LE(decision.kind, before) << "seed " << seed << Shown(decision);
      if (decision.kind < before) ++better;
      before = decision.kind;
    }
  }
  EXPECT_GT(better, 50);
}

TEST(DecisionPropertyTest, AServiceAloneMakesNewThingsOfItsTeamAndNothingElse) {
  const PolicyWorld world = SmallWorld();
  Author service;
  service.who.principal = {PrincipalKind::kService, "pay-api"};
  service.who.teams["payments"] = TeamRole::kMember;
  int applied = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Maker maker(seed);
    Policy policy = maker.MakePolicy();
    policy.approvals = DefaultApprovals();
    const Bundle bundle = maker.Make();
    const Decision decision = Decide(world, policy, bundle, service, kNow);
    if (decision.kind != Kind::kApply) continue;
    ++applied;
    for (const Change& change : bundle.changes) {
      const auto* const topic = std::get_if<CreateTopicChange>(&change);
      const auto* const group = std::get_if<PutGroupChange>(&change);
      ASSERT_TRUE(topic != nullptr || group != nullptr) << "seed " << seed << Shown(decision);
      ASSERT_EQ(topic != nullptr ? topic->owner : group->owner, "payments") << "seed " << seed;
      const bool is_there = topic != nullptr ? world.FindTopic(topic->name) != nullptr
                                             : world.FindGroup(group->name) != nullptr;
      ASSERT_FALSE(is_there) << "seed " << seed;
    }
  }
  EXPECT_GT(applied, 0);
}

TEST(DecisionPropertyTest, WhatIsUsedIsCountedAsIfCountedAnew) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    Maker maker(seed);
    PolicyWorld world = SmallWorld();
    for (int i = 0; i < 10; ++i) {
      const Bundle bundle = maker.Make();
      const Decision decision =
          Decide(world, maker.MakePolicy(), bundle, AuthorNamed("olga"), kNow);
      if (decision.kind == Kind::kRefuse) continue;
      ApplyBundle(world, bundle);
    }
    std::map<std::string, TeamUse> counted;
    for (const auto& [name, topic] : world.topics()) AddUse(counted[topic.owner], topic, 1);
    for (const auto& [name, group] : world.groups()) ++counted[group.owner].groups;
    for (const auto& [team, use] : counted) ASSERT_EQ(world.UseOf(team), use) << "seed " << seed;
    for (const auto& [team, facts] : world.teams()) ASSERT_EQ(world.UseOf(team), counted[team]);
  }
}

}  // namespace
}  // namespace lanemq::core
