#include "metaserver/governance/hygiene_reminders.h"

#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/alert/notice_planner.h"
#include "common/core/policy/policy_rig.h"
#include "common/guard/test_world.h"
#include "tests/conformance/fake_alert_store.h"
#include "tests/conformance/fake_governance_store.h"
#include "tests/conformance/fake_lag_history.h"
#include "tests/support/note.h"
#include "tests/support/wait_for.h"

namespace lanemq::metaserver {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::int64_t kDayMicros = core::policy_rig::kDayMicros;
constexpr std::chrono::hours kHour{1};

/// The small company, in which nobody has written to or read four topics since they were made: two
/// of payments, one of billing, and one whose owner is gone. That makes nine matters.
class HygieneRemindersTest : public ::testing::Test {
 protected:
  HygieneRemindersTest() {
    world_.PutTeam({"payments", "", "pay", {{"ann", core::TeamRole::kLead}}});
    world_.PutTeam({"billing", "", "bill", {{"carl", core::TeamRole::kLead}}});
    SetChannel("pay", {"payments"});
    SetChannel("bill", {"billing"});
    SetChannel("ops", {});
    start_ = store_.LoadReminded({})->now;
    SetTerm(1);
    std::int64_t id = 0;
    for (const char* name :
         {"payments.orders", "payments.idle", "billing.invoices", "lost.events"}) {
      core::Topic& topic = catalog_.topics.emplace_back();
      topic.id = core::TopicId{++id};
      topic.name = name;
      topic.state = core::TopicState::kActive;
      topic.created_at = DaysAgo(200);
      Watch(id, 100);
    }
  }
  WallTime DaysAgo(std::int64_t days) const { return {start_.micros - days * kDayMicros}; }
  static core::Fence Term(std::int64_t term) { return {"on-call", core::FencingToken{term}}; }
  void SetTerm(std::int64_t term) {
    store_.SetTerm("on-call", core::FencingToken{term});
    history_.SetTerm("on-call", core::FencingToken{term});
    term_ = term;
  }
  void SetChannel(const std::string& name, std::vector<std::string> owners, bool is_on = true) {
    core::AlertChannel channel;
    channel.name = name;
    channel.url = "http://" + name;
    channel.owners = std::move(owners);
    channel.is_on = is_on;
    EXPECT_TRUE(alerts_.SetChannel(channel, "root", testing::Note(), {}).ok());
  }
  /// The topic is watched since so many days, and was used then.
  void Watch(std::int64_t topic, std::int64_t days, std::optional<WallTime> used = std::nullopt) {
    core::LastUse use;
    use.topic = core::TopicId{topic};
    use.watched_since = DaysAgo(days);
    use.produced_at = used;
    use.consumed_at = used;
    EXPECT_TRUE(history_.WriteLastUses({&use, 1}, Term(term_), {}).ok());
  }
  std::unique_ptr<HygieneReminders> Make(HygieneReminders::Options options = {},
                                         std::function<void()> meanwhile = {}) {
    return std::make_unique<HygieneReminders>(
        std::move(options),
        HygieneReminders::Parts{
            store_, alerts_, history_,
            [this] { return std::make_shared<const core::CatalogSnapshot>(catalog_); },
            [this, meanwhile = std::move(meanwhile)]() -> Result<core::PolicyWorld> {
              if (meanwhile) meanwhile();
              return world_;
            }},
        clock_);
  }
  void Advance(std::chrono::microseconds by) {
    clock_.Advance(by);
    store_.Advance(by);
  }
  /// "pay 4": each channel, and how many things it hears of, in the order of handing over.
  std::vector<std::string> HandedOver() {
    std::vector<std::string> out;
    for (const core::AlertNotice& notice : store_.HandedOver()) {
      const std::string summary = BodyOf(notice).alert.summary;
      out.push_back(notice.channel + " " + summary.substr(0, summary.find(' ')));
    }
    return out;
  }
  static core::NoticeBody BodyOf(const core::AlertNotice& notice) {
    auto body = core::NoticeBodyFromText(notice.body);
    EXPECT_TRUE(body.ok()) << body.error().ToString();
    return body.ok() ? *body : core::NoticeBody{};
  }
  std::size_t Remembered() { return store_.LoadReminded({})->told.size(); }

  testing::GuardClock clock_;
  testing::FakeGovernanceStore store_;
  testing::FakeAlertStore alerts_;
  testing::FakeLagHistory history_;
  core::PolicyWorld world_ = core::policy_rig::SmallWorld();
  core::CatalogSnapshot catalog_;
  WallTime start_;
  std::int64_t term_ = 1;
};

TEST_F(HygieneRemindersTest, EachTeamHearsOfEverythingAtOnceAndAgainAfterTheInterval) {
  const auto hygiene = Make();
  hygiene->Round(Term(1));
  EXPECT_THAT(HandedOver(), UnorderedElementsAre("ops 3", "bill 2", "pay 4"));
  EXPECT_EQ(Remembered(), 9u);
  std::set<std::string> ids;
  for (const core::AlertNotice& notice : store_.HandedOver()) {
    ids.insert(notice.notice);
    EXPECT_LE(notice.notice.size(), 64u);
    EXPECT_EQ(notice.queued_at, start_);
    const core::Alert alert = BodyOf(notice).alert;
    EXPECT_EQ(alert.kind, "hygiene");
    if (notice.channel != "pay") continue;
    EXPECT_EQ(alert.owner, "payments");
    EXPECT_THAT(alert.summary, HasSubstr("nobody has read topic payments.idle"));
    EXPECT_THAT(alert.cause, HasSubstr("--team payments"));
  }
  EXPECT_EQ(ids.size(), 3u);

  hygiene->Round(Term(1));
  EXPECT_EQ(hygiene->Totals().looks, 1) << "it is not time";
  for (int day = 1; day < 14; ++day) {
    Advance(24 * kHour);
    hygiene->Round(Term(1));
  }
  EXPECT_EQ(hygiene->Totals().looks, 14);
  EXPECT_EQ(HandedOver().size(), 3u);
  Advance(24 * kHour);
  hygiene->Round(Term(1));
  EXPECT_EQ(HandedOver().size(), 6u);
  EXPECT_EQ(store_.LoadReminded({})->told.begin()->second.count, 2);
}

TEST_F(HygieneRemindersTest, TheFirstLookIsNoStorm) {
  const auto hygiene = Make({.recipients_max = 1});
  hygiene->Round(Term(1));
  EXPECT_THAT(HandedOver(), ElementsAre("ops 3"));
  EXPECT_EQ(hygiene->Totals().left_out, 6);
  for (int i = 0; i < 4; ++i) {
    Advance(kHour);
    hygiene->Round(Term(1));
  }
  EXPECT_THAT(HandedOver(), UnorderedElementsAre("ops 3", "bill 2", "pay 4"));
  EXPECT_EQ(hygiene->Totals().left_out, 0);
}

TEST_F(HygieneRemindersTest, MattersAndLinesHaveTheirLimits) {
  const auto hygiene = Make({.matters_max = 4, .lines_max = 1});
  hygiene->Round(Term(1));
  EXPECT_EQ(Remembered(), 4u);
  for (int i = 0; i < 3; ++i) {
    Advance(kHour);
    hygiene->Round(Term(1));
  }
  EXPECT_EQ(hygiene->Totals().told, 9);
  EXPECT_EQ(Remembered(), 9u);
  bool has_more = false;
  for (const core::AlertNotice& notice : store_.HandedOver()) {
    has_more = has_more || BodyOf(notice).alert.summary.find(" more") != std::string::npos;
  }
  EXPECT_TRUE(has_more);
}

TEST_F(HygieneRemindersTest, ACrashBeforeTheCommitLosesNothing) {
  const auto hygiene = Make();
  store_.SetHook([](std::string_view call) -> Status {
    if (call != "Remind") return {};
    return Error{ErrorCode::kMetadataUnavailable, "gone"};
  });
  hygiene->Round(Term(1));
  EXPECT_THAT(HandedOver(), IsEmpty());
  EXPECT_EQ(hygiene->Totals().failed, 1);
  store_.SetHook({});
  Advance(std::chrono::minutes{1});
  hygiene->Round(Term(1));
  EXPECT_EQ(HandedOver().size(), 3u);
}

TEST_F(HygieneRemindersTest, ACrashAfterTheCommitTellsNothingTwice) {
  store_.LoseReplyOfRemind();
  const auto first = Make();
  first->Round(Term(1));
  EXPECT_EQ(first->Totals().failed, 1);
  EXPECT_EQ(HandedOver().size(), 3u);
  SetTerm(2);
  const auto second = Make();
  second->Round(Term(2));
  Advance(kHour);
  first->Round(Term(1));
  EXPECT_EQ(HandedOver().size(), 3u);
}

TEST_F(HygieneRemindersTest, WhoeverWasOnCallBeforeTellsNothing) {
  const auto second = Make();
  const auto first = Make({}, [&] {
    SetTerm(2);
    second->Round(Term(2));
  });
  first->Round(Term(1));  // It has read what is remembered before the other one begins.
  EXPECT_EQ(first->Totals().failed, 1);
  EXPECT_EQ(second->Totals().told, 9);
  EXPECT_EQ(HandedOver().size(), 3u);
}

TEST_F(HygieneRemindersTest, WithoutAChannelOfTheirOwnOperatorsHearOfIt) {
  SetChannel("pay", {"payments"}, false);
  const auto hygiene = Make();
  hygiene->Round(Term(1));
  EXPECT_THAT(HandedOver(), UnorderedElementsAre("ops 7", "bill 2"));
}

TEST_F(HygieneRemindersTest, WhatNobodyCanHearIsToldWhenThereIsAChannel) {
  for (const char* name : {"pay", "bill", "ops"}) SetChannel(name, {}, false);
  const auto hygiene = Make();
  hygiene->Round(Term(1));
  EXPECT_THAT(HandedOver(), IsEmpty());
  EXPECT_EQ(hygiene->Totals().unheard, 9);
  EXPECT_EQ(Remembered(), 0u);
  SetChannel("pay", {"payments"});
  Advance(kHour);
  hygiene->Round(Term(1));
  EXPECT_THAT(HandedOver(), ElementsAre("pay 4"));
}

TEST_F(HygieneRemindersTest, ATopicThatWasNotWatchedForLongEnoughIsNotTalkedOf) {
  for (const std::int64_t topic : {1, 2, 3}) Watch(topic, 59);
  const auto hygiene = Make();
  hygiene->Round(Term(1));
  EXPECT_THAT(HandedOver(), ElementsAre("ops 3"));
}

TEST_F(HygieneRemindersTest, WhatIsRightAgainIsForgotten) {
  const auto hygiene = Make();
  hygiene->Round(Term(1));
  Watch(1, 100, start_);
  Advance(kHour);
  hygiene->Round(Term(1));
  EXPECT_EQ(Remembered(), 7u);
  EXPECT_EQ(HandedOver().size(), 3u);
}

TEST_F(HygieneRemindersTest, ItLooksWhileItIsOnCallAndCanBeSwitchedOff) {
  const auto off = Make({.every = std::chrono::milliseconds{0}});
  off->Start();
  off->OnEvaluated({}, Term(1));
  off->Round(Term(1));
  EXPECT_EQ(off->Totals().looks, 0);
  const auto hygiene = Make();
  hygiene->Start();
  hygiene->OnEvaluated({}, std::nullopt);
  hygiene->OnEvaluated({}, Term(1));
  ASSERT_TRUE(testing::WaitFor([&] { return hygiene->Totals().looks == 1; },
                               std::chrono::seconds{10}, "a look"));
  EXPECT_EQ(HandedOver().size(), 3u);
  hygiene->OffDuty();
  hygiene->Stop();
  hygiene->Stop();
}

}  // namespace
}  // namespace lanemq::metaserver
