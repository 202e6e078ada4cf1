#include "portal/api/gateway/client_address.h"

#include "common/base/ip_address.h"

namespace lanemq::portal {
namespace {

constexpr std::size_t kHopsMax = 20;
constexpr std::size_t kNetworkBytes = 8;

std::string_view Trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

bool IsAddress(const std::string& text) { return ParseIpAddress(text).has_value(); }

bool IsLoopback(const std::string& text) {
  const auto bytes = ParseIpAddress(text);
  return bytes && lanemq::IsLoopback(*bytes);
}

std::string NetworkOf(const std::string& address) {
  const auto bytes = ParseIpAddress(address);
  if (!bytes || IsIpv4(*bytes)) return address;
  return std::string(reinterpret_cast<const char*>(bytes->data()), kNetworkBytes);
}

bool ProxyTrust::Trusts(std::string_view address) const {
  const std::string text(address);
  return is_on && (IsLoopback(text) || proxies.contains(text));
}

ClientOrigin OriginOf(const HttpRequest& request, const ProxyTrust& trust) {
  ClientOrigin origin{request.peer, request.is_secure};
  if (!trust.Trusts(request.peer)) return origin;
  if (request.Count("x-forwarded-proto") == 1) {
    origin.is_secure = Trimmed(request.Header("x-forwarded-proto")) == "https";
  }
  // Each proxy appends whom it was called by, so only the end of the list is told by ours.
  std::string list;
  for (const auto& [name, value] : request.headers) {
    if (name == "x-forwarded-for") list += (list.empty() ? "" : ",") + value;
  }
  std::string_view rest = list;
  for (std::size_t hop = 0; hop < kHopsMax && !rest.empty(); ++hop) {
    const std::size_t comma = rest.rfind(',');
    const std::string one(Trimmed(comma == std::string_view::npos ? rest : rest.substr(comma + 1)));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(0, comma);
    if (!IsAddress(one)) break;
    origin.address = one;
    if (!trust.Trusts(one)) break;
  }
  return origin;
}

}  // namespace lanemq::portal
