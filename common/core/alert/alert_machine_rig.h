#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/alert/alert_kinds.h"
#include "common/core/alert/alert_machine.h"
#include "common/core/alert/alert_world.h"
#include "common/core/alert/notice_planner.h"

namespace lanemq::core {

/// The alert machine and a store that does as it is told, one evaluation after the other.
class AlertMachineTest : public ::testing::Test {
 protected:
  AlertMachineTest() { settings_.channels.push_back(ChannelNamed("hook")); }

  static AlertChannel ChannelNamed(const std::string& name) {
    AlertChannel channel;
    channel.name = name;
    return channel;
  }
  static AlertObservation True(const std::string& kind, const std::string& subject) {
    AlertObservation seen;
    seen.kind = kind;
    seen.subject = subject;
    seen.truth = Truth::kTrue;
    seen.summary = kind + " of " + subject;
    return seen;
  }
  /// One evaluation in which every kind was looked at and `items` was found, `later` after the
  /// last.
  AlertChanges Evaluate(std::vector<AlertObservation> items,
                        std::chrono::milliseconds later = std::chrono::seconds{5}) {
    AlertObservations seen;
    seen.items = std::move(items);
    for (const AlertKind& kind : AlertKinds()) seen.complete.emplace(kind.name);
    return EvaluateOnly(seen, later);
  }
  AlertChanges EvaluateOnly(const AlertObservations& seen,
                            std::chrono::milliseconds later = std::chrono::seconds{5}) {
    world_.Advance(later);
    const AlertChanges changes = PlanAlerts(world_.Load(), seen, settings_, times_);
    world_.Apply(changes);
    return changes;
  }
  /// What was queued or folded, as "what kind channel".
  static std::vector<std::string> Told(const AlertChanges& changes) {
    std::vector<std::string> told;
    for (const AlertNotice& notice : changes.notices) {
      const auto body = NoticeBodyFromText(notice.body);
      EXPECT_TRUE(body.ok());
      std::string text(ToString(notice.what));
      if (notice.what != NoticeKind::kMore) text += " " + body->alert.kind;
      told.push_back(text + " " + notice.channel);
    }
    return told;
  }
  static std::vector<std::string> Events(const AlertChanges& changes) {
    std::vector<std::string> events;
    for (const AlertEvent& event : changes.events) events.push_back(event.what);
    return events;
  }
  /// What of the world is open, as "kind state".
  std::vector<std::string> Open() const {
    std::vector<std::string> open;
    for (const Alert& alert : world_.Load().open) {
      open.push_back(alert.kind + " " + std::string(ToString(alert.state)));
    }
    return open;
  }
  /// Sends all that waits, as the notifier does.
  void Deliver() {
    for (AlertNotice* notice : world_.Waiting()) {
      ++notice->attempts;
      notice->state = NoticeState::kSent;
    }
  }
  AlertSilence SilenceAll(std::chrono::milliseconds length) {
    AlertSilence silence;
    silence.kind = "*";
    silence.subject = "*";
    silence.reason = "planned";
    silence.until = WallTime{world_.now().micros + std::chrono::microseconds(length).count()};
    return silence;
  }

  AlertWorld world_;
  AlertSettings settings_;
  AlertTimes times_;
};

}  // namespace lanemq::core
