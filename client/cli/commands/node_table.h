#pragma once

#include <vector>

#include "client/cli/output/table.h"
#include "lanemq_types.h"

namespace lanemq::cli {

/// A row a data node.
[[nodiscard]] Table NodesTable(const std::vector<idl::DataNode>& nodes);

/// Everything about one data node that was listed with include_health, a row a property; what is
/// not known is left out. Warnings are last.
[[nodiscard]] Table ProbeTable(const idl::DataNode& node);

}  // namespace lanemq::cli
