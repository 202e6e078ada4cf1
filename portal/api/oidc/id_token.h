#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/time.h"
#include "portal/api/oidc/jws.h"

namespace lanemq::portal {

/// How far the provider's clock and this machine's may be apart.
inline constexpr std::chrono::seconds kClockLeeway{60};

/// What an identity token has to say to be for us, and for this sign-in.
struct IdTokenRules {
  std::string issuer;     ///< To the letter.
  std::string client_id;  ///< Whom it is for.
  std::string nonce;      ///< Of this sign-in; not empty.
};

/// `sub` of a token that holds: signed by one of `keys`, made by the issuer for this client and
/// this sign-in, and neither over nor of the future by more than kClockLeeway.
///
/// Errors: kNotFound: none of the keys is the one that signed it; there may be newer ones.
/// kAuthenticationFailed: it does not hold; the message says what, and nothing that is in it.
/// Thread safety: any thread.
[[nodiscard]] Result<std::string> VerifyIdToken(const std::string& token,
                                                std::span<const PublicKey> keys,
                                                const IdTokenRules& rules, WallTime now);

/// What people's `oidc_subject` is compared with: "ISSUER|SUB". A subject by itself is unique at
/// its issuer alone, so whoever runs another provider could choose somebody else's.
[[nodiscard]] std::string SubjectText(std::string_view issuer, std::string_view sub);

}  // namespace lanemq::portal
