#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "client/canary/canary.h"
#include "common/base/log.h"

namespace lanemq::client {

/// What the process needs besides the canary's own options.
struct CanaryCommandLine {
  CanaryOptions canary;
  std::string admin_host = "127.0.0.1";
  std::uint16_t admin_port = 0;
  bool has_admin = false;
  std::string ready_file;
  LogLevel log_level = LogLevel::INFO;
  LogFormat log_format = LogFormat::kText;
};

/// Settings from flags, then environment (LANEMQ_CANARY_...). Unknown flags are errors. On an
/// error, or for --help and --version, prints to the right stream and gives the exit code instead.
struct ParsedCanaryCommandLine {
  std::optional<int> exit_code;
  CanaryCommandLine options;
};
[[nodiscard]] ParsedCanaryCommandLine ParseCanaryCommandLine(int argc, const char* const* argv);

inline constexpr const char* kCanaryVersion = "0.1.0";

}  // namespace lanemq::client
