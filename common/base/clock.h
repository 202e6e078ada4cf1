#pragma once

#include "common/base/time.h"

namespace lanemq {

/// Where shells read time from. Core code takes `now` as an argument instead.
/// Thread safety: all methods may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual MonotonicTime Now() const = 0;
  [[nodiscard]] virtual WallTime WallNow() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime Now() const override;
  [[nodiscard]] WallTime WallNow() const override;
  /// One shared instance; stateless.
  static const SystemClock& Instance();
};

/// A point in monotonic time after which a caller no longer waits. Travels from the RPC down to
/// SQL.
struct Deadline {
  MonotonicTime at;

  [[nodiscard]] static Deadline After(const Clock& clock, std::chrono::nanoseconds d) {
    return {clock.Now() + d};
  }
  [[nodiscard]] bool HasPassed(const Clock& clock) const { return clock.Now() >= at; }
  /// Time left, never negative.
  [[nodiscard]] std::chrono::nanoseconds Left(const Clock& clock) const {
    const auto left = at - clock.Now();
    return left.count() > 0 ? left : std::chrono::nanoseconds{0};
  }
};

}  // namespace lanemq
