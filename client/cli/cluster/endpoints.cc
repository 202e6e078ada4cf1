#include "client/cli/cluster/endpoints.h"

#include <charconv>

#include <fmt/format.h>

namespace lanemq::cli {
namespace {

Result<rpc::Endpoint> ParseEndpoint(std::string_view text) {
  const Error bad{ErrorCode::kInvalidRequest,
                  fmt::format("'{}' is not an address; try 127.0.0.1:9650 or [::1]:9650", text)};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return bad;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']') && host.size() > 2) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find_first_of(":[]") != std::string_view::npos) {
    return bad;
  }
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port == 0) return bad;
  return rpc::Endpoint{std::string(host), port};
}

}  // namespace

Result<std::vector<rpc::Endpoint>> ParseEndpoints(std::string_view text) {
  std::vector<rpc::Endpoint> endpoints;
  while (true) {
    const std::size_t comma = text.find(',');
    std::string_view word = text.substr(0, comma);
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    LANEMQ_ASSIGN_OR_RETURN(rpc::Endpoint endpoint, ParseEndpoint(word));
    endpoints.push_back(std::move(endpoint));
    if (comma == std::string_view::npos) return endpoints;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace lanemq::cli
