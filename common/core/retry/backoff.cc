#include "common/core/retry/backoff.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace lanemq::core {

std::chrono::nanoseconds BackoffDelay(const BackoffPolicy& policy, int attempt, Random& random) {
  // Beyond 62 doublings every policy has reached its cap.
  const int exponent = std::clamp(attempt - 1, 0, 62);
  const double whole =
      std::min(static_cast<double>(policy.max.count()),
               static_cast<double>(policy.first.count()) * std::pow(policy.multiplier, exponent));
  return std::chrono::nanoseconds{static_cast<std::int64_t>(whole * (0.5 + 0.5 * random.Unit()))};
}

}  // namespace lanemq::core
