// The alert machine: who is told what, and what keeps quiet.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/alert/alert_machine_rig.h"

namespace lanemq::core {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

const std::string kBilling = GroupSubject("billing", "orders");

TEST_F(AlertMachineTest, NoticesGoToWhomTheyConcern) {
  AlertChannel pages = ChannelNamed("pages");
  pages.lowest = AlertSeverity::kPage;
  AlertChannel payments = ChannelNamed("payments");
  payments.owners = {"payments"};
  AlertChannel off = ChannelNamed("off");
  off.is_on = false;
  AlertChannel prometheus = ChannelNamed("am");
  prometheus.type = ChannelType::kAlertmanager;
  settings_.channels = {pages, payments, off, prometheus};
  AlertObservation ticket = True("group_rewound", kBilling);
  ticket.owner = "payments";
  EXPECT_THAT(Told(Evaluate({ticket})), ElementsAre("fired group_rewound payments"));
  EXPECT_THAT(Told(Evaluate({ticket, True("data_loss", "topic t, partition 0")})),
              ElementsAre("fired data_loss pages"));
}

TEST_F(AlertMachineTest, SilencedStatesGoOnAndTheNoticeGoesOutWhenTheSilenceEnds) {
  const AlertObservation stopped = True("group_stopped", kBilling);
  settings_.silences = {SilenceAll(minutes{10})};
  const AlertChanges fired = Evaluate({stopped});
  EXPECT_THAT(Told(fired), IsEmpty());
  EXPECT_THAT(Events(fired), ElementsAre("fired", "silenced"));
  EXPECT_THAT(Open(), ElementsAre("group_stopped firing"));
  EXPECT_TRUE(Evaluate({stopped}, minutes{9}).empty());
  const AlertChanges told = Evaluate({stopped}, minutes{1});
  EXPECT_THAT(Told(told), ElementsAre("fired group_stopped hook"));
  EXPECT_THAT(Events(told), ElementsAre("told"));
}

TEST_F(AlertMachineTest, WhatComesAndGoesInASilenceIsNeverTold) {
  settings_.silences = {SilenceAll(hours{10})};
  Evaluate({True("group_stopped", kBilling)});
  Evaluate({});
  const AlertChanges over = Evaluate({}, minutes{1});
  EXPECT_THAT(Told(over), IsEmpty());
  EXPECT_THAT(Events(over), ElementsAre("resolved"));
}

TEST_F(AlertMachineTest, WhoWasWokenHearsOfTheRecoveryInASilenceToo) {
  Evaluate({True("group_stopped", kBilling)});
  Deliver();
  settings_.silences = {SilenceAll(hours{10})};
  Evaluate({});
  EXPECT_THAT(Told(Evaluate({}, minutes{1})), ElementsAre("resolved group_stopped hook"));
}

TEST_F(AlertMachineTest, ASilenceThatEndsDuringARecoveryTellsNothing) {
  const AlertObservation stopped = True("group_stopped", kBilling);
  settings_.silences = {SilenceAll(minutes{1})};
  Evaluate({stopped});
  Evaluate({}, seconds{50});
  EXPECT_THAT(Told(Evaluate({}, seconds{50})), IsEmpty());
  EXPECT_THAT(Told(Evaluate({stopped})), ElementsAre("fired group_stopped hook"));
}

TEST_F(AlertMachineTest, AnAlertThatAnotherExplainsIsToldWhenTheOtherIsOver) {
  AlertObservation lost = True("delayed_overdue", "node n1");
  lost.for_at_least = milliseconds{0};
  lost.explained_by = {{"no_jobs", "jobs"}, {"node_down", "node n1"}};
  const AlertObservation down = True("node_down", "node n1");
  // Pending explains already: otherwise the lesser page comes first.
  EXPECT_THAT(Told(Evaluate({lost, down})), IsEmpty());
  EXPECT_THAT(Told(Evaluate({lost, down}, minutes{1})), ElementsAre("fired node_down hook"));
  EXPECT_EQ(world_.Find("delayed_overdue", "node n1")->inhibited_by, "node_down");
  Evaluate({lost});
  EXPECT_THAT(Told(Evaluate({lost}, minutes{1})),
              UnorderedElementsAre("resolved node_down hook", "fired delayed_overdue hook"));
}

TEST_F(AlertMachineTest, AnAlertThatADifferentNodeCouldExplainIsTold) {
  AlertObservation lost = True("data_loss", "topic t, partition 0");
  lost.explained_by = {{"node_down", "node n2"}};
  EXPECT_THAT(Told(Evaluate({lost, True("node_down", "node n1")})),
              ElementsAre("fired data_loss hook"));
}

TEST_F(AlertMachineTest, RemindersComeEveryFourHoursWithIdsOfTheirOwn) {
  const AlertObservation stopped = True("group_stopped", kBilling);
  Evaluate({stopped});
  std::set<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    Deliver();
    EXPECT_THAT(Told(Evaluate({stopped}, hours{4} - milliseconds{1})), IsEmpty());
    const AlertChanges reminded = Evaluate({stopped}, milliseconds{1});
    ASSERT_THAT(Told(reminded), ElementsAre("reminder group_stopped hook"));
    ids.insert(reminded.notices[0].notice);
  }
  EXPECT_THAT(ids, SizeIs(5));
}

TEST_F(AlertMachineTest, AChannelThatIsAddedLaterHearsByTheNextReminderAndOfTheRecovery) {
  const AlertObservation stopped = True("group_stopped", kBilling);
  settings_.channels.clear();
  EXPECT_THAT(Told(Evaluate({stopped})), IsEmpty());
  settings_.channels.push_back(ChannelNamed("late"));
  EXPECT_THAT(Told(Evaluate({stopped})), IsEmpty());
  EXPECT_THAT(Told(Evaluate({stopped}, hours{4})), ElementsAre("reminder group_stopped late"));
  Deliver();
  Evaluate({});
  EXPECT_THAT(Told(Evaluate({}, minutes{1})), ElementsAre("resolved group_stopped late"));
}

TEST_F(AlertMachineTest, WhatWasNeverTriedIsDroppedTogetherWithItsRecovery) {
  Evaluate({True("group_stopped", kBilling)});
  Evaluate({});
  Evaluate({}, minutes{1});
  for (const AlertNotice& notice : world_.notices()) {
    EXPECT_EQ(notice.state, NoticeState::kDropped) << notice.notice;
  }
  EXPECT_THAT(world_.notices(), SizeIs(1));
}

TEST_F(AlertMachineTest, OfAFamilyTheWorstSpeaks) {
  const AlertObservation slow = True("group_slow", kBilling);
  const AlertObservation stopped = True("group_stopped", kBilling);
  EXPECT_THAT(Told(Evaluate({slow})), ElementsAre("fired group_slow hook"));
  Deliver();
  const AlertChanges worse = Evaluate({stopped});
  EXPECT_THAT(Told(worse), ElementsAre("fired group_stopped hook"));
  EXPECT_THAT(Events(worse), UnorderedElementsAre("fired", "superseded"));
  EXPECT_THAT(Open(), ElementsAre("group_stopped firing"));
  Deliver();
  // On its way back it is slow for a while: nothing new while the worse one is not over.
  EXPECT_THAT(Told(Evaluate({slow})), IsEmpty());
  Evaluate({});
  EXPECT_THAT(Told(Evaluate({}, minutes{1})), ElementsAre("resolved group_stopped hook"));
  Evaluate({}, minutes{1});
  EXPECT_THAT(Open(), IsEmpty());
}

TEST_F(AlertMachineTest, ALesserOneThatLastsIsToldWhenTheWorseIsOver) {
  const AlertObservation slow = True("group_slow", kBilling);
  Evaluate({True("group_stopped", kBilling)});
  Deliver();
  Evaluate({slow});
  EXPECT_EQ(world_.Find("group_slow", kBilling)->inhibited_by, "group_stopped");
  EXPECT_THAT(Told(Evaluate({slow}, minutes{1})),
              UnorderedElementsAre("resolved group_stopped hook", "fired group_slow hook"));
}

TEST_F(AlertMachineTest, ALesserOneStaysWhileTheWorseIsSilenced) {
  const AlertObservation slow = True("group_slow", kBilling);
  Evaluate({slow});
  Deliver();
  AlertSilence silence = SilenceAll(hours{1});
  silence.kind = "group_stopped";
  settings_.silences = {silence};
  const AlertObservation stopped = True("group_stopped", kBilling);
  EXPECT_THAT(Told(Evaluate({stopped})), IsEmpty());
  EXPECT_THAT(Told(Evaluate({stopped}, minutes{1})), ElementsAre("resolved group_slow hook"));
}

TEST_F(AlertMachineTest, WhoDoesNotHearOfTheWorseOneHearsThatTheLesserIsOver) {
  AlertRuleChange change;
  change.kind = "group_stopped";
  change.owner = "infra";
  settings_.rules = {change};
  AlertChannel infra = ChannelNamed("infra");
  infra.owners = {"infra"};
  AlertChannel platform = ChannelNamed("platform");
  platform.owners = {""};
  settings_.channels = {infra, platform};
  Evaluate({True("group_slow", kBilling)});
  Deliver();
  EXPECT_THAT(Told(Evaluate({True("group_stopped", kBilling)})),
              UnorderedElementsAre("fired group_stopped infra", "resolved group_slow platform"));
}

TEST_F(AlertMachineTest, BeyondThirtyAMinuteOneNoticeTellsTheRest) {
  std::vector<AlertObservation> many;
  for (int i = 0; i < 100; ++i) {
    many.push_back(True("dead_letters_growing", "group g" + std::to_string(i)));
  }
  many.push_back(True("data_loss", "topic t, partition 0"));
  const AlertChanges fired = Evaluate(many);
  EXPECT_THAT(fired.notices, SizeIs(102));
  const auto queued = [&](const AlertChanges& changes) {
    return std::count_if(changes.notices.begin(), changes.notices.end(),
                         [](const auto& notice) { return notice.state == NoticeState::kQueued; });
  };
  EXPECT_EQ(queued(fired), 31);
  EXPECT_EQ(Told(fired).front(), "fired data_loss hook");  // A page goes first.
  auto more = NoticeBodyFromText(fired.notices.back().body);
  ASSERT_TRUE(more.ok());
  EXPECT_EQ(more->more_fired, 71);
  EXPECT_THAT(more->examples, SizeIs(10));
  Deliver();
  // What comes within the same minute is told by the next one.
  many.push_back(True("data_loss", "topic t, partition 1"));
  EXPECT_EQ(queued(Evaluate(many, seconds{59})), 0);
  const AlertChanges next = Evaluate(many, seconds{1});
  EXPECT_THAT(Told(next), ElementsAre("more hook"));
  more = NoticeBodyFromText(next.notices[0].body);
  ASSERT_TRUE(more.ok());
  EXPECT_EQ(more->more_fired, 1);
  EXPECT_THAT(more->examples, ElementsAre("data_loss: topic t, partition 1"));
  Deliver();
  EXPECT_TRUE(Evaluate(many, minutes{2}).empty());
  // The recovery of those that were told by their number is not told.
  Evaluate({});
  Evaluate({}, minutes{1});
  std::size_t recoveries = 0;
  for (const AlertNotice& notice : world_.notices()) {
    recoveries += notice.what == NoticeKind::kResolved ? 1 : 0;
  }
  EXPECT_EQ(recoveries, 30U);
}

}  // namespace
}  // namespace lanemq::core
