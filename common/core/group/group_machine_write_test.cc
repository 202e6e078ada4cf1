// Nothing is told to a member before it is durable; what a failed write does; what a new
// coordinator makes of the row.
#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/group/group_machine_rig.h"

namespace lanemq::core {
namespace {

using std::chrono::seconds;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Rig = GroupMachineRig;

const Error kLost{ErrorCode::kOutcomeUnknown, "connection lost"};

TEST(GroupMachineWrite, GenerationIsDurableBeforeItsJoinsAreAnswered) {
  Rig rig;
  rig.holds_writes = true;
  std::string a;
  const auto join = rig.JoinNew(a);
  EXPECT_FALSE(rig.IsAnswered(join));
  EXPECT_EQ(rig.write->group.state, GroupState::kCompletingRebalance);
  EXPECT_EQ(rig.write->group.generation, Generation{1});
  EXPECT_THAT(rig.write->group.members, SizeIs(1));
  rig.EndWrite();
  EXPECT_TRUE(rig.IsJoined(join));
}

TEST(GroupMachineWrite, AssignmentIsDurableBeforeSyncsAreAnswered) {
  Rig rig;
  const auto ids = rig.MakeStable(2);
  rig.Join(ids[0]);
  rig.Join(ids[1]);
  rig.holds_writes = true;
  const auto follower = rig.Sync(ids[1], 3);
  const auto leader = rig.Sync(ids[0], 3, {{ids[1], {{"t", 0}}}});
  EXPECT_EQ(rig.write->group.state, GroupState::kStable);
  EXPECT_FALSE(rig.IsAnswered(leader));
  EXPECT_FALSE(rig.IsAnswered(follower));
  rig.EndWrite();
  EXPECT_THAT(rig.SyncOf(leader).assignment, IsEmpty());
  EXPECT_THAT(rig.SyncOf(follower).assignment, SizeIs(1));
}

TEST(GroupMachineWrite, LeaveIsAnsweredWhenDurable) {
  Rig rig;
  const auto ids = rig.MakeStable(1);
  rig.holds_writes = true;
  const auto leave = rig.Leave(ids[0]);
  EXPECT_FALSE(rig.IsAnswered(leave));
  rig.EndWrite(kLost);
  EXPECT_EQ(rig.ErrorOf(leave), "NOT_COORDINATOR");
  // It is written again, since nothing else would: the group is empty.
  rig.Pass(seconds(1));
  rig.EndWrite();
  EXPECT_EQ(rig.row.state, GroupState::kEmpty);
}

TEST(GroupMachineWrite, StaticMemberIsAnsweredWhenItsNewIdIsDurable) {
  Rig rig;
  const std::string former = rig.JoinOf(rig.JoinStatic("one")).member_id;
  rig.Sync(former, 1, {{former, {{"t", 0}}}}, "one");
  rig.holds_writes = true;
  const auto lost = rig.JoinStatic("one");
  EXPECT_FALSE(rig.IsAnswered(lost));
  rig.EndWrite(kLost);
  EXPECT_EQ(rig.ErrorOf(lost), "NOT_COORDINATOR");
  EXPECT_EQ(rig.state(), GroupState::kStable);
  const auto join = rig.JoinStatic("one");
  rig.EndWrite();
  EXPECT_EQ(rig.JoinOf(join).generation, Generation{1});
}

TEST(GroupMachineWrite, FailedGenerationStartsOver) {
  Rig rig;
  const auto ids = rig.MakeStable(2);
  rig.holds_writes = true;
  const auto leader = rig.Join(ids[0]);
  const auto follower = rig.Join(ids[1]);
  rig.EndWrite(kLost);
  EXPECT_EQ(rig.ErrorOf(leader), "NOT_COORDINATOR");
  EXPECT_EQ(rig.ErrorOf(follower), "NOT_COORDINATOR");
  // They were never told of generation 3; being at 2 is no fault of theirs.
  EXPECT_EQ(rig.Heartbeat(ids[1], 2), "REBALANCE_IN_PROGRESS");
  rig.holds_writes = false;
  rig.Join(ids[0]);
  EXPECT_EQ(rig.JoinOf(rig.Join(ids[1])).generation, Generation{4});
}

TEST(GroupMachineWrite, FailedAssignmentStartsOver) {
  Rig rig;
  const auto ids = rig.MakeStable(2);
  rig.Join(ids[0]);
  rig.Join(ids[1]);
  rig.holds_writes = true;
  const auto follower = rig.Sync(ids[1], 3);
  const auto leader = rig.Sync(ids[0], 3, {{ids[0], {}}, {ids[1], {{"t", 0}, {"t", 1}}}});
  rig.EndWrite(kLost);
  EXPECT_EQ(rig.ErrorOf(leader), "NOT_COORDINATOR");
  EXPECT_EQ(rig.ErrorOf(follower), "NOT_COORDINATOR");
  EXPECT_EQ(rig.state(), GroupState::kPreparingRebalance);
  rig.holds_writes = false;
  rig.Join(ids[0]);
  rig.Join(ids[1]);
  rig.Sync(ids[0], 4, {{ids[0], {}}, {ids[1], {{"t", 0}, {"t", 1}}}});
  EXPECT_EQ(rig.row.moved, 2);  // Against what is still the last assignment told.
}

TEST(GroupMachineWrite, MemberThatComesDuringTheWriteIsWaitedFor) {
  Rig rig;
  rig.holds_writes = true;
  std::string a;
  std::string b;
  const auto first = rig.JoinNew(a);  // Generation 1 is being written.
  const auto second = rig.JoinNew(b);
  rig.EndWrite();
  EXPECT_FALSE(rig.IsAnswered(first));  // Generation 2 has taken its place.
  EXPECT_EQ(rig.write->group.generation, Generation{2});
  rig.EndWrite();
  EXPECT_EQ(rig.JoinOf(first).generation, Generation{2});
  EXPECT_EQ(rig.JoinOf(second).generation, Generation{2});
}

TEST(GroupMachineWrite, RebalanceDuringTheWriteHidesTheAssignment) {
  Rig rig;
  std::string a;
  std::string b;
  rig.JoinNew(a);
  rig.holds_writes = true;
  const auto sync = rig.Sync(a, 1, {{a, {{"t", 0}}}});
  rig.JoinNew(b);
  EXPECT_EQ(rig.ErrorOf(sync), "REBALANCE_IN_PROGRESS");
  rig.EndWrite();
  EXPECT_EQ(rig.state(), GroupState::kPreparingRebalance);
}

TEST(GroupMachineWrite, NewerVersionIsWrittenWhenAnOlderOneFails) {
  Rig rig;
  const auto ids = rig.MakeStable(3);
  rig.holds_writes = true;
  const auto first = rig.Leave(ids[2]);
  const auto second = rig.Leave(ids[1]);
  rig.EndWrite(kLost);
  EXPECT_FALSE(rig.IsAnswered(first));
  EXPECT_THAT(rig.write->group.members, SizeIs(1));
  rig.EndWrite();
  EXPECT_EQ(rig.ErrorOf(first), "");
  EXPECT_EQ(rig.ErrorOf(second), "");
}

TEST(GroupMachineWrite, CrashOfAStableGroupCostsNothing) {
  Rig rig;
  const auto ids = rig.MakeStable(3);
  rig.Pass(seconds(9));
  rig.Crash();
  rig.Pass(seconds(9));  // Members have their full session timeout again.
  const int writes = rig.writes;
  for (const std::string& id : ids) EXPECT_EQ(rig.Heartbeat(id, 3), "");
  EXPECT_EQ(rig.JoinOf(rig.Join(ids[1])).generation, Generation{3});
  EXPECT_EQ(rig.state(), GroupState::kStable);
  EXPECT_EQ(rig.writes, writes);
}

TEST(GroupMachineWrite, CrashBeforeTheAssignmentGoesOnWithTheGeneration) {
  Rig rig;
  const auto ids = rig.MakeStable(2);
  rig.Join(ids[0]);
  rig.Join(ids[1]);
  rig.Crash();
  EXPECT_EQ(rig.state(), GroupState::kCompletingRebalance);
  const auto follower = rig.Sync(ids[1], 3);
  rig.Sync(ids[0], 3, {{ids[0], {{"t", 0}}}, {ids[1], {{"t", 1}}}});
  EXPECT_THAT(rig.SyncOf(follower).assignment, SizeIs(1));
}

TEST(GroupMachineWrite, ForeignAndRepeatedWriteEndsAreIgnored) {
  Rig rig;
  rig.holds_writes = true;
  std::string a;
  const auto join = rig.JoinNew(a);
  EXPECT_THAT(rig.machine().OnPersisted(rig.write->id + 1, {}, rig.now), IsEmpty());
  EXPECT_FALSE(rig.IsAnswered(join));
  const GroupPersistId id = rig.write->id;
  rig.EndWrite();
  EXPECT_THAT(rig.machine().OnPersisted(id, kLost, rig.now), IsEmpty());
  EXPECT_EQ(rig.state(), GroupState::kCompletingRebalance);
}

}  // namespace
}  // namespace lanemq::core
