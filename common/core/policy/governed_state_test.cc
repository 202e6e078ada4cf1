#include "common/core/policy/governed_state.h"

#include <gtest/gtest.h>

#include "common/core/policy/policy_rig.h"

namespace lanemq::core {
namespace {

using policy_rig::DaysFromNow;
using policy_rig::kNow;
using policy_rig::SmallWorld;

/// "put_team payments", "put_grant payments.orders > billing".
std::vector<std::string> Told(const Bundle& bundle) {
  struct Name {
    std::string operator()(const CreateTopicChange& c) const { return c.name; }
    std::string operator()(const PutGroupChange& c) const { return c.name; }
    std::string operator()(const PutGrantChange& c) const {
      return c.grant.name + (c.grant.is_prefix ? "*" : "") + " > " + c.grant.principal.name;
    }
    std::string operator()(const PutTeamChange& c) const { return c.team.name; }
    std::string operator()(const SetQuotaChange& c) const { return c.team; }
    std::string operator()(const AlterTopicChange& /*c*/) const { return "?"; }
    std::string operator()(const AddPartitionsChange& /*c*/) const { return "?"; }
    std::string operator()(const DeleteTopicChange& /*c*/) const { return "?"; }
    std::string operator()(const DeleteGroupChange& /*c*/) const { return "?"; }
    std::string operator()(const RevokeGrantChange& /*c*/) const { return "?"; }
    std::string operator()(const SetOwnerChange& /*c*/) const { return "?"; }
    std::string operator()(const DeleteTeamChange& /*c*/) const { return "?"; }
  };
  std::vector<std::string> told;
  for (const Change& change : bundle.changes) {
    told.push_back(std::string(ToString(KindOf(change))) + " " + std::visit(Name{}, change));
  }
  return told;
}

std::vector<std::string> StateOf(const PolicyWorld& world, const StateFilter& filter) {
  const auto state = GovernedState(world, filter, kNow);
  return state.ok() ? Told(*state) : std::vector<std::string>{state.error().message};
}

using Names = std::vector<std::string>;

TEST(GovernedState, WithoutFiltersItMakesTheSameWorldAgain) {
  const PolicyWorld world = SmallWorld();
  const auto state = GovernedState(world, {}, kNow);
  ASSERT_TRUE(state.ok()) << state.error().message;
  PolicyWorld again;
  ApplyBundle(again, *state);
  EXPECT_EQ(again.groups(), world.groups());
  EXPECT_EQ(again.teams(), world.teams());
  EXPECT_EQ(again.grants(), world.grants());
  EXPECT_EQ(again.quotas(), world.quotas());
  ASSERT_EQ(again.topics().size(), world.topics().size());
  for (auto [name, topic] : world.topics()) {
    topic.is_in_use = false;  // What happens to it is no part of it.
    EXPECT_EQ(*again.FindTopic(name), topic);
  }
}

TEST(GovernedState, OfATeamIsWhatItOwnsAndWhatIsGrantedOnThatAndToIt) {
  PolicyWorld world = SmallWorld();
  const auto grant = [&](std::string name, bool is_prefix, Principal to) {
    world.PutGrant({0,
                    ResourceKind::kTopic,
                    std::move(name),
                    is_prefix,
                    std::move(to),
                    {Action::kConsume},
                    {}});
  };
  grant("billing.", true, {PrincipalKind::kTeam, "solo"});
  grant("b", true, {PrincipalKind::kTeam, "leadless"});
  grant("", true, {PrincipalKind::kTeam, "empty"});
  grant("orphan.events", false, {PrincipalKind::kService, "bill-api"});
  grant("orphan.events", false, {PrincipalKind::kService, "pay-api"});
  world.PutTopic({"bazaar.events", "solo", "", "", 1, {}, {}, false});
  const Names expected = {"put_team billing",
                          "set_quota billing",
                          "create_topic billing.invoices",
                          "put_group billing.report",
                          "put_grant billing.* > solo",
                          "put_grant orphan.events > bill-api",
                          "put_grant payments.orders > billing"};
  EXPECT_EQ(StateOf(world, {.kinds = {}, .names = {}, .team = "billing", .prefix = {}}), expected);
}

TEST(GovernedState, FiltersHoldTogether) {
  const PolicyWorld world = SmallWorld();
  EXPECT_EQ(StateOf(world, {.kinds = {"topic"}, .names = {}, .team = {}, .prefix = "payments."}),
            (Names{"create_topic payments.idle", "create_topic payments.orders"}));
  EXPECT_EQ(StateOf(world, {.kinds = {"topic", "grant"},
                            .names = {"payments.orders", "nothing"},
                            .team = {},
                            .prefix = {}}),
            (Names{"create_topic payments.orders", "put_grant payments.orders > billing"}));
  EXPECT_EQ(
      StateOf(world, {.kinds = {"topic"}, .names = {}, .team = "billing", .prefix = "payments."}),
      Names{});
}

TEST(GovernedState, GrantsThatHaveEndedAreLeftOut) {
  PolicyWorld world;
  world.PutGrant({0,
                  ResourceKind::kGroup,
                  "g",
                  false,
                  {PrincipalKind::kTeam, "a"},
                  {Action::kConsume},
                  DaysFromNow(0)});
  EXPECT_EQ(StateOf(world, {}), Names{});
}

TEST(GovernedState, AnUnknownKindIsAnError) {
  const auto state =
      GovernedState({}, {.kinds = {"topics"}, .names = {}, .team = {}, .prefix = {}}, kNow);
  ASSERT_FALSE(state.ok());
  EXPECT_EQ(state.error().code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(state.error().message, "kind 'topics' is none of topic, group, grant, team, quota");
}

TEST(GovernedState, TooMuchIsRefusedRatherThanCut) {
  PolicyWorld world;
  for (std::size_t i = 0; i <= kStateChangesMax; ++i) {
    world.PutGroup({"g" + std::to_string(i), "", "", ""});
  }
  const auto state = GovernedState(world, {}, kNow);
  ASSERT_FALSE(state.ok());
  EXPECT_EQ(state.error().code, ErrorCode::kInsufficientCapacity);
  EXPECT_TRUE(
      GovernedState(world, {.kinds = {}, .names = {}, .team = {}, .prefix = "g1"}, kNow).ok());
}

}  // namespace
}  // namespace lanemq::core
