#include "portal/api/oidc/flow.h"

#include <string>

#include <gtest/gtest.h>

namespace lanemq::portal {
namespace {

constexpr WallTime kNow{1'000};
constexpr WallTime kLater{2'000};

SealingKeys KeysOf(std::uint8_t first) {
  SealingKeys::Key key{};
  key[0] = first;
  return SealingKeys({key});
}

TEST(FlowTest, ComesBackAsItWas) {
  const SealingKeys keys = KeysOf(1);
  const SignInFlow flow = NewSignInFlow("/topics?limit=10", kLater);
  const auto opened = OpenFlow(SealFlow(flow, keys), keys, kNow);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->state, flow.state);
  EXPECT_EQ(opened->nonce, flow.nonce);
  EXPECT_EQ(opened->verifier, flow.verifier);
  EXPECT_EQ(opened->return_to, "/topics?limit=10");
  EXPECT_EQ(opened->expires_at, kLater);
}

TEST(FlowTest, NumbersAreLongAndNeverTheSame) {
  const SignInFlow a = NewSignInFlow("/", kLater);
  const SignInFlow b = NewSignInFlow("/", kLater);
  EXPECT_EQ(a.state.size(), 43u);  // 256 bits.
  EXPECT_EQ(a.verifier.size(), 43u);
  EXPECT_NE(a.state, b.state);
  EXPECT_NE(a.nonce, b.nonce);
  EXPECT_NE(a.verifier, b.verifier);
  EXPECT_NE(a.state, a.nonce);
}

TEST(FlowTest, DoesNotOpenWhenItIsOverChangedOrSomebodyElses) {
  const SealingKeys keys = KeysOf(1);
  const std::string cookie = SealFlow(NewSignInFlow("/", kLater), keys);
  EXPECT_FALSE(OpenFlow(cookie, keys, kLater));
  EXPECT_FALSE(OpenFlow(cookie, KeysOf(2), kNow));
  std::string changed = cookie;
  changed[60] = changed[60] == 'a' ? 'b' : 'a';
  EXPECT_FALSE(OpenFlow(changed, keys, kNow));
  EXPECT_FALSE(OpenFlow(cookie.substr(0, cookie.size() - 4), keys, kNow));
  EXPECT_FALSE(OpenFlow("", keys, kNow));
  EXPECT_FALSE(OpenFlow(std::string(5'000, 'a'), keys, kNow));
  // What was sealed with the same key for another purpose.
  const std::string document =
      R"({"state":"s","nonce":"n","verifier":"v","return_to":"/","expires_at_us":2000})";
  EXPECT_FALSE(OpenFlow(ToBase64Url(keys.Seal(document, "node-1")), keys, kNow));
  EXPECT_TRUE(
      OpenFlow(ToBase64Url(keys.Seal(document, "portal: a sign-in under way")), keys, kNow));
}

TEST(FlowTest, TheChallengeIsTheOneOfTheStandard) {
  // RFC 7636, appendix B.
  EXPECT_EQ(ChallengeOf("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(FlowTest, OnlyPathsOfTheGatewayAreLocal) {
  for (const std::string path :
       {"/", "/topics", "/topics/a.b~c?limit=10&filter=name:a", "/a//b", "/%2F", "/#/x"}) {
    EXPECT_TRUE(IsLocalPath(path)) << path;
  }
  for (const std::string path :
       {"", "topics", "//evil.example", "/\\evil.example", "\\\\evil.example",
        "https://evil.example", "/\tevil", "/\n//evil.example", "/a b", "/\"><script>", "/'", "/<",
        "javascript:alert(1)", "/;url=x", "/\xc3\xa4"}) {
    EXPECT_FALSE(IsLocalPath(path)) << path;
  }
  EXPECT_TRUE(IsLocalPath("/" + std::string(511, 'a')));
  EXPECT_FALSE(IsLocalPath("/" + std::string(512, 'a')));
}

}  // namespace
}  // namespace lanemq::portal
