#pragma once

#include <cstdint>
#include <string>

#include "client/cli/output/table.h"

namespace lanemq::cli {

/// Text that came from a server, fit to be shown; no cell when it is not set or empty.
[[nodiscard]] Cell TextCell(bool is_set, const std::string& text);
/// No cell when it is not set.
[[nodiscard]] Cell NumberCell(bool is_set, std::int64_t number);
/// Microseconds since 1970 as a time; no cell when they are not set.
[[nodiscard]] Cell TimeCell(bool is_set, std::int64_t micros);

}  // namespace lanemq::cli
