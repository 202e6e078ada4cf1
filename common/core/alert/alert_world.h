#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/alert/alert_types.h"

namespace lanemq::core {

/// Alerts and notices in memory, with the semantics of AlertChanges: for tests of the machine.
class AlertWorld {
 public:
  [[nodiscard]] WallTime now() const { return now_; }
  void Advance(std::chrono::microseconds by) { now_.micros += by.count(); }
  [[nodiscard]] std::vector<AlertNotice>& notices() { return notices_; }
  [[nodiscard]] const std::vector<AlertNotice>& notices() const { return notices_; }
  [[nodiscard]] std::map<std::string, Alert, std::less<>>& alerts() { return alerts_; }

  [[nodiscard]] AlertMemory Load() const {
    AlertMemory memory;
    memory.now = now_;
    std::set<std::string_view> open;
    for (const auto& [incident, alert] : alerts_) {
      if (alert.state == AlertState::kResolved) continue;
      memory.open.push_back(alert);
      open.insert(incident);
    }
    constexpr std::int64_t kRecent = 120'000'000;
    for (const AlertNotice& notice : notices_) {
      if (!open.contains(notice.incident) && notice.state != NoticeState::kFolded &&
          notice.queued_at.micros < now_.micros - kRecent) {
        continue;
      }
      memory.notices.push_back(notice);
      memory.notices.back().body.clear();
    }
    return memory;
  }

  /// False: the alerts are not as they were loaded; nothing was changed.
  bool Apply(const AlertChanges& changes) {
    for (const Alert& alert : changes.put) {
      if (is_careless_) break;
      const auto stored = alerts_.find(alert.incident);
      if (stored != alerts_.end() && stored->second.state == AlertState::kResolved) return false;
      if (stored == alerts_.end() && Find(alert.kind, alert.subject) != nullptr) return false;
    }
    for (const std::string& incident : changes.forget) {
      const auto stored = alerts_.find(incident);
      if (stored != alerts_.end() && stored->second.state == AlertState::kPending) {
        alerts_.erase(stored);
      }
    }
    for (const Alert& alert : changes.put) alerts_[alert.incident] = alert;
    for (const auto& [incident, channel] : changes.drop) Drop(incident, channel);
    for (const AlertNotice& notice : changes.notices) Add(notice);
    return true;
  }

  /// Makes it wrong on purpose: what was loaded may be old.
  void BeCareless() { is_careless_ = true; }

  /// The open alert; nullptr: there is none.
  [[nodiscard]] Alert* Find(std::string_view kind, std::string_view subject) {
    for (auto& [incident, alert] : alerts_) {
      if (alert.state == AlertState::kResolved) continue;
      if (alert.kind == kind && alert.subject == subject) return &alert;
    }
    return nullptr;
  }
  /// Queued ones, in their order; of one incident and channel the first that is not done.
  [[nodiscard]] std::vector<AlertNotice*> Waiting() {
    std::set<std::pair<std::string, std::string>> before;
    std::vector<AlertNotice*> waiting;
    for (AlertNotice& notice : notices_) {
      if (notice.state != NoticeState::kQueued && notice.state != NoticeState::kSending) continue;
      const bool is_first = notice.what == NoticeKind::kMore ||
                            before.emplace(notice.incident, notice.channel).second;
      if (is_first) waiting.push_back(&notice);
    }
    return waiting;
  }

 private:
  static bool IsTelling(const AlertNotice& notice) {
    return notice.what == NoticeKind::kFired || notice.what == NoticeKind::kReminder;
  }

  void Drop(const std::string& incident, const std::string& channel) {
    for (AlertNotice& notice : notices_) {
      if (notice.incident != incident || notice.channel != channel || !IsTelling(notice)) continue;
      if (notice.attempts > 0) continue;
      if (notice.state == NoticeState::kQueued || notice.state == NoticeState::kFolded) {
        notice.state = NoticeState::kDropped;
      }
    }
  }

  void Add(const AlertNotice& added) {
    bool was_tried = false;
    bool is_waiting = false;
    for (const AlertNotice& notice : notices_) {
      if (notice.channel != added.channel) continue;
      if (notice.notice == added.notice) return;
      if (notice.incident != added.incident) continue;
      was_tried = was_tried || (IsTelling(notice) && notice.attempts > 0);
      is_waiting = is_waiting || notice.state == NoticeState::kQueued ||
                   notice.state == NoticeState::kSending;
    }
    if (added.what == NoticeKind::kResolved && !was_tried) return;
    if (added.what == NoticeKind::kReminder && is_waiting) return;
    notices_.push_back(added);
    if (added.what != NoticeKind::kMore) return;
    for (AlertNotice& notice : notices_) {
      if (notice.channel == added.channel && notice.state == NoticeState::kFolded) {
        notice.state = NoticeState::kDropped;
      }
    }
  }

  bool is_careless_ = false;
  WallTime now_{1'795'000'000'000'000};
  std::map<std::string, Alert, std::less<>> alerts_;
  std::vector<AlertNotice> notices_;
};

}  // namespace lanemq::core
