#pragma once

#include <optional>
#include <string>

#include "common/base/log.h"
#include "lanemq/outbox_relay.h"

namespace lanemq::client {

/// What the process needs besides the relay's own options.
struct RelayCommandLine {
  OutboxRelayOptions relay;
  std::string ready_file;
  LogLevel log_level = LogLevel::INFO;
  LogFormat log_format = LogFormat::kText;
  std::chrono::milliseconds drain_timeout{5'000};
};

/// Settings from flags, then environment (LANEMQ_OUTBOX_RELAY_...), then the file given by
/// --config. Unknown flags and keys are errors. On an error, or for --help and --version, prints to
/// the right stream and gives the exit code instead.
struct ParsedRelayCommandLine {
  std::optional<int> exit_code;
  RelayCommandLine options;
};
[[nodiscard]] ParsedRelayCommandLine ParseRelayCommandLine(int argc, const char* const* argv);

}  // namespace lanemq::client
