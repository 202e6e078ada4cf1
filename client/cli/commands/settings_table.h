#pragma once

#include <lanemq_types.h>
#include <string>
#include <vector>

#include "client/cli/output/table.h"

namespace lanemq::cli {

/// What a server has said of its settings.
struct SettingsOfServer {
  std::string address;
  idl::ServerSettingsResponse said;
};

enum class WhichSettings {
  kGiven,      ///< By a flag, the environment or a file.
  kAll,        ///< Defaults, too.
  kDiffering,  ///< Those whose values differ among servers of a role, defaults included.
};

/// A setting of a server a row, by server.
[[nodiscard]] Table SettingsTable(const std::vector<SettingsOfServer>& servers,
                                  WhichSettings which);

}  // namespace lanemq::cli
