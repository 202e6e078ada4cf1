#include "client/cli/text/message_format.h"

#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

const MessageView kMessage{.topic = "orders",
                           .partition = 3,
                           .offset = 42,
                           .timestamp = WallTime{1'795'237'696'000'000},
                           .key = "k1",
                           .body = "hello",
                           .headers = {{"a", "1"}, {"b", "2"}}};

std::string Print(std::string_view format, const MessageView& message = kMessage) {
  const auto parsed = MessageFormat::Parse(format);
  if (!parsed.ok()) return parsed.error().message;
  std::string out;
  parsed->AppendTo(out, message);
  return out;
}

TEST(MessageFormatTest, PrintsEveryField) {
  EXPECT_EQ(Print("%t %p %o %k %v %h %T\\n"),
            "orders 3 42 k1 hello a=1,b=2 2026-11-21T05:08:16.000000Z\n");
  EXPECT_EQ(Print("%s|%K|%S|%%"), "hello|2|5|%");
  EXPECT_EQ(Print("a\\tb\\\\\\x41\\0").size(), 6U);
  EXPECT_EQ(Print("a\\tb\\\\\\x41"), "a\tb\\A");
  EXPECT_EQ(Print(""), "");
}

TEST(MessageFormatTest, AbsentIsEmptyAndSizeMinusOne) {
  MessageView message = kMessage;
  message.key.reset();
  message.body.reset();
  message.headers.clear();
  EXPECT_EQ(Print("[%k][%v][%h]%K,%S", message), "[][][]-1,-1");
}

TEST(MessageFormatTest, NamesWhatItDoesNotKnow) {
  EXPECT_NE(Print("%o %z").find("'%z'"), std::string::npos);
  EXPECT_NE(Print("%").find("%t topic"), std::string::npos);
  EXPECT_FALSE(MessageFormat::Parse("\\q").ok());
  EXPECT_FALSE(MessageFormat::Parse("\\x4").ok());
  EXPECT_FALSE(MessageFormat::Parse("\\xg1").ok());
  EXPECT_FALSE(MessageFormat::Parse("a\\").ok());
}

TEST(UnescapeTest, MakesTabsOutOfBackslashT) {
  EXPECT_EQ(*Unescape("\\t"), "\t");
  EXPECT_EQ(*Unescape("a:b"), "a:b");
  EXPECT_FALSE(Unescape("\\k").ok());
}

}  // namespace
}  // namespace lanemq::cli
