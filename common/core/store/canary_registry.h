#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"

namespace lanemq::core {

/// What a canary tells of one data node. Counts are of the instance since it began.
struct CanaryReport {
  std::string instance;
  std::string node;
  std::int64_t ok = 0;
  std::int64_t late = 0;
  std::int64_t lost = 0;
  std::int64_t duplicates = 0;
  std::int64_t produce_errors = 0;
  std::chrono::microseconds p50{0};  ///< Of the last minute.
  std::chrono::microseconds p99{0};
  std::chrono::milliseconds last_ok_age{0};
  std::string last_error;
  bool operator==(const CanaryReport&) const = default;
};

struct RegisteredCanary {
  CanaryReport report;
  WallTime reported;
  std::chrono::microseconds silent_for{0};  ///< By the metadata database's clock, when read.
};

/// The newest reports of canaries. Implementation: sql::MySqlCanaryRegistry.
/// Thread safety: every method from any thread. Errors: kMetadataUnavailable, kThrottled: nothing
/// was changed. Repeating any call is harmless.
class CanaryRegistry {
 public:
  static constexpr std::size_t kRowsMax = 1'000;

  virtual ~CanaryRegistry() = default;
  /// Keeps them as the newest. kInsufficientCapacity beyond kRowsMax.
  virtual Status Report(std::span<const CanaryReport> reports, Deadline deadline) = 0;
  /// By instance and node; forgets those that have been silent for a day.
  virtual Result<std::vector<RegisteredCanary>> List(Deadline deadline) = 0;
};

}  // namespace lanemq::core
