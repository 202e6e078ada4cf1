#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/app/action.h"

namespace lanemq::cli {

/// `lanemq message search`, below `message`.
void AddMessageSearch(CLI::App& message, Action& action);

}  // namespace lanemq::cli
