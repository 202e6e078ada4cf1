#include "metaserver/governance/request_notices.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "common/base/log.h"
#include "common/core/alert/notice_planner.h"
#include "metaserver/governance/test_governance_rig.h"
#include "tests/conformance/fake_alert_store.h"

namespace lanemq::metaserver {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class RequestNoticesTest : public GovernanceRig {
 protected:
  RequestNoticesTest() {
    core::AccessRecords records;
    records.version = 1;
    records.teams = {{.name = "growth", .oncall_route = "growth", .members = {{"bob"}}},
                     {.name = "payments", .oncall_route = "pay", .members = {{"ann"}, {"gail"}}}};
    book_ = std::make_shared<const core::AccessBook>(std::move(records));
    SetChannel("growth", {"growth"});
    SetChannel("pay", {"payments"});
  }
  void SetChannel(const std::string& name, std::vector<std::string> owners,
                  core::AlertSeverity lowest = core::AlertSeverity::kTicket) {
    core::AlertChannel channel;
    channel.name = name;
    channel.url = "http://" + name;
    channel.owners = std::move(owners);
    channel.lowest = lowest;
    EXPECT_TRUE(alerts_.SetChannel(channel, "root", testing::Note(), {}).ok());
  }
  RequestNotices& Make() {
    notices_ = std::make_unique<RequestNotices>(
        RequestNotices::Options{}, store_, alerts_, [this] { return book_; }, clock_);
    return *notices_;
  }
  /// "pay: submitted", in order, of what was handed over.
  std::vector<std::string> HandedOver() {
    std::vector<std::string> out;
    for (const core::AlertNotice& notice : store_.HandedOver()) {
      out.push_back(notice.channel + ": " + BodyOf(notice).alert.kind.substr(15));
    }
    return out;
  }
  static core::NoticeBody BodyOf(const core::AlertNotice& notice) {
    auto body = core::NoticeBodyFromText(notice.body);
    EXPECT_TRUE(body.ok()) << body.error().ToString();
    return body.ok() ? *body : core::NoticeBody{};
  }
  std::int64_t ProposeDeletion() {
    return Propose("ann", ProposalOf({Deletion()})).request->request.id;
  }

  testing::FakeAlertStore alerts_;
  std::shared_ptr<const core::AccessBook> book_;
  std::unique_ptr<RequestNotices> notices_;
};

TEST_F(RequestNoticesTest, ThoseWhoAreAskedHearOfItAndThenTheAuthorsTeam) {
  const std::int64_t id = ProposeDeletion();
  RequestNotices& notices = Make();
  notices.Round();
  EXPECT_THAT(HandedOver(), ElementsAre("pay: submitted"));
  const core::AlertNotice first = store_.HandedOver().front();
  EXPECT_EQ(first.incident, "request-1");
  const core::Alert alert = BodyOf(first).alert;
  EXPECT_EQ(alert.owner, "payments");
  EXPECT_EQ(alert.severity, core::AlertSeverity::kTicket);
  EXPECT_THAT(alert.summary, HasSubstr("person:ann"));
  EXPECT_EQ(alert.cause, "lanemq request show 1");
  ASSERT_TRUE(Act("gail", id, "decline", "still read").ok());
  notices.Round();
  notices.Round();
  EXPECT_THAT(HandedOver(), ElementsAre("pay: submitted", "pay: declined"));
  EXPECT_THAT(BodyOf(store_.HandedOver().back()).alert.summary, HasSubstr("still read"));
  EXPECT_EQ(notices.Totals().told, 2);
}

TEST_F(RequestNoticesTest, AnotherTeamDoesNotHearOfIt) {
  core::StoredRequest stored;
  stored.request.author = Person("bob");
  stored.request.state = core::RequestState::kFailed;
  ASSERT_TRUE(store_.AddRequest(stored, "", testing::Note(), {}).ok());
  Make().Round();
  EXPECT_THAT(HandedOver(), ElementsAre("growth: failed"));
}

TEST_F(RequestNoticesTest, TheGlassIsBrokenInFrontOfEverybody) {
  SetChannel("pager", {}, core::AlertSeverity::kPage);
  const std::int64_t id = ProposeDeletion();
  ASSERT_TRUE(Act("olga", id, "break_glass", "the bank waits").ok());
  Make().Round();
  EXPECT_THAT(HandedOver(), UnorderedElementsAre("pager: break_glass", "pay: break_glass"));
  const core::Alert alert = BodyOf(store_.HandedOver().front()).alert;
  EXPECT_EQ(alert.severity, core::AlertSeverity::kPage);
  EXPECT_THAT(alert.summary, HasSubstr("the bank waits"));
}

TEST_F(RequestNoticesTest, APageThatNobodyHearsIsKeptUntilSomebodyDoes) {
  ASSERT_TRUE(alerts_.RemoveChannel("pay", testing::Note(), {}).ok());
  ASSERT_TRUE(Act("olga", ProposeDeletion(), "break_glass", "now").ok());
  RequestNotices& notices = Make();
  notices.Round();
  EXPECT_THAT(HandedOver(), IsEmpty());
  EXPECT_EQ(notices.Totals().unheard, 0);
  EXPECT_EQ(notices.Totals().overtaken, 1) << "that it was submitted";
  SetChannel("pager", {}, core::AlertSeverity::kPage);
  notices.Round();
  EXPECT_THAT(HandedOver(), ElementsAre("pager: break_glass"));
  notices.Round();
  EXPECT_EQ(notices.Totals().waiting, 0);
}

TEST_F(RequestNoticesTest, PagesThatNobodyHearsDoNotBlockThoseThatAreHeard) {
  const auto break_glass = [&](std::optional<core::Approver> approver) {
    core::StoredRequest stored;
    stored.request.author = Person("ann");
    stored.request.state = core::RequestState::kApproved;
    stored.request.break_glass_reason = "now";
    if (approver) stored.request.approvers = {*approver};
    ASSERT_TRUE(store_.AddRequest(stored, "", testing::Note(), {}).ok());
  };
  for (int i = 0; i < 120; ++i) break_glass(std::nullopt);
  break_glass(core::Approver{.kind = core::Approver::Kind::kTeamLeads, .team = "payments"});
  RequestNotices& notices = Make();
  for (int i = 0; i < 3; ++i) notices.Round();
  EXPECT_THAT(HandedOver(), ElementsAre("pay: break_glass"));
  // The others take their turns until there is a channel, 50 of them at a look.
  for (int i = 0; i < 3; ++i) notices.Round();
  SetChannel("pager", {}, core::AlertSeverity::kPage);
  for (int i = 0; i < 4; ++i) notices.Round();
  EXPECT_EQ(HandedOver().size(), 121u);
  EXPECT_EQ(notices.Totals().told, 121);
}

TEST_F(RequestNoticesTest, WhatAnotherProcessLeftIsToldAfterItsEnd) {
  ASSERT_TRUE(Act("olga", ProposeDeletion(), "break_glass", "now").ok());
  SetChannel("pager", {});
  RequestNotices& dying = Make();
  // The notice is built, and the process ends before it is stored.
  store_.SetHook([](std::string_view call) -> Status {
    if (call != "HandOver") return {};
    return Error{ErrorCode::kMetadataUnavailable, "gone"};
  });
  dying.Round();
  EXPECT_THAT(HandedOver(), IsEmpty());
  EXPECT_EQ(dying.Totals().failed, 1);
  store_.SetHook({});
  Make().Round();
  EXPECT_THAT(HandedOver(), UnorderedElementsAre("pager: break_glass", "pay: break_glass"));
}

TEST_F(RequestNoticesTest, SoManyAMinuteAndBrokenGlassAtOnce) {
  for (int i = 0; i < 12; ++i) ProposeDeletion();
  RequestNotices& notices = Make();
  notices.Round();
  EXPECT_EQ(HandedOver().size(), 10u);
  EXPECT_EQ(notices.Totals().waiting, 12);
  ASSERT_TRUE(Act("olga", 12, "break_glass", "now").ok());
  notices.Round();
  EXPECT_EQ(HandedOver().size(), 11u);
  EXPECT_EQ(HandedOver().back(), "pay: break_glass");
  store_.Advance(std::chrono::seconds{61});
  notices.Round();
  EXPECT_EQ(HandedOver().size(), 12u) << "nobody is asked for the last one any more";
}

TEST_F(RequestNoticesTest, NobodyIsAskedForWhatIsDecidedOrTakenBack) {
  const std::int64_t declined = ProposeDeletion();
  const std::int64_t withdrawn = ProposeDeletion();
  ProposeDeletion();
  ASSERT_TRUE(Act("gail", declined, "decline", "still read").ok());
  ASSERT_TRUE(Act("ann", withdrawn, "withdraw").ok());
  RequestNotices& notices = Make();
  notices.Round();
  EXPECT_THAT(HandedOver(), UnorderedElementsAre("pay: submitted", "pay: declined"));
  EXPECT_EQ(notices.Totals().told, 2);
  EXPECT_GE(notices.Totals().overtaken, 1);
  notices.Round();
  EXPECT_EQ(notices.Totals().waiting, 0);
}

TEST_F(RequestNoticesTest, WhatHappensToARequestIsSentInThisOrder) {
  core::StoredRequest stored;
  stored.request.author = Person("ann");
  stored.request.state = core::RequestState::kPending;
  stored = *store_.AddRequest(stored, "", testing::Note(), {});
  for (const auto state : {core::RequestState::kApproved, core::RequestState::kApplied}) {
    stored.request.state = state;
    stored = *store_.SaveRequest(stored, testing::Note(), {});
  }
  Make().Round();
  ASSERT_THAT(HandedOver(), ElementsAre("pay: approved", "pay: applied"));
  const auto handed = store_.HandedOver();
  EXPECT_LT(handed[0].queued_at, handed[1].queued_at);
}

TEST_F(RequestNoticesTest, ARequestThatIsNotUnderstoodDoesNotBlockOthers) {
  // More than one look takes.
  for (int i = 0; i < 60; ++i) store_.SetUnreadable(ProposeDeletion());
  ProposeDeletion();
  RequestNotices& notices = Make();
  SetUpLogging("test", LogLevel::INFO);
  ::testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i) notices.Round();
  ASSERT_THAT(HandedOver(), ElementsAre("pay: submitted"));
  EXPECT_EQ(store_.HandedOver().front().incident, "request-61");
  EXPECT_EQ(notices.Totals().failed, 0);
  EXPECT_EQ(notices.Totals().waiting, 60) << "they expire";
  const auto lines = [] {
    const std::string log = ::testing::internal::GetCapturedStderr();
    int count = 0;
    for (auto at = log.find("set_aside"); at != std::string::npos; ++count) {
      at = log.find("set_aside", at + 1);
    }
    return count;
  };
  EXPECT_EQ(lines(), 60) << "once a minute for each";
  ::testing::internal::CaptureStderr();
  clock_.Advance(std::chrono::seconds{61});
  notices.Round();
  notices.Round();
  EXPECT_EQ(lines(), 60);
}

TEST_F(RequestNoticesTest, WhatWaitedForADayIsCountedAndForgotten) {
  ProposeDeletion();
  store_.Advance(std::chrono::hours{25});
  RequestNotices& notices = Make();
  notices.Round();
  EXPECT_THAT(HandedOver(), IsEmpty());
  EXPECT_EQ(notices.Totals().expired, 1);
}

TEST_F(RequestNoticesTest, WithoutTheDatabaseNothingIsLost) {
  ProposeDeletion();
  RequestNotices& notices = Make();
  alerts_.SetDown(true);
  notices.Round();
  EXPECT_EQ(notices.Totals().failed, 1);
  alerts_.SetDown(false);
  notices.Round();
  EXPECT_THAT(HandedOver(), ElementsAre("pay: submitted"));
}

}  // namespace
}  // namespace lanemq::metaserver
