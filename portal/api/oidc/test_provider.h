#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/base/clock.h"
#include "portal/api/oidc/flow.h"
#include "portal/api/oidc/oidc_sign_in.h"
#include "portal/api/oidc/test_keys.h"
#include "portal/api/routes/route.h"

namespace lanemq::portal {

inline constexpr const char* kIssuer = "https://login.example";

/// Time that passes when it is told to.
class PassingClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime Now() const override {
    return MonotonicTime{std::chrono::hours(1)} + passed_;
  }
  [[nodiscard]] WallTime WallNow() const override {
    return {1'000'000'000'000 + std::chrono::microseconds(passed_).count()};
  }
  void Pass(std::chrono::seconds time) { passed_ += time; }

 private:
  std::chrono::seconds passed_{0};
};

/// A provider that does as it should, but for what a test changes.
class FakeProvider final : public Web {
 public:
  explicit FakeProvider(const Clock& clock) : clock_(clock) {}

  Result<transfer::HttpReply> Get(const transfer::HttpGet& get) override {
    if (is_down) return Error{ErrorCode::kNetworkException, "nobody listens", 0};
    if (get.url == std::string(kIssuer) + "/.well-known/openid-configuration") {
      ++documents;
      return transfer::HttpReply{200, document.dump()};
    }
    if (get.url == document["jwks_uri"]) {
      ++key_sets;
      return transfer::HttpReply{200, keys};
    }
    return transfer::HttpReply{404, ""};
  }

  /// The token endpoint: checks the code and PKCE as providers do.
  Result<transfer::HttpReply> Post(const transfer::HttpPost& post) override {
    posts.push_back(post);
    // A copy: it may change itself.
    if (const auto during = during_post) during();
    if (token_reply) return *token_reply;
    const OidcSignIn::Query form = ParseQuery(post.body).value_or(OidcSignIn::Query());
    const bool is_fit = Value(form, "code") == code && !code.empty() &&
                        ChallengeOf(Value(form, "code_verifier")) == challenge;
    if (!is_fit) return transfer::HttpReply{400, R"({"error":"invalid_grant"})"};
    code.clear();
    return transfer::HttpReply{200, nlohmann::json{{"id_token", Token()}}.dump()};
  }

  /// The browser's visit: what comes back behind the callback's path.
  OidcSignIn::Query Visit(const std::string& location) {
    const OidcSignIn::Query asked =
        ParseQuery(location.substr(location.find('?') + 1)).value_or(OidcSignIn::Query());
    last_asked = asked;
    code = "code-" + Value(asked, "state");
    challenge = Value(asked, "code_challenge");
    nonce = Value(asked, "nonce");
    return {{"code", code}, {"state", Value(asked, "state")}};
  }

  [[nodiscard]] std::string Token() const {
    const std::int64_t now_s = clock_.WallNow().micros / 1'000'000;
    nlohmann::json claims = {{"iss", kIssuer},     {"sub", "ann"}, {"aud", "lanemq"},
                             {"exp", now_s + 300}, {"iat", now_s}, {"nonce", nonce}};
    claims.update(changed_claims);
    return signer.Sign(claims.dump(), "ES256", signer.Jwk().value("kid", ""));
  }

  static std::string Value(const OidcSignIn::Query& query, const std::string& name) {
    for (const auto& [known, value] : query) {
      if (known == name) return value;
    }
    return "";
  }

  TestKey signer = TestKey::Ec("e1");
  std::string keys = JwkSet({signer.Jwk()});
  nlohmann::json document = {{"issuer", kIssuer},
                             {"authorization_endpoint", "https://login.example/authorize"},
                             {"token_endpoint", "https://login.example/token"},
                             {"jwks_uri", "https://login.example/keys"}};
  nlohmann::json changed_claims = nlohmann::json::object();
  std::optional<transfer::HttpReply> token_reply;
  std::function<void()> during_post;  // Null: nothing.
  bool is_down = false;
  int documents = 0;
  int key_sets = 0;
  std::vector<transfer::HttpPost> posts;
  OidcSignIn::Query last_asked;
  std::string code;
  std::string challenge;
  std::string nonce;

 private:
  const Clock& clock_;
};

/// How a gateway of tests knows the provider.
inline OidcOptions TestOidcOptions() {
  OidcOptions options;
  options.provider = {.issuer = kIssuer,
                      .client_id = "lanemq",
                      .client_secret_file = "",
                      .redirect_uri = "https://portal.example/api/v1/auth/oidc/callback"};
  return options;
}

inline SealingKeys TestSealingKeys(std::uint8_t first = 1) {
  SealingKeys::Key key{};
  key[0] = first;
  return SealingKeys({key});
}

}  // namespace lanemq::portal
