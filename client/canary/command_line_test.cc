#include "client/canary/command_line.h"

#include <vector>

#include <gtest/gtest.h>

namespace lanemq::client {
namespace {

CanaryOptions OptionsOf(std::vector<const char*> flags) {
  flags.insert(flags.begin(), {"lanemq-canary", "--bootstrap=a:1"});
  auto parsed = ParseCanaryCommandLine(static_cast<int>(flags.size()), flags.data());
  EXPECT_FALSE(parsed.exit_code);
  return std::move(parsed.options.canary);
}

TEST(CanaryCommandLineTest, IsPlainAndNobodyUnlessToldOtherwise) {
  const CanaryOptions options = OptionsOf({});
  EXPECT_FALSE(options.tls);
  EXPECT_EQ(options.token_file, "");
  EXPECT_EQ(options.bootstrap_servers, std::vector<std::string>{"a:1"});
}

TEST(CanaryCommandLineTest, TakesATokenAndTls) {
  const CanaryOptions options = OptionsOf({"--token-file=/etc/canary.token", "--tls"});
  EXPECT_TRUE(options.tls);
  EXPECT_EQ(options.token_file, "/etc/canary.token");
}

TEST(CanaryCommandLineTest, ACertificateAuthorityTurnsTlsOn) {
  const CanaryOptions options = OptionsOf({"--ca-file=/etc/ca.pem"});
  EXPECT_TRUE(options.tls);
  EXPECT_EQ(options.tls_ca_file, "/etc/ca.pem");
}

}  // namespace
}  // namespace lanemq::client
