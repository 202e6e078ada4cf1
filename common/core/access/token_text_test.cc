#include "common/core/access/token_text.h"

#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/random.h"

namespace lanemq::core {
namespace {

std::vector<std::uint8_t> Bytes(Random& random, std::size_t count = 128) {
  std::vector<std::uint8_t> bytes(count);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.Below(256));
  return bytes;
}

TEST(TokenTextTest, WhatIsMadeIsReadBackWithBlanksAroundIt) {
  Random random(7);
  for (int i = 0; i < 1'000; ++i) {
    const auto token = MakeToken(Bytes(random));
    ASSERT_TRUE(token.has_value());
    const std::string text = token->ToString();
    ASSERT_EQ(text.size(), 58u);
    ASSERT_TRUE(text.starts_with("lmq_"));
    for (const std::string& written : {text, text + "\n", " \t" + text + "\r\n"}) {
      const auto read = ParseToken(written);
      ASSERT_TRUE(read.has_value()) << written;
      EXPECT_EQ(read->id, token->id);
      EXPECT_EQ(read->secret, token->secret);
    }
  }
}

TEST(TokenTextTest, BytesThatWouldFavourSomeLettersAreSkipped) {
  std::vector<std::uint8_t> bytes(300, 250);  // Beyond 4 * 62.
  EXPECT_FALSE(MakeToken(bytes).has_value());
  std::iota(bytes.begin(), bytes.begin() + 60, std::uint8_t{0});
  const auto token = MakeToken(bytes);
  ASSERT_TRUE(token.has_value());
  EXPECT_EQ(token->id, "0123456789");
  EXPECT_EQ(token->secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq");
  EXPECT_EQ(MakeToken(std::vector<std::uint8_t>(53, 247))->id, "zzzzzzzzzz");
  EXPECT_FALSE(MakeToken(std::vector<std::uint8_t>(53, 248)).has_value());
}

TEST(TokenTextTest, TooFewBytesMakeNoToken) {
  EXPECT_FALSE(MakeToken({}).has_value());
  EXPECT_FALSE(MakeToken(std::vector<std::uint8_t>(52, 1)).has_value());
  EXPECT_TRUE(MakeToken(std::vector<std::uint8_t>(53, 1)).has_value());
}

TEST(TokenTextTest, LettersAreEquallyLikely) {
  Random random(11);
  std::vector<int> counts(128);
  for (int i = 0; i < 4'000; ++i) {
    const auto token = MakeToken(Bytes(random));
    for (const char c : token->id + token->secret) ++counts[static_cast<std::size_t>(c)];
  }
  // 4,000 * 53 / 62 = 3,419 of each; five standard deviations are 290.
  int letters = 0;
  for (const int count : counts) {
    if (count == 0) continue;
    ++letters;
    EXPECT_NEAR(count, 3'419, 290);
  }
  EXPECT_EQ(letters, 62);
}

TEST(TokenTextTest, WhatIsNotATokenIsRefused) {
  Random random(3);
  const std::string good = MakeToken(Bytes(random))->ToString();
  for (std::size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(ParseToken(good.substr(0, length)).has_value()) << length;
  }
  EXPECT_FALSE(ParseToken(good + "x").has_value());
  EXPECT_FALSE(ParseToken(good + " x").has_value());
  EXPECT_FALSE(ParseToken(" ").has_value());
  EXPECT_FALSE(ParseToken("LMQ" + good.substr(3)).has_value());
  EXPECT_FALSE(ParseToken(good + std::string(1, '\0')).has_value());
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string damaged = good;
    damaged[at] = '-';
    EXPECT_FALSE(ParseToken(damaged).has_value()) << damaged;
    damaged[at] = ' ';
    EXPECT_FALSE(ParseToken(damaged).has_value()) << damaged;
  }
}

}  // namespace
}  // namespace lanemq::core
