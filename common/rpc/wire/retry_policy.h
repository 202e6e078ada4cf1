#pragma once

#include "common/core/retry/retry_policy.h"

namespace lanemq::idl {
class RetryPolicy;
}

namespace lanemq::wire {

/// All fields set; `delays_ms` and the lists of reasons only when there are any.
[[nodiscard]] idl::RetryPolicy ToWire(const core::RetryPolicy& policy);
/// Fields that are absent get their default. Nothing is checked: see CheckRetryPolicy().
[[nodiscard]] core::RetryPolicy FromWire(const idl::RetryPolicy& policy);

}  // namespace lanemq::wire
