#include "client/cli/context/environment.h"

#include <cstdlib>
#include <string>

#include <fmt/format.h>

namespace lanemq::cli {
namespace {

std::string Read(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

Status AddEnvironment(ConnectionSources& sources) {
  ConnectionSettings& environment = sources.environment;
  environment.bootstrap = Read("LANEMQ_BOOTSTRAP_SERVERS");
  environment.ca_file = Read("LANEMQ_CA_FILE");
  environment.token_file = Read("LANEMQ_TOKEN_FILE");
  environment.token = Read("LANEMQ_TOKEN");
  sources.context_environment = Read("LANEMQ_CONTEXT");
  const std::string tls = Read("LANEMQ_TLS");
  if (tls == "1" || tls == "true") {
    environment.tls = true;
  } else if (tls == "0" || tls == "false") {
    environment.tls = false;
  } else if (!tls.empty()) {
    return Error{ErrorCode::kInvalidRequest, fmt::format("LANEMQ_TLS is 1 or 0, not '{}'", tls)};
  }
  return {};
}

}  // namespace lanemq::cli
