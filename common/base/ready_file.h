#pragma once

#include <string>

namespace lanemq {

/// Tells whoever started this process that it is ready: `path` holds `line` and a line end. The
/// file appears at once: whoever sees it sees all of it. False: it could not be written.
[[nodiscard]] bool WriteReadyFile(const std::string& path, const std::string& line);

}  // namespace lanemq
