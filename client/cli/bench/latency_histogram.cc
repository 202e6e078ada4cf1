#include "client/cli/bench/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace lanemq::cli {

// Below 2^kSubBits every microsecond has its own bucket; above, each power of two has 2^kSubBits.
void LatencyHistogram::Add(std::chrono::microseconds duration) {
  const auto micros = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
  const int magnitude = std::max(static_cast<int>(std::bit_width(micros)) - kSubBits - 1, -1);
  std::size_t index = micros;
  if (magnitude >= 0) {
    const std::uint64_t sub = (micros >> magnitude) - (1U << kSubBits);
    index = (static_cast<std::size_t>(magnitude + 1) << kSubBits) + sub;
  }
  ++buckets_[std::min(index, buckets_.size() - 1)];
  ++count_;
  max_ = std::max(max_, duration);
}

void LatencyHistogram::Merge(const LatencyHistogram& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

std::chrono::microseconds LatencyHistogram::Percentile(double fraction) const {
  if (count_ == 0) return std::chrono::microseconds{0};
  const auto wanted = std::max<std::int64_t>(
      static_cast<std::int64_t>(std::ceil(fraction * static_cast<double>(count_))), 1);
  std::int64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen < wanted) continue;
    const std::size_t group = i >> kSubBits;
    std::uint64_t upper = i;  // The largest value of the bucket.
    if (group > 0) {
      const std::uint64_t sub = (i & ((1U << kSubBits) - 1)) + (1U << kSubBits);
      upper = ((sub + 1) << (group - 1)) - 1;
    }
    return std::min(std::chrono::microseconds{static_cast<std::int64_t>(upper)}, max_);
  }
  return max_;
}

}  // namespace lanemq::cli
