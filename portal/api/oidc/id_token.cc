#include "portal/api/oidc/id_token.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "portal/api/transcode/json_body.h"

namespace lanemq::portal {
namespace {

using nlohmann::json;

constexpr std::size_t kSubBytesMax = 255;  // Of the standard.
constexpr std::int64_t kMicrosPerSecond = 1'000'000;

Error Unproven(std::string why) { return {ErrorCode::kAuthenticationFailed, std::move(why), 0}; }

bool IsText(const json& claims, const char* name, const std::string& wanted) {
  const auto found = claims.find(name);
  return found != claims.end() && found->is_string() && *found == wanted;
}

// Seconds since 1970; absent: there is no such number.
std::optional<double> SecondsOf(const json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

Status CheckAudience(const json& claims, const std::string& client_id) {
  const auto found = claims.find("aud");
  bool is_ours = false;
  bool has_others = false;
  if (found != claims.end() && found->is_array()) {
    is_ours = std::ranges::any_of(*found, [&](const json& one) { return one == client_id; });
    has_others = found->size() > 1;
  } else {
    is_ours = IsText(claims, "aud", client_id);
  }
  if (!is_ours) return Unproven("the identity token is for somebody else (aud)");
  // It was given to azp, who might be one of the others and pass it on.
  if ((has_others || claims.contains("azp")) && !IsText(claims, "azp", client_id)) {
    return Unproven("the identity token was given to somebody else (azp)");
  }
  return {};
}

Status CheckTimes(const json& claims, WallTime now) {
  const auto now_s = static_cast<double>(now.micros / kMicrosPerSecond);
  const auto leeway_s = static_cast<double>(kClockLeeway.count());
  const auto expires = SecondsOf(claims, "exp");
  const auto issued = SecondsOf(claims, "iat");
  if (!expires || !issued) return Unproven("the identity token does not say when (exp, iat)");
  // Put so that what is no number of seconds, like infinity, holds for neither.
  if (!(now_s < *expires + leeway_s)) return Unproven("the identity token is over (exp)");
  if (!(*issued <= now_s + leeway_s)) return Unproven("the identity token is of the future (iat)");
  const auto begins = SecondsOf(claims, "nbf");
  if (claims.contains("nbf") && !(begins && *begins <= now_s + leeway_s)) {
    return Unproven("the identity token is of the future (nbf)");
  }
  return {};
}

Result<std::string> SubOf(const json& claims) {
  const auto found = claims.find("sub");
  if (found == claims.end() || !found->is_string()) {
    return Unproven("the identity token is about nobody (sub)");
  }
  auto sub = found->get<std::string>();
  const bool is_plain = std::ranges::all_of(sub, [](unsigned char c) { return c >= ' '; });
  if (sub.empty() || sub.size() > kSubBytesMax || !is_plain) {
    return Unproven("the identity token's sub is none");
  }
  return sub;
}

// What the token says, once one of the keys has proved it.
Result<std::string> Prove(const std::string& token, std::span<const PublicKey> keys) {
  LANEMQ_ASSIGN_OR_RETURN(const JwsHeader header, ReadJwsHeader(token));
  for (const PublicKey& key : keys) {
    if (key.alg != header.alg) continue;
    if (!header.kid.empty()) {
      if (key.kid == header.kid) return VerifiedPayload(token, key);
      continue;
    }
    // A token without a name for its key: whichever it is.
    if (auto payload = VerifiedPayload(token, key); payload.ok()) return payload;
  }
  return Error{ErrorCode::kNotFound, "the provider has no key that signed the identity token"};
}

}  // namespace

Result<std::string> VerifyIdToken(const std::string& token, std::span<const PublicKey> keys,
                                  const IdTokenRules& rules, WallTime now) {
  LANEMQ_ASSIGN_OR_RETURN(const std::string payload, Prove(token, keys));
  const auto parsed = ParseJson(payload);
  const auto* claims = std::get_if<json>(&parsed);
  if (claims == nullptr || !claims->is_object()) {
    return Unproven("the identity token holds no claims");
  }
  if (!IsText(*claims, "iss", rules.issuer)) {
    return Unproven("the identity token is of another issuer (iss)");
  }
  LANEMQ_RETURN_IF_ERROR(CheckAudience(*claims, rules.client_id));
  LANEMQ_RETURN_IF_ERROR(CheckTimes(*claims, now));
  if (rules.nonce.empty() || !IsText(*claims, "nonce", rules.nonce)) {
    return Unproven("the identity token is of another sign-in (nonce)");
  }
  return SubOf(*claims);
}

std::string SubjectText(std::string_view issuer, std::string_view sub) {
  return std::string(issuer) + "|" + std::string(sub);
}

}  // namespace lanemq::portal
