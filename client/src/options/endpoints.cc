#include "client/src/options/endpoints.h"

#include <charconv>
#include <cstdint>

namespace lanemq::client {

Result<rpc::Endpoint> ParseEndpoint(std::string_view text) {
  const Error bad{ErrorCode::kInvalidConfig,
                  "'" + std::string(text) + "' is not host:port, for example db7:9650"};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return bad;
  std::string_view host = text.substr(0, colon);
  const std::string_view port_text = text.substr(colon + 1);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  const auto [end, error] =
      std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (error != std::errc{} || end != port_text.data() + port_text.size() || port == 0) return bad;
  if (host.empty()) return bad;
  return rpc::Endpoint{std::string(host), port};
}

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : text) {
    if (c == ' ') continue;
    if (c != ',') {
      part += c;
      continue;
    }
    if (!part.empty()) parts.push_back(std::move(part));
    part.clear();
  }
  if (!part.empty()) parts.push_back(std::move(part));
  return parts;
}

}  // namespace lanemq::client
