#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "common/base/time.h"

namespace lanemq {

/// How many lines of one kind may be logged per second. Not thread-safe.
class LineRate {
 public:
  explicit LineRate(std::size_t lines_per_second) : lines_max_(lines_per_second) {}

  /// nullopt: leave this line out. Otherwise how many were left out since the last one.
  std::optional<std::size_t> Take(MonotonicTime now) {
    if (!second_began_ || now - *second_began_ >= std::chrono::seconds(1)) {
      second_began_ = now;
      lines_ = 0;
    }
    if (lines_ >= lines_max_) {
      ++left_out_;
      return std::nullopt;
    }
    ++lines_;
    return std::exchange(left_out_, 0);
  }

 private:
  const std::size_t lines_max_;
  std::optional<MonotonicTime> second_began_;
  std::size_t lines_ = 0;  // In this second.
  std::size_t left_out_ = 0;
};

}  // namespace lanemq
