#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "client/cli/bench/latency_histogram.h"
#include "client/cli/output/table.h"

namespace lanemq::cli {

/// What one benchmark measured.
struct BenchResult {
  std::string mode;
  std::int64_t messages = 0;
  std::int64_t failed = 0;
  std::int64_t bytes = 0;  ///< Of bodies.
  std::chrono::nanoseconds took{0};
  bool has_latency = false;
  LatencyHistogram latency;  ///< From the intended time of sending.
};

[[nodiscard]] Table BenchTable(const BenchResult& result);
/// "12,000 messages, 6,000/s, p99 12 ms".
[[nodiscard]] std::string BenchProgress(const BenchResult& result);

/// The body of message `number`: text with the run, the number and the intended time, filled up to
/// `size` bytes (at least what the text needs).
[[nodiscard]] std::string BenchBody(std::int64_t run, std::int64_t number,
                                    std::chrono::nanoseconds intended, std::size_t size);
/// The intended time of a body of this run; false for other bodies.
[[nodiscard]] bool ReadBenchBody(const std::string& body, std::int64_t run,
                                 std::chrono::nanoseconds& intended);

}  // namespace lanemq::cli
