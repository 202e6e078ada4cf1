#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/core/policy/policy_types.h"

namespace lanemq::core {

inline constexpr std::size_t kPolicyBytesMax = 64 << 10;

/// As JSON with every field, for the policy's row and for people; what has no value is null.
[[nodiscard]] std::string PolicyToText(const Policy& policy);

/// Back. Missing fields are as in Policy{}; of `approvals`, too, kind by kind. kInvalidConfig names
/// every fault: an unknown field with the nearest one there is, a value of another type, and what
/// CheckPolicy() finds.
Result<Policy> PolicyFromText(std::string_view text);

}  // namespace lanemq::core
