#include "metaserver/wiring.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metaserver/access/new_token.h"
#include "tests/support/temp_dir.h"

namespace lanemq::metaserver {
namespace {

using ::testing::HasSubstr;

TEST(WiringTest, OtherMetaserversAreCalledWithThisOnesToken) {
  const testing::TempDir dir;
  const std::string token = MakeNewToken().text;
  Options options;
  options.token_file = (dir.path() / "token").string();
  std::ofstream(options.token_file) << token << "\n";
  const auto peers = PeerOptions(options);
  ASSERT_TRUE(peers.ok()) << peers.error().ToString();
  ASSERT_TRUE(peers->token);
  EXPECT_EQ(peers->token(), token);
  EXPECT_EQ(peers->tls, nullptr);
}

TEST(WiringTest, WithoutOneTheyAreCalledAsNobody) {
  const auto peers = PeerOptions({});
  ASSERT_TRUE(peers.ok());
  EXPECT_FALSE(peers->token);
}

TEST(WiringTest, FilesThatCannotBeReadStopTheStart) {
  Options options;
  options.token_file = "/nonexistent/token";
  const auto no_token = PeerOptions(options);
  ASSERT_FALSE(no_token.ok());
  EXPECT_EQ(no_token.error().code, ErrorCode::kInvalidConfig);
  EXPECT_THAT(no_token.error().message, HasSubstr("/nonexistent/token"));
  options = {};
  options.auth.tls.certificate_file = "/nonexistent/certificate";
  options.auth.tls.key_file = "/nonexistent/key";
  options.ca_file = "/nonexistent/ca";
  const auto no_authority = PeerOptions(options);
  ASSERT_FALSE(no_authority.ok());
  EXPECT_EQ(no_authority.error().code, ErrorCode::kInvalidConfig);
}

}  // namespace
}  // namespace lanemq::metaserver
