// What the coordinator's errors do to a member.
#include <ostream>

#include "client/src/group/membership_script.h"

namespace lanemq::client {
namespace {

class MembershipErrorsTest : public MembershipScript {
 protected:
  static Error Of(ErrorCode code) { return {code, "no"}; }
};

enum class Then {
  kKeeps,       ///< Goes on as if nothing had happened.
  kReports,     ///< The same, but the application hears of it.
  kRejoins,     ///< Joins at once, with what it has.
  kFindsAgain,  ///< Keeps everything, asks for the coordinator after a pause.
  kLosesAll,    ///< Lost, joins with an empty id.
  kLosesGen,    ///< Lost, joins with its id.
  kWaits,       ///< Joins after a pause, at the same coordinator.
  kEnds,        ///< Lost, reported; for good.
  kLeaves,      ///< Lost, reported; joins at the next poll.
};

struct Case {
  ErrorCode code;
  Then then;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << NameOf(c.code); }
};

class Heartbeats : public MembershipErrorsTest, public ::testing::WithParamInterface<Case> {};

TEST_P(Heartbeats, HaveTheseEnds) {
  MakeCooperative();
  Settle({t0_});
  PassHeartbeat();
  AnswerHeartbeat(Of(GetParam().code));
  const bool is_lost = GetParam().then == Then::kLosesAll || GetParam().then == Then::kLosesGen ||
                       GetParam().then == Then::kEnds;
  if (is_lost) ExpectListener(ListenerEvent::kLost, {t0_});
  EXPECT_EQ(member().owned().size(), is_lost ? 0U : 1U);
  EXPECT_EQ(member().generation(), Generation(is_lost ? 0 : 5));
  switch (GetParam().then) {
    case Then::kReports:
      EXPECT_EQ(Take<ReportError>().error.code, GetParam().code);
      [[fallthrough]];
    case Then::kKeeps:
      EXPECT_EQ(member().state(), MembershipState::kStable);
      EXPECT_EQ(member().NextDeadline(), now_ + config_.heartbeat_interval);
      break;
    case Then::kRejoins:
      EXPECT_EQ(Take<SendJoin>().join.subscription.owned, Partitions{t0_});
      break;
    case Then::kFindsAgain:
      EXPECT_EQ(member().state(), MembershipState::kStable);
      EXPECT_TRUE(HasNothing());
      Pass(config_.retry_backoff);
      AnswerFind();
      AnswerHeartbeat();  // At once: its session may be about to end.
      break;
    case Then::kLosesAll:
      EXPECT_EQ(Take<SendJoin>().join.member_id, "");
      break;
    case Then::kLosesGen:
      EXPECT_EQ(Take<SendJoin>().join.member_id, "m-1");
      break;
    default:
      EXPECT_EQ(Take<ReportError>().error.code, GetParam().code);
      EXPECT_EQ(member().state(), MembershipState::kFenced);
      Poll();
      Do(member().Subscribe({"u"}, now_));
      EXPECT_EQ(member().NextDeadline(), std::nullopt);
  }
  EXPECT_TRUE(HasNothing());
}

INSTANTIATE_TEST_SUITE_P(
    Membership, Heartbeats,
    ::testing::Values(Case{ErrorCode::kRebalanceInProgress, Then::kRejoins},
                      Case{ErrorCode::kUnknownMemberId, Then::kLosesAll},
                      Case{ErrorCode::kIllegalGeneration, Then::kLosesGen},
                      Case{ErrorCode::kFencedInstanceId, Then::kEnds},
                      Case{ErrorCode::kNotCoordinator, Then::kFindsAgain},
                      Case{ErrorCode::kCoordinatorNotAvailable, Then::kFindsAgain},
                      Case{ErrorCode::kNetworkException, Then::kFindsAgain},
                      Case{ErrorCode::kRequestTimedOut, Then::kFindsAgain},
                      Case{ErrorCode::kShuttingDown, Then::kFindsAgain},
                      Case{ErrorCode::kMetadataUnavailable, Then::kFindsAgain},
                      Case{ErrorCode::kCoordinatorLoadInProgress, Then::kKeeps},
                      Case{ErrorCode::kThrottled, Then::kKeeps},
                      Case{ErrorCode::kGroupAuthorizationFailed, Then::kReports}));

struct JoinsAndSyncs : MembershipErrorsTest, ::testing::WithParamInterface<Case> {
  // A member that has t0 is about to join again.
  void Rejoin() {
    MakeCooperative();
    Settle({t0_});
    PassHeartbeat();
    AnswerHeartbeat(Of(ErrorCode::kRebalanceInProgress));
  }
  void ExpectEnd(Then then) {
    const bool is_kept =
        then == Then::kRejoins || then == Then::kWaits || then == Then::kFindsAgain;
    if (!is_kept) ExpectListener(ListenerEvent::kLost, {t0_});
    EXPECT_EQ(member().owned().size(), is_kept ? 1U : 0U);
    if (then == Then::kWaits || then == Then::kFindsAgain) {
      EXPECT_FALSE(Has<SendJoin>());
      Pass(config_.retry_backoff);
    }
    if (then == Then::kFindsAgain) AnswerFind();
    if (then == Then::kLeaves) {
      EXPECT_EQ(Take<ReportError>().error.code, GetParam().code);
      EXPECT_EQ(Take<SendLeave>().leave.member_id, "m-1");
      EXPECT_TRUE(HasNothing());
      Poll();
      EXPECT_TRUE(HasNothing());  // Not without a pause.
      Pass(config_.retry_backoff);
    }
    if (then == Then::kEnds) {
      EXPECT_EQ(Take<ReportError>().error.code, GetParam().code);
      Poll();
    } else {
      const bool has_id = then != Then::kLosesAll && then != Then::kLeaves;
      const core::JoinCall join = Take<SendJoin>().join;
      EXPECT_EQ(join.member_id, has_id ? "m-1" : "");
      EXPECT_EQ(join.subscription.owned.size(), is_kept ? 1U : 0U);
    }
    EXPECT_FALSE(Has<SendJoin>());
  }
};

struct Joins : JoinsAndSyncs {};
struct Syncs : JoinsAndSyncs {};

TEST_P(Joins, HaveTheseEnds) {
  Rejoin();
  AnswerJoin(Of(GetParam().code));
  ExpectEnd(GetParam().then);
}

TEST_P(Syncs, HaveTheseEnds) {
  Rejoin();
  AnswerJoin(Follower(6));
  FailSync(GetParam().code);
  ExpectEnd(GetParam().then);
}

INSTANTIATE_TEST_SUITE_P(
    Membership, Joins,
    ::testing::Values(Case{ErrorCode::kRebalanceInProgress, Then::kWaits},
                      Case{ErrorCode::kCoordinatorLoadInProgress, Then::kWaits},
                      Case{ErrorCode::kThrottled, Then::kWaits},
                      Case{ErrorCode::kNotCoordinator, Then::kFindsAgain},
                      Case{ErrorCode::kCoordinatorNotAvailable, Then::kFindsAgain},
                      Case{ErrorCode::kRequestTimedOut, Then::kFindsAgain},
                      Case{ErrorCode::kUnknownMemberId, Then::kLosesAll},
                      Case{ErrorCode::kIllegalGeneration, Then::kLosesGen},
                      Case{ErrorCode::kFencedInstanceId, Then::kEnds},
                      Case{ErrorCode::kInconsistentGroupProtocol, Then::kLeaves},
                      Case{ErrorCode::kGroupMaxSizeReached, Then::kLeaves},
                      Case{ErrorCode::kInvalidSessionTimeout, Then::kLeaves},
                      Case{ErrorCode::kGroupAuthorizationFailed, Then::kLeaves}));

INSTANTIATE_TEST_SUITE_P(Membership, Syncs,
                         ::testing::Values(Case{ErrorCode::kRebalanceInProgress, Then::kRejoins},
                                           Case{ErrorCode::kCoordinatorLoadInProgress,
                                                Then::kWaits},
                                           Case{ErrorCode::kNotCoordinator, Then::kFindsAgain},
                                           Case{ErrorCode::kNetworkException, Then::kFindsAgain},
                                           Case{ErrorCode::kUnknownMemberId, Then::kLosesAll},
                                           Case{ErrorCode::kIllegalGeneration, Then::kLosesGen},
                                           Case{ErrorCode::kFencedInstanceId, Then::kEnds},
                                           Case{ErrorCode::kInvalidRequest, Then::kLeaves}));

TEST_F(MembershipErrorsTest, PausesGrowUntilACallSucceeds) {
  MakeEager();
  Do(member().Subscribe({"t"}, now_));
  Poll();
  for (const int pause : {50, 100, 200, 400, 800, 1'000, 1'000}) {
    AnswerFind(Of(ErrorCode::kCoordinatorNotAvailable));
    EXPECT_EQ(member().NextDeadline(), now_ + milliseconds(pause));
    Pass(milliseconds(pause - 1));
    EXPECT_TRUE(HasNothing());
    Pass(milliseconds(1));
  }
  AnswerFind();
  AnswerJoin(Of(ErrorCode::kNotCoordinator));  // Found, but the wrong one: no progress.
  EXPECT_EQ(member().NextDeadline(), now_ + milliseconds(1'000));
  Pass(milliseconds(1'000));
  AnswerFind();
  AnswerJoin(Follower(5));
  FailSync(ErrorCode::kNotCoordinator);
  EXPECT_EQ(member().NextDeadline(), now_ + milliseconds(50));
}

TEST_F(MembershipErrorsTest, ThePauseIsAsLongAsTheServerAsks) {
  MakeEager();
  Start();
  AnswerJoin(Error{ErrorCode::kThrottled, "slow", 700});
  EXPECT_EQ(member().NextDeadline(), now_ + milliseconds(700));
}

TEST_F(MembershipErrorsTest, WithoutACoordinatorNothingIsRevokedForARebalance) {
  MakeEager();
  Settle({t0_});
  PassHeartbeat();
  AnswerHeartbeat(Of(ErrorCode::kNotCoordinator));
  Do(member().Subscribe({"t", "u"}, now_));
  EXPECT_TRUE(HasNothing());
  EXPECT_EQ(member().owned(), std::set{t0_});
  Pass(config_.retry_backoff);
  AnswerFind();
  ExpectListener(ListenerEvent::kRevoked, {t0_});
  EXPECT_TRUE(Has<SendJoin>());
}

TEST_F(MembershipErrorsTest, JoinsWithAnEmptyIdOnlyAfterTheListenerKnowsOfTheLoss) {
  MakeCooperative();
  Settle({t0_});
  PassHeartbeat();
  AnswerHeartbeat(Of(ErrorCode::kUnknownMemberId));
  EXPECT_TRUE(member().owned().empty());
  EXPECT_FALSE(Has<SendJoin>());
  EXPECT_FALSE(Has<SendHeartbeat>());
  ExpectListener(ListenerEvent::kLost, {t0_});
  EXPECT_EQ(Take<SendJoin>().join.member_id, "");
}

TEST_F(MembershipErrorsTest, AnIdThatExpiredBeforeItJoinedIsAskedForAfterAPause) {
  MakeEager();
  Start();
  core::JoinReply id;
  id.must_rejoin_with_id = true;
  id.member_id = "m-1";
  AnswerJoin(id);
  AnswerJoin(Of(ErrorCode::kUnknownMemberId));
  EXPECT_TRUE(HasNothing());
  Pass(config_.retry_backoff);
  EXPECT_EQ(Take<SendJoin>().join.member_id, "");
}

TEST_F(MembershipErrorsTest, ARebalanceDuringTheSyncIsLearnedFromTheHeartbeat) {
  MakeCooperative();
  Start();
  AnswerJoin(Follower(5));
  const auto sync = Take<SendSync>();  // It, or its answer, is lost.
  Pass(config_.heartbeat_interval);
  AnswerHeartbeat(Of(ErrorCode::kRebalanceInProgress));
  EXPECT_TRUE(Has<SendJoin>());
  Do(member().OnSynced(sync.call, core::SyncReply{.assignment = {t0_}}, now_));
  EXPECT_EQ(member().state(), MembershipState::kJoining);
  EXPECT_TRUE(member().owned().empty());
}

TEST_F(MembershipErrorsTest, LateAndRepeatedAnswersChangeNothing) {
  MakeCooperative();
  Start();
  const auto join = Take<SendJoin>();
  Do(member().OnJoined(join.call, Follower(5), now_));
  Do(member().OnJoined(join.call, Follower(9), now_));
  EXPECT_EQ(member().generation(), Generation(5));
  AnswerSync({t0_});
  ExpectListener(ListenerEvent::kAssigned, {t0_});
  PassHeartbeat();
  const auto heartbeat = Take<SendHeartbeat>();
  Do(member().Subscribe({"t", "u"}, now_));  // Joins; the heartbeat is of the generation before.
  AnswerJoin(Follower(6));
  Do(member().OnHeartbeat(heartbeat.call, Of(ErrorCode::kIllegalGeneration), now_));
  Do(member().OnCoordinator(heartbeat.call, Of(ErrorCode::kInvalidGroupId), now_));
  Do(member().OnListenerDone(heartbeat.call, now_));
  EXPECT_EQ(member().owned(), std::set{t0_});
  EXPECT_EQ(member().state(), MembershipState::kSyncing);
}

}  // namespace
}  // namespace lanemq::client
