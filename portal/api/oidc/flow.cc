#include "portal/api/oidc/flow.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/base/secure.h"
#include "portal/api/transcode/base64.h"

namespace lanemq::portal {
namespace {

using nlohmann::json;

// What is sealed for another purpose with the same key does not open here.
constexpr std::string_view kContext = "portal: a sign-in under way";
constexpr std::size_t kPathBytesMax = 512;
constexpr std::size_t kCookieBytesMax = 4'096;

std::string RandomText() {
  std::array<std::uint8_t, 32> bytes{};
  SecureRandom(bytes);
  return ToBase64Url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::optional<std::string> FromBase64Url(std::string_view text) {
  std::string plain(text);
  if (plain.find_first_of("+/=") != std::string::npos) return std::nullopt;
  std::ranges::replace(plain, '-', '+');
  std::ranges::replace(plain, '_', '/');
  while (plain.size() % 4 != 0) plain += '=';
  return FromBase64(plain);
}

}  // namespace

std::string ToBase64Url(std::string_view bytes) {
  std::string text = ToBase64(bytes);
  while (text.ends_with('=')) text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

SignInFlow NewSignInFlow(std::string return_to, WallTime expires_at) {
  return {.state = RandomText(),
          .nonce = RandomText(),
          .verifier = RandomText(),
          .return_to = std::move(return_to),
          .expires_at = expires_at};
}

std::string ChallengeOf(const std::string& verifier) { return ToBase64Url(Sha256(verifier)); }

std::string SealFlow(const SignInFlow& flow, const SealingKeys& keys) {
  const json document = {{"state", flow.state},
                         {"nonce", flow.nonce},
                         {"verifier", flow.verifier},
                         {"return_to", flow.return_to},
                         {"expires_at_us", flow.expires_at.micros}};
  return ToBase64Url(keys.Seal(document.dump(), kContext));
}

std::optional<SignInFlow> OpenFlow(std::string_view cookie, const SealingKeys& keys, WallTime now) {
  if (cookie.size() > kCookieBytesMax) return std::nullopt;
  const auto sealed = FromBase64Url(cookie);
  if (!sealed) return std::nullopt;
  const auto text = keys.Open(*sealed, kContext);
  if (!text.ok()) return std::nullopt;
  // Sealed by a gateway, which may be of another version.
  const json document = json::parse(*text, nullptr, false);
  if (!document.is_object()) return std::nullopt;
  SignInFlow flow;
  for (const auto& [name, field] : {std::pair{"state", &flow.state},
                                    {"nonce", &flow.nonce},
                                    {"verifier", &flow.verifier},
                                    {"return_to", &flow.return_to}}) {
    const auto found = document.find(name);
    if (found == document.end() || !found->is_string()) return std::nullopt;
    *field = found->get<std::string>();
  }
  const auto expires = document.find("expires_at_us");
  if (expires == document.end() || !expires->is_number_integer()) return std::nullopt;
  flow.expires_at = WallTime{expires->get<std::int64_t>()};
  if (flow.state.empty() || now >= flow.expires_at || !IsLocalPath(flow.return_to)) {
    return std::nullopt;
  }
  return flow;
}

bool IsLocalPath(std::string_view path) {
  if (!path.starts_with('/') || path.substr(1, 1) == "/" || path.size() > kPathBytesMax) {
    return false;
  }
  return std::ranges::all_of(path, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/-._~?&=%+,:@#").find(c) != std::string_view::npos;
  });
}

}  // namespace lanemq::portal
