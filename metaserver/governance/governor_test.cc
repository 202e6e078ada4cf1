#include "metaserver/governance/governor.h"

#include <gmock/gmock.h>

#include "metaserver/governance/test_governance_rig.h"

namespace lanemq::metaserver {
namespace {

using core::RequestState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = core::Decision::Kind;

class GovernorTest : public GovernanceRig {};

template <typename T>
ErrorCode CodeOf(const Result<T>& result) {
  return result.ok() ? ErrorCode::kUnknownServerError : result.error().code;
}

TEST_F(GovernorTest, WhatThePolicyLetsThroughIsApprovedAtOnce) {
  const auto answer = Propose("bob", ProposalOf({Topic()}));
  ASSERT_TRUE(answer.request);
  EXPECT_EQ(answer.decision->kind, Kind::kApply);
  EXPECT_EQ(answer.request->request.state, RequestState::kApproved);
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(GovernorTest, ADryRunKeepsNothing) {
  auto proposal = ProposalOf({Topic()});
  proposal.is_dry_run = true;
  const auto answer = Propose("bob", proposal);
  EXPECT_EQ(answer.decision->kind, Kind::kApply);
  EXPECT_FALSE(answer.request);
  EXPECT_TRUE(store_.ListRequests({}, {})->empty());
}

TEST_F(GovernorTest, WhatIsRefusedIsNotKeptAndSaysWhatWouldBeRight) {
  const auto answer = Propose("bob", ProposalOf({Topic("Payments_Refunds")}));
  EXPECT_EQ(answer.decision->kind, Kind::kRefuse);
  EXPECT_TRUE(answer.decision->fixed);
  EXPECT_FALSE(answer.request);
  EXPECT_TRUE(store_.ListRequests({}, {})->empty());
}

TEST_F(GovernorTest, ADraftIsKeptWhateverIsWrongWithIt) {
  auto proposal = ProposalOf({Topic("Payments_Refunds")});
  proposal.is_submitted = false;
  const auto draft = Propose("bob", proposal);
  ASSERT_TRUE(draft.request);
  const std::int64_t id = draft.request->request.id;
  EXPECT_EQ(StateOf(id), RequestState::kDraft);
  EXPECT_EQ(CodeOf(Act("bob", id, "submit")), ErrorCode::kPolicyViolation);
  Governor::Deed edit;
  edit.id = id;
  edit.what = "edit";
  edit.bundle = core::Bundle{{Topic()}};
  edit.title = "Better";
  ASSERT_TRUE(governor_.Act(Person("bob"), edit, testing::Note()).ok());
  const auto submitted = Act("bob", id, "submit");
  ASSERT_TRUE(submitted.ok()) << submitted.error().ToString();
  EXPECT_EQ(submitted->request->request.state, RequestState::kApproved);
  EXPECT_EQ(submitted->request->title, "Better");
}

TEST_F(GovernorTest, WhatNeedsAYesWaitsForALeadWhoIsNotItsAuthor) {
  const auto answer = Propose("ann", ProposalOf({Deletion()}));
  ASSERT_TRUE(answer.request);
  const std::int64_t id = answer.request->request.id;
  EXPECT_EQ(answer.request->request.state, RequestState::kPending);
  EXPECT_THAT(told(), ElementsAre("submitted 1"));
  const auto described = governor_.Describe(id);
  ASSERT_TRUE(described.ok() && described->decision);
  EXPECT_EQ(described->decision->kind, Kind::kNeedsApproval);
  EXPECT_EQ(described->decision->approvers, answer.request->request.approvers);
  for (const char* not_asked : {"ann", "bob", "carl", "nina"}) {
    EXPECT_EQ(CodeOf(Act(not_asked, id, "approve")), ErrorCode::kClusterAuthorizationFailed)
        << not_asked;
  }
  EXPECT_EQ(StateOf(id), RequestState::kPending);
  const auto approved = Act("gail", id, "approve");
  ASSERT_TRUE(approved.ok()) << approved.error().ToString();
  EXPECT_EQ(approved->request->request.state, RequestState::kApproved);
  EXPECT_THAT(told(), ElementsAre("submitted 1", "approved 1"));
}

TEST_F(GovernorTest, DeedsLeaveWhoAndWhatInTheAuditLog) {
  const std::int64_t id = Propose("ann", ProposalOf({Deletion()})).request->request.id;
  ASSERT_TRUE(Act("gail", id, "decline", "still read").ok());
  EXPECT_EQ(StateOf(id), RequestState::kDeclined);
  EXPECT_EQ(store_.Notes().back().action, "testChange:decline");
}

TEST_F(GovernorTest, TheGlassIsForOperatorsWithAReason) {
  const std::int64_t id = Propose("ann", ProposalOf({Deletion()})).request->request.id;
  EXPECT_EQ(CodeOf(Act("gail", id, "break_glass", "now")), ErrorCode::kClusterAuthorizationFailed);
  EXPECT_EQ(CodeOf(Act("olga", id, "break_glass")), ErrorCode::kInvalidRequest);
  ASSERT_TRUE(Act("olga", id, "break_glass", "the bank waits").ok());
  EXPECT_EQ(StateOf(id), RequestState::kApproved);
  EXPECT_THAT(told(), ElementsAre("submitted 1", "break_glass 1"));
}

TEST_F(GovernorTest, WithoutAuthenticationNobodyIsWaitedFor) {
  // The rig knows what somebody is by the name; on an open cluster anonymous callers are admins.
  const core::Principal open_one{core::PrincipalKind::kAnonymous, "adam"};
  const auto alone = governor_.Propose(open_one, ProposalOf({Deletion()}), testing::Note());
  ASSERT_TRUE(alone.ok() && alone->request) << alone.error().ToString();
  EXPECT_EQ(alone->request->request.state, RequestState::kApproved);
  EXPECT_THAT(told(), IsEmpty());
  const auto turn = governor_.StartApplying(alone->request->request);
  ASSERT_TRUE(turn.ok()) << turn.error().ToString();
  EXPECT_EQ(turn->request.state, RequestState::kApplying);
  const core::Principal observed{core::PrincipalKind::kAnonymous, "nobody"};
  const auto waits = governor_.Propose(observed, ProposalOf({Deletion()}), testing::Note());
  ASSERT_TRUE(waits.ok() && waits->request);
  EXPECT_EQ(waits->request->request.state, RequestState::kPending);
}

TEST_F(GovernorTest, AnOldVersionOrAnUnknownRequestIsNotActedOn) {
  const std::int64_t id = Propose("ann", ProposalOf({Deletion()})).request->request.id;
  Governor::Deed deed;
  deed.id = id;
  deed.what = "approve";
  deed.if_version = 7;
  EXPECT_EQ(CodeOf(governor_.Act(Person("gail"), deed, testing::Note())), ErrorCode::kConflict);
  deed.if_version.reset();
  for (const char* what : {"approve", "break_glass"}) {
    deed.what = what;
    deed.reason = "now";
    const auto blind = governor_.Act(Person("olga"), deed, testing::Note());
    ASSERT_EQ(CodeOf(blind), ErrorCode::kInvalidRequest) << what;
    EXPECT_THAT(blind.error().message, HasSubstr("if_version"));
  }
  EXPECT_EQ(CodeOf(Act("gail", id + 1, "approve")), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(Act("gail", id, "bless")), ErrorCode::kInvalidRequest);
  EXPECT_EQ(StateOf(id), RequestState::kPending);
}

TEST_F(GovernorTest, ARepeatedProposalIsTheSameRequestAndTellsNobodyAgain) {
  auto proposal = ProposalOf({Deletion()});
  proposal.idempotency_key = "k";
  const std::int64_t id = Propose("ann", proposal).request->request.id;
  clock_.Advance(std::chrono::seconds{1});
  EXPECT_EQ(Propose("ann", proposal).request->request.id, id);
  EXPECT_THAT(told(), ElementsAre("submitted 1"));
}

TEST_F(GovernorTest, AListForAnApproverHasWhatHeMayDecideAlone) {
  const std::int64_t deletion = Propose("ann", ProposalOf({Deletion()})).request->request.id;
  Propose("bob", ProposalOf({Topic()}));
  const auto quota = Propose("ann", ProposalOf({core::SetQuotaChange{"payments", {.topics = 90}}}));
  const auto ids = [&](const std::string& who) {
    bool has_more = false;
    std::vector<std::int64_t> found;
    const auto listed = governor_.List({}, "person:" + who, &has_more);
    EXPECT_TRUE(listed.ok());
    for (const auto& one : *listed) found.push_back(one.request.id);
    return found;
  };
  EXPECT_THAT(ids("gail"), ElementsAre(deletion));
  EXPECT_THAT(ids("ann"), IsEmpty());
  EXPECT_THAT(ids("olga"), ElementsAre(quota.request->request.id));
}

TEST_F(GovernorTest, AListSaysWhetherThereAreMore) {
  for (int i = 0; i < 3; ++i) Propose("bob", ProposalOf({Topic("payments.t" + std::to_string(i))}));
  core::RequestFilter filter;
  filter.max = 2;
  bool has_more = false;
  EXPECT_EQ(governor_.List(filter, "", &has_more)->size(), 2u);
  EXPECT_TRUE(has_more);
  filter.max = 3;
  EXPECT_EQ(governor_.List(filter, "", &has_more)->size(), 3u);
  EXPECT_FALSE(has_more);
}

TEST_F(GovernorTest, ATopicInUseIsNotDeleted) {
  is_in_use_ = true;
  const auto answer = Propose("ann", ProposalOf({Deletion()}));
  EXPECT_EQ(answer.decision->kind, Kind::kRefuse);
  EXPECT_EQ(answer.decision->violations.at(0).field, "in_use");
}

TEST_F(GovernorTest, DirectCallsAreDecidedOnAsABundleOfOne) {
  EXPECT_TRUE(governor_.CheckDirect(Person("bob"), Topic()).ok());
  const Status refused = governor_.CheckDirect(Person("bob"), Topic("Payments_Refunds"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kPolicyViolation);
  EXPECT_THAT(refused.error().message, HasSubstr("[fix: "));
  const Status waits = governor_.CheckDirect(Person("ann"), Deletion());
  ASSERT_FALSE(waits.ok());
  EXPECT_EQ(waits.error().code, ErrorCode::kPolicyViolation);
  EXPECT_THAT(waits.error().message,
              HasSubstr("needs the yes of leads of payments: lanemq request propose"));
  EXPECT_TRUE(governor_.CheckDirect(Person("olga"), Topic("Payments_Refunds")).ok());
}

TEST_F(GovernorTest, WhatIsNoLongerAllowedWhenItIsAppliedFails) {
  const auto answer = Propose("bob", ProposalOf({Topic()}));
  world_.PutTopic({"payments.refunds", "billing", "", "", 1, {}, {}, false});
  const auto turn = governor_.StartApplying(answer.request->request);
  ASSERT_TRUE(turn.ok());
  EXPECT_EQ(turn->request.state, RequestState::kFailed);
  EXPECT_THAT(turn->request.reason, HasSubstr("no longer allowed"));
}

TEST_F(GovernorTest, ABrokenGlassStaysBrokenWhenItIsDecidedOnAgain) {
  const std::int64_t id = Propose("ann", ProposalOf({Deletion()})).request->request.id;
  const auto broken = Act("olga", id, "break_glass", "the bank waits");
  ASSERT_TRUE(broken.ok());
  const auto turn = governor_.StartApplying(broken->request->request);
  ASSERT_TRUE(turn.ok());
  EXPECT_EQ(turn->request.state, RequestState::kApplying);
}

}  // namespace
}  // namespace lanemq::metaserver
