#include "portal/api/oidc/web.h"

#include <algorithm>
#include <string_view>

namespace lanemq::portal {
namespace {

constexpr std::size_t kReplyBytesMax = 512u << 10;
constexpr std::size_t kUrlBytesMax = 2'048;
// A sign-in makes three calls at most, within the time that a request has.
constexpr std::chrono::seconds kTimeout{5};

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

Error Stopping() { return {ErrorCode::kShuttingDown, "this gateway stops", 0}; }

}  // namespace

CurlWeb::CurlWeb(std::string ca_file) {
  settings_.timeout = kTimeout;
  settings_.connect_timeout = kTimeout;
  settings_.reply_bytes_max = kReplyBytesMax;
  settings_.ca_file = std::move(ca_file);
  settings_.is_stopping = &is_stopping_;
}

Result<transfer::HttpReply> CurlWeb::Get(const transfer::HttpGet& get) {
  if (is_stopping_) return Stopping();
  return transfer::Get(get, settings_);
}

Result<transfer::HttpReply> CurlWeb::Post(const transfer::HttpPost& post) {
  if (is_stopping_) return Stopping();
  return transfer::Post(post, settings_);
}

std::string FormEncoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (IsUnreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string FormText(const FormFields& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += '&';
    out += FormEncoded(name) + "=" + FormEncoded(value);
  }
  return out;
}

bool IsOAuthWord(std::string_view text) {
  return !text.empty() && text.size() <= 40 &&
         std::ranges::all_of(text, [](char c) { return c == '_' || (c >= 'a' && c <= 'z'); });
}

bool IsSafeUrl(std::string_view url) {
  constexpr std::string_view kHttps = "https://";
  constexpr std::string_view kHttp = "http://";
  const bool is_https = url.starts_with(kHttps);
  if ((!is_https && !url.starts_with(kHttp)) || url.size() > kUrlBytesMax) return false;
  const bool is_plain = std::ranges::all_of(
      url, [](char c) { return c > ' ' && c < '\x7f' && c != '\\' && c != '"' && c != '#'; });
  const std::string_view rest = url.substr(is_https ? kHttps.size() : kHttp.size());
  const std::string_view place = rest.substr(0, rest.find_first_of("/?"));
  if (!is_plain || place.empty() || place.find('@') != std::string_view::npos) return false;
  const std::string_view host = place.starts_with('[') ? place.substr(0, place.find(']') + 1)
                                                       : place.substr(0, place.find(':'));
  return is_https || host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

}  // namespace lanemq::portal
