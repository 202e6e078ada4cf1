// The course of a membership: joins, assignments, ends.
#include "client/src/group/membership_script.h"

namespace lanemq::client {
namespace {

class MembershipTest : public MembershipScript {};

TEST_F(MembershipTest, JoinsInTwoStepsWhenPolledWithASubscription) {
  MakeEager();
  Poll();
  EXPECT_TRUE(HasNothing());
  Do(member().Subscribe({"t"}, now_));
  EXPECT_TRUE(HasNothing());
  Poll();
  AnswerFind();
  core::JoinReply id;
  id.must_rejoin_with_id = true;
  id.member_id = "m-1";
  EXPECT_EQ(std::get<SendJoin>(effects_.at(0)).join.member_id, "");
  AnswerJoin(id);
  const core::JoinCall join = std::get<SendJoin>(effects_.at(0)).join;
  EXPECT_EQ(join.member_id, "m-1");
  EXPECT_EQ(join.subscription.topics, std::vector<std::string>{"t"});
  EXPECT_EQ(join.rebalance_timeout, config_.max_poll_interval);
  AnswerJoin(Follower(5));
  EXPECT_EQ(member().state(), MembershipState::kSyncing);
  EXPECT_EQ(std::get<SendSync>(effects_.at(0)).sync.generation, Generation(5));
  AnswerSync({t0_});
  EXPECT_EQ(member().owned(), std::set{t0_});
  ExpectListener(ListenerEvent::kAssigned, {t0_});
  EXPECT_EQ(member().state(), MembershipState::kStable);
  EXPECT_EQ(member().generation(), Generation(5));
}

TEST_F(MembershipTest, HeartbeatsEveryIntervalOneAtATime) {
  MakeEager();
  Settle({t0_});
  EXPECT_EQ(member().NextDeadline(), now_ + config_.heartbeat_interval);
  PassHeartbeat();
  Pass(config_.heartbeat_interval);
  const auto heartbeat = Take<SendHeartbeat>();
  EXPECT_EQ(heartbeat.heartbeat.member_id, "m-1");
  EXPECT_EQ(heartbeat.heartbeat.generation, Generation(5));
  EXPECT_TRUE(HasNothing());
  Do(member().OnHeartbeat(heartbeat.call, {}, now_));
  EXPECT_TRUE(Has<SendHeartbeat>());  // The interval had passed already.
}

TEST_F(MembershipTest, HeartbeatsTellHowLongAgoTheApplicationPolled) {
  MakeEager();
  Settle({t0_});
  PassHeartbeat();
  AnswerHeartbeat();
  const auto heartbeat_after = [this](std::chrono::milliseconds pause) {
    Pass(pause);
    const auto heartbeat = Take<SendHeartbeat>();
    Do(member().OnHeartbeat(heartbeat.call, {}, now_));
    return heartbeat.poll_age;
  };
  EXPECT_EQ(heartbeat_after(config_.heartbeat_interval), config_.heartbeat_interval);
  EXPECT_EQ(heartbeat_after(config_.heartbeat_interval), 2 * config_.heartbeat_interval);
  Poll();
  EXPECT_EQ(heartbeat_after(config_.heartbeat_interval), config_.heartbeat_interval);
}

TEST_F(MembershipTest, EagerRevokesEverythingBeforeItJoinsAndHeartbeatsMeanwhile) {
  MakeEager();
  Settle({t0_, t1_});
  PassHeartbeat();
  AnswerHeartbeat(Error{ErrorCode::kRebalanceInProgress, "x"});
  const auto revoked = Take<CallListener>();
  EXPECT_EQ(revoked.event, ListenerEvent::kRevoked);
  EXPECT_EQ(revoked.partitions, (Partitions{t0_, t1_}));
  EXPECT_EQ(member().owned().size(), 2U);  // Its listener may commit.
  EXPECT_EQ(member().generation(), Generation(5));
  EXPECT_FALSE(Has<SendJoin>());
  Pass(config_.heartbeat_interval);
  AnswerHeartbeat(Error{ErrorCode::kRebalanceInProgress, "x"});
  EXPECT_TRUE(HasNothing());
  Do(member().OnListenerDone(revoked.call, now_));
  EXPECT_TRUE(member().owned().empty());
  const core::JoinCall join = std::get<SendJoin>(effects_.at(0)).join;
  EXPECT_EQ(join.member_id, "m-1");
  EXPECT_EQ(join.subscription.owned, (Partitions{t0_, t1_}));  // For the sticky assignor.
  EXPECT_EQ(join.subscription.owned_generation, Generation(5));
  AnswerJoin(Follower(6));
  AnswerSync({t1_, t2_});
  ExpectListener(ListenerEvent::kAssigned, {t1_, t2_});
  EXPECT_TRUE(HasNothing());
}

TEST_F(MembershipTest, EagerThatMayBecomeCooperativeClaimsNothing) {
  Make({.assignors = {"cooperative-sticky", "range"}});
  Settle({t0_});
  PassHeartbeat();
  AnswerHeartbeat(Error{ErrorCode::kRebalanceInProgress, "x"});
  ExpectListener(ListenerEvent::kRevoked, {t0_});
  const core::JoinCall join = Take<SendJoin>().join;
  EXPECT_TRUE(join.subscription.owned.empty());
  EXPECT_EQ(join.subscription.owned_generation, Generation(0));
}

TEST_F(MembershipTest, CooperativeRevokesWhatItLacksAndJoinsAgainAtOnce) {
  MakeCooperative();
  Settle({t0_, t1_});
  PassHeartbeat();
  AnswerHeartbeat(Error{ErrorCode::kRebalanceInProgress, "x"});
  EXPECT_EQ(std::get<SendJoin>(effects_.at(0)).join.subscription.owned, (Partitions{t0_, t1_}));
  AnswerJoin(Follower(6));
  AnswerSync({t1_});
  EXPECT_EQ(member().owned(), (std::set{t0_, t1_}));
  ExpectListener(ListenerEvent::kRevoked, {t0_});
  EXPECT_EQ(member().owned(), std::set{t1_});
  EXPECT_FALSE(Has<SendJoin>());
  ExpectListener(ListenerEvent::kAssigned, {});
  const core::JoinCall join = std::get<SendJoin>(effects_.at(0)).join;
  EXPECT_EQ(join.subscription.owned, Partitions{t1_});
  EXPECT_EQ(join.subscription.owned_generation, Generation(6));
  AnswerJoin(Follower(7));
  AnswerSync({t1_, t2_});
  ExpectListener(ListenerEvent::kAssigned, {t2_});
  EXPECT_TRUE(HasNothing());
}

TEST_F(MembershipTest, AnUnchangedAssignmentIsToldAsAnEmptyList) {
  MakeCooperative();
  Settle({t0_});
  PassHeartbeat();
  AnswerHeartbeat(Error{ErrorCode::kRebalanceInProgress, "x"});
  AnswerJoin(Follower(6));
  AnswerSync({t0_});
  ExpectListener(ListenerEvent::kAssigned, {});
  EXPECT_EQ(member().owned(), std::set{t0_});
  EXPECT_TRUE(HasNothing());
}

TEST_F(MembershipTest, LeaderAssignsAndJoinsAgainOnlyWhenTheCountsChange) {
  MakeCooperative();
  Start();
  AnswerJoin(Leader(5));
  EXPECT_EQ(Take<WatchTopics>().topics, std::set<std::string>{"t"});
  EXPECT_TRUE(HasNothing());
  Pass(config_.heartbeat_interval);  // It lives while it waits for the counts.
  AnswerHeartbeat();
  Do(member().OnPartitionCounts({{"t", 2}}, now_));
  EXPECT_EQ(std::get<SendSync>(effects_.at(0)).sync.assignments.at("m-1"), (Partitions{t0_, t1_}));
  AnswerSync({t0_, t1_});
  ExpectListener(ListenerEvent::kAssigned, {t0_, t1_});
  Do(member().OnPartitionCounts({{"t", 2}}, now_));
  EXPECT_TRUE(HasNothing());
  Do(member().OnPartitionCounts({{"t", 3}}, now_));
  AnswerJoin(Leader(6));
  Take<WatchTopics>();
  Do(member().OnPartitionCounts({{"t", 3}}, now_));
  EXPECT_EQ(Take<SendSync>().sync.assignments.at("m-1"), (Partitions{t0_, t1_, t2_}));
}

TEST_F(MembershipTest, CountsThatChangeDuringTheSyncAreNotForgotten) {
  MakeCooperative();
  Start();
  AnswerJoin(Leader(5));
  Do(member().OnPartitionCounts({{"t", 1}}, now_));
  Do(member().OnPartitionCounts({{"t", 2}}, now_));
  AnswerSync({t0_});
  ExpectListener(ListenerEvent::kAssigned, {t0_});
  EXPECT_TRUE(Has<SendJoin>());
}

TEST_F(MembershipTest, StopsWatchingWhenAnotherLeads) {
  MakeCooperative();
  Start();
  AnswerJoin(Leader(5));
  Take<WatchTopics>();
  Do(member().OnPartitionCounts({{"t", 1}}, now_));
  FailSync(ErrorCode::kRebalanceInProgress);
  AnswerJoin(Follower(6));
  EXPECT_TRUE(Take<WatchTopics>().topics.empty());
  Do(member().OnPartitionCounts({{"t", 9}}, now_));
  AnswerSync({});
  ExpectListener(ListenerEvent::kAssigned, {});
  EXPECT_TRUE(HasNothing());
}

TEST_F(MembershipTest, AStaticLeaderThatComesBackSyncsAtOnceAndSeesTopicsGrow) {
  Make({.instance_id = "i", .assignors = {"cooperative-sticky"}});
  Start();
  core::JoinReply reply = Leader(5);
  reply.members.clear();  // The group is stable: nothing to assign.
  AnswerJoin(reply);
  EXPECT_EQ(Take<WatchTopics>().topics, std::set<std::string>{"t"});
  EXPECT_TRUE(std::get<SendSync>(effects_.at(0)).sync.assignments.empty());
  AnswerSync({t0_});
  ExpectListener(ListenerEvent::kAssigned, {t0_});
  Do(member().OnPartitionCounts({{"t", 1}}, now_));
  EXPECT_TRUE(HasNothing());
  Do(member().OnPartitionCounts({{"t", 2}}, now_));
  EXPECT_TRUE(Has<SendJoin>());
}

TEST_F(MembershipTest, CloseRevokesThenLeaves) {
  MakeCooperative();
  Settle({t0_});
  Do(member().Close(now_));
  EXPECT_FALSE(member().HasLeft());
  EXPECT_FALSE(Has<SendLeave>());
  ExpectListener(ListenerEvent::kRevoked, {t0_});
  EXPECT_EQ(Take<SendLeave>().leave.member_id, "m-1");
  EXPECT_TRUE(member().HasLeft());
  EXPECT_EQ(member().state(), MembershipState::kClosed);
  Do(member().Subscribe({"u"}, now_));
  Poll();
  EXPECT_TRUE(HasNothing());
  EXPECT_EQ(member().NextDeadline(), std::nullopt);
}

TEST_F(MembershipTest, StaticMembersDoNotLeaveOnClose) {
  Make({.instance_id = "i", .assignors = {"range"}});
  Settle({t0_});
  Do(member().Close(now_));
  ExpectListener(ListenerEvent::kRevoked, {t0_});
  EXPECT_TRUE(HasNothing());
  EXPECT_EQ(member().state(), MembershipState::kClosed);
}

TEST_F(MembershipTest, CloseWhileItJoinsLeaves) {
  MakeEager();
  Start();
  core::JoinReply id;
  id.must_rejoin_with_id = true;
  id.member_id = "m-1";
  AnswerJoin(id);
  const auto join = Take<SendJoin>();
  Do(member().Close(now_));
  EXPECT_EQ(Take<SendLeave>().leave.member_id, "m-1");
  Do(member().OnJoined(join.call, Follower(5), now_));
  EXPECT_TRUE(HasNothing());
  EXPECT_EQ(member().state(), MembershipState::kClosed);
}

TEST_F(MembershipTest, UnsubscribedItJoinsOnlyWithANewSubscription) {
  MakeEager();
  Settle({t0_});
  Do(member().Unsubscribe(now_));
  ExpectListener(ListenerEvent::kRevoked, {t0_});
  Take<SendLeave>();
  Poll();
  EXPECT_TRUE(HasNothing());
  EXPECT_EQ(member().generation(), Generation(0));
  Do(member().Subscribe({"u"}, now_));
  Poll();
  EXPECT_EQ(Take<SendJoin>().join.member_id, "");
}

TEST_F(MembershipTest, ASubscriptionThatChangesDuringTheJoinIsNotForgotten) {
  MakeCooperative();
  Start();
  Do(member().Subscribe({"u"}, now_));
  AnswerJoin(Follower(5));
  AnswerSync({t0_});
  ExpectListener(ListenerEvent::kAssigned, {});  // Nobody wants t any more.
  EXPECT_EQ(Take<SendJoin>().join.subscription.topics, std::vector<std::string>{"u"});
}

TEST_F(MembershipTest, CooperativeRevokesTopicsItUnsubscribedBeforeItJoins) {
  MakeCooperative();
  Do(member().Subscribe({"t", "u"}, now_));
  Poll();
  AnswerFind();
  AnswerJoin(Follower(5));
  const TopicPartition u0{"u", 0};
  AnswerSync({t0_, u0});
  ExpectListener(ListenerEvent::kAssigned, {t0_, u0});
  Do(member().Subscribe({"t", "u"}, now_));
  EXPECT_TRUE(HasNothing());
  Do(member().Subscribe({"t"}, now_));
  ExpectListener(ListenerEvent::kRevoked, {u0});
  EXPECT_EQ(Take<SendJoin>().join.subscription.owned, Partitions{t0_});
}

TEST_F(MembershipTest, NotPolledItLeavesWithLostPartitionsAndJoinsAtTheNextPoll) {
  MakeCooperative();
  Settle({t0_});
  Pass(config_.max_poll_interval - milliseconds(1));
  AnswerHeartbeat();
  EXPECT_FALSE(Has<SendLeave>());
  Pass(milliseconds(1));
  EXPECT_EQ(Take<SendLeave>().leave.member_id, "m-1");
  EXPECT_TRUE(member().owned().empty());
  EXPECT_EQ(member().generation(), Generation(0));
  ExpectListener(ListenerEvent::kLost, {t0_});
  Pass(config_.max_poll_interval);
  EXPECT_TRUE(HasNothing());
  Poll();
  EXPECT_EQ(Take<SendJoin>().join.member_id, "");
}

TEST_F(MembershipTest, AListenerThatTakesTooLongLosesTheRest) {
  MakeCooperative();
  Settle({t0_, t1_});
  PassHeartbeat();
  AnswerHeartbeat(Error{ErrorCode::kRebalanceInProgress, "x"});
  AnswerJoin(Follower(6));
  AnswerSync({t1_});
  const auto revoked = Take<CallListener>();
  Pass(config_.max_poll_interval);
  Take<SendLeave>();
  EXPECT_FALSE(Has<CallListener>());  // One at a time.
  Poll();
  EXPECT_FALSE(Has<SendJoin>());
  Do(member().OnListenerDone(revoked.call, now_));
  ExpectListener(ListenerEvent::kLost, {t1_});
  EXPECT_TRUE(Has<SendJoin>());
}

TEST_F(MembershipTest, ARefusalUnderItsGenerationLosesThePartitions) {
  MakeCooperative();
  Settle({t0_});
  Do(member().OnRefused(Refused(4), now_));
  EXPECT_TRUE(HasNothing());
  Do(member().OnRefused(Refused(5), now_));
  ExpectListener(ListenerEvent::kLost, {t0_});
  EXPECT_TRUE(HasNothing());
  Pass(config_.retry_backoff);
  const core::JoinCall join = Take<SendJoin>().join;
  EXPECT_EQ(join.member_id, "m-1");
  EXPECT_TRUE(join.subscription.owned.empty());
}

TEST_F(MembershipTest, ARefusalOfItsFormerIdIsNotAboutIt) {
  Make({.instance_id = "i", .assignors = {"cooperative-sticky"}});
  Settle({t0_});
  Do(member().OnRefused({Generation(5), "m-0", {}}, now_));
  EXPECT_TRUE(HasNothing());
  EXPECT_EQ(member().owned(), std::set{t0_});
}

TEST_F(MembershipTest, TheNextJoinSaysHowFarTheRowsAreAhead) {
  MakeCooperative();
  Settle({t0_});
  Do(member().OnRefused(Refused(4, 70), now_));  // It is true, whoever was refused.
  Do(member().OnRefused(Refused(5, 60), now_));
  Do(member().OnRefused(Refused(5, core::kGenerationFloorMax + 1), now_));
  ExpectListener(ListenerEvent::kLost, {t0_});
  Pass(config_.retry_backoff);
  EXPECT_EQ(Take<SendJoin>().join.generation_floor, Generation(70));
}

TEST_F(MembershipTest, ALateRefusalDoesNotDisturbAJoin) {
  MakeEager();
  Settle({t0_});
  PassHeartbeat();
  AnswerHeartbeat(Error{ErrorCode::kRebalanceInProgress, "x"});
  ExpectListener(ListenerEvent::kRevoked, {t0_});
  Do(member().OnRefused(Refused(5), now_));  // It has given up everything already.
  AnswerJoin(Follower(6));
  EXPECT_TRUE(Has<SendSync>());
}

TEST_F(MembershipTest, EagerClaimsNothingThatItLostOrLeft) {
  for (const auto code : {ErrorCode::kUnknownMemberId, ErrorCode::kIllegalGeneration}) {
    MakeEager();
    Settle({t0_});
    PassHeartbeat();
    AnswerHeartbeat(Error{code, "x"});
    ExpectListener(ListenerEvent::kLost, {t0_});
    EXPECT_TRUE(Take<SendJoin>().join.subscription.owned.empty());
  }
  MakeEager();
  Settle({t0_});
  Do(member().Unsubscribe(now_));
  ExpectListener(ListenerEvent::kRevoked, {t0_});
  Take<SendLeave>();
  Do(member().Subscribe({"t"}, now_));
  Poll();
  EXPECT_TRUE(Take<SendJoin>().join.subscription.owned.empty());
}

}  // namespace
}  // namespace lanemq::client
