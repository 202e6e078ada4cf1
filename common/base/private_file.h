#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace lanemq {

/// All of a file with secrets, at most `bytes_max`. It must be readable by its owner alone, who is
/// this process' user or root. `what`: how a person calls it, "key file" say.
/// Errors: kInvalidConfig; the message names the file, never what is in it.
Result<std::string> ReadPrivateFile(const std::string& path, std::string_view what,
                                    std::size_t bytes_max);

}  // namespace lanemq
