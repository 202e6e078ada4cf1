#pragma once

#include <string>
#include <string_view>

#include "sql/driver/server_info.h"

namespace lanemq::sql {

/// The sum of the sizes of all files of a data node's schemas; one row, NULL without any file.
/// `prefix` is a valid schema prefix. Needs the right PROCESS.
[[nodiscard]] std::string UsedBytesText(std::string_view prefix, ServerKind kind);

}  // namespace lanemq::sql
