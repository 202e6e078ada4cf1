#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lanemq::portal {

/// A request as it came, within the server's limits.
struct HttpRequest {
  std::string method;
  std::string target;                                        ///< "/api/v1/topics?limit=10".
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case.
  std::string body;
  std::string peer;        ///< The address of the other end of the connection, without its port.
  bool is_secure = false;  ///< It came over TLS.

  /// Empty: there is none. The first of several.
  [[nodiscard]] std::string_view Header(std::string_view name) const {
    const auto found =
        std::ranges::find(headers, name, [](const auto& h) -> std::string_view { return h.first; });
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  }
  [[nodiscard]] std::size_t Count(std::string_view name) const {
    return static_cast<std::size_t>(std::ranges::count(
        headers, name, [](const auto& h) -> std::string_view { return h.first; }));
  }
};

struct HttpReply {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

}  // namespace lanemq::portal
