#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "common/base/time.h"

namespace lanemq::core {

/// How fast a number grows, over the last five minutes: an end of a log, or a committed offset.
/// Times are of one clock. At most kPoints values are kept, 30 s apart, and the newest one.
class RateWindow {
 public:
  /// A value or a time below the last one begins anew: a reset, another log, or another clock.
  void Add(WallTime at, std::int64_t value);
  /// Per second; nullopt until values span 10 s.
  [[nodiscard]] std::optional<double> PerSecond() const;

 private:
  struct Point {
    std::int64_t at = 0;
    std::int64_t value = 0;
  };
  static constexpr std::uint8_t kPoints = 11;

  std::array<Point, kPoints> points_{};  ///< A ring.
  Point newest_;
  std::uint8_t begin_ = 0;
  std::uint8_t size_ = 0;
};

/// What flows through one partition, in messages per second.
struct PartitionFlow {
  std::int64_t lag_messages = 0;
  double in_rate = 0;
  double out_rate = 0;
};

/// When the last of the partitions will have caught up at these rates; 0 when nothing lags.
/// nullopt: one of them does not catch up, or not within a year.
[[nodiscard]] std::optional<std::chrono::milliseconds> DrainEta(
    std::span<const PartitionFlow> partitions);

/// Messages per second in the median of these hours (messages per hour; idle hours are 0s). nullopt
/// below 6 hours: nothing is normal yet.
[[nodiscard]] std::optional<double> HourlyNorm(std::span<const std::int64_t> hours);

}  // namespace lanemq::core
