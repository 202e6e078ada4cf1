#pragma once

#include <functional>
#include <string>

#include "common/base/result.h"

namespace lanemq::rpc {

/// For ClientOptions::token: the token in a file, read again for each connection, so that a new one
/// takes effect without a restart. White space around it is not of it.
///
/// While the file cannot be read, or holds nothing that could be a token, the last good one is
/// presented, and the log says so, without what is in the file. kInvalidConfig, likewise: there is
/// none to begin with. What it returns may be called from any thread.
Result<std::function<std::string()>> TokenFromFile(std::string path);

/// Reads it once.
Result<std::string> ReadTokenFile(const std::string& path);

}  // namespace lanemq::rpc
