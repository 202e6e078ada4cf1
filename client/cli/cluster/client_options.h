#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "client/cli/app/session.h"
#include "lanemq/options.h"

namespace lanemq::cli {

/// Fills in what every client of the library needs from the global flags. kInvalidRequest and
/// kInvalidConfig, as Session::Connection().
inline Status SetClientOptions(const Session& session, ClientOptions& options) {
  LANEMQ_ASSIGN_OR_RETURN(const ConnectionSettings connection, session.Connection());
  const std::string& text = connection.bootstrap;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    std::string server = text.substr(begin, comma - begin);
    std::erase(server, ' ');
    if (!server.empty()) options.bootstrap_servers.push_back(std::move(server));
    begin = comma + 1;
  }
  options.client_id = "lanemq-cli";
  options.token = connection.token;
  options.token_file = connection.token_file;
  options.tls = connection.tls.value_or(false);
  if (options.tls) {
    options.tls_ca_file = connection.ca_file;
    options.tls_server_name = connection.server_name;
    options.tls_certificate_file = connection.certificate_file;
    options.tls_key_file = connection.key_file;
  }
  return {};
}

/// --timeout in the library's unit, within `low` and `high`.
inline std::chrono::milliseconds TimeoutOf(const Session& session, std::chrono::milliseconds low,
                                           std::chrono::milliseconds high) {
  const auto wanted =
      std::chrono::duration_cast<std::chrono::milliseconds>(session.flags().timeout);
  return std::clamp(wanted, low, high);
}

}  // namespace lanemq::cli
