#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace lanemq {

// Three clocks that do not convert into each other. Database time, the third, never leaves SQL as
// a C++ value that is compared: it is only shown to people (as microseconds since the epoch).

/// In-process time: durations and deadlines. Never leaves the process.
struct MonotonicTime {
  std::chrono::nanoseconds since_start{};

  constexpr auto operator<=>(const MonotonicTime&) const = default;
  friend constexpr MonotonicTime operator+(MonotonicTime t, std::chrono::nanoseconds d) {
    return {t.since_start + d};
  }
  friend constexpr MonotonicTime operator-(MonotonicTime t, std::chrono::nanoseconds d) {
    return {t.since_start - d};
  }
  friend constexpr std::chrono::nanoseconds operator-(MonotonicTime a, MonotonicTime b) {
    return a.since_start - b.since_start;
  }
};

/// What people read and what messages carry: microseconds since 1970-01-01 UTC.
struct WallTime {
  std::int64_t micros = 0;

  constexpr auto operator<=>(const WallTime&) const = default;
};

}  // namespace lanemq
