#include "common/core/types/header_text.h"

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using Headers = std::vector<Header>;

std::string Text(const Headers& headers) {
  std::string out;
  AppendHeaderText(headers, out);
  return out;
}

TEST(HeaderTextTest, PlainHeadersReadAsTheyAre) {
  EXPECT_EQ(Text({{"trace", "ab-12"}, {"url", "http://x/y"}}), "trace=ab-12&url=http://x/y");
}

TEST(HeaderTextTest, SeparatorsAndSpacesAreEscaped) {
  EXPECT_EQ(Text({{"a=b", "c&d %"}}), "a%3Db=c%26d%20%25");
}

TEST(HeaderTextTest, EveryByteSurvives) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  const Headers headers = {{all, all}, {"", ""}, {"same", "1"}, {"same", "2"}};
  const auto parsed = ParseHeaderText(Text(headers));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(*parsed, headers);
}

TEST(HeaderTextTest, WhatWeDidNotWriteIsCorrupt) {
  for (const char* bad : {"", "a", "a=1&", "a=%", "a=%4", "a=%zz", "a=%4z", "&a=1"}) {
    const auto parsed = ParseHeaderText(bad);
    ASSERT_FALSE(parsed.ok()) << bad;
    EXPECT_EQ(parsed.error().code, ErrorCode::kCorruptMessage);
  }
}

}  // namespace
}  // namespace lanemq::core
