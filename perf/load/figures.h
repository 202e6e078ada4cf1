#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace lanemq::perf {

/// What a closed-loop run did.
struct Throughput {
  std::int64_t messages = 0;
  double seconds = 0;

  [[nodiscard]] double PerSecond() const {
    return seconds > 0 ? static_cast<double>(messages) / seconds : 0;
  }
};

/// Latencies of one run, in milliseconds.
class Latencies {
 public:
  void Add(double milliseconds) {
    values_.push_back(milliseconds);
    is_sorted_ = false;
  }
  void Merge(const Latencies& other) {
    values_.insert(values_.end(), other.values_.begin(), other.values_.end());
    is_sorted_ = false;
  }
  [[nodiscard]] std::size_t Count() const { return values_.size(); }
  /// The smallest value that at least `share` (0 to 1) of all values do not exceed; 0 without any.
  [[nodiscard]] double Percentile(double share) {
    if (values_.empty()) return 0;
    if (!is_sorted_) std::sort(values_.begin(), values_.end());
    is_sorted_ = true;
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(values_.size()));
    return values_[std::min(rank, values_.size() - 1)];
  }

 private:
  std::vector<double> values_;
  bool is_sorted_ = false;
};

/// The middle value; the mean of the two middle ones when their number is even; 0 without any.
[[nodiscard]] inline double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace lanemq::perf
