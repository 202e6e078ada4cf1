#include "common/core/catalog/login_hosts.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "common/base/ip_address.h"

namespace lanemq::core {
namespace {

constexpr std::size_t kPartsMax = 1'000;
constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kBitsBeforeIpv4 = 96;

bool AreEqual(const IpAddress& a, const IpAddress& b, std::size_t bits) {
  for (std::size_t i = 0; i < a.size() && bits > 0; ++i) {
    const std::size_t of_byte = std::min<std::size_t>(bits, 8);
    const int mask = 0xff << (8 - of_byte) & 0xff;
    if ((a[i] & mask) != (b[i] & mask)) return false;
    bits -= of_byte;
  }
  return true;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

/// `text` in lower case.
bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= kNameBytesMax && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
                  c == '_';
         });
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// Of "16" after an address of IPv4: 112.
std::optional<std::size_t> BitsOf(std::string_view text, const IpAddress& address) {
  const std::size_t before = IsIpv4(address) ? kBitsBeforeIpv4 : 0;
  std::size_t bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (error != std::errc() || end != text.data() + text.size() || bits > 128 - before) {
    return std::nullopt;
  }
  return before + bits;
}

}  // namespace

Result<LoginHosts> LoginHosts::Parse(std::string_view text) {
  LoginHosts hosts;
  std::size_t parts = 0;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string part = Lower(Trimmed(text.substr(0, comma)));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (++parts > kPartsMax) return Error{ErrorCode::kInvalidConfig, "more than 1000 hosts"};
    const std::size_t slash = std::min(part.find('/'), part.size());
    if (part == "*") {
      hosts.is_everywhere_ = true;
    } else if (const auto address = ParseIpAddress(part.substr(0, slash))) {
      const auto bits = slash == part.size() ? 128 : BitsOf(part.substr(slash + 1), *address);
      if (!bits) {
        return Error{ErrorCode::kInvalidConfig, "'" + part + "' is no network: ADDRESS/BITS"};
      }
      hosts.networks_.push_back({*address, *bits});
    } else if (part.starts_with("*.") && IsName(part.substr(2))) {
      hosts.suffixes_.push_back(part.substr(1));
    } else if (IsName(part)) {
      hosts.names_.push_back(part);
    } else {
      return Error{ErrorCode::kInvalidConfig,
                   "'" + part + "' is none of NAME, *.NAME, ADDRESS, ADDRESS/BITS, *"};
    }
  }
  return hosts;
}

bool LoginHosts::Has(std::string_view host) const {
  if (is_everywhere_) return true;
  const std::string lower = Lower(host);
  if (const auto address = ParseIpAddress(lower)) {
    return IsLoopback(*address) ||
           std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
             return AreEqual(*address, network.address, network.bits);
           });
  }
  if (lower == "localhost") return true;
  if (!IsName(lower)) return false;
  return std::find(names_.begin(), names_.end(), lower) != names_.end() ||
         std::any_of(suffixes_.begin(), suffixes_.end(),
                     [&](const std::string& suffix) { return lower.ends_with(suffix); });
}

Status CheckServersLogin(const LoginHosts& hosts, std::span<const DataNode> known,
                         const DataNode& node) {
  if (!node.sealed_credentials.empty() || hosts.Has(node.host)) return {};
  const std::string host = Lower(node.host);
  // A node with a login of its own says nothing of its host: somebody has named it.
  for (const DataNode& other : known) {
    if (other.sealed_credentials.empty() && Lower(other.host) == host) return {};
  }
  return Error{ErrorCode::kFailedPrecondition,
               "the servers' own login is not shown to '" + node.host +
                   "': give the data node one of its own (--user, --password-file), or name the "
                   "host in --node-user-hosts of the metaservers"};
}

}  // namespace lanemq::core
