#include "common/core/lag/lag_rates.h"

#include <algorithm>
#include <vector>

namespace lanemq::core {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kWindow = 300 * kSecond;
constexpr std::int64_t kSpacing = 30 * kSecond;
constexpr std::int64_t kShortest = 10 * kSecond;
constexpr std::size_t kHoursMin = 6;
constexpr double kDrainSecondsMax = 365.0 * 86'400;

}  // namespace

void RateWindow::Add(WallTime at, std::int64_t value) {
  const bool is_other = at.micros < newest_.at || value < newest_.value;
  if (size_ > 0 && (is_other || at.micros - newest_.at > kWindow)) size_ = 0;
  newest_ = {at.micros, value};
  const auto point = [&](std::size_t index) -> Point& {
    return points_[(begin_ + index) % kPoints];
  };
  if (size_ > 0 && at.micros - point(size_ - 1U).at < kSpacing) return;
  // The oldest one that is kept begins the window, so it lies just outside.
  while (size_ == kPoints || (size_ > 1 && point(1).at <= at.micros - kWindow)) {
    begin_ = static_cast<std::uint8_t>((begin_ + 1) % kPoints);
    --size_;
  }
  point(size_++) = newest_;
}

std::optional<double> RateWindow::PerSecond() const {
  if (size_ == 0) return std::nullopt;
  const Point& oldest = points_[begin_];
  const std::int64_t span = newest_.at - oldest.at;
  if (span < kShortest) return std::nullopt;
  return static_cast<double>(newest_.value - oldest.value) * kSecond / static_cast<double>(span);
}

std::optional<std::chrono::milliseconds> DrainEta(std::span<const PartitionFlow> partitions) {
  double longest = 0;
  for (const PartitionFlow& partition : partitions) {
    if (partition.lag_messages <= 0) continue;
    const double gained = partition.out_rate - partition.in_rate;
    if (gained <= 0) return std::nullopt;
    longest = std::max(longest, static_cast<double>(partition.lag_messages) / gained);
  }
  if (longest > kDrainSecondsMax) return std::nullopt;
  return std::chrono::milliseconds{static_cast<std::int64_t>(longest * 1'000)};
}

std::optional<double> HourlyNorm(std::span<const std::int64_t> hours) {
  if (hours.size() < kHoursMin) return std::nullopt;
  std::vector<std::int64_t> sorted(hours.begin(), hours.end());
  const auto middle = sorted.begin() + std::ssize(sorted) / 2;
  std::nth_element(sorted.begin(), middle, sorted.end());
  return static_cast<double>(*middle) / 3'600;
}

}  // namespace lanemq::core
