#pragma once

#include <map>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

namespace lanemq::portal {

/// A key that a provider of a test signs with.
class TestKey {
 public:
  static TestKey Rsa(const std::string& kid, std::size_t bits = 2'048);
  static TestKey Ec(const std::string& kid);
  /// One that both sides know.
  static TestKey Shared(const std::string& kid, const std::string& secret);

  /// As an entry of a JWK set; with `is_private` as no provider should tell it.
  [[nodiscard]] nlohmann::json Jwk(bool is_private = false) const;
  /// A compact JWS. An empty kid: the token names none. `extra`: more of the header, as JSON.
  [[nodiscard]] std::string Sign(const std::string& payload, const std::string& alg,
                                 const std::string& kid,
                                 const std::map<std::string, std::string>& extra = {}) const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// A set of keys as the provider serves it.
[[nodiscard]] std::string JwkSet(std::initializer_list<nlohmann::json> keys);
/// "HEADER.PAYLOAD." of an algorithm that signs nothing.
[[nodiscard]] std::string Unsigned(const std::string& payload);

}  // namespace lanemq::portal
