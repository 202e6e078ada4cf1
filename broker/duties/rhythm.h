#pragma once

#include <algorithm>
#include <chrono>

#include "common/base/time.h"

namespace lanemq::broker {

/// When something that is done again and again is next to be done: every `interval`, and after
/// failures later each time, up to `slowest`. Pure: told the time. Not thread-safe.
class Rhythm {
 public:
  Rhythm(std::chrono::nanoseconds interval, std::chrono::nanoseconds slowest)
      : interval_(interval), slowest_(std::max(interval, slowest)), wait_(interval) {}

  /// At once, the first time.
  [[nodiscard]] bool IsDue(MonotonicTime now) const { return now >= next_; }
  [[nodiscard]] MonotonicTime next() const { return next_; }

  void OnDone(MonotonicTime now) {
    wait_ = interval_;
    next_ = now + interval_;
  }
  void OnFailed(MonotonicTime now) {
    next_ = now + wait_;
    wait_ = std::min(wait_ * 2, slowest_);
  }
  /// There is a reason to do it before its time. Does not shorten the wait after a failure.
  void Hurry(MonotonicTime at) {
    if (wait_ == interval_) next_ = std::min(next_, at);
  }

 private:
  const std::chrono::nanoseconds interval_;
  const std::chrono::nanoseconds slowest_;
  std::chrono::nanoseconds wait_;
  MonotonicTime next_{};
};

}  // namespace lanemq::broker
