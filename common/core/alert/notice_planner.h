#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "common/base/result.h"
#include "common/base/time.h"
#include "common/core/alert/alert_machine.h"
#include "common/core/alert/alert_types.h"

namespace lanemq::core {

/// What a notice tells: of one alert as it was, or (kMore) of how many there were besides.
struct NoticeBody {
  NoticeKind what = NoticeKind::kFired;
  Alert alert;                  ///< Without the fields that only the machine needs. Of kMore: none.
  std::int64_t more_fired = 0;  ///< Of kMore: that began, or are reminded of.
  std::int64_t more_resolved = 0;     ///< Of kMore: that are over.
  std::vector<std::string> examples;  ///< Of kMore: at most 10 of "kind: subject".
  bool operator==(const NoticeBody&) const = default;
};

/// JSON: {"version": 1, "what", "incident", "kind", "subject", "state", "severity", "owner",
/// "summary", "cause", "since_us", "fired_us", "resolved_us"} and, of kMore, {"version", "what",
/// "more_fired", "more_resolved", "examples"}. Bytes that are not UTF-8 are replaced.
[[nodiscard]] std::string ToText(const NoticeBody& body);
/// kUnknownServerError: it is damaged, or of a newer version.
Result<NoticeBody> NoticeBodyFromText(const std::string& text);

/// How long a notice whose attempt (number `notice.attempts`, from 1) just failed waits: from half
/// of 1 s, doubling, to 5 min. nullopt: it is given up, 24 h after it was queued.
[[nodiscard]] std::optional<std::chrono::milliseconds> RetryIn(const AlertNotice& notice,
                                                               WallTime now,
                                                               const AlertTimes& times,
                                                               Random& random);

/// Holds the sendings to one channel to kNoticesPerWindow within AlertTimes::cap_window: what piled
/// up while a receiver was down does not come all at once. Not thread-safe.
class NoticePace {
 public:
  explicit NoticePace(std::chrono::nanoseconds window) : window_(window) {}
  /// Counts a sending that begins now; false: not now.
  bool Take(MonotonicTime now);

 private:
  std::chrono::nanoseconds window_;
  std::deque<MonotonicTime> taken_;
};

}  // namespace lanemq::core
