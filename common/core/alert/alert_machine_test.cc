// The alert machine: when an alert begins, goes on and ends.
#include <map>
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

TEST_F(AlertMachineTest, WhatIsTrueForLongEnoughFiresOnceAndIsOverWhenFalseForAMinute) {
  const AlertObservation down = True("node_down", "node n1");  // For 30 s.
  EXPECT_THAT(Told(Evaluate({down})), IsEmpty());
  EXPECT_THAT(Open(), ElementsAre("node_down pending"));
  EXPECT_TRUE(Evaluate({down}, milliseconds{29'999}).empty());
  const AlertChanges fired = Evaluate({down}, milliseconds{1});
  EXPECT_THAT(Told(fired), ElementsAre("fired node_down hook"));
  EXPECT_THAT(Events(fired), ElementsAre("fired"));
  Deliver();
  EXPECT_TRUE(Evaluate({down}, hours{1}).empty());
  EXPECT_THAT(Told(Evaluate({})), IsEmpty());
  EXPECT_TRUE(Evaluate({}, milliseconds{59'999}).empty());
  EXPECT_THAT(Open(), ElementsAre("node_down firing"));
  const AlertChanges over = Evaluate({}, milliseconds{1});
  EXPECT_THAT(Told(over), ElementsAre("resolved node_down hook"));
  EXPECT_EQ(over.notices[0].incident, fired.notices[0].incident);
  EXPECT_THAT(Open(), IsEmpty());
  EXPECT_TRUE(Evaluate({}, hours{10}).empty());
}

TEST_F(AlertMachineTest, APendingOneThatIsFalseIsForgottenAndBeginsAnew) {
  const AlertObservation down = True("node_down", "node n1");
  Evaluate({down});
  EXPECT_THAT(Evaluate({}, seconds{29}).forget, SizeIs(1));
  EXPECT_THAT(Open(), IsEmpty());
  Evaluate({down});
  EXPECT_THAT(Told(Evaluate({down}, seconds{29})), IsEmpty());
}

TEST_F(AlertMachineTest, AShortRecoveryIsNone) {
  const AlertObservation stopped = True("group_stopped", kBilling);
  EXPECT_THAT(Told(Evaluate({stopped})), ElementsAre("fired group_stopped hook"));
  Evaluate({});
  EXPECT_THAT(Told(Evaluate({}, seconds{59})), IsEmpty());
  EXPECT_THAT(Told(Evaluate({stopped}, milliseconds{500})), IsEmpty());
  Evaluate({}, seconds{30});
  EXPECT_THAT(Told(Evaluate({}, seconds{59})), IsEmpty());
}

TEST_F(AlertMachineTest, WhatIsUnknownDoesNotMove) {
  AlertObservation down = True("node_down", "node n1");
  const AlertObservation stopped = True("group_stopped", kBilling);
  Evaluate({down, stopped});
  EXPECT_TRUE(EvaluateOnly(AlertObservations{}, hours{1}).empty());  // Nobody looked at anything.
  down.truth = Truth::kUnknown;
  AlertObservation unknown = stopped;
  unknown.truth = Truth::kUnknown;
  EXPECT_TRUE(Evaluate({down, unknown}, hours{1}).empty());  // Looked, and could not see these.
  EXPECT_THAT(Open(), UnorderedElementsAre("node_down pending", "group_stopped firing"));
}

TEST_F(AlertMachineTest, ASubjectThatIsGoneRecoversOnlyWhenItsKindWasLookedAt) {
  Evaluate({True("group_stopped", kBilling)});
  Deliver();
  AlertObservations others;
  others.complete.insert("node_down");
  EvaluateOnly(others);
  EXPECT_TRUE(EvaluateOnly(others, hours{1}).empty());
  others.complete.insert("group_stopped");
  EvaluateOnly(others);
  EXPECT_THAT(Told(EvaluateOnly(others, minutes{1})), ElementsAre("resolved group_stopped hook"));
}

TEST_F(AlertMachineTest, RulesOfOperatorsGoFirstThenObservationsThenTheKind) {
  AlertObservation slow = True("group_slow", kBilling);
  slow.severity = AlertSeverity::kTicket;
  slow.owner = "payments";
  AlertRuleChange change;
  change.kind = "node_down";
  change.for_at_least = milliseconds{0};
  change.severity = AlertSeverity::kTicket;
  change.owner = "infra";
  settings_.rules.push_back(change);
  Evaluate({slow, True("node_down", "node n1"), True("node_bytes_low", "node n1")});
  std::map<std::string, Alert> open;
  for (const Alert& alert : world_.Load().open) open[alert.kind] = alert;
  EXPECT_EQ(open["group_slow"].severity, AlertSeverity::kTicket);
  EXPECT_EQ(open["group_slow"].owner, "payments");
  EXPECT_EQ(open["node_down"].state, AlertState::kFiring);
  EXPECT_EQ(open["node_down"].severity, AlertSeverity::kTicket);
  EXPECT_EQ(open["node_down"].owner, "infra");
  EXPECT_EQ(open["node_bytes_low"].severity, AlertSeverity::kPage);
  EXPECT_EQ(open["node_bytes_low"].state, AlertState::kPending);
}

TEST_F(AlertMachineTest, ARuleThatIsSwitchedOffEndsItsAlerts) {
  const AlertObservation stopped = True("group_stopped", kBilling);
  Evaluate({stopped});
  Deliver();
  AlertRuleChange off;
  off.kind = "group_stopped";
  off.is_on = false;
  settings_.rules.push_back(off);
  Evaluate({stopped});
  EXPECT_THAT(Told(Evaluate({stopped}, minutes{1})), ElementsAre("resolved group_stopped hook"));
  EXPECT_TRUE(Evaluate({stopped}, minutes{1}).empty());
  // Off as it is built in; on by an operator.
  AlertRuleChange on;
  on.kind = "topic_without_subscriber";
  on.for_at_least = milliseconds{0};
  const AlertObservation lonely = True("topic_without_subscriber", "topic t");
  EXPECT_TRUE(Evaluate({lonely}).empty());
  on.is_on = true;
  settings_.rules.push_back(on);
  EXPECT_THAT(Told(Evaluate({lonely})), SizeIs(1));
}

TEST_F(AlertMachineTest, AnEvaluationChangesABoundedNumberAndTheNextGoesOn) {
  std::vector<AlertObservation> many;
  for (int i = 0; i < 2'500; ++i) {
    many.push_back(True("data_loss", "topic t, partition " + std::to_string(i)));
  }
  std::vector<std::size_t> puts;
  for (int i = 0; i < 4; ++i) puts.push_back(Evaluate(many).put.size());
  EXPECT_THAT(puts, ElementsAre(1'000, 1'000, 500, 0));
  EXPECT_THAT(Open(), SizeIs(2'500));
  puts.clear();
  for (int i = 0; i < 4; ++i) puts.push_back(Evaluate({}, seconds{100}).put.size());
  Evaluate({}, seconds{100});
  for (int i = 0; i < 3; ++i) Evaluate({}, seconds{100});
  EXPECT_THAT(Open(), IsEmpty());
}

TEST_F(AlertMachineTest, TheSameInputGivesTheSameIds) {
  const AlertObservation stopped = True("group_stopped", kBilling);
  AlertObservations seen;
  seen.items = {stopped, True("data_loss", "topic t, partition 0")};
  const AlertMemory memory = world_.Load();
  EXPECT_EQ(PlanAlerts(memory, seen, settings_, times_),
            PlanAlerts(memory, seen, settings_, times_));
  const AlertChanges first = Evaluate({stopped});
  Evaluate({});
  Evaluate({}, minutes{1});
  const AlertChanges second = Evaluate({stopped});
  ASSERT_THAT(second.notices, SizeIs(1));
  EXPECT_NE(first.notices[0].notice, second.notices[0].notice);  // Another incident.
  EXPECT_LE(first.put[0].incident.size(), 40U);
}

TEST_F(AlertMachineTest, AClockThatStepsBackDelaysByTheTimesAloneNotByTheStep) {
  const AlertObservation down = True("node_down", "node n1");
  Evaluate({down});
  Evaluate({down}, -hours{3});
  EXPECT_THAT(Told(Evaluate({down}, seconds{30})), ElementsAre("fired node_down hook"));
  Deliver();
  Evaluate({});
  Evaluate({}, -hours{3});
  EXPECT_THAT(Told(Evaluate({}, minutes{1})), ElementsAre("resolved node_down hook"));
}

TEST_F(AlertMachineTest, ScaledTimesAreAllScaled) {
  times_ = AlertTimes{}.Scaled(0.02);
  EXPECT_EQ(times_.resolve_after, milliseconds{1'200});
  EXPECT_EQ(times_.cap_window, milliseconds{1'200});
  EXPECT_EQ(times_.alertmanager_every, milliseconds{1'200});
  EXPECT_EQ(AlertTimes{}.Scaled(1e-9).retry_first, milliseconds{1});
  const AlertObservation down = True("node_down", "node n1");
  Evaluate({down});
  EXPECT_THAT(Told(Evaluate({down}, milliseconds{599})), IsEmpty());
  EXPECT_THAT(Told(Evaluate({down}, milliseconds{1})), SizeIs(1));
}

TEST_F(AlertMachineTest, TextsAreCutToWhatTheTablesTake) {
  AlertObservation stopped = True("group_stopped", kBilling);
  stopped.summary = std::string(1'023, 'x') + "ä";
  stopped.cause = std::string(100, 'C');
  Evaluate({stopped});
  const Alert* const alert = world_.Find("group_stopped", kBilling);
  ASSERT_NE(alert, nullptr);
  EXPECT_EQ(alert->summary.size(), 1'023U);
  EXPECT_EQ(alert->cause.size(), 32U);
}

TEST_F(AlertMachineTest, AKindThatIsNotKnownHereEnds) {
  Evaluate({True("group_stopped", kBilling)});
  Deliver();
  world_.Find("group_stopped", kBilling)->kind = "of_another_version";
  AlertObservations nothing;
  EvaluateOnly(nothing);
  EXPECT_THAT(Told(EvaluateOnly(nothing, minutes{1})),
              ElementsAre("resolved of_another_version hook"));
  EXPECT_TRUE(Evaluate({True("nonsense", "x")}).empty());
}

}  // namespace
}  // namespace lanemq::core
