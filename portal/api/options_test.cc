#include "portal/api/options.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::portal {
namespace {

using ::testing::HasSubstr;

ParsedPortalOptions Parse(std::vector<const char*> words) {
  words.insert(words.begin(), "lanemq-portal");
  return ParsePortalOptions(static_cast<int>(words.size()), words.data());
}

std::string FaultOf(std::vector<const char*> words) {
  ::testing::internal::CaptureStderr();
  const auto parsed = Parse(std::move(words));
  const std::string text = ::testing::internal::GetCapturedStderr();
  return parsed.exit_code ? text : "";
}

TEST(PortalOptionsTest, ReadsAddresses) {
  const auto parsed = Parse({"--bootstrap=a:1,[::1]:2", "--token-file=t", "--listen=127.0.0.1:80"});
  ASSERT_FALSE(parsed.exit_code);
  EXPECT_EQ(parsed.options.bootstrap, (std::vector<rpc::Endpoint>{{"a", 1}, {"::1", 2}}));
  EXPECT_EQ(parsed.options.http.port, 80);
}

TEST(PortalOptionsTest, PlainHttpIsForThisMachineUnlessAProxyIsInFront) {
  EXPECT_THAT(FaultOf({"--bootstrap=a:1", "--token-file=t", "--listen=0.0.0.0:80"}),
              HasSubstr("--behind-proxy"));
  EXPECT_EQ(FaultOf({"--bootstrap=a:1", "--token-file=t", "--listen=0.0.0.0:80", "--behind-proxy"}),
            "");
  EXPECT_EQ(FaultOf({"--bootstrap=a:1", "--token-file=t", "--listen=0.0.0.0:80",
                     "--tls-certificate-file=c", "--tls-key-file=k"}),
            "");
  EXPECT_EQ(FaultOf({"--bootstrap=a:1", "--token-file=t", "--listen=[::1]:80"}), "");
}

TEST(PortalOptionsTest, SaysWhatIsMissingOrContradictsItself) {
  EXPECT_THAT(FaultOf({"--token-file=t"}), HasSubstr("--bootstrap"));
  EXPECT_THAT(FaultOf({"--bootstrap=a:1"}), HasSubstr("--token-file"));
  EXPECT_THAT(FaultOf({"--bootstrap=a:1", "--anonymous", "--token-file=t"}),
              HasSubstr("one of the two"));
  EXPECT_THAT(FaultOf({"--bootstrap=a", "--anonymous"}), HasSubstr("is not host:port"));
  EXPECT_THAT(FaultOf({"--bootstrap=a:99999", "--anonymous"}), HasSubstr("is not host:port"));
  EXPECT_THAT(FaultOf({"--bootstrap=a:1", "--anonymous", "--trusted-proxies=10.0.0.1"}),
              HasSubstr("--behind-proxy"));
  EXPECT_THAT(
      FaultOf({"--bootstrap=a:1", "--anonymous", "--behind-proxy", "--trusted-proxies=proxy"}),
      HasSubstr("is no address"));
  EXPECT_NE(FaultOf({"--nonsense"}), "");
}

TEST(PortalOptionsTest, OneClickIsForThisMachineAlone) {
  const auto with = [](std::vector<const char*> more) {
    std::vector<const char*> words{"--bootstrap=a:1", "--demo-person=dana",
                                   "--demo-password-file=p"};
    words.insert(words.end(), more.begin(), more.end());
    return FaultOf(words);
  };
  EXPECT_EQ(with({"--token-file=t"}), "");
  EXPECT_EQ(with({"--token-file=t", "--listen=[::1]:80"}), "");
  EXPECT_THAT(with({"--token-file=t", "--listen=0.0.0.0:80", "--tls-certificate-file=c",
                    "--tls-key-file=k"}),
              HasSubstr("can be reached from other machines"));
  EXPECT_THAT(with({"--token-file=t", "--behind-proxy"}), HasSubstr("--behind-proxy"));
  EXPECT_THAT(with({"--token-file=t", "--host-names=demo.example"}), HasSubstr("--host-names"));
  EXPECT_THAT(with({"--token-file=t", "--public-url=https://demo.example"}),
              HasSubstr("--public-url"));
  EXPECT_THAT(with({"--anonymous"}), HasSubstr("with --anonymous"));
  EXPECT_THAT(FaultOf({"--bootstrap=a:1", "--token-file=t", "--demo-person=dana"}),
              HasSubstr("--demo-password-file"));
  EXPECT_THAT(FaultOf({"--bootstrap=a:1", "--token-file=t", "--demo-password-file=p"}),
              HasSubstr("goes with --demo-person"));
}

TEST(PortalOptionsTest, AProviderNeedsToBeKnownAndToFindTheWayBack) {
  const std::vector<const char*> good{"--bootstrap=a:1", "--token-file=t",
                                      "--oidc-issuer=https://login.example",
                                      "--oidc-client-id=lanemq", "--public-url=https://p.example/"};
  // In place of the one that is there; "--flag=": without it.
  const auto with = [&](const char* more) {
    const std::string_view flag =
        std::string_view(more).substr(0, std::string_view(more).find('='));
    std::vector<const char*> words;
    if (!std::string_view(more).ends_with('=')) words.push_back(more);
    for (const char* word : good) {
      if (!std::string_view(word).starts_with(flag)) words.push_back(word);
    }
    return FaultOf(words);
  };
  const auto parsed = Parse(good);
  ASSERT_FALSE(parsed.exit_code);
  EXPECT_EQ(parsed.options.oidc.provider.redirect_uri,
            "https://p.example/api/v1/auth/oidc/callback");
  EXPECT_EQ(with("--public-url=http://127.0.0.1:9680"), "");
  EXPECT_THAT(with("--public-url=http://p.example"), HasSubstr("--public-url"));
  EXPECT_THAT(with("--public-url=https://p.example/lanemq"), HasSubstr("without a path"));
  EXPECT_THAT(with("--public-url="), HasSubstr("--public-url"));
  EXPECT_THAT(with("--oidc-issuer=http://login.example"), HasSubstr("--oidc-issuer"));
  EXPECT_THAT(with("--oidc-issuer="), HasSubstr("which provider"));
  EXPECT_THAT(with("--oidc-client-id="), HasSubstr("--oidc-client-id"));
  EXPECT_THAT(with("--oidc-scopes=openidx profile"), HasSubstr("without openid"));
  EXPECT_EQ(with("--oidc-scopes=profile openid"), "");
  EXPECT_THAT(FaultOf({"--bootstrap=a:1", "--anonymous", "--oidc-issuer=https://login.example",
                       "--oidc-client-id=lanemq", "--public-url=https://p.example"}),
              HasSubstr("with --anonymous"));
}

}  // namespace
}  // namespace lanemq::portal
