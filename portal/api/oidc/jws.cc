// The one place that knows cjose.
#include "portal/api/oidc/jws.h"

#include <cjose/header.h>
#include <cjose/jwk.h>
#include <cjose/jws.h>
#include <cjose/util.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "portal/api/transcode/json_body.h"

namespace lanemq::portal {
namespace {

using nlohmann::json;

constexpr std::size_t kRsaBitsMin = 2'048;
constexpr std::size_t kRsaBitsMax = 8'192;  // A larger one costs more time than a sign-in is worth.

struct FreeJws {
  void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
};
struct FreeJwk {
  void operator()(cjose_jwk_t* jwk) const { cjose_jwk_release(jwk); }
};
struct FreeText {
  void operator()(char* text) const { cjose_get_dealloc()(text); }
};
using Jws = std::unique_ptr<cjose_jws_t, FreeJws>;
using Jwk = std::unique_ptr<cjose_jwk_t, FreeJwk>;

Error Unproven(std::string why) { return {ErrorCode::kAuthenticationFailed, std::move(why), 0}; }

std::string TextOf(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Jws Import(const std::string& token) {
  return Jws(cjose_jws_import(token.data(), token.size(), nullptr));
}

Jwk ImportKey(const std::string& jwk) {
  return Jwk(cjose_jwk_import(jwk.data(), jwk.size(), nullptr));
}

// What the key is for; empty: nothing that is taken here.
std::string AlgorithmOf(const json& key) {
  const std::string type = TextOf(key, "kty");
  if (type == "RSA") return "RS256";
  return type == "EC" && TextOf(key, "crv") == "P-256" ? "ES256" : "";
}

// Without private members, should a provider be so careless.
std::string PublicPart(const json& key, const std::string& alg) {
  json out = {{"kty", TextOf(key, "kty")}};
  if (alg == "RS256") {
    out["n"] = TextOf(key, "n");
    out["e"] = TextOf(key, "e");
  } else {
    out["crv"] = TextOf(key, "crv");
    out["x"] = TextOf(key, "x");
    out["y"] = TextOf(key, "y");
  }
  return out.dump();
}

bool IsSound(const PublicKey& key) {
  const Jwk jwk = ImportKey(key.jwk);
  if (jwk == nullptr) return false;
  if (key.alg == "ES256") return true;
  const std::size_t bits = cjose_jwk_get_keysize(jwk.get(), nullptr);
  return bits >= kRsaBitsMin && bits <= kRsaBitsMax;
}

// Absent: it is of no use here.
std::optional<PublicKey> PublicKeyOf(const json& key) {
  if (!key.is_object()) return std::nullopt;
  PublicKey out{.kid = TextOf(key, "kid"), .alg = AlgorithmOf(key), .jwk = {}};
  if (out.alg.empty()) return std::nullopt;
  if (key.contains("use") && TextOf(key, "use") != "sig") return std::nullopt;
  if (key.contains("alg") && TextOf(key, "alg") != out.alg) return std::nullopt;
  out.jwk = PublicPart(key, out.alg);
  if (!IsSound(out)) return std::nullopt;
  return out;
}

}  // namespace

Result<std::vector<PublicKey>> ReadPublicKeys(std::string_view jwks) {
  const Error wrong{ErrorCode::kNetworkException, "the provider's keys are no JWK set", 0};
  const auto parsed = ParseJson(jwks);
  const auto* set = std::get_if<json>(&parsed);
  if (set == nullptr || !set->is_object() || !set->contains("keys")) return wrong;
  const json& list = (*set)["keys"];
  if (!list.is_array() || list.size() > kPublicKeysMax) return wrong;
  std::vector<PublicKey> keys;
  for (const json& key : list) {
    if (auto taken = PublicKeyOf(key)) keys.push_back(*std::move(taken));
  }
  return keys;
}

Result<JwsHeader> ReadJwsHeader(const std::string& token) {
  if (token.size() > kTokenBytesMax) return Unproven("the identity token is too long");
  const Jws jws = Import(token);
  if (jws == nullptr) return Unproven("the identity token is none, or not signed as it should be");
  cjose_header_t* const header = cjose_jws_get_protected(jws.get());
  const auto text = [&](const char* name) {
    const char* const value = cjose_header_get(header, name, nullptr);
    return std::string(value == nullptr ? "" : value);
  };
  const std::unique_ptr<char, FreeText> critical(cjose_header_get_raw(header, "crit", nullptr));
  if (critical != nullptr) return Unproven("the identity token wants extensions understood");
  JwsHeader out{.alg = text("alg"), .kid = text("kid")};
  if (out.alg == "RS256" || out.alg == "ES256") return out;
  return Unproven("the identity token is signed by an algorithm that is not taken here");
}

Result<std::string> VerifiedPayload(const std::string& token, const PublicKey& key) {
  LANEMQ_ASSIGN_OR_RETURN(const JwsHeader header, ReadJwsHeader(token));
  // Else a token could choose how its key is used.
  if (header.alg != key.alg) return Unproven("the identity token's key is for another algorithm");
  const Jws jws = Import(token);
  const Jwk jwk = ImportKey(key.jwk);
  if (jws == nullptr || jwk == nullptr || !cjose_jws_verify(jws.get(), jwk.get(), nullptr)) {
    return Unproven("the identity token's signature does not hold");
  }
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (!cjose_jws_get_plaintext(jws.get(), &bytes, &size, nullptr)) {
    return Unproven("the identity token is empty");
  }
  return std::string(reinterpret_cast<const char*>(bytes), size);  // It stays the token's.
}

}  // namespace lanemq::portal
