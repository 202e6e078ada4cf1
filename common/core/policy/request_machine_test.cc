#include "common/core/policy/request_machine.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/policy/apply_machine.h"
#include "common/core/policy/policy_rig.h"

namespace lanemq::core {
namespace {

using namespace policy_rig;  // NOLINT: the rig is this test's vocabulary.
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Approver kPayments{Approver::Kind::kTeamLeads, "payments"};
const Approver kBilling{Approver::Kind::kTeamLeads, "billing"};
const Approver kOperators{Approver::Kind::kOperators, {}};

Actor Who(const std::string& name) { return AuthorNamed(name).who; }

ChangeRequest Draft(const std::string& author = "bob") {
  ChangeRequest request;
  request.id = 42;
  request.author = Who(author).principal;
  request.bundle = {{GoodTopic()}};
  request.created_at = request.changed_at = kNow;
  return request;
}

Decision Needs(std::vector<Approver> approvers) {
  Decision decision;
  decision.kind = approvers.empty() ? Decision::Kind::kApply : Decision::Kind::kNeedsApproval;
  decision.approvers = std::move(approvers);
  return decision;
}

ChangeRequest Pending(std::vector<Approver> approvers, const std::string& author = "bob") {
  ChangeRequest request = Draft(author);
  request.state = RequestState::kPending;
  request.approvers = std::move(approvers);
  request.expires_at = DaysFromNow(14);
  return request;
}

ChangeRequest In(RequestState state) {
  ChangeRequest request = Pending({kPayments});
  request.state = state;
  return request;
}

/// "pending", or the error's name.
std::string After(const ChangeRequest& request, const RequestDeed& deed, const std::string& who,
                  WallTime now = kNow) {
  const Result<RequestTurn> turn = ActOn(request, deed, Who(who), now);
  return std::string(turn.ok() ? ToString(turn->request.state) : NameOf(turn.error().code));
}

constexpr const char* kNotHim = "CLUSTER_AUTHORIZATION_FAILED";
constexpr const char* kNotNow = "FAILED_PRECONDITION";
constexpr const char* kNoReason = "INVALID_REQUEST";

TEST(RequestMachineTest, WhatNeedsNobodysYesIsApprovedAtOnce) {
  EXPECT_EQ(After(Draft(), SubmitRequest{Needs({})}, "bob"), "approved");
}

TEST(RequestMachineTest, WhatNeedsAYesWaitsForItAndAsksForIt) {
  const auto turn =
      ActOn(Draft(), SubmitRequest{Needs({kPayments, kOperators}), 14}, Who("bob"), kNow);
  ASSERT_TRUE(turn.ok());
  EXPECT_EQ(turn->request.state, RequestState::kPending);
  EXPECT_EQ(turn->request.expires_at, DaysFromNow(14));
  EXPECT_THAT(MissingApprovers(turn->request), ElementsAre(kPayments, kOperators));
}

TEST(RequestMachineTest, WhatIsRefusedStaysADraftAndIsToldWhy) {
  const Decision refused =
      Decide(SmallWorld(), StrictPolicy(), {{CreateTopicChange{}}}, AuthorNamed("nina"), kNow);
  const auto turn = ActOn(Draft(), SubmitRequest{refused}, Who("bob"), kNow);
  ASSERT_FALSE(turn.ok());
  EXPECT_EQ(turn.error().code, ErrorCode::kPolicyViolation);
  EXPECT_THAT(turn.error().message, HasSubstr("owner: required"));
  EXPECT_THAT(turn.error().message, HasSubstr("more"));
}

TEST(RequestMachineTest, AllMustAgreeAndNobodyApprovesHisOwn) {
  const ChangeRequest request = Pending({kPayments, kBilling}, "ann");
  EXPECT_EQ(After(request, ApproveRequest{}, "ann"), kNotHim);  // Though she leads payments.
  EXPECT_EQ(After(request, ApproveRequest{}, "bob"), kNotHim);
  EXPECT_EQ(After(request, ApproveRequest{}, "olga"), kNotHim);
  const auto first = ActOn(request, ApproveRequest{}, Who("gail"), kNow);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->request.state, RequestState::kPending);
  EXPECT_THAT(MissingApprovers(first->request), ElementsAre(kBilling));
  const auto repeated = ActOn(first->request, ApproveRequest{}, Who("gail"), kNow);
  ASSERT_TRUE(repeated.ok());
  EXPECT_EQ(repeated->request, first->request);
  const auto second = ActOn(first->request, ApproveRequest{}, Who("carl"), kNow);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->request.state, RequestState::kApproved);
  EXPECT_EQ(second->request.expires_at, std::nullopt);
}

TEST(RequestMachineTest, WhoseYesIsMissing) {
  const auto yes = [](const ChangeRequest& request, const std::string& who, WallTime now = kNow) {
    return std::string(ToString(FindYesOf(request, Who(who), now)));
  };
  const ChangeRequest pending = Pending({kPayments, kOperators});
  EXPECT_EQ(yes(pending, "bob"), "own_request");
  EXPECT_EQ(yes(pending, "ann"), "missing");
  EXPECT_EQ(yes(pending, "olga"), "missing");
  EXPECT_EQ(yes(pending, "ann", DaysFromNow(14)), "expired");
  EXPECT_EQ(yes(Pending({kBilling}), "ann"), "not_asked");
  const auto turn = ActOn(pending, ApproveRequest{}, Who("ann"), kNow);
  ASSERT_TRUE(turn.ok());
  EXPECT_EQ(yes(turn->request, "ann"), "has_agreed");
  EXPECT_EQ(yes(turn->request, "olga"), "missing");
  EXPECT_EQ(yes(In(RequestState::kDeclined), "ann"), "not_pending");
}

TEST(RequestMachineTest, OneWhoLeadsBothAgreesForBoth) {
  Actor both = Who("gail");
  both.teams["billing"] = TeamRole::kLead;
  const auto turn = ActOn(Pending({kPayments, kBilling}), ApproveRequest{}, both, kNow);
  ASSERT_TRUE(turn.ok());
  EXPECT_EQ(turn->request.state, RequestState::kApproved);
  EXPECT_EQ(turn->request.approvals.size(), 2U);
}

TEST(RequestMachineTest, AdminsActAsOperatorsButNotTheOtherWayRound) {
  EXPECT_EQ(After(Pending({kOperators}), ApproveRequest{}, "adam"), "approved");
  const Approver admins{Approver::Kind::kAdmins, {}};
  EXPECT_EQ(After(Pending({admins}), ApproveRequest{}, "olga"), kNotHim);
  EXPECT_EQ(After(Pending({admins}), ApproveRequest{}, "adam"), "approved");
}

TEST(RequestMachineTest, WhoIsAskedMayDeclineWithAReason) {
  const ChangeRequest request = Pending({kPayments});
  EXPECT_EQ(After(request, DeclineRequest{"no room"}, "ann"), "declined");
  EXPECT_EQ(After(request, DeclineRequest{""}, "ann"), kNoReason);
  EXPECT_EQ(After(request, DeclineRequest{" \t "}, "ann"), kNoReason);
  EXPECT_EQ(After(request, DeclineRequest{std::string(501, 'x')}, "ann"), kNoReason);
  EXPECT_EQ(After(request, DeclineRequest{"no room"}, "carl"), kNotHim);
  EXPECT_EQ(After(Pending({kPayments}, "ann"), DeclineRequest{"no"}, "ann"), kNotHim);
  const auto turn = ActOn(request, DeclineRequest{"no room"}, Who("ann"), kNow);
  EXPECT_EQ(turn->request.reason, "no room");
}

TEST(RequestMachineTest, TheAuthorEditsAndThenNothingIsAgreedTo) {
  ChangeRequest request = Pending({kPayments, kBilling});
  request.approvals.push_back({kPayments, Who("ann").principal, kNow});
  const auto turn = ActOn(request, EditRequest{{{GoodTopic("payments.other")}}}, Who("bob"), kNow);
  ASSERT_TRUE(turn.ok());
  EXPECT_EQ(turn->request.state, RequestState::kDraft);
  EXPECT_TRUE(turn->request.approvals.empty());
  EXPECT_EQ(After(request, EditRequest{}, "ann"), kNotHim);
}

TEST(RequestMachineTest, OperatorsBreakTheGlassWithAReasonAndThoseAskedAreTold) {
  const ChangeRequest request = Pending({kPayments}, "olga");
  EXPECT_EQ(After(request, BreakGlass{""}, "olga"), kNoReason);
  EXPECT_EQ(After(request, BreakGlass{"night"}, "ann"), kNotHim);
  const auto turn = ActOn(request, BreakGlass{"night"}, Who("olga"), kNow);
  ASSERT_TRUE(turn.ok());
  EXPECT_EQ(turn->request.state, RequestState::kApproved);
  EXPECT_EQ(turn->request.break_glass_reason, "night");
  EXPECT_THAT(MissingApprovers(turn->request), ElementsAre(kPayments));
  // At once, on submission.
  const SubmitRequest broken{Needs({kPayments}), 14, "night"};
  EXPECT_EQ(After(Draft("olga"), broken, "olga"), "approved");
  EXPECT_EQ(After(Draft("bob"), broken, "bob"), kNotHim);
  EXPECT_EQ(After(Draft("olga"), SubmitRequest{Needs({kPayments}), 14, ""}, "olga"), kNoReason);
}

TEST(RequestMachineTest, WhoWaitsTooLongIsExpiredAndNobodyApprovesItAnyMore) {
  const ChangeRequest request = Pending({kPayments});
  const WallTime before{DaysFromNow(14).micros - 1};
  EXPECT_EQ(Expire(request, before).request.state, RequestState::kPending);
  EXPECT_EQ(Expire(request, DaysFromNow(14)).request.state, RequestState::kExpired);
  EXPECT_EQ(After(request, ApproveRequest{}, "ann", before), "approved");
  EXPECT_EQ(After(request, ApproveRequest{}, "ann", DaysFromNow(14)), kNotNow);
  EXPECT_EQ(Expire(In(RequestState::kDraft), DaysFromNow(99)).request.state, RequestState::kDraft);
}

TEST(RequestMachineTest, EachDeedIsForItsStatesAlone) {
  struct Row {
    RequestState state;
    // Edit, submit, approve, decline, withdraw, break glass, give up.
    std::vector<std::string> expected;
  };
  const std::string no = kNotNow;
  const std::vector<Row> rows = {
      {RequestState::kDraft, {"draft", "pending", no, no, "withdrawn", no, no}},
      {RequestState::kPending, {"draft", no, "approved", "declined", "withdrawn", "approved", no}},
      {RequestState::kApproved, {no, no, no, no, "withdrawn", no, no}},
      {RequestState::kApplying, {no, no, no, no, no, no, "applying"}},
      {RequestState::kApplied, {no, no, no, no, no, no, no}},
      {RequestState::kFailed, {no, no, no, no, no, no, no}},
      {RequestState::kUndone, {no, no, no, no, no, no, no}},
      {RequestState::kDeclined, {no, no, no, no, no, no, no}},
      {RequestState::kWithdrawn, {no, no, no, no, no, no, no}},
      {RequestState::kExpired, {no, no, no, no, no, no, no}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(ToString(row.state));
    const ChangeRequest request = In(row.state);
    EXPECT_EQ(After(request, EditRequest{}, "bob"), row.expected[0]);
    EXPECT_EQ(After(request, SubmitRequest{Needs({kPayments})}, "bob"), row.expected[1]);
    EXPECT_EQ(After(request, ApproveRequest{}, "ann"), row.expected[2]);
    EXPECT_EQ(After(request, DeclineRequest{"no"}, "ann"), row.expected[3]);
    EXPECT_EQ(After(request, WithdrawRequest{}, "bob"), row.expected[4]);
    EXPECT_EQ(After(request, BreakGlass{"night"}, "olga"), row.expected[5]);
    EXPECT_EQ(After(request, GiveUpRequest{"wrong"}, "bob"), row.expected[6]);
    // Somebody else does none of the author's deeds.
    for (const char* who : {"ann", "nina", "olga"}) {
      EXPECT_EQ(After(request, EditRequest{}, who), kNotHim);
      EXPECT_EQ(After(request, SubmitRequest{Needs({})}, who), kNotHim);
      EXPECT_EQ(After(request, WithdrawRequest{}, who), kNotHim);
    }
    EXPECT_EQ(RequestStateFromString(ToString(row.state)), row.state);
    const bool is_done = std::all_of(row.expected.begin(), row.expected.end(),
                                     [&](const std::string& text) { return text == no; });
    EXPECT_EQ(IsFinal(row.state), is_done);
  }
}

TEST(RequestMachineTest, BeforeItIsAppliedItIsDecidedOnAgain) {
  const ChangeRequest approved = In(RequestState::kApproved);
  Decision refused;
  refused.violations.push_back({std::nullopt, "team payments", "quota.topics", "at most 3", "4"});
  const RequestTurn failed = StartApplying(approved, refused, 14, kNow);
  EXPECT_EQ(failed.request.state, RequestState::kFailed);
  EXPECT_THAT(failed.request.reason, HasSubstr("team payments: quota.topics: at most 3"));

  ChangeRequest agreed = approved;
  agreed.approvals.push_back({kPayments, Who("ann").principal, kNow});
  const RequestTurn started = StartApplying(agreed, Needs({kPayments}), 14, DaysFromNow(1));
  EXPECT_EQ(started.request.state, RequestState::kApplying);
  EXPECT_EQ(started.request.progress.epoch, 1);

  const RequestTurn waits = StartApplying(agreed, Needs({kPayments, kBilling}), 14, kNow);
  EXPECT_EQ(waits.request.state, RequestState::kPending);
  EXPECT_THAT(MissingApprovers(waits.request), ElementsAre(kBilling));

  agreed.break_glass_reason = "night";
  EXPECT_EQ(StartApplying(agreed, Needs({kPayments, kBilling}), 14, kNow).request.state,
            RequestState::kApplying);
  EXPECT_EQ(StartApplying(In(RequestState::kDraft), Needs({}), 14, kNow).request.state,
            RequestState::kDraft);
}

TEST(ApplyMachineTest, TopicsAreMadeFirstPartitionsAddedNextAndTheRestIsOneTransaction) {
  const Bundle bundle{{SetQuotaChange{"payments", {}}, AddPartitionsChange{"payments.orders", 8},
                       GoodTopic("payments.b"), AddPartitionsChange{"payments.idle", 8},
                       GoodTopic("payments.a"), DeleteTopicChange{"legacy.Mixed_Case"}}};
  using Kind = ApplyStep::Kind;
  EXPECT_THAT(PlanSteps(bundle, ApplyDirection::kForward),
              ElementsAre(ApplyStep{Kind::kCreateTopic, 4}, ApplyStep{Kind::kCreateTopic, 2},
                          ApplyStep{Kind::kAddPartitions, 3}, ApplyStep{Kind::kAddPartitions, 1},
                          ApplyStep{Kind::kCommit, 0}));
  EXPECT_THAT(PlanSteps(bundle, ApplyDirection::kBack),
              ElementsAre(ApplyStep{Kind::kUndoTopic, 2}, ApplyStep{Kind::kUndoTopic, 4},
                          ApplyStep{Kind::kClose, 0}));
  EXPECT_THAT(PlanSteps({}, ApplyDirection::kForward), ElementsAre(ApplyStep{Kind::kCommit, 0}));
}

ChangeRequest Applying(std::vector<Change> changes) {
  ChangeRequest request = Draft();
  request.state = RequestState::kApproved;
  request.bundle = {std::move(changes)};
  return StartApplying(request, Needs({}), 14, kNow).request;
}

WallTime After(std::chrono::microseconds time) { return WallTime{kNow.micros + time.count()}; }

TEST(ApplyMachineTest, WhatIsRefusedGoesBackAndFailsWithTheReason) {
  ChangeRequest request = Applying({GoodTopic()});
  const ApplyStep create = NextTurn(request, kNow).step;
  request = AfterStep(request, create, StepOutcome::kRefused, "no free tables", kNow);
  EXPECT_EQ(request.progress.direction, ApplyDirection::kBack);
  EXPECT_EQ(request.progress.epoch, 2);
  request = AfterStep(request, NextTurn(request, kNow).step, StepOutcome::kDone, "", kNow);
  request = AfterStep(request, NextTurn(request, kNow).step, StepOutcome::kDone, "", kNow);
  EXPECT_EQ(request.state, RequestState::kFailed);
  EXPECT_EQ(request.reason, "no free tables");
  EXPECT_EQ(NextTurn(request, kNow).kind, ApplyTurn::Kind::kNone);
}

TEST(ApplyMachineTest, WhatIsNotKnownIsTriedAgainLaterAndForTenMinutes) {
  ChangeRequest request = Applying({GoodTopic()});
  WallTime now = kNow;
  int attempts = 0;
  while (request.progress.direction == ApplyDirection::kForward) {
    ASSERT_LT(++attempts, 100);
    now = std::max(now, request.progress.retry_at);
    const ApplyTurn turn = NextTurn(request, now);
    ASSERT_EQ(turn.kind, ApplyTurn::Kind::kStep);
    request = AfterStep(request, turn.step, StepOutcome::kUnknown, "no answer", now);
    EXPECT_TRUE(request.progress.direction == ApplyDirection::kBack ||
                NextTurn(request, now).kind == ApplyTurn::Kind::kWait);
  }
  EXPECT_GE(now, After(kApplyForwardMax));
  EXPECT_LE(now, After(kApplyForwardMax + kApplyRetryMax));
  EXPECT_GT(attempts, 10);
  EXPECT_EQ(request.reason, "no answer");
}

TEST(ApplyMachineTest, PartitionsAreMarkedBeforeTheyAreAddedAndThenThereIsNoWayBack) {
  ChangeRequest request = Applying({AddPartitionsChange{"payments.orders", 8}});
  EXPECT_EQ(NextTurn(request, kNow).kind, ApplyTurn::Kind::kMark);
  request = Marked(request);
  const ApplyTurn turn = NextTurn(request, kNow);
  ASSERT_EQ(turn.kind, ApplyTurn::Kind::kStep);
  // The first and only attempt says that it did nothing: back.
  EXPECT_EQ(
      AfterStep(request, turn.step, StepOutcome::kRefused, "no room", kNow).progress.direction,
      ApplyDirection::kBack);
  // An attempt whose answer was lost may still arrive: on, however long it takes.
  ChangeRequest doubted = AfterStep(request, turn.step, StepOutcome::kUnknown, "lost", kNow);
  EXPECT_EQ(NextTurn(doubted, doubted.progress.retry_at).kind, ApplyTurn::Kind::kMark);
  doubted = AfterStep(Marked(doubted), turn.step, StepOutcome::kRefused, "no room",
                      After(kApplyForwardMax * 2));
  EXPECT_EQ(doubted.progress.direction, ApplyDirection::kForward);
  EXPECT_TRUE(doubted.progress.is_past_return);
  // So may one of somebody who crashed.
  const ChangeRequest taken = TakenOver(request);
  EXPECT_EQ(NextTurn(taken, kNow).kind, ApplyTurn::Kind::kMark);
  EXPECT_EQ(AfterStep(Marked(taken), turn.step, StepOutcome::kRefused, "no room", kNow)
                .progress.direction,
            ApplyDirection::kForward);
  const auto given_up = ActOn(request, GiveUpRequest{"wrong"}, Who("bob"), kNow);
  ASSERT_FALSE(given_up.ok());
  EXPECT_EQ(given_up.error().code, ErrorCode::kFailedPrecondition);
}

TEST(ApplyMachineTest, WhatSomebodyWroteToIsNotDroppedAndTheRestComes) {
  ChangeRequest request = Applying({GoodTopic("payments.a"), GoodTopic("payments.b")});
  request = AfterStep(request, NextTurn(request, kNow).step, StepOutcome::kDone, "", kNow);
  request = AfterStep(request, NextTurn(request, kNow).step, StepOutcome::kRefused, "taken", kNow);
  request = AfterStep(request, NextTurn(request, kNow).step, StepOutcome::kDone, "", kNow);
  request = AfterStep(request, NextTurn(request, kNow).step, StepOutcome::kInUse, "written to",
                      After(std::chrono::minutes{1}));
  EXPECT_EQ(request.progress.direction, ApplyDirection::kForward);
  EXPECT_EQ(request.progress.done, 0U);
  EXPECT_EQ(request.progress.epoch, 3);
}

TEST(ApplyMachineTest, WhoeverGivesUpGetsItUndone) {
  ChangeRequest request = Applying({GoodTopic()});
  for (const char* who : {"ann", "nina"}) {
    EXPECT_EQ(After(request, GiveUpRequest{"wrong"}, who), kNotHim);
  }
  EXPECT_EQ(After(request, GiveUpRequest{""}, "bob"), kNoReason);
  request = ActOn(request, GiveUpRequest{"wrong"}, Who("olga"), kNow)->request;
  EXPECT_EQ(request.progress.direction, ApplyDirection::kBack);
  request = AfterStep(request, NextTurn(request, kNow).step, StepOutcome::kDone, "", kNow);
  request = AfterStep(request, NextTurn(request, kNow).step, StepOutcome::kDone, "", kNow);
  EXPECT_EQ(request.state, RequestState::kUndone);
  EXPECT_EQ(request.reason, "wrong");
}

TEST(ApplyMachineTest, WhatTakesLongNeedsAPerson) {
  const ChangeRequest request = Applying({GoodTopic()});
  EXPECT_FALSE(NeedsHelp(request, After(kApplyForwardMax)));
  EXPECT_TRUE(NeedsHelp(request, After(kApplyForwardMax * 3)));
  EXPECT_FALSE(NeedsHelp(In(RequestState::kApplied), After(kApplyForwardMax * 3)));
}

}  // namespace
}  // namespace lanemq::core
