#pragma once

#include <chrono>

#include "common/base/random.h"

namespace lanemq::core {

/// Exponential waits with a cap. Requires 0 < first <= max and multiplier >= 1.
struct BackoffPolicy {
  std::chrono::nanoseconds first = std::chrono::milliseconds(50);
  std::chrono::nanoseconds max = std::chrono::seconds(1);
  double multiplier = 2.0;
};

/// How long to wait before attempt number `attempt` + 1, counting from 1: uniform between half of
/// and the whole of first * multiplier^(attempt - 1), capped at max. So those who failed together
/// do not come back together.
[[nodiscard]] std::chrono::nanoseconds BackoffDelay(const BackoffPolicy& policy, int attempt,
                                                    Random& random);

}  // namespace lanemq::core
