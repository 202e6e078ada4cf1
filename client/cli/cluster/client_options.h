#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "client/cli/app/session.h"
#include "lanemq/options.h"

namespace lanemq::cli {

/// Fills in what every client of the library needs from the global flags.
inline void SetClientOptions(const Session& session, ClientOptions& options) {
  const std::string text = FindBootstrap(session.flags().bootstrap);
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    std::string server = text.substr(begin, comma - begin);
    std::erase(server, ' ');
    if (!server.empty()) options.bootstrap_servers.push_back(std::move(server));
    begin = comma + 1;
  }
  options.client_id = "lanemq-cli";
}

/// --timeout in the library's unit, within `low` and `high`.
inline std::chrono::milliseconds TimeoutOf(const Session& session, std::chrono::milliseconds low,
                                           std::chrono::milliseconds high) {
  const auto wanted =
      std::chrono::duration_cast<std::chrono::milliseconds>(session.flags().timeout);
  return std::clamp(wanted, low, high);
}

}  // namespace lanemq::cli
