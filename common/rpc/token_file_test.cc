#include "common/rpc/token_file.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace lanemq::rpc {
namespace {

class TokenFileTest : public ::testing::Test {
 protected:
  void Write(const std::string& text) const { std::ofstream(path_, std::ios::trunc) << text; }

  const testing::TempDir dir_;
  const std::string path_ = (dir_.path() / "token").string();
};

TEST_F(TokenFileTest, WhiteSpaceAroundTheTokenIsNotOfIt) {
  Write(" \n lmq_0123456789_secret\r\n");
  EXPECT_EQ(*ReadTokenFile(path_), "lmq_0123456789_secret");
}

TEST_F(TokenFileTest, WhatIsNoTokenIsRefusedAndNotShown) {
  const auto refused = [this] {
    const auto token = TokenFromFile(path_);
    EXPECT_FALSE(token.ok());
    if (token.ok()) return std::string();
    EXPECT_EQ(token.error().code, ErrorCode::kInvalidConfig);
    EXPECT_NE(token.error().message.find(path_), std::string::npos);
    return token.error().message;
  };
  EXPECT_NE(refused().find("cannot be read"), std::string::npos);
  Write(" \n");
  EXPECT_NE(refused().find("is empty"), std::string::npos);
  Write("user hunter2\n");
  EXPECT_EQ(refused().find("hunter2"), std::string::npos);
  Write(std::string(5'000, 'x'));
  EXPECT_EQ(refused().find("xxxx"), std::string::npos);
  Write("a\x01z");
  (void)refused();
  std::filesystem::remove(path_);
  std::filesystem::create_directory(path_);
  (void)refused();
}

TEST_F(TokenFileTest, ANewTokenCountsFromTheNextTimeOn) {
  Write("first");
  const auto token = TokenFromFile(path_);
  ASSERT_TRUE(token.ok()) << token.error().message;
  EXPECT_EQ((*token)(), "first");
  Write("second\n");
  EXPECT_EQ((*token)(), "second");
}

TEST_F(TokenFileTest, WhileTheFileIsOfNoUseTheLastTokenIsPresented) {
  Write("first");
  const auto token = TokenFromFile(path_);
  ASSERT_TRUE(token.ok()) << token.error().message;
  std::filesystem::remove(path_);
  EXPECT_EQ((*token)(), "first");
  Write("");
  EXPECT_EQ((*token)(), "first");
  Write("second");
  EXPECT_EQ((*token)(), "second");
}

}  // namespace
}  // namespace lanemq::rpc
