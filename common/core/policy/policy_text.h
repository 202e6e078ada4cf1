#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/core/policy/changes.h"
#include "common/core/policy/policy_types.h"

namespace lanemq::core {

/// "create_topic".
[[nodiscard]] std::string_view ToString(ChangeKind kind);
[[nodiscard]] std::optional<ChangeKind> ChangeKindFromString(std::string_view text);

/// "none", "per_key", "all".
[[nodiscard]] std::string_view ToString(Ordering ordering);
[[nodiscard]] std::optional<Ordering> OrderingFromString(std::string_view text);

/// "owner_leads", "team:payments", "operators", "admins".
[[nodiscard]] std::string ToString(const Approver& approver);
[[nodiscard]] std::optional<Approver> ApproverFromString(std::string_view text);

/// `text` with the letters A to Z in lower case: names that differ in nothing else count as one.
[[nodiscard]] std::string FoldCase(std::string_view text);

}  // namespace lanemq::core
