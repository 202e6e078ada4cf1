#pragma once

#include <string>

#include "common/base/result.h"

namespace lanemq::cli {

/// The password of a database account in a file, since a flag's value is in every list of
/// processes. Line ends at the end of the file are not of it. An empty path: no password. Errors:
/// kInvalidRequest.
Result<std::string> ReadDatabasePassword(const std::string& path);

}  // namespace lanemq::cli
