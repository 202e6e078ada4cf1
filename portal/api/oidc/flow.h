#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/sealed.h"
#include "common/base/time.h"

namespace lanemq::portal {

/// A sign-in that is under way: what the browser brings back from the provider must fit it. The
/// browser itself keeps it, sealed, so that any gateway with the same key can finish it.
struct SignInFlow {
  std::string state;      ///< Comes back with the code: the answer is to this browser's question.
  std::string nonce;      ///< Comes back in the token: the token is of this sign-in.
  std::string verifier;   ///< PKCE (RFC 7636): the code is of no use without it.
  std::string return_to;  ///< Where to go on afterwards; IsLocalPath().
  WallTime expires_at;
};

/// With numbers that nobody can guess.
[[nodiscard]] SignInFlow NewSignInFlow(std::string return_to, WallTime expires_at);
/// What the provider is told of the verifier: S256.
[[nodiscard]] std::string ChallengeOf(const std::string& verifier);

/// As the value of a cookie.
[[nodiscard]] std::string SealFlow(const SignInFlow& flow, const SealingKeys& keys);
/// Absent: it was not sealed by one of the keys, or not whole, or is over.
[[nodiscard]] std::optional<SignInFlow> OpenFlow(std::string_view cookie, const SealingKeys& keys,
                                                 WallTime now);

/// Whether a browser that is sent there stays at this gateway, and the text can stand in a page:
/// "/", then no second slash or backslash, at most 512 characters that URLs are made of.
[[nodiscard]] bool IsLocalPath(std::string_view path);

/// RFC 4648 section 5, without padding.
[[nodiscard]] std::string ToBase64Url(std::string_view bytes);

}  // namespace lanemq::portal
