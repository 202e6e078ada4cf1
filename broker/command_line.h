#pragma once

#include <optional>
#include <string>

#include "broker/options.h"
#include "common/base/log.h"
#include "common/base/result.h"
#include "common/base/slow_log.h"
#include "common/guard/server_auth.h"

namespace lanemq::broker {

/// What the process needs besides the broker's own options.
struct CommandLine {
  BrokerOptions broker;
  std::string db_user = "lanemq";
  std::string db_password;  ///< Read from a file; never printed.
  std::size_t db_connections = 0;
  /// Keys of the credentials that the catalogue has of data nodes; empty: none can be opened.
  std::string credentials_key_file;
  ServerAuthOptions auth;  ///< What clients have to show; they go together (CheckServerAuth()).
  std::string token_file;  ///< What the broker shows to metaservers; empty: nothing.
  std::string ca_file;     ///< Whom it trusts metaservers' certificates by; empty: plain TCP.
  std::string ready_file;
  LogLevel log_level = LogLevel::INFO;
  LogFormat log_format = LogFormat::kText;
  SlowLog::Options slow;
};

/// Settings from flags, then environment (LANEMQ_BROKER_...), then the file given by --config.
/// Unknown flags and keys are errors. On an error, or for --help and --version, prints to the
/// right stream and gives the exit code instead.
struct ParsedCommandLine {
  std::optional<int> exit_code;
  CommandLine options;
};
[[nodiscard]] ParsedCommandLine ParseCommandLine(int argc, const char* const* argv);

/// "host:port", with host possibly empty. kInvalidConfig otherwise.
Result<core::Endpoint> ParseEndpoint(const std::string& text);

}  // namespace lanemq::broker
