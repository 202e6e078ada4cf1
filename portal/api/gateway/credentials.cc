#include "portal/api/gateway/credentials.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "common/base/secure.h"
#include "common/core/access/token_text.h"
#include "portal/api/transcode/base64.h"

namespace lanemq::portal {
namespace {

constexpr std::string_view kBearer = "Bearer ";

std::string_view CookieName(bool is_secure) {
  return is_secure ? "__Host-lanemq_session" : "lanemq_session";
}

Problem NotAToken() {
  return {.status = 401,
          .code = "AUTHENTICATION_FAILED",
          .detail = "what the request shows is no token"};
}

Problem Forged(std::string detail) {
  return {.status = 403, .code = "CSRF_REFUSED", .detail = std::move(detail)};
}

// In time that does not tell where they differ.
bool AreEqual(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |=
        static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  }
  return difference == 0;
}

}  // namespace

std::optional<std::string> CookieOf(const HttpRequest& request, std::string_view wanted) {
  std::optional<std::string> found;
  for (const auto& [name, value] : request.headers) {
    if (name != "cookie") continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      std::string_view one = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(one.size() + 1, rest.size()));
      while (one.starts_with(' ')) one.remove_prefix(1);
      if (!one.starts_with(wanted) || one.substr(wanted.size(), 1) != "=") continue;
      if (found) return std::nullopt;
      found = std::string(one.substr(wanted.size() + 1));
    }
  }
  return found;
}

std::variant<Credentials, Problem> CredentialsOf(const HttpRequest& request, bool is_secure) {
  Credentials credentials;
  if (request.Count("authorization") > 0) {
    const std::string_view header = request.Header("authorization");
    if (request.Count("authorization") > 1 || !header.starts_with(kBearer)) return NotAToken();
    credentials.token = std::string(header.substr(kBearer.size()));
  } else if (const auto cookie = CookieOf(request, CookieName(is_secure))) {
    credentials.token = *cookie;
    credentials.is_cookie = true;
  } else {
    return credentials;
  }
  // Written anew: what is no part of it, white space say, is gone.
  const auto token = core::ParseToken(credentials.token);
  if (!token) return NotAToken();
  credentials.token = token->ToString();
  return credentials;
}

std::string CsrfTokenOf(const std::string& session_token) {
  return ToHex(Sha256("csrf:" + session_token));
}

std::optional<Problem> ForgeryOf(const HttpRequest& request, const Credentials& credentials,
                                 bool is_secure) {
  const std::string_view site = request.Header("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none") {
    return Forged("the browser says that another site made this request");
  }
  if (request.Count("origin") > 0) {
    const std::string own =
        fmt::format("{}://{}", is_secure ? "https" : "http", request.Header("host"));
    if (request.Header("origin") != own) return Forged("the request's origin is another site");
  }
  if (credentials.is_cookie &&
      !AreEqual(request.Header("x-csrf-token"), CsrfTokenOf(credentials.token))) {
    return Forged("the header X-CSRF-Token is not the session's: GET /api/v1/session tells it");
  }
  return std::nullopt;
}

std::string SessionCookie(const std::string& token, std::int64_t lifetime_s, bool is_secure) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}",
                     CookieName(is_secure), token, lifetime_s, is_secure ? "; Secure" : "");
}

std::string NoSessionCookie(bool is_secure) { return SessionCookie("", 0, is_secure); }

std::string_view SignInCookieName(bool is_secure) {
  return is_secure ? "__Host-lanemq_sign_in" : "lanemq_sign_in";
}

std::string SignInCookie(const std::string& value, std::int64_t lifetime_s, bool is_secure) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{}",
                     SignInCookieName(is_secure), value, lifetime_s, is_secure ? "; Secure" : "");
}

}  // namespace lanemq::portal
