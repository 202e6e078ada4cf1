#pragma once

#include <lanemq_types.h>
#include <string>
#include <vector>

#include "client/cli/apply/plan.h"
#include "client/cli/output/table.h"

/// Differences and decisions as people read them. Pure; control characters are made visible.
namespace lanemq::cli {

/// Lines per object and field: what is made with `+`, changed with `~`, removed with `-`, and a
/// line that counts them. Empty: there are none.
[[nodiscard]] std::string DiffText(const std::vector<Difference>& differences, bool has_color);

/// A row per field; one for what is removed.
[[nodiscard]] Table DiffTable(const std::vector<Difference>& differences);

/// "12 to make, 3 to change, 1 to remove".
[[nodiscard]] std::string CountText(const std::vector<Difference>& differences);

/// What the metaserver says to it: the verdict with whose yes it needs, what it costs, and each
/// violation with what would be right.
[[nodiscard]] std::vector<std::string> DecisionLines(const idl::Decision& decision);

}  // namespace lanemq::cli
