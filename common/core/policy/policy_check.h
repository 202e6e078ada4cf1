#pragma once

#include "common/base/result.h"
#include "common/core/policy/policy_types.h"

namespace lanemq::core {

/// Whether a policy can be meant: ranges that are not empty and within what the cluster can do, a
/// name rule that some name passes, at most 50 entries of each list. kInvalidConfig names every
/// fault.
Status CheckPolicy(const Policy& policy);

}  // namespace lanemq::core
