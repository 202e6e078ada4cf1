#include "portal/api/oidc/id_token.h"

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "portal/api/oidc/flow.h"
#include "portal/api/oidc/test_keys.h"

namespace lanemq::portal {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr WallTime kNow{1'000'000'000'000};  // 1,000,000 s.
constexpr std::int64_t kNowS = 1'000'000;
const IdTokenRules kRules{"https://login.example", "lanemq", "nonce-1"};

// Made once: a key takes a moment.
const TestKey& RsaKey() {
  static const TestKey key = TestKey::Rsa("r1");
  return key;
}
const TestKey& OtherRsaKey() {
  static const TestKey key = TestKey::Rsa("r2");
  return key;
}
const TestKey& EcKey() {
  static const TestKey key = TestKey::Ec("e1");
  return key;
}

std::vector<PublicKey> KeysOf(std::initializer_list<json> keys) {
  auto read = ReadPublicKeys(JwkSet(keys));
  EXPECT_TRUE(read.ok());
  return read.ok() ? *std::move(read) : std::vector<PublicKey>();
}

std::vector<PublicKey> AllKeys() { return KeysOf({RsaKey().Jwk(), EcKey().Jwk()}); }

json GoodClaims() {
  return {{"iss", "https://login.example"},
          {"sub", "ann"},
          {"aud", "lanemq"},
          {"exp", kNowS + 300},
          {"iat", kNowS - 1},
          {"nonce", "nonce-1"}};
}

Result<std::string> Verify(const std::string& token) {
  return VerifyIdToken(token, AllKeys(), kRules, kNow);
}

Result<std::string> VerifyClaims(const json& claims) {
  return Verify(RsaKey().Sign(claims.dump(), "RS256", "r1"));
}

std::optional<ErrorCode> CodeOf(const Result<std::string>& result) {
  return result.ok() ? std::nullopt : std::optional(result.error().code);
}

std::string SubOf(const Result<std::string>& result) {
  return result.ok() ? *result : result.error().message;
}

TEST(IdTokenTest, TakesWhatBothAlgorithmsSign) {
  EXPECT_EQ(SubOf(Verify(RsaKey().Sign(GoodClaims().dump(), "RS256", "r1"))), "ann");
  EXPECT_EQ(SubOf(Verify(EcKey().Sign(GoodClaims().dump(), "ES256", "e1"))), "ann");
  // A token that names no key: whichever fits.
  EXPECT_EQ(SubOf(Verify(EcKey().Sign(GoodClaims().dump(), "ES256", ""))), "ann");
}

struct ClaimCase {
  const char* name;
  std::function<void(json&)> change;
  const char* why;  // Empty: it holds all the same.
};

TEST(IdTokenTest, EveryClaimCounts) {
  const std::vector<ClaimCase> cases{
      {"another issuer", [](json& c) { c["iss"] = "https://evil.example"; }, "(iss)"},
      {"a slash more", [](json& c) { c["iss"] = "https://login.example/"; }, "(iss)"},
      {"no issuer", [](json& c) { c.erase("iss"); }, "(iss)"},
      {"issuer in a list", [](json& c) { c["iss"] = json::array({"https://login.example"}); },
       "(iss)"},
      {"for another client", [](json& c) { c["aud"] = "payroll"; }, "(aud)"},
      {"for nobody", [](json& c) { c.erase("aud"); }, "(aud)"},
      {"for an empty list", [](json& c) { c["aud"] = json::array(); }, "(aud)"},
      {"a list of us", [](json& c) { c["aud"] = json::array({"lanemq"}); }, ""},
      {"a list without us",
       [](json& c) {
         c["aud"] = json::array({"a", "b"});
       },
       "(aud)"},
      {"several, given to nobody",
       [](json& c) {
         c["aud"] = json::array({"lanemq", "b"});
       },
       "(azp)"},
      {"several, given to another",
       [](json& c) {
         c["aud"] = json::array({"lanemq", "b"});
         c["azp"] = "b";
       },
       "(azp)"},
      {"several, given to us",
       [](json& c) {
         c["aud"] = json::array({"b", "lanemq"});
         c["azp"] = "lanemq";
       },
       ""},
      {"one, given to another", [](json& c) { c["azp"] = "b"; }, "(azp)"},
      {"over", [](json& c) { c["exp"] = kNowS - 60; }, "(exp)"},
      {"over by less than clocks differ", [](json& c) { c["exp"] = kNowS - 59; }, ""},
      {"without end", [](json& c) { c.erase("exp"); }, "(exp, iat)"},
      {"end as text", [](json& c) { c["exp"] = "9999999999"; }, "(exp, iat)"},
      {"without beginning", [](json& c) { c.erase("iat"); }, "(exp, iat)"},
      {"of the future", [](json& c) { c["iat"] = kNowS + 61; }, "(iat)"},
      {"of the near future", [](json& c) { c["iat"] = kNowS + 60; }, ""},
      {"not yet", [](json& c) { c["nbf"] = kNowS + 61; }, "(nbf)"},
      {"not yet, as text", [](json& c) { c["nbf"] = "0"; }, "(nbf)"},
      {"of another sign-in", [](json& c) { c["nonce"] = "nonce-2"; }, "(nonce)"},
      {"of no sign-in", [](json& c) { c.erase("nonce"); }, "(nonce)"},
      {"about nobody", [](json& c) { c.erase("sub"); }, "(sub)"},
      {"about a number", [](json& c) { c["sub"] = 7; }, "(sub)"},
      {"about an empty text", [](json& c) { c["sub"] = ""; }, "sub is none"},
      {"about two lines", [](json& c) { c["sub"] = "ann\nbob"; }, "sub is none"},
      {"about a long text", [](json& c) { c["sub"] = std::string(256, 'a'); }, "sub is none"},
  };
  for (const ClaimCase& one : cases) {
    SCOPED_TRACE(one.name);
    json claims = GoodClaims();
    one.change(claims);
    const auto result = VerifyClaims(claims);
    EXPECT_EQ(result.ok(), std::string(one.why).empty());
    if (result.ok()) continue;
    EXPECT_EQ(result.error().code, ErrorCode::kAuthenticationFailed);
    EXPECT_THAT(result.error().message, HasSubstr(one.why));
  }
}

TEST(IdTokenTest, ANonceThatWasNeverMadeFitsNothing) {
  json claims = GoodClaims();
  claims["nonce"] = "";
  IdTokenRules rules = kRules;
  rules.nonce = "";
  EXPECT_EQ(
      CodeOf(VerifyIdToken(RsaKey().Sign(claims.dump(), "RS256", "r1"), AllKeys(), rules, kNow)),
      ErrorCode::kAuthenticationFailed);
}

TEST(IdTokenTest, OtherAlgorithmsAreRefusedWhateverTheySign) {
  const std::string claims = GoodClaims().dump();
  const json rsa = RsaKey().Jwk();
  const std::vector<std::string> tokens{
      Unsigned(claims),
      // The provider's public key, used as if it were a secret.
      TestKey::Shared("r1", rsa.dump()).Sign(claims, "HS256", "r1"),
      TestKey::Shared("r1", std::string(64, 'k')).Sign(claims, "HS512", "r1"),
      RsaKey().Sign(claims, "RS512", "r1"),
      RsaKey().Sign(claims, "PS256", "r1"),
      RsaKey().Sign(claims, "RS256", "r1", {{"crit", R"(["b64"])"}}),
      "",
      "a.b.c",
      "....",
      std::string(kTokenBytesMax + 1, 'a'),
  };
  for (const std::string& token : tokens) {
    EXPECT_EQ(CodeOf(Verify(token)), ErrorCode::kAuthenticationFailed) << token.substr(0, 60);
  }
}

TEST(IdTokenTest, WhatWasChangedAfterwardsDoesNotHold) {
  json claims = GoodClaims();
  const std::string good = RsaKey().Sign(claims.dump(), "RS256", "r1");
  claims["sub"] = "bob";
  const std::size_t first = good.find('.');
  const std::size_t second = good.rfind('.');
  const std::string forged =
      good.substr(0, first + 1) + ToBase64Url(claims.dump()) + good.substr(second);
  EXPECT_EQ(CodeOf(Verify(forged)), ErrorCode::kAuthenticationFailed);
  EXPECT_EQ(CodeOf(Verify(good.substr(0, second + 1))), ErrorCode::kAuthenticationFailed);
  // Another's signature, under a name that is known.
  EXPECT_EQ(CodeOf(Verify(OtherRsaKey().Sign(GoodClaims().dump(), "RS256", "r1"))),
            ErrorCode::kAuthenticationFailed);
  EXPECT_EQ(CodeOf(Verify(RsaKey().Sign(R"(["no claims"])", "RS256", "r1"))),
            ErrorCode::kAuthenticationFailed);
  EXPECT_EQ(CodeOf(Verify(RsaKey().Sign("no json", "RS256", "r1"))),
            ErrorCode::kAuthenticationFailed);
}

TEST(IdTokenTest, AKeyThatIsNotKnownMayBeANewerOne) {
  EXPECT_EQ(CodeOf(Verify(OtherRsaKey().Sign(GoodClaims().dump(), "RS256", "r2"))),
            ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(Verify(OtherRsaKey().Sign(GoodClaims().dump(), "RS256", ""))),
            ErrorCode::kNotFound);
  // A name that is known, but for another algorithm.
  EXPECT_EQ(CodeOf(Verify(OtherRsaKey().Sign(GoodClaims().dump(), "RS256", "e1"))),
            ErrorCode::kNotFound);
}

TEST(PublicKeysTest, OnlyThoseThatSignAreTakenAndOnlyTheirPublicPart) {
  json encrypts = RsaKey().Jwk();
  encrypts["use"] = "enc";
  json other = RsaKey().Jwk();
  other["alg"] = "RS512";
  json broken = RsaKey().Jwk();
  broken.erase("n");
  json strange = EcKey().Jwk();
  strange["crv"] = "P-521";
  const auto keys =
      KeysOf({encrypts, other, broken, strange, TestKey::Rsa("small", 1'024).Jwk(),
              TestKey::Shared("s", "secret").Jwk(true), json("no object"), json::object()});
  EXPECT_THAT(keys, IsEmpty());
  const auto taken = KeysOf({RsaKey().Jwk(true)});
  ASSERT_THAT(taken, SizeIs(1));
  EXPECT_EQ(json::parse(taken[0].jwk).size(), 3u);
}

TEST(PublicKeysTest, AKeyIsForOneAlgorithm) {
  const auto keys = AllKeys();
  ASSERT_THAT(keys, SizeIs(2));
  const auto payload = VerifiedPayload(EcKey().Sign("text", "ES256", "r1"), keys[0]);
  ASSERT_FALSE(payload.ok());
  EXPECT_THAT(payload.error().message, HasSubstr("for another algorithm"));
  EXPECT_TRUE(VerifiedPayload(EcKey().Sign("text", "ES256", "r1"), keys[1]).ok());
}

TEST(PublicKeysTest, WhatIsNoSetIsRefused) {
  for (const std::string text : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[)"}) {
    EXPECT_FALSE(ReadPublicKeys(text).ok()) << text;
  }
  json many = {{"keys", json::array()}};
  for (std::size_t i = 0; i <= kPublicKeysMax; ++i) many["keys"].push_back(json::object());
  EXPECT_FALSE(ReadPublicKeys(many.dump()).ok());
}

TEST(SubjectTest, NamesTheIssuerToo) {
  EXPECT_EQ(SubjectText("https://login.example", "ann"), "https://login.example|ann");
}

}  // namespace
}  // namespace lanemq::portal
