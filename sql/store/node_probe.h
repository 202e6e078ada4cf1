#pragma once

#include <string_view>

#include "common/core/store/node_admin.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

// What MySqlNodeAdmin asks on one session in the schema `<prefix>_node`. Errors are the driver's.

/// Fills in what the session's own settings do not tell. What the account may not know stays unset.
Status ProbeSession(Connection& connection, const core::DataNode& node, const Clock& clock,
                    core::NodeProbe& probe);

/// `prefix` is a valid schema prefix.
Result<core::NodeInventory> ReadInventory(Connection& connection, std::string_view prefix);

}  // namespace lanemq::sql
