#include "portal/api/oidc/test_keys.h"

#include <cjose/header.h>
#include <cjose/jwk.h>
#include <cjose/jws.h>
#include <cjose/util.h>
#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "portal/api/oidc/flow.h"

namespace lanemq::portal {

struct TestKey::Impl {
  cjose_jwk_t* jwk = nullptr;

  Impl(cjose_jwk_t* made, const std::string& kid) : jwk(made) {
    EXPECT_NE(jwk, nullptr);
    EXPECT_TRUE(cjose_jwk_set_kid(jwk, kid.data(), kid.size(), nullptr));
  }
  ~Impl() { cjose_jwk_release(jwk); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
};

TestKey TestKey::Rsa(const std::string& kid, std::size_t bits) {
  const std::uint8_t exponent[] = {1, 0, 1};
  TestKey key;
  key.impl_ = std::make_shared<Impl>(
      cjose_jwk_create_RSA_random(bits, exponent, sizeof exponent, nullptr), kid);
  return key;
}

TestKey TestKey::Ec(const std::string& kid) {
  TestKey key;
  key.impl_ = std::make_shared<Impl>(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, nullptr), kid);
  return key;
}

TestKey TestKey::Shared(const std::string& kid, const std::string& secret) {
  TestKey key;
  key.impl_ = std::make_shared<Impl>(
      cjose_jwk_create_oct_spec(reinterpret_cast<const std::uint8_t*>(secret.data()), secret.size(),
                                nullptr),
      kid);
  return key;
}

nlohmann::json TestKey::Jwk(bool is_private) const {
  char* const text = cjose_jwk_to_json(impl_->jwk, is_private, nullptr);
  nlohmann::json jwk = nlohmann::json::parse(text);
  cjose_get_dealloc()(text);
  return jwk;
}

std::string TestKey::Sign(const std::string& payload, const std::string& alg,
                          const std::string& kid,
                          const std::map<std::string, std::string>& extra) const {
  cjose_header_t* const header = cjose_header_new(nullptr);
  EXPECT_TRUE(cjose_header_set(header, "alg", alg.c_str(), nullptr));
  if (!kid.empty()) {
    EXPECT_TRUE(cjose_header_set(header, "kid", kid.c_str(), nullptr));
  }
  for (const auto& [name, value] : extra) {
    EXPECT_TRUE(cjose_header_set_raw(header, name.c_str(), value.c_str(), nullptr));
  }
  cjose_jws_t* const jws =
      cjose_jws_sign(impl_->jwk, header, reinterpret_cast<const std::uint8_t*>(payload.data()),
                     payload.size(), nullptr);
  const char* text = nullptr;
  EXPECT_TRUE(jws != nullptr && cjose_jws_export(jws, &text, nullptr));
  std::string token = text == nullptr ? "" : text;
  cjose_jws_release(jws);
  cjose_header_release(header);
  return token;
}

std::string JwkSet(std::initializer_list<nlohmann::json> keys) {
  nlohmann::json set = {{"keys", nlohmann::json::array()}};
  for (const nlohmann::json& key : keys) set["keys"].push_back(key);
  return set.dump();
}

std::string Unsigned(const std::string& payload) {
  return ToBase64Url(R"({"alg":"none","typ":"JWT"})") + "." + ToBase64Url(payload) + ".";
}

}  // namespace lanemq::portal
