// What the deterministic simulation of the protocol (tests/simulation/group) found that members
// must do to converge and stay safe.
#include <functional>

#include "client/src/group/membership_script.h"

namespace lanemq::client {
namespace {

class MembershipRulesTest : public MembershipScript {
 protected:
  void Refresh() {
    MakeCooperative();
    effects_.clear();
    Settle({t0_, t1_});
  }
  /// From Stable in generation 5 to the join that follows.
  void BeginRebalance() {
    PassHeartbeat();
    AnswerHeartbeat(Error{ErrorCode::kRebalanceInProgress, "x"});
    ASSERT_TRUE(Has<SendJoin>());
  }
  /// The application and time do what they may until it joins; nullopt: it does not.
  std::optional<core::JoinCall> NextJoin() {
    for (int i = 0; i < 5; ++i) {
      while (Has<CallListener>()) {
        Do(member().OnListenerDone(Take<CallListener>().call, now_));
      }
      if (Has<SendJoin>()) return Take<SendJoin>().join;
      Pass(config_.retry_backoff);
    }
    return std::nullopt;
  }
};

TEST_F(MembershipRulesTest, AHeartbeatsErrorOfAnOlderGenerationIsIgnored) {
  constexpr ErrorCode kCodes[] = {ErrorCode::kRebalanceInProgress, ErrorCode::kIllegalGeneration,
                                  ErrorCode::kUnknownMemberId,     ErrorCode::kFencedInstanceId,
                                  ErrorCode::kNotCoordinator,      ErrorCode::kNetworkException,
                                  ErrorCode::kInvalidGroupId};
  const std::vector<MembershipState> moments = {
      MembershipState::kJoining, MembershipState::kSyncing, MembershipState::kStable};
  for (const ErrorCode code : kCodes) {
    for (const MembershipState moment : moments) {
      Refresh();
      PassHeartbeat();
      const auto late = Take<SendHeartbeat>();
      Do(member().Subscribe({"t", "u"}, now_));
      const auto join = Take<SendJoin>();
      if (moment != MembershipState::kJoining) Do(member().OnJoined(join.call, Follower(6), now_));
      if (moment == MembershipState::kStable) {
        AnswerSync({t0_, t1_});
        ExpectListener(ListenerEvent::kAssigned, {});
      }
      effects_.clear();
      Do(member().OnHeartbeat(late.call, Error{code, "late"}, now_));
      EXPECT_TRUE(HasNothing()) << NameOf(code);
      EXPECT_EQ(member().state(), moment) << NameOf(code);
      EXPECT_EQ(member().owned().size(), 2u) << NameOf(code);
    }
  }
}

TEST_F(MembershipRulesTest, ASubscriptionThatChangesWhileItJoinsIsJoinedForToo) {
  const std::set<std::string> wanted{"t", "u"};
  for (const bool is_syncing : {false, true}) {
    for (const bool fails : {false, true}) {
      Refresh();
      BeginRebalance();
      const auto join = Take<SendJoin>();
      if (is_syncing) Do(member().OnJoined(join.call, Follower(6), now_));
      Do(member().Subscribe(wanted, now_));
      const Error moved{ErrorCode::kNotCoordinator, "moved"};
      if (!is_syncing) {
        Do(fails ? member().OnJoined(join.call, moved, now_)
                 : member().OnJoined(join.call, Follower(6), now_));
      }
      if (!fails) AnswerSync({t0_, t1_});
      if (fails && is_syncing) Do(member().OnSynced(Take<SendSync>().call, moved, now_));
      Pass(config_.retry_backoff);
      if (fails) AnswerFind();
      const auto next = NextJoin();
      ASSERT_TRUE(next.has_value()) << is_syncing << fails;
      EXPECT_EQ(next->subscription.topics, std::vector<std::string>(wanted.begin(), wanted.end()));
    }
  }
}

TEST_F(MembershipRulesTest, WhatItSaidItOwnedAndDidNotGetIsGivenUpByAnotherJoin) {
  const Error unknown{ErrorCode::kUnknownMemberId, "x"};
  const Error illegal{ErrorCode::kIllegalGeneration, "x"};
  struct Case {
    std::string name;
    bool is_joined = false;  // When it happens.
    std::function<void()> lose;
    std::vector<TopicPartition> keeps;
  };
  const std::vector<Case> cases = {
      {"missing", true, [&] { AnswerSync({t0_}); }, {t0_}},
      {"nothing", true, [&] { AnswerSync({}); }, {}},
      {"refused while it joins", false, [&] { Do(member().OnRefused(Refused(5), now_)); }, {}},
      {"refused while it syncs", true, [&] { Do(member().OnRefused(Refused(6), now_)); }, {}},
      {"sync refused", true, [&] { FailSync(ErrorCode::kIllegalGeneration); }, {}},
      {"forgotten", true, [&] { FailSync(ErrorCode::kUnknownMemberId); }, {}},
      {"join refused", false, [&] { AnswerJoin(illegal); }, {}},
      {"forgotten before", false, [&] { AnswerJoin(unknown); }, {}},
  };
  for (const Case& test : cases) {
    Refresh();
    BeginRebalance();
    if (test.is_joined) {
      const auto join = Take<SendJoin>();
      EXPECT_EQ(join.join.subscription.owned.size(), 2u);
      Do(member().OnJoined(join.call, Follower(6), now_));
    }
    test.lose();
    std::erase_if(effects_, [&](const auto& effect) {
      const auto* const join = std::get_if<SendJoin>(&effect);
      return join != nullptr && join->join.subscription.owned.size() == 2;
    });
    const auto next = NextJoin();
    ASSERT_TRUE(next.has_value()) << test.name;
    EXPECT_EQ(next->subscription.owned, test.keeps) << test.name;
  }
}

TEST_F(MembershipRulesTest, AnotherMemberIdMeansThatEverythingIsAssignedAnew) {
  const auto forget = [&] {
    PassHeartbeat();
    AnswerHeartbeat(Error{ErrorCode::kUnknownMemberId, "x"});
  };
  const auto sleep = [&] { Pass(config_.max_poll_interval); };
  const auto leave = [&] {
    Do(member().Unsubscribe(now_));
    Do(member().Subscribe({"t"}, now_));
  };
  for (const std::function<void()>& change : {std::function<void()>(forget), {sleep}, {leave}}) {
    for (const std::string instance : {"", "i"}) {
      Make({.instance_id = instance, .assignors = {"cooperative-sticky"}});
      effects_.clear();
      Settle({t0_, t1_});
      change();
      // The application hears before the new id can do anything.
      EXPECT_FALSE(Has<SendJoin>());
      const auto told = Take<CallListener>();
      EXPECT_NE(told.event, ListenerEvent::kAssigned);
      const bool may_commit = told.event == ListenerEvent::kRevoked;
      EXPECT_EQ(member().generation(), Generation(may_commit ? 5 : 0));
      EXPECT_EQ(told.partitions, (Partitions{t0_, t1_}));
      Do(member().OnListenerDone(told.call, now_));
      Poll();
      Pass(config_.retry_backoff);
      core::JoinReply reply = Follower(5);  // A static member's generation may stay.
      reply.member_id = "m-2";
      AnswerJoin(reply);
      AnswerSync({t0_, t1_});
      ExpectListener(ListenerEvent::kAssigned, {t0_, t1_});
    }
  }
}

}  // namespace
}  // namespace lanemq::client
