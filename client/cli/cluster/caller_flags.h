#pragma once

#include <string>

#include "client/cli/cluster/cluster.h"
#include "client/cli/context/connection_settings.h"

namespace lanemq::cli {

/// Reads the files that the settings name. kInvalidConfig, with the file and what is wrong with it.
[[nodiscard]] Result<CallerFlags> MakeCallerFlags(const ConnectionSettings& connection,
                                                  const std::string& reason);

}  // namespace lanemq::cli
