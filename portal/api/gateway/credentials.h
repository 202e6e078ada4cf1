#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "portal/api/gateway/client_address.h"
#include "portal/api/gateway/problem.h"
#include "portal/api/http/message.h"

namespace lanemq::portal {

/// What a request shows of who it is.
struct Credentials {
  std::string token;  ///< Empty: nothing.
  /// It came as a cookie, which browsers send along by themselves.
  bool is_cookie = false;
};

/// The bearer token, else the session's cookie. A problem: a header that is none of both, or what
/// does not even look like a token.
[[nodiscard]] std::variant<Credentials, Problem> CredentialsOf(const HttpRequest& request,
                                                               bool is_secure);

/// The value of a cookie; absent: there is none, or there are two, of which one is somebody else's.
[[nodiscard]] std::optional<std::string> CookieOf(const HttpRequest& request,
                                                  std::string_view name);

/// The token against forged requests that goes with a session. It follows from the session's own
/// token, so every gateway knows it, also after a restart, and it gives nothing away of that.
[[nodiscard]] std::string CsrfTokenOf(const std::string& session_token);

/// Absent: the request was meant by who sits before the browser. With the cookie it needs the token
/// against forged requests; and no browser may say that another site made it.
[[nodiscard]] std::optional<Problem> ForgeryOf(const HttpRequest& request,
                                               const Credentials& credentials, bool is_secure);

/// Set-Cookie for a session, and to take it back. With TLS the name begins with __Host-, so nobody
/// but this host can set it.
[[nodiscard]] std::string SessionCookie(const std::string& token, std::int64_t lifetime_s,
                                        bool is_secure);
[[nodiscard]] std::string NoSessionCookie(bool is_secure);

/// The same for a sign-in with a provider that is under way. Lax: the browser brings it along when
/// the provider sends it back. `lifetime_s` 0 takes it back.
[[nodiscard]] std::string SignInCookie(const std::string& value, std::int64_t lifetime_s,
                                       bool is_secure);
[[nodiscard]] std::string_view SignInCookieName(bool is_secure);

}  // namespace lanemq::portal
