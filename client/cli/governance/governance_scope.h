#pragma once

#include <string>

#include "client/cli/app/action.h"
#include "common/base/result.h"

namespace lanemq::cli {

/// The whole file, or stdin for "-". kInvalidRequest: it cannot be read, or has more than
/// `bytes_max` bytes.
[[nodiscard]] Result<std::string> ReadWhole(const std::string& path, std::size_t bytes_max);

void AddPolicyCommands(CLI::App& root, Action& action);
void AddRequestCommands(CLI::App& root, Action& action);

}  // namespace lanemq::cli
