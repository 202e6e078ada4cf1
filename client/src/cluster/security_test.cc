#include "client/src/cluster/security.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace lanemq::client {
namespace {

class SecurityTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string Path(const std::string& name) const {
    return (dir_.path() / name).string();
  }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name), std::ios::trunc) << text;
    return Path(name);
  }

  const testing::TempDir dir_;
};

TEST_F(SecurityTest, WithoutOptionsThereIsNone) {
  const auto security = MakeSecurity({});
  ASSERT_TRUE(security.ok());
  EXPECT_EQ(security->tls, nullptr);
  EXPECT_FALSE(security->token);
}

TEST_F(SecurityTest, ATokenIsTakenAsItIsOrFromItsFile) {
  ClientOptions options;
  options.token = "lmq_text";
  EXPECT_EQ(MakeSecurity(options)->token(), "lmq_text");
  options.token.clear();
  options.token_file = Write("token", "lmq_first\n");
  const auto security = MakeSecurity(options);
  ASSERT_TRUE(security.ok()) << security.error().message;
  EXPECT_EQ(security->token(), "lmq_first");
  (void)Write("token", "lmq_second\n");
  EXPECT_EQ(security->token(), "lmq_second");
}

TEST_F(SecurityTest, FilesThatAreOfNoUseAreNamed) {
  ClientOptions options;
  options.token_file = Path("no-token");
  const auto no_token = MakeSecurity(options);
  ASSERT_FALSE(no_token.ok());
  EXPECT_EQ(no_token.error().code, ErrorCode::kInvalidConfig);
  EXPECT_NE(no_token.error().message.find("no-token"), std::string::npos);

  options.token_file.clear();
  options.tls = true;
  options.tls_ca_file = Path("no-ca");
  const auto no_ca = MakeSecurity(options);
  ASSERT_FALSE(no_ca.ok());
  EXPECT_EQ(no_ca.error().code, ErrorCode::kInvalidConfig);
  EXPECT_NE(no_ca.error().message.find("no-ca"), std::string::npos);
}

TEST_F(SecurityTest, ARefusedTokenComesWithAdviceAndWithoutTheToken) {
  const Error refused{ErrorCode::kAuthenticationFailed, "refused"};
  ClientOptions options;
  EXPECT_NE(WithAdvice(refused, options).message.find("has no token"), std::string::npos);
  options.token = "lmq_secret";
  EXPECT_NE(WithAdvice(refused, options).message.find("new token"), std::string::npos);
  EXPECT_EQ(WithAdvice(refused, options).message.find("lmq_secret"), std::string::npos);
  options.token_file = "/etc/lanemq/token";
  EXPECT_NE(WithAdvice(refused, options).message.find("/etc/lanemq/token"), std::string::npos);
  EXPECT_EQ(WithAdvice(refused, options).code, ErrorCode::kAuthenticationFailed);
  const Error other{ErrorCode::kNotFound, "there is none"};
  EXPECT_EQ(WithAdvice(other, options), other);
}

}  // namespace
}  // namespace lanemq::client
