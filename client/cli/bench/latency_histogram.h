#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace lanemq::cli {

/// Counts durations in buckets that are at most 1/64 wide of what they hold: percentiles are exact
/// to 1.6 %. Fixed memory. From 0 to more than a day; longer counts as that. Not thread-safe.
class LatencyHistogram {
 public:
  void Add(std::chrono::microseconds duration);
  void Merge(const LatencyHistogram& other);
  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] std::chrono::microseconds max() const { return max_; }
  /// The duration that `fraction` (0 to 1) of the durations do not exceed; 0 when there are none.
  [[nodiscard]] std::chrono::microseconds Percentile(double fraction) const;

 private:
  static constexpr int kSubBits = 6;
  static constexpr int kMagnitudes = 32;
  std::array<std::int64_t, (kMagnitudes + 1) << kSubBits> buckets_{};
  std::int64_t count_ = 0;
  std::chrono::microseconds max_{0};
};

}  // namespace lanemq::cli
