#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/random.h"
#include "common/base/result.h"

namespace lanemq::core {

/// What happens to records that a group's handlers fail, per group, or group and topic.
struct RetryPolicy {
  /// Calls of the handler per record, the first included. 1: never again. Range: [1, 1,000].
  std::int32_t max_attempts = 16;
  /// Exponential: first * multiplier^(failures - 1), at most `max_delay`. Range: [0, 30 d].
  std::chrono::milliseconds first_delay{1'000};
  std::chrono::milliseconds max_delay{3'600'000};
  double multiplier = 2.0;  ///< Range: [1, 100].
  /// Instead: the wait after the first, the second, ... failure; the last one repeats. At most 64.
  std::vector<std::chrono::milliseconds> delays;
  /// How much of each wait is random: uniform in [(1 - jitter) * wait, wait]. Range: [0, 1].
  double jitter = 0.2;
  /// Reasons that are never tried again. At most 64, each 1 to 64 bytes.
  std::vector<std::string> fatal_reasons;
  /// Not empty: only these are tried again.
  std::vector<std::string> retryable_reasons;

  bool operator==(const RetryPolicy&) const = default;
};

struct RetryDecision {
  bool is_dead = false;
  std::chrono::milliseconds delay{0};  ///< Unless it is dead.
};

/// kInvalidConfig names every fault.
Status CheckRetryPolicy(const RetryPolicy& policy);

/// What becomes of a record whose handler has been called `attempts` times (at least 1), the last
/// time in vain for `reason`.
[[nodiscard]] RetryDecision DecideRetry(const RetryPolicy& policy, std::int32_t attempts,
                                        std::string_view reason, Random& random);

/// As JSON, for the policy's row, and back; unknown fields are ignored, missing ones are defaults.
[[nodiscard]] std::string RetryPolicyToText(const RetryPolicy& policy);
Result<RetryPolicy> RetryPolicyFromText(std::string_view text);

}  // namespace lanemq::core
