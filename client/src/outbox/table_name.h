#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace lanemq::client {

/// `table` or `schema.table` in backquotes, to be put into SQL text. kInvalidConfig unless each
/// part is 1 to 64 of [A-Za-z0-9_$].
Result<std::string> QuotedTableName(std::string_view name);

}  // namespace lanemq::client
