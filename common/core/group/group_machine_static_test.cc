// Static members: who comes back with its instance id takes its own place.
#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/group/group_machine_rig.h"

namespace lanemq::core {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Rig = GroupMachineRig;

// Stable at generation 2 with the static members `one` (leader) and `two`, who has t/0.
struct StaticPair {
  StaticPair() {
    one = rig.JoinOf(rig.JoinStatic("one")).member_id;
    const auto join = rig.JoinStatic("two");
    rig.JoinStatic("one", one);
    two = rig.JoinOf(join).member_id;
    rig.Sync(one, 2, {{one, {}}, {two, {{"t", 0}}}}, "one");
    EXPECT_TRUE(rig.IsSynced(rig.Sync(two, 2, {}, "two")));
  }
  Rig rig;
  std::string one;
  std::string two;
};

TEST(GroupMachineStatic, JoinsInOneStep) {
  Rig rig;
  const auto join = rig.JoinStatic("one");
  EXPECT_FALSE(rig.JoinOf(join).must_rejoin_with_id);
  EXPECT_EQ(rig.JoinOf(join).generation, Generation{1});
}

TEST(GroupMachineStatic, ComesBackWithoutARebalance) {
  StaticPair pair;
  Rig& rig = pair.rig;
  rig.Pass(seconds(8));
  rig.Heartbeat(pair.one, 2, "one");
  rig.Pass(seconds(1));
  const auto join = rig.JoinStatic("two");
  const std::string id = rig.JoinOf(join).member_id;
  EXPECT_NE(id, pair.two);
  EXPECT_EQ(rig.JoinOf(join).generation, Generation{2});
  EXPECT_EQ(rig.JoinOf(join).leader, pair.one);
  EXPECT_THAT(rig.JoinOf(join).members, IsEmpty());
  EXPECT_THAT(rig.SyncOf(rig.Sync(id, 2, {}, "two")).assignment,
              ElementsAre(TopicPartition{"t", 0}));
  EXPECT_EQ(rig.state(), GroupState::kStable);
  // The former process is told at its next call.
  EXPECT_EQ(rig.Heartbeat(pair.two, 2, "two"), "FENCED_INSTANCE_ID");
  EXPECT_EQ(rig.ErrorOf(rig.Sync(pair.two, 2, {}, "two")), "FENCED_INSTANCE_ID");
  EXPECT_EQ(rig.ErrorOf(rig.JoinStatic("two", pair.two)), "FENCED_INSTANCE_ID");
  EXPECT_EQ(rig.ErrorOf(rig.Leave(pair.two, "two")), "FENCED_INSTANCE_ID");
}

TEST(GroupMachineStatic, LeaderComesBackWithNothingToAssign) {
  StaticPair pair;
  const auto join = pair.rig.JoinStatic("one");
  const JoinReply& reply = pair.rig.JoinOf(join);
  EXPECT_EQ(reply.leader, reply.member_id);
  EXPECT_THAT(reply.members, IsEmpty());
  EXPECT_EQ(pair.rig.state(), GroupState::kStable);
}

TEST(GroupMachineStatic, ComesBackAfterACrashOfTheCoordinator) {
  StaticPair pair;
  pair.rig.Crash();
  const auto join = pair.rig.JoinStatic("two");
  EXPECT_EQ(pair.rig.JoinOf(join).generation, Generation{2});
  pair.rig.Crash();
  EXPECT_EQ(pair.rig.Heartbeat(pair.two, 2, "two"), "FENCED_INSTANCE_ID");
}

TEST(GroupMachineStatic, OtherTopicsNeedARebalance) {
  StaticPair pair;
  const auto join = pair.rig.JoinStatic("two", "", Rig::Wish({"u"}));
  EXPECT_EQ(pair.rig.state(), GroupState::kPreparingRebalance);
  pair.rig.JoinStatic("one", pair.one);
  EXPECT_EQ(pair.rig.JoinOf(join).generation, Generation{3});
}

// `two` has said that it owns t/0 and t/1, and is left with t/0.
struct HandingOver : StaticPair {
  explicit HandingOver(const std::vector<TopicPartition>& to_one) {
    JoinCall wish = Rig::Wish();
    wish.subscription.owned = {{"t", 0}, {"t", 1}};
    const auto join = rig.JoinStatic("two", two, wish);
    rig.JoinStatic("one", one);
    EXPECT_EQ(rig.JoinOf(join).generation, Generation{3});
    rig.Sync(one, 3, {{one, to_one}, {two, {{"t", 0}}}}, "one");
    EXPECT_TRUE(rig.IsSynced(rig.Sync(two, 3, {}, "two")));
  }
};

TEST(GroupMachineStatic, ComesBackWithARebalanceWhenItWasToGiveUpPartitions) {
  // Cooperative: nobody has t/1 until `two` joins again without it, which its successor would not.
  HandingOver group({});
  const auto join = group.rig.JoinStatic("two");
  EXPECT_EQ(group.rig.state(), GroupState::kPreparingRebalance);
  group.rig.JoinStatic("one", group.one);
  EXPECT_EQ(group.rig.JoinOf(join).generation, Generation{4});
}

TEST(GroupMachineStatic, ComesBackWithARebalanceAfterACrashToo) {
  HandingOver group({});
  group.rig.Crash();
  group.rig.JoinStatic("two");
  EXPECT_EQ(group.rig.state(), GroupState::kPreparingRebalance);
}

TEST(GroupMachineStatic, ComesBackWithoutARebalanceWhenOthersHaveItsPartitions) {
  HandingOver group({{"t", 1}});  // Eager.
  EXPECT_EQ(group.rig.JoinOf(group.rig.JoinStatic("two")).generation, Generation{3});
}

TEST(GroupMachineStatic, ComesBackWithoutARebalanceWhenNobodyWantsItsPartitions) {
  StaticPair pair;
  JoinCall wish = Rig::Wish();
  wish.subscription.owned = {{"t", 0}, {"former", 1}};
  pair.rig.JoinStatic("two", pair.two, wish);
  pair.rig.JoinStatic("one", pair.one);
  pair.rig.Sync(pair.one, 3, {{pair.two, {{"t", 0}}}}, "one");
  EXPECT_EQ(pair.rig.JoinOf(pair.rig.JoinStatic("two")).generation, Generation{3});
}

TEST(GroupMachineStatic, ParkedCallOfTheFormerHolderIsFenced) {
  StaticPair pair;
  Rig& rig = pair.rig;
  const auto third = rig.JoinStatic("three");
  const auto former = rig.JoinStatic("two", pair.two);
  const auto again = rig.JoinStatic("two");
  EXPECT_EQ(rig.ErrorOf(former), "FENCED_INSTANCE_ID");
  rig.JoinStatic("one", pair.one);
  EXPECT_EQ(rig.JoinOf(again).generation, Generation{3});
  EXPECT_TRUE(rig.IsJoined(third));
}

TEST(GroupMachineStatic, ComingBackWhileTheLeaderAssignsStartsOver) {
  Rig rig;
  const std::string one = rig.JoinOf(rig.JoinStatic("one")).member_id;
  const auto two = rig.JoinStatic("two");
  rig.JoinStatic("one", one);
  const std::string former = rig.JoinOf(two).member_id;
  const auto again = rig.JoinStatic("two");
  // The leader knows the former id only.
  EXPECT_EQ(rig.ErrorOf(rig.Sync(one, 2, {{one, {}}, {former, {}}}, "one")),
            "REBALANCE_IN_PROGRESS");
  EXPECT_THAT(rig.JoinOf(rig.JoinStatic("one", one)).members, SizeIs(2));
  EXPECT_EQ(rig.JoinOf(again).generation, Generation{3});
}

TEST(GroupMachineStatic, ExpiresWithItsInstanceId) {
  StaticPair pair;
  pair.rig.Pass(seconds(10));
  EXPECT_EQ(pair.rig.state(), GroupState::kEmpty);
  EXPECT_EQ(pair.rig.ErrorOf(pair.rig.JoinStatic("two", pair.two)), "UNKNOWN_MEMBER_ID");
}

TEST(GroupMachineStatic, OperatorsRemoveItByItsInstanceId) {
  StaticPair pair;
  EXPECT_EQ(pair.rig.ErrorOf(pair.rig.Leave("", "two")), "");
  EXPECT_EQ(pair.rig.ErrorOf(pair.rig.Leave("", "two")), "UNKNOWN_MEMBER_ID");
  EXPECT_EQ(pair.rig.state(), GroupState::kPreparingRebalance);
}

}  // namespace
}  // namespace lanemq::core
