#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/alert/alert_machine.h"
#include "common/core/alert/alert_types.h"

namespace lanemq::core {

/// The notices of one evaluation, each channel within its cap. Part of PlanAlerts(). Not
/// thread-safe.
class AlertNotices {
 public:
  /// All must outlive this.
  AlertNotices(const AlertMemory& memory, const AlertSettings& settings, const AlertTimes& times);

  /// To the channels there are now.
  void TellFired(const Alert& alert);
  void TellReminder(const Alert& alert);
  /// To channels that were told of `alert`, but for those that were told of `worse` (may be null).
  /// What of it was not sent yet is not sent any more.
  void TellResolved(const Alert& alert, const Alert* worse);

  [[nodiscard]] bool IsFull() const { return notices_.size() >= kAlertNoticesMax; }
  /// Adds what was told, and for each channel that had too much the notice that says how much.
  void Finish(AlertChanges& changes);

 private:
  struct Channel {
    std::size_t in_window = 0;  ///< Told one by one.
    bool has_more = false;      ///< Told by number within the window.
    std::int64_t fired = 0;     ///< Folded ones.
    std::int64_t resolved = 0;
    std::vector<std::string> examples;
  };

  void Remember(const AlertNotice& notice);
  void Queue(NoticeKind what, std::string id, const Alert& alert, const std::string& channel);
  void Fold(Channel& channel, NoticeKind what, const std::string& incident, const Alert* alert);
  [[nodiscard]] bool WasTried(std::string_view incident, std::string_view channel) const;
  [[nodiscard]] bool IsDropped(const AlertNotice& notice) const;

  const AlertMemory& memory_;
  const AlertSettings& settings_;
  const AlertTimes& times_;
  std::map<std::string, Channel, std::less<>> channels_;             ///< That take notices.
  std::map<std::string, std::set<std::string>, std::less<>> told_;   ///< Channels by incident.
  std::map<std::string, std::set<std::string>, std::less<>> tried_;  ///< The same.
  std::set<std::pair<std::string, std::string>> dropped_;            ///< Incident and channel.
  std::vector<AlertNotice> notices_;
};

}  // namespace lanemq::core
