#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace lanemq::portal {

inline constexpr std::size_t kTokenBytesMax = 16u << 10;
inline constexpr std::size_t kPublicKeysMax = 100;

/// A public key that a provider signs with.
struct PublicKey {
  std::string kid;  ///< Empty: it has no name.
  std::string alg;  ///< "RS256" or "ES256": what it is for.
  std::string jwk;  ///< JSON, of the public members alone.

  bool operator==(const PublicKey&) const = default;
};

/// The keys of a JWK set that identity tokens may be signed with: RSA of 2,048 bits and more, and
/// P-256. Others (secrets that both sides know, keys to encrypt with, whatever else it holds) are
/// left out. kNetworkException: it is no JWK set, or has more than kPublicKeysMax keys.
/// Thread safety: any thread.
[[nodiscard]] Result<std::vector<PublicKey>> ReadPublicKeys(std::string_view jwks);

/// What a signed token says of itself; believe nothing of it before its signature.
struct JwsHeader {
  std::string alg;
  std::string kid;  ///< Empty: it names none.
};

/// kAuthenticationFailed: no compact JWS, above kTokenBytesMax, signed by another algorithm than
/// RS256 and ES256 ("none" and secrets that both sides know among them), or with extensions that it
/// says must be understood. Messages hold nothing of the token. Thread safety: any thread.
[[nodiscard]] Result<JwsHeader> ReadJwsHeader(const std::string& token);

/// What was signed. kAuthenticationFailed: not by `key`, or not by the algorithm that it is for.
/// Thread safety: any thread.
[[nodiscard]] Result<std::string> VerifiedPayload(const std::string& token, const PublicKey& key);

}  // namespace lanemq::portal
