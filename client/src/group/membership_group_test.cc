// Members and a real coordinator: do they come to agree, and who owns what on the way.
#include <algorithm>

#include <gtest/gtest.h>

#include "client/src/group/group_simulation.h"

namespace lanemq::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kEager = "range";
constexpr const char* kSticky = "sticky";
constexpr const char* kCooperative = "cooperative-sticky";

MembershipConfig With(const std::string& assignor, const std::string& instance_id = "") {
  return {.instance_id = instance_id, .assignors = {assignor}};
}

void ExpectBalanced(const std::vector<SimulatedMember*>& members) {
  std::size_t least = SIZE_MAX;
  std::size_t most = 0;
  for (const SimulatedMember* member : members) {
    least = std::min(least, member->membership->owned().size());
    most = std::max(most, member->membership->owned().size());
  }
  EXPECT_LE(most - least, 1U);
}

#define SETTLE(group, limit)                                \
  ASSERT_TRUE((group).Settle(limit)) << (group).Describe(); \
  ASSERT_TRUE((group).Violations().empty()) << (group).Describe()

class EveryAssignor : public ::testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] MembershipConfig Config() const { return With(GetParam()); }
  GroupSimulation group_{1, {{"t", 12}}};
};

TEST_P(EveryAssignor, MembersComeAndGo) {
  auto& a = group_.Add("a", Config());
  SETTLE(group_, seconds(10));
  EXPECT_EQ(a.membership->owned().size(), 12U);
  auto& b = group_.Add("b", Config());
  SETTLE(group_, seconds(10));
  ExpectBalanced({&a, &b});
  auto& c = group_.Add("c", Config());
  SETTLE(group_, seconds(10));
  ExpectBalanced({&a, &b, &c});
  group_.Close(a);
  SETTLE(group_, seconds(10));
  ExpectBalanced({&b, &c});
  EXPECT_TRUE(a.membership->HasLeft());
  EXPECT_EQ(a.lost + b.lost + c.lost, 0);
}

TEST_P(EveryAssignor, ACrashedMembersPartitionsAreTakenOverWhenItsSessionEnds) {
  auto& a = group_.Add("a", Config());
  auto& b = group_.Add("b", Config());
  auto& c = group_.Add("c", Config());
  SETTLE(group_, seconds(10));
  GroupSimulation::Crash(a);
  group_.Run(seconds(30));
  EXPECT_FALSE(group_.IsSettled());
  SETTLE(group_, seconds(25));
  ExpectBalanced({&b, &c});
  EXPECT_EQ(b.lost + c.lost, 0);
}

TEST_P(EveryAssignor, ANewCoordinatorCausesNoRebalance) {
  auto& a = group_.Add("a", Config());
  auto& b = group_.Add("b", Config());
  SETTLE(group_, seconds(10));
  const auto generation = group_.generation();
  const int joins = a.joins + b.joins;
  group_.StopCoordinator();
  group_.Run(minutes(10));
  EXPECT_EQ(a.membership->owned().size() + b.membership->owned().size(), 12U);
  group_.StartCoordinator();
  group_.Run(minutes(2));
  SETTLE(group_, seconds(1));
  EXPECT_EQ(group_.generation(), generation);
  EXPECT_EQ(a.joins + b.joins, joins);
  EXPECT_EQ(a.revoked + b.revoked + a.lost + b.lost, 0);
}

TEST_P(EveryAssignor, ACoordinatorThatStopsAmidARebalance) {
  for (int at = 0; at < 200; at += 5) {
    GroupSimulation group(static_cast<std::uint64_t>(at), {{"t", 12}});
    auto& a = group.Add("a", Config());
    auto& b = group.Add("b", Config());
    SETTLE(group, seconds(10));
    auto& c = group.Add("c", Config());
    group.Run(seconds(2) + milliseconds(at * 15));
    group.StopCoordinator();
    group.Run(seconds(5));
    group.StartCoordinator();
    SETTLE(group, seconds(60));
    ExpectBalanced({&a, &b, &c});
  }
}

TEST_P(EveryAssignor, AMemberThatDoesNotPollLeavesAndComesBack) {
  auto& a = group_.Add("a", Config());
  auto& b = group_.Add("b", Config());
  SETTLE(group_, seconds(10));
  a.is_polling = false;
  group_.Run(minutes(4));
  EXPECT_EQ(a.membership->owned().size(), 6U);
  group_.Run(minutes(2));
  EXPECT_EQ(a.membership->state(), MembershipState::kUnjoined);
  EXPECT_EQ(b.membership->owned().size(), 12U) << group_.Describe();
  a.is_polling = true;
  SETTLE(group_, seconds(20));
  ExpectBalanced({&a, &b});
  EXPECT_EQ(a.lost, 6);
  EXPECT_EQ(b.lost, 0);
}

TEST_P(EveryAssignor, AZombieFindsOutAndComesBack) {
  auto& a = group_.Add("a", Config());
  auto& b = group_.Add("b", Config());
  SETTLE(group_, seconds(10));
  group_.Freeze(a);
  group_.Run(minutes(2));
  EXPECT_EQ(b.membership->owned().size(), 12U) << group_.Describe();
  GroupSimulation::Thaw(a);
  SETTLE(group_, seconds(20));
  ExpectBalanced({&a, &b});
  EXPECT_EQ(a.lost, 6);
}

TEST_P(EveryAssignor, TopicsGrow) {
  auto& a = group_.Add("a", Config());
  auto& b = group_.Add("b", Config());
  SETTLE(group_, seconds(10));
  group_.SetCounts({{"t", 20}});
  SETTLE(group_, seconds(10));
  ExpectBalanced({&a, &b});
}

TEST_P(EveryAssignor, FaultsNeverLeadToTwoOwnersAndItSettlesAfterThem) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    GroupSimulation group(seed, {{"t", 12}});
    group.faults = {.lost = 0.1, .failed_write = 0.1, .delay_max = milliseconds(200)};
    auto& a = group.Add("a", Config());
    auto& b = group.Add("b", Config());
    group.Run(seconds(5));
    auto& c = group.Add("c", Config());
    group.Run(seconds(20));
    group.StopCoordinator();
    group.Run(seconds(3));
    group.StartCoordinator();
    group.Close(b);
    group.SetCounts({{"t", 13}});
    group.Run(seconds(20));
    group.faults = {};
    SETTLE(group, minutes(7));
    ExpectBalanced({&a, &c});
  }
}

INSTANTIATE_TEST_SUITE_P(Membership, EveryAssignor,
                         ::testing::Values(kEager, "roundrobin", kSticky, kCooperative),
                         [](const auto& param) {
                           std::string name = param.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST(MembershipGroupTest, CooperativeMovesOnlyWhatItMust) {
  GroupSimulation group(1, {{"t", 12}});
  auto& a = group.Add("a", With(kCooperative));
  auto& b = group.Add("b", With(kCooperative));
  SETTLE(group, seconds(10));
  const auto generation = group.generation();
  group.Add("c", With(kCooperative));
  SETTLE(group, seconds(10));
  EXPECT_EQ(a.revoked, 2);
  EXPECT_EQ(b.revoked, 2);
  EXPECT_EQ(group.generation().value, generation.value + 2);  // Give up, then hand over.
}

TEST(MembershipGroupTest, StickyKeepsWhatMembersHad) {
  GroupSimulation group(1, {{"t", 12}});
  auto& a = group.Add("a", With(kSticky));
  auto& b = group.Add("b", With(kSticky));
  SETTLE(group, seconds(10));
  const auto a_before = a.membership->owned();
  const auto b_before = b.membership->owned();
  group.Add("c", With(kSticky));
  SETTLE(group, seconds(10));
  EXPECT_EQ(a.revoked + b.revoked, 12);
  EXPECT_TRUE(std::ranges::includes(a_before, a.membership->owned()));
  EXPECT_TRUE(std::ranges::includes(b_before, b.membership->owned()));
}

TEST(MembershipGroupTest, AStaticMemberThatRestartsCausesNoRebalance) {
  GroupSimulation group(1, {{"t", 12}});
  auto& a = group.Add("a", With(kCooperative, "i-a"));
  auto& b = group.Add("b", With(kCooperative, "i-b"));
  SETTLE(group, seconds(10));
  const auto owned = a.membership->owned();
  const auto generation = group.generation();
  group.Close(a);
  group.Run(seconds(20));
  EXPECT_EQ(group.generation(), generation);
  auto& again = group.Add("a2", With(kCooperative, "i-a"));
  SETTLE(group, seconds(10));
  EXPECT_EQ(group.generation(), generation);
  EXPECT_EQ(again.membership->owned(), owned);
  EXPECT_EQ(b.joins, 1);
}

TEST(MembershipGroupTest, AStaticLeaderThatRestartsStillSeesTopicsGrow) {
  GroupSimulation group(1, {{"t", 12}});
  auto& a = group.Add("a", With(kCooperative, "i-a"));
  SETTLE(group, seconds(10));
  const auto generation = group.generation();
  group.Close(a);
  group.Run(seconds(1));
  auto& again = group.Add("a2", With(kCooperative, "i-a"));
  SETTLE(group, seconds(10));
  EXPECT_EQ(group.generation(), generation);
  group.SetCounts({{"t", 13}});
  SETTLE(group, seconds(10));
  EXPECT_EQ(again.membership->owned().size(), 13U);
}

TEST(MembershipGroupTest, OfTwoWithOneInstanceIdTheFormerIsFenced) {
  GroupSimulation group(1, {{"t", 12}});
  auto& a = group.Add("a", With(kEager, "i"));
  SETTLE(group, seconds(10));
  group.may_have_zombies = true;  // The one that is fenced learns of it by its next heartbeat.
  auto& b = group.Add("b", With(kEager, "i"));
  SETTLE(group, seconds(10));
  EXPECT_EQ(a.membership->state(), MembershipState::kFenced);
  ASSERT_EQ(a.errors.size(), 1U);
  EXPECT_EQ(a.errors[0].code, ErrorCode::kFencedInstanceId);
  EXPECT_EQ(a.lost, 12);
  EXPECT_EQ(b.membership->owned().size(), 12U);
  EXPECT_TRUE(b.errors.empty());
}

TEST(MembershipGroupTest, FromEagerToCooperativeInTwoRollingRestarts) {
  GroupSimulation group(1, {{"t", 12}});
  const MembershipConfig both{.assignors = {"cooperative-sticky", "range"}};
  auto* a = &group.Add("a", With(kEager));
  auto* b = &group.Add("b", With(kEager));
  SETTLE(group, seconds(10));
  for (const MembershipConfig& config : {both, With(kCooperative)}) {
    for (SimulatedMember** member : {&a, &b}) {
      group.Close(**member);
      SETTLE(group, seconds(10));
      *member = &group.Add("n", config);
      SETTLE(group, seconds(20));
      ExpectBalanced({a, b});
    }
  }
  EXPECT_EQ(a->membership->protocol(), kCooperative);
}

}  // namespace
}  // namespace lanemq::client
