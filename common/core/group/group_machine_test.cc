// Joins, generations, expiry and what is refused. Writes succeed at once here; see
// group_machine_write_test.cc for those that do not.
#include "common/core/group/group_machine.h"

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/group/group_machine_rig.h"
#include "common/core/group/protocol_selection.h"

namespace lanemq::core {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Rig = GroupMachineRig;

TEST(GroupMachine, FirstMemberLeadsGenerationOne) {
  Rig rig;
  std::string id;
  const auto join = rig.JoinNew(id);
  EXPECT_EQ(rig.JoinOf(join).generation, Generation{1});
  EXPECT_EQ(rig.JoinOf(join).leader, id);
  EXPECT_EQ(rig.JoinOf(join).protocol, "range");
  EXPECT_THAT(rig.JoinOf(join).members, SizeIs(1));
  EXPECT_EQ(rig.state(), GroupState::kCompletingRebalance);
  const auto sync = rig.Sync(id, 1, {{id, {{"t", 1}, {"t", 0}}}});
  EXPECT_THAT(rig.SyncOf(sync).assignment,
              ElementsAre(TopicPartition{"t", 0}, TopicPartition{"t", 1}));
  EXPECT_EQ(rig.state(), GroupState::kStable);
  EXPECT_EQ(rig.row.moved, 2);
  EXPECT_THAT(rig.row.reason, HasSubstr("joined"));
}

TEST(GroupMachine, EmptyGroupWaitsInitialDelayAfterTheNewestMember) {
  GroupLimits limits;
  limits.initial_rebalance_delay = seconds(3);
  Rig rig(limits);
  std::string a;
  std::string b;
  const auto first = rig.JoinNew(a);
  EXPECT_EQ(rig.machine().NextDeadline(), rig.now + seconds(3));
  rig.Pass(seconds(2));
  const auto second = rig.JoinNew(b);
  rig.Pass(seconds(2));
  EXPECT_FALSE(rig.IsAnswered(first));
  rig.Pass(seconds(1));
  EXPECT_EQ(rig.JoinOf(first).leader, a);
  EXPECT_THAT(rig.JoinOf(first).members, SizeIs(2));
  EXPECT_THAT(rig.JoinOf(second).members, IsEmpty());
}

TEST(GroupMachine, InitialDelayEndsAtTheRebalanceTimeout) {
  GroupLimits limits;
  limits.initial_rebalance_delay = seconds(3);
  Rig rig(limits);
  JoinCall wish = Rig::Wish();
  wish.rebalance_timeout = seconds(7);
  std::string id;
  const auto first = rig.JoinNew(id, wish);
  for (int i = 0; i < 3; ++i) {
    rig.Pass(seconds(2));
    rig.JoinNew(id, wish);
  }
  EXPECT_FALSE(rig.IsAnswered(first));
  rig.Pass(seconds(1));
  EXPECT_THAT(rig.JoinOf(first).members, SizeIs(4));
}

TEST(GroupMachine, PendingIdExpires) {
  Rig rig;
  const auto first = rig.Join("");
  const std::string id = rig.JoinOf(first).member_id;
  EXPECT_EQ(rig.state(), GroupState::kEmpty);
  rig.Pass(seconds(30));
  EXPECT_EQ(rig.ErrorOf(rig.Join(id)), "UNKNOWN_MEMBER_ID");
  EXPECT_EQ(rig.ErrorOf(rig.Join("never given out")), "UNKNOWN_MEMBER_ID");
}

TEST(GroupMachine, NewMemberWaitsForTheOthers) {
  Rig rig;
  const auto ids = rig.MakeStable(1);
  std::string b;
  const auto join = rig.JoinNew(b);
  EXPECT_EQ(rig.state(), GroupState::kPreparingRebalance);
  EXPECT_EQ(rig.Heartbeat(ids[0], 1), "REBALANCE_IN_PROGRESS");
  EXPECT_EQ(rig.ErrorOf(rig.Sync(ids[0], 1)), "REBALANCE_IN_PROGRESS");
  const auto again = rig.Join(ids[0]);
  EXPECT_EQ(rig.JoinOf(join).generation, Generation{2});
  EXPECT_EQ(rig.JoinOf(again).leader, ids[0]);
  EXPECT_EQ(rig.Heartbeat(b, 2), "");
}

TEST(GroupMachine, WhoDoesNotJoinAgainInTimeIsRemoved) {
  Rig rig;
  const auto ids = rig.MakeStable(2);
  std::string c;
  const auto join = rig.JoinNew(c);
  rig.Join(ids[1]);
  for (int i = 0; i < 11; ++i) {
    rig.Pass(seconds(5));
    EXPECT_EQ(rig.Heartbeat(ids[0], 2), "REBALANCE_IN_PROGRESS");
  }
  EXPECT_FALSE(rig.IsAnswered(join));
  rig.Pass(seconds(5));
  EXPECT_EQ(rig.JoinOf(join).leader, ids[1]);  // The oldest of those that are left.
  EXPECT_EQ(rig.Heartbeat(ids[0], 3), "UNKNOWN_MEMBER_ID");
}

TEST(GroupMachine, SilentMemberExpiresAndItsPartitionsMove) {
  Rig rig;
  const auto ids = rig.MakeStable(2);
  rig.Pass(seconds(9));
  EXPECT_EQ(rig.Heartbeat(ids[1], 2), "");
  rig.Pass(seconds(1));
  EXPECT_EQ(rig.Heartbeat(ids[1], 2), "REBALANCE_IN_PROGRESS");
  const auto join = rig.Join(ids[1]);
  EXPECT_EQ(rig.JoinOf(join).leader, ids[1]);
  rig.Sync(ids[1], 3, {{ids[1], {{"t", 0}, {"t", 1}}}});
  EXPECT_EQ(rig.row.moved, 2);
  EXPECT_THAT(rig.row.reason, HasSubstr("session timeout"));
  rig.Pass(seconds(10));
  EXPECT_EQ(rig.state(), GroupState::kEmpty);
}

TEST(GroupMachine, GenerationsGrowAcrossEmpty) {
  Rig rig;
  const auto ids = rig.MakeStable(1);
  EXPECT_EQ(rig.ErrorOf(rig.Leave(ids[0])), "");
  EXPECT_EQ(rig.state(), GroupState::kEmpty);
  EXPECT_EQ(rig.row.state, GroupState::kEmpty);
  EXPECT_EQ(rig.row.protocol, "");
  rig.Crash();
  std::string b;
  EXPECT_GT(rig.JoinOf(rig.JoinNew(b)).generation, Generation{1});
}

TEST(GroupMachine, MemberWaitingInAJoinDoesNotExpire) {
  Rig rig;
  const auto ids = rig.MakeStable(1);
  std::string b;
  const auto join = rig.JoinNew(b);
  for (int i = 0; i < 10; ++i) {
    rig.Pass(seconds(5));
    rig.Heartbeat(ids[0], 1);
  }
  rig.Join(ids[0]);
  EXPECT_TRUE(rig.IsJoined(join));
  // The reply counts as a sign of life.
  rig.Pass(seconds(9));
  EXPECT_EQ(rig.Heartbeat(b, 2), "");
}

TEST(GroupMachine, ForgottenJoinKeepsItsPlaceForASessionTimeout) {
  Rig rig;
  const auto ids = rig.MakeStable(1);
  std::string b;
  rig.Forget(rig.JoinNew(b));
  rig.Pass(seconds(4));
  const auto leader = rig.Join(ids[0]);
  EXPECT_THAT(rig.JoinOf(leader).members, SizeIs(2));
  EXPECT_EQ(rig.JoinOf(rig.Join(b)).generation, Generation{2});
}

TEST(GroupMachine, RepeatedJoinIsAnsweredWithTheSameGeneration) {
  Rig rig;
  auto ids = rig.MakeStable(2);
  std::string c;
  rig.JoinNew(c);
  const auto first = rig.Join(ids[1]);
  const auto second = rig.Join(ids[1]);  // While the first waits.
  const auto leader = rig.Join(ids[0]);
  EXPECT_EQ(rig.JoinOf(first).generation, Generation{3});
  EXPECT_EQ(rig.JoinOf(second).generation, Generation{3});
  // Replies were lost: the follower's, and the leader's with the list of members.
  EXPECT_EQ(rig.JoinOf(rig.Join(ids[1])).generation, Generation{3});
  EXPECT_EQ(rig.JoinOf(rig.Join(ids[0])).members, rig.JoinOf(leader).members);
  ids.push_back(c);
  rig.SyncAll(ids);
  EXPECT_EQ(rig.JoinOf(rig.Join(ids[1])).generation, Generation{3});
  EXPECT_EQ(rig.state(), GroupState::kStable);
}

TEST(GroupMachine, RepeatedSyncIsAnsweredAgain) {
  Rig rig;
  const auto ids = rig.MakeStable(2);
  const auto leader = rig.Sync(ids[0], 2, {{ids[0], {}}, {ids[1], {{"t", 0}}}});
  EXPECT_THAT(rig.SyncOf(leader).assignment, SizeIs(2));  // What was decided first.
  EXPECT_THAT(rig.SyncOf(rig.Sync(ids[1], 2)).assignment, IsEmpty());
}

TEST(GroupMachine, LeaderOrChangedMemberStartsARebalance) {
  for (const bool is_leader : {true, false}) {
    Rig rig;
    const auto ids = rig.MakeStable(2);
    rig.Join(is_leader ? ids[0] : ids[1],
             Rig::Wish(is_leader ? std::vector<std::string>{"t"} : std::vector<std::string>{"u"}));
    EXPECT_EQ(rig.state(), GroupState::kPreparingRebalance);
  }
  Rig rig;
  const auto ids = rig.MakeStable(2);
  JoinCall wish = Rig::Wish();
  wish.subscription.owned = {{"t", 1}};
  rig.Join(ids[1], wish);
  EXPECT_EQ(rig.state(), GroupState::kPreparingRebalance);
}

TEST(GroupMachine, LeaveStartsARebalanceAndIsDurable) {
  Rig rig;
  const auto ids = rig.MakeStable(2);
  EXPECT_EQ(rig.ErrorOf(rig.Leave(ids[0])), "");
  EXPECT_EQ(rig.ErrorOf(rig.Leave(ids[0])), "UNKNOWN_MEMBER_ID");
  // The new coordinator must not take the rest for a Stable group: partitions have no owner.
  rig.Crash();
  EXPECT_EQ(rig.Heartbeat(ids[1], 2), "REBALANCE_IN_PROGRESS");
  EXPECT_EQ(rig.JoinOf(rig.Join(ids[1])).generation, Generation{3});
}

TEST(GroupMachine, MemberThatNeverSyncsIsRemoved) {
  Rig rig;
  std::string a;
  rig.JoinNew(a);
  EXPECT_EQ(rig.ErrorOf(rig.Sync(a, 1, {})), "INVALID_REQUEST");
  for (int i = 0; i < 11; ++i) {
    rig.Pass(seconds(5));
    EXPECT_EQ(rig.Heartbeat(a, 1), "");
  }
  rig.Pass(seconds(5));
  EXPECT_EQ(rig.state(), GroupState::kEmpty);
}

TEST(GroupMachine, BadAssignmentsAreRefused) {
  Rig rig;
  std::string a;
  rig.JoinNew(a);
  const GroupAssignment bad[] = {
      {{"stranger", {}}}, {{a, {{"t", 0}, {"t", 0}}}}, {{a, {{"t", -1}}}}, {{a, {{"", 0}}}}};
  for (const GroupAssignment& assignment : bad) {
    EXPECT_EQ(rig.ErrorOf(rig.Sync(a, 1, assignment)), "INVALID_REQUEST");
  }
  EXPECT_EQ(rig.state(), GroupState::kCompletingRebalance);
  EXPECT_EQ(rig.ErrorOf(rig.Sync(a, 1, {{a, {}}})), "");
}

TEST(GroupMachine, WrongGenerationsAreRefused) {
  Rig rig;
  const auto ids = rig.MakeStable(2);
  EXPECT_EQ(rig.ErrorOf(rig.Sync(ids[1], 1)), "ILLEGAL_GENERATION");
  EXPECT_EQ(rig.Heartbeat(ids[1], 1), "ILLEGAL_GENERATION");
  EXPECT_EQ(rig.Heartbeat(ids[1], 3), "ILLEGAL_GENERATION");
  EXPECT_EQ(rig.Heartbeat("nobody", 2), "UNKNOWN_MEMBER_ID");
}

TEST(GroupMachine, JoinsOutsideTheLimitsAreRefused) {
  GroupLimits limits = Rig::Quick();
  limits.members_max = 1;
  limits.topics_max = 2;
  Rig rig(limits);
  const auto error = [&](auto change) {
    JoinCall join = Rig::Wish();
    change(join);
    return rig.ErrorOf(rig.Join(join.member_id, join));
  };
  EXPECT_EQ(error([](auto& j) { j.session_timeout = milliseconds(5'999); }),
            "INVALID_SESSION_TIMEOUT");
  EXPECT_EQ(error([](auto& j) { j.session_timeout = milliseconds(1'800'001); }),
            "INVALID_SESSION_TIMEOUT");
  EXPECT_EQ(error([](auto& j) { j.rebalance_timeout = milliseconds(0); }), "INVALID_REQUEST");
  EXPECT_EQ(error([](auto& j) { j.subscription.topics = {"a", "b", "c"}; }), "INVALID_REQUEST");
  EXPECT_EQ(error([](auto& j) { j.protocols = {}; }), "INCONSISTENT_GROUP_PROTOCOL");
  EXPECT_EQ(error([](auto& j) { j.protocols = {"a", "a"}; }), "INVALID_REQUEST");
  EXPECT_EQ(error([](auto& j) { j.client_id = std::string(201, 'x'); }), "INVALID_REQUEST");
  // Two ids may be given out, one of them gets in.
  const std::string second = rig.JoinOf(rig.Join("")).member_id;
  std::string first;
  EXPECT_TRUE(rig.IsJoined(rig.JoinNew(first)));
  EXPECT_EQ(rig.ErrorOf(rig.Join(second)), "GROUP_MAX_SIZE_REACHED");
  EXPECT_EQ(rig.ErrorOf(rig.Join("")), "GROUP_MAX_SIZE_REACHED");
  EXPECT_EQ(rig.ErrorOf(rig.Join(first)), "");
}

TEST(GroupMachine, ProtocolsMustOverlap) {
  Rig rig;
  rig.MakeStable(1);
  JoinCall wish = Rig::Wish();
  wish.protocols = {"sticky"};
  EXPECT_EQ(rig.ErrorOf(rig.Join("", wish)), "INCONSISTENT_GROUP_PROTOCOL");
}

// Stable at generation 2, where the only member has said that it owns t/0 since generation 1.
struct Owner {
  Owner() {
    id = rig.MakeStable(1)[0];
    rig.Join(id, Owning({{"t", 0}}, 1));
    rig.SyncAll({id});
  }
  static JoinCall Owning(std::vector<TopicPartition> owned, std::int64_t generation) {
    JoinCall join = Rig::Wish();
    join.subscription.owned = std::move(owned);
    join.subscription.owned_generation = Generation{generation};
    return join;
  }
  Rig rig;
  std::string id;
};

TEST(GroupMachine, LateJoinSaysNothingNew) {
  Owner owner;
  Rig& rig = owner.rig;
  JoinCall late = Owner::Owning({{"t", 0}, {"t", 1}}, 0);
  late.subscription.topics = {"former"};
  EXPECT_EQ(rig.JoinOf(rig.Join(owner.id, late)).generation, Generation{2});
  EXPECT_EQ(rig.state(), GroupState::kStable);
  std::string b;
  rig.JoinNew(b);
  rig.Join(owner.id, late);
  const MemberSubscription& kept = rig.row.members[0].member.subscription;
  EXPECT_EQ(kept.topics, std::vector<std::string>{"t"});
  EXPECT_EQ(kept.owned, (std::vector<TopicPartition>{{"t", 0}}));
}

TEST(GroupMachine, LateJoinIsKnownAfterACrashAndAfterEverythingWasLost) {
  Owner owner;
  Rig& rig = owner.rig;
  rig.Crash();
  rig.Join(owner.id, Owner::Owning({}, 0));  // Not late: it has nothing, since no generation.
  EXPECT_EQ(rig.generation(), 3);
  rig.SyncAll({owner.id});
  rig.Join(owner.id, Owner::Owning({{"t", 1}}, 0));
  EXPECT_TRUE(rig.row.members[0].member.subscription.owned.empty());
}

TEST(GroupMachine, RetiredGroupAnswersEverybody) {
  Rig rig;
  const auto ids = rig.MakeStable(1);
  std::string b;
  const auto join = rig.JoinNew(b);
  rig.Retire({ErrorCode::kNotCoordinator, "handed over"});
  EXPECT_EQ(rig.ErrorOf(join), "NOT_COORDINATOR");
  EXPECT_EQ(rig.ErrorOf(rig.Join(ids[0])), "NOT_COORDINATOR");
  EXPECT_EQ(rig.Heartbeat(ids[0], 1), "NOT_COORDINATOR");
  EXPECT_EQ(rig.state(), GroupState::kDead);
  EXPECT_FALSE(rig.machine().NextDeadline().has_value());
}

TEST(ProtocolSelection, MostVotesAmongWhatAllCanDo) {
  const ProtocolList ab{"a", "b"};
  const ProtocolList ba{"b", "a"};
  const ProtocolList cb{"c", "b"};
  EXPECT_EQ(SelectProtocol({&ab}), "a");
  EXPECT_EQ(SelectProtocol({&ab, &ba}), "a");
  EXPECT_EQ(SelectProtocol({&ab, &ba, &ba}), "b");
  EXPECT_EQ(SelectProtocol({&ab, &ab, &cb}), "b");
  EXPECT_EQ(SelectProtocol({}), "");
  EXPECT_FALSE(HasCommonProtocol({"c"}, {&ab, &cb}));
  EXPECT_TRUE(HasCommonProtocol({"c"}, {}));
}

}  // namespace
}  // namespace lanemq::core
