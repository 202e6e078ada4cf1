#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace lanemq::cli {

/// Asks on the terminal for what must not be seen: nothing typed is shown, also after a signal the
/// terminal is as before. kInvalidRequest where there is no terminal, or nothing was typed.
[[nodiscard]] Result<std::string> AskPassword(std::string_view question);
/// The same twice. kInvalidRequest when the two differ.
[[nodiscard]] Result<std::string> AskNewPassword(std::string_view question);

/// The first line of a file; of standard input for "-". kInvalidRequest when it cannot be read or
/// is empty; messages never have what is in it.
[[nodiscard]] Result<std::string> ReadPasswordFile(const std::string& path);

}  // namespace lanemq::cli
