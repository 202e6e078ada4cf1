#pragma once

#include <lanemq_types.h>
#include <string>

#include "client/cli/output/table.h"

namespace lanemq::cli {

/// A data node a row.
[[nodiscard]] Table CapacityTable(const idl::AdviseCapacityResponse& advice);

/// What to do, and why, in a few sentences with the figures.
[[nodiscard]] std::string CapacityText(const idl::AdviseCapacityResponse& advice);

}  // namespace lanemq::cli
