#include "portal/api/options.h"

#include <string>
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

}  // namespace
}  // namespace lanemq::portal
