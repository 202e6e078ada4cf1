#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "client/cli/context/connection_settings.h"

namespace lanemq::cli {

/// --token-file and the flags about TLS, in this group of the command's help. `settings` outlives
/// the parse.
void AddConnectionFlags(CLI::App& app, ConnectionSettings& settings, const std::string& group);

}  // namespace lanemq::cli
