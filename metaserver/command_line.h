#pragma once

#include <optional>
#include <string>

#include "common/base/log.h"
#include "metaserver/options.h"

namespace lanemq::metaserver {

/// What the process needs besides the metaserver's own options.
struct CommandLine {
  MetaserverOptions metaserver;
  std::string meta_host = "127.0.0.1";
  std::int32_t meta_port = 3306;
  std::string meta_user = "lanemq";
  std::string meta_password;  ///< Read from a file; never printed.
  std::string node_user = "lanemq";
  std::string node_password;
  std::string schema_prefix = "lanemq";
  std::string ready_file;
  LogLevel log_level = LogLevel::INFO;
};

struct ParsedCommandLine {
  std::optional<int> exit_code;  ///< Set for --help, --version and errors, which are printed.
  CommandLine options;
};

/// Settings from flags, then environment (LANEMQ_META_...), then the file given by --config.
/// Unknown flags and keys are errors.
[[nodiscard]] ParsedCommandLine ParseCommandLine(int argc, const char* const* argv);

}  // namespace lanemq::metaserver
