#pragma once

#include "client/cli/app/action.h"

namespace lanemq::cli {

/// get and export, in get_commands.cc.
void AddGetCommands(CLI::App& root, Action& action);

}  // namespace lanemq::cli
