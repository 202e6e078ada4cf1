#include "common/core/policy/hygiene.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/policy/policy_rig.h"

namespace lanemq::core {
namespace {

using namespace policy_rig;  // NOLINT: the rig is this test's vocabulary.
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Memory = std::map<HygieneMatter, Reminded>;
using Activities = std::map<std::string, TopicActivity>;

std::vector<std::string> Told(const HygienePlan& plan) {
  std::vector<std::string> told;
  for (const HygieneReminder& reminder : plan.reminders) {
    std::string to;
    for (const std::string& team : reminder.teams) to += " " + team;
    told.push_back(std::string(ToString(reminder.matter.kind)) + " " + reminder.matter.subject +
                   " ->" + (to.empty() ? " operators" : to));
  }
  return told;
}

void Remember(const HygienePlan& plan, Memory& memory) {
  for (const HygieneReminder& reminder : plan.reminders) memory[reminder.matter] = reminder.after;
  for (const HygieneMatter& matter : plan.forget) memory.erase(matter);
}

PolicyWorld OneTopic(const std::string& owner) {
  PolicyWorld world;
  world.PutTeam({"payments", "", "", {{"ann", TeamRole::kLead}}});
  world.PutTeam({"empty", "", "", {}});
  world.PutTopic(Created(GoodTopic("orders", owner)));
  return world;
}

TEST(HygieneTest, OperatorsHearOfWhatBelongsToTeamsThatAreGone) {
  const auto told = [](const std::string& owner) {
    return Told(PlanHygiene(OneTopic(owner), {}, {}, {}, kNow));
  };
  EXPECT_THAT(told("payments"), IsEmpty());
  EXPECT_THAT(told(""), IsEmpty());
  EXPECT_THAT(told("gone"), ElementsAre("owner_gone topic orders -> operators"));
  EXPECT_THAT(told("empty"), ElementsAre("owner_gone topic orders -> operators"));
  PolicyWorld groups;
  groups.PutGroup({"report", "gone", "", ""});
  EXPECT_THAT(Told(PlanHygiene(groups, {}, {}, {}, kNow)),
              ElementsAre("owner_gone group report -> operators"));
}

TEST(HygieneTest, OwnersHearOfTopicsThatNobodyWritesOrReads) {
  const PolicyWorld world = OneTopic("payments");
  const auto told = [&](std::int64_t made, std::optional<std::int64_t> written,
                        std::optional<std::int64_t> read) {
    TopicActivity activity{DaysFromNow(-made), {}, {}};
    if (written) activity.produced_at = DaysFromNow(-*written);
    if (read) activity.consumed_at = DaysFromNow(-*read);
    return Told(PlanHygiene(world, {{"orders", activity}}, {}, {}, kNow));
  };
  EXPECT_THAT(told(100, 1, 1), IsEmpty());
  EXPECT_THAT(told(100, 59, 59), IsEmpty());
  EXPECT_THAT(told(59, {}, {}), IsEmpty());
  EXPECT_THAT(told(100, 60, 1), ElementsAre("nobody_writes topic orders -> payments"));
  EXPECT_THAT(told(100, 1, 60), ElementsAre("nobody_reads topic orders -> payments"));
  EXPECT_THAT(told(60, {}, {}), ElementsAre("nobody_writes topic orders -> payments",
                                            "nobody_reads topic orders -> payments"));
  // Nobody could look: nothing is said.
  EXPECT_THAT(Told(PlanHygiene(world, {}, {}, {}, kNow)), IsEmpty());
}

TEST(HygieneTest, BothSidesHearOfAGrantThatEnds) {
  PolicyWorld world = SmallWorld();
  const auto told = [&](std::int64_t days, std::int32_t count) {
    Grant grant = GoodGrant();
    grant.principal = {PrincipalKind::kService, "bill-api"};
    grant.expires_at = DaysFromNow(days);
    world.PutGrant(grant);
    Memory memory;
    const HygieneMatter matter{HygieneKind::kGrantEnds,
                               "topic payments.orders for service:bill-api"};
    if (count > 0) memory[matter] = {count, DaysFromNow(-1)};
    std::vector<std::string> all = Told(PlanHygiene(world, {}, memory, {}, kNow));
    std::erase_if(all, [](const std::string& text) { return !text.starts_with("grant_ends"); });
    return all;
  };
  const std::string told_both =
      "grant_ends topic payments.orders for service:bill-api -> billing payments";
  EXPECT_THAT(told(15, 0), IsEmpty());
  EXPECT_THAT(told(14, 0), ElementsAre(told_both));
  EXPECT_THAT(told(13, 1), IsEmpty());
  EXPECT_THAT(told(3, 1), ElementsAre(told_both));
  EXPECT_THAT(told(2, 2), IsEmpty());
  EXPECT_THAT(told(2, 0), ElementsAre(told_both));  // Once, though two are due.
  EXPECT_THAT(told(0, 0), IsEmpty());               // It has ended.
}

TEST(HygieneTest, AReminderSaysWhatItIsAboutAndSinceOrUntilWhen) {
  PolicyWorld world = OneTopic("gone");
  Grant grant = GoodGrant();
  grant.kind = ResourceKind::kGroup;
  grant.name = "report.";
  grant.is_prefix = true;
  grant.actions = {Action::kConsume};
  grant.expires_at = DaysFromNow(2);
  world.PutGrant(grant);
  const Activities activities{{"orders", {DaysFromNow(-100), DaysFromNow(-70), {}}}};
  const HygienePlan plan = PlanHygiene(world, activities, {}, {}, kNow);
  ASSERT_EQ(plan.reminders.size(), 4U);
  EXPECT_EQ(plan.reminders[0].object_kind, ResourceKind::kGroup);
  EXPECT_EQ(plan.reminders[0].object_name, "report.*");
  EXPECT_EQ(plan.reminders[0].at, DaysFromNow(2));
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_EQ(plan.reminders[i].object_kind, ResourceKind::kTopic);
    EXPECT_EQ(plan.reminders[i].object_name, "orders");
  }
  EXPECT_EQ(plan.reminders[1].matter.kind, HygieneKind::kOwnerGone);
  EXPECT_EQ(plan.reminders[1].at, std::nullopt);
  EXPECT_EQ(plan.reminders[2].at, DaysFromNow(-70));
  EXPECT_EQ(plan.reminders[3].at, DaysFromNow(-100));
}

TEST(HygieneTest, NobodyHearsOfOneMatterTooOftenOrForEver) {
  const PolicyWorld world = OneTopic("gone");
  Memory memory;
  std::vector<std::int64_t> days;
  for (std::int64_t day = 0; day < 365; ++day) {
    const HygienePlan plan = PlanHygiene(world, {}, memory, {}, DaysFromNow(day));
    if (!plan.reminders.empty()) days.push_back(day);
    Remember(plan, memory);
  }
  EXPECT_THAT(days, ElementsAre(0, 14, 28, 42, 56, 70));
  // Once it was right, it begins anew.
  Remember(PlanHygiene(OneTopic("payments"), {}, memory, {}, DaysFromNow(365)), memory);
  EXPECT_THAT(memory, IsEmpty());
  EXPECT_EQ(PlanHygiene(world, {}, memory, {}, DaysFromNow(366)).reminders.size(), 1U);
}

TEST(HygieneTest, WhatNobodyCouldLookAtIsNotForgotten) {
  const Memory memory{{{HygieneKind::kNobodyWrites, "topic orders"}, {6, kNow}}};
  EXPECT_THAT(PlanHygiene(OneTopic("payments"), {}, memory, {}, kNow).forget, IsEmpty());
  PolicyWorld gone;
  EXPECT_THAT(PlanHygiene(gone, {}, memory, {}, kNow).forget,
              ElementsAre(HygieneMatter{HygieneKind::kNobodyWrites, "topic orders"}));
}

TEST(HygieneTest, ARunIsBoundedAndTheMostUrgentComeFirst) {
  PolicyWorld world = OneTopic("payments");
  for (int i = 0; i < 30; ++i) {
    world.PutTopic(Created(GoodTopic("t" + std::to_string(10 + i), "gone")));
    Grant grant = GoodGrant();
    grant.name = "t" + std::to_string(10 + i);
    grant.expires_at = DaysFromNow(1 + (7 * i) % 12);
    world.PutGrant(grant);
  }
  HygieneRule rule;
  rule.reminders_per_run_max = 40;
  Memory memory;
  const HygienePlan first = PlanHygiene(world, {}, memory, rule, kNow);
  EXPECT_EQ(first.reminders.size(), 40U);
  EXPECT_EQ(first.left_out, 20U);
  EXPECT_EQ(first.reminders.front().text, "team:solo may use topic t10 for 1 more days");
  EXPECT_EQ(first.reminders[29].matter.kind, HygieneKind::kGrantEnds);
  EXPECT_EQ(first.reminders[30].matter.kind, HygieneKind::kOwnerGone);
  Remember(first, memory);
  const HygienePlan second = PlanHygiene(world, {}, memory, rule, kNow);
  EXPECT_EQ(second.reminders.size(), 20U);
  EXPECT_EQ(second.left_out, 0U);
}

}  // namespace
}  // namespace lanemq::core
