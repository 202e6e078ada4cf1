#include "broker/handlers/message_filter.h"

#include <gtest/gtest.h>

namespace lanemq::broker {
namespace {

TEST(TextFinderTest, FindsWhatIsThereAndNothingElse) {
  struct Case {
    std::string text;
    std::string where;
    bool ignore_case;
    bool is_in;
  };
  const Case cases[] = {
      {"", "", false, true},
      {"", "abc", false, true},
      {"a", "", false, false},
      {"abc", "abc", false, true},
      {"abc", "xxabcxx", false, true},
      {"abc", "xxab", false, false},
      {"aab", "aaab", false, true},
      {"abab", "abacabab", false, true},
      {"aabaaa", "aabaabaaab", false, true},
      {"ABC", "xabc", false, false},
      {"ABC", "xabc", true, true},
      {"abc", "xABC", true, true},
      {"\u00c4", "\u00e4", true, false},  // Beyond ASCII letters are as they are.
      {std::string("\0b", 2), std::string("a\0b", 3), false, true},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(TextFinder(one.text, one.ignore_case).IsIn(one.where), one.is_in)
        << one.text << " in " << one.where;
  }
}

TEST(TextFinderTest, AgreesWithTheStandardLibraryOnAllShortTexts) {
  const auto text_of = [](int bits, int length) {
    std::string text;
    for (int i = 0; i < length; ++i) text += (bits >> i & 1) != 0 ? 'b' : 'a';
    return text;
  };
  for (int length = 0; length <= 5; ++length) {
    for (int bits = 0; bits < 1 << length; ++bits) {
      const std::string text = text_of(bits, length);
      const TextFinder finder(text, false);
      for (int where = 0; where < 1 << 9; ++where) {
        const std::string in = text_of(where, 9);
        ASSERT_EQ(finder.IsIn(in), in.find(text) != std::string::npos) << text << " in " << in;
      }
    }
  }
}

TEST(MessageFilterTest, AllThatIsGivenMustHold) {
  core::Record record;
  record.key = "order-7";
  record.body = "{\"city\":\"Bern\"}";
  record.headers = {{"kind", "paid"}, {"kind", "late"}, {"Trace", ""}};
  const auto with = [](auto edit) {
    MessageFilter filter;
    edit(filter);
    return filter;
  };
  EXPECT_TRUE(MessageFilter().Matches(record));
  EXPECT_TRUE(with([](auto& f) { f.key_equals.emplace("order-7", false); }).Matches(record));
  EXPECT_FALSE(with([](auto& f) { f.key_equals.emplace("order", false); }).Matches(record));
  EXPECT_TRUE(with([](auto& f) { f.key_equals.emplace("ORDER-7", true); }).Matches(record));
  EXPECT_TRUE(with([](auto& f) { f.key_contains.emplace("der", false); }).Matches(record));
  EXPECT_TRUE(with([](auto& f) { f.header_name = "Trace"; }).Matches(record));
  EXPECT_FALSE(with([](auto& f) { f.header_name = "trace"; }).Matches(record));
  const auto late = with([](auto& f) {
    f.header_name = "kind";
    f.header_value.emplace("lat", false);
  });
  EXPECT_TRUE(late.Matches(record)) << "the second of that name";
  EXPECT_TRUE(with([](auto& f) { f.body_contains.emplace("Bern", false); }).Matches(record));
  EXPECT_FALSE(with([](auto& f) { f.body_contains.emplace("bern", false); }).Matches(record));
  EXPECT_FALSE(with([](auto& f) {
                 f.key_equals.emplace("order-7", false);
                 f.body_contains.emplace("Basel", false);
               }).Matches(record));
}

TEST(MessageFilterTest, WhatIsNotThereIsNotEmpty) {
  MessageFilter key;
  key.key_equals.emplace("", false);
  MessageFilter body;
  body.body_contains.emplace("", false);
  EXPECT_FALSE(key.Matches({}));
  EXPECT_FALSE(body.Matches({}));
  core::Record record;
  record.key = "";
  record.body = "";
  EXPECT_TRUE(key.Matches(record));
  EXPECT_TRUE(body.Matches(record));
}

}  // namespace
}  // namespace lanemq::broker
