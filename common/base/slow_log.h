#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/line_rate.h"
#include "common/base/mutex.h"

namespace lanemq {

/// A request or an SQL statement that took long.
struct SlowCall {
  enum class Kind : std::uint8_t { kRequest, kSql };
  Kind kind = Kind::kRequest;
  WallTime at;       ///< When it ended; set by SlowLog::Add().
  std::string what;  ///< The method, or the statement's name. Never a statement's text.
  std::chrono::milliseconds took{0};
  std::string request_id;  ///< Empty: unknown.
  std::string detail;      ///< What tells it from others. Never bodies.
  std::string peer;        ///< "address:port"; empty for SQL.
};

/// "request" or "sql".
[[nodiscard]] std::string_view NameOf(SlowCall::Kind kind);

/// What took long in this process, newest first, and a log line for each ("slow.request",
/// "slow.sql"), of which there are at most some per second: when everything is slow, writing it
/// down must not make it slower. Lines that were left out are counted in the next one.
///
/// Thread safety: every method from any thread. IsSlow() is two loads and a comparison.
class SlowLog {
 public:
  struct Options {
    std::chrono::milliseconds request{1'000};  ///< From so long on; 0: never.
    std::chrono::milliseconds sql{500};
    std::size_t kept_max = 200;
    std::size_t lines_per_second = 10;
  };

  explicit SlowLog(Options options, const Clock& clock = SystemClock::Instance());

  [[nodiscard]] bool IsSlow(SlowCall::Kind kind, std::chrono::nanoseconds took) const {
    const auto threshold = kind == SlowCall::Kind::kSql ? options_.sql : options_.request;
    return threshold.count() > 0 && took >= threshold;
  }
  /// Keeps it, forgets the oldest one when there are too many, and logs it. Texts are cut.
  void Add(SlowCall call);
  /// At most `max`, newest first.
  [[nodiscard]] std::vector<SlowCall> Newest(std::size_t max) const;
  [[nodiscard]] const Options& options() const { return options_; }

  /// All that is kept, for /debug/slow:
  /// {"request_threshold_ms":..,"sql_threshold_ms":..,"calls":[..]}.
  [[nodiscard]] std::string ToJson() const;

 private:
  const Options options_;
  const Clock& clock_;
  mutable Mutex mutex_;
  std::deque<SlowCall> calls_ LANEMQ_GUARDED_BY(mutex_);  ///< Newest at the front.
  LineRate lines_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq
