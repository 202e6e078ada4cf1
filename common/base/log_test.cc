#include "common/base/log.h"

#include <string>

#include <gtest/gtest.h>

namespace lanemq {
namespace {

/// The line that a value makes, from the event on, without its end.
std::string LineOf(const std::string& value) {
  ::testing::internal::CaptureStderr();
  SetUpLogging("text-test", LogLevel::INFO);
  LANEMQ_LOG(WARN, "x.y", {"v", value});
  const std::string out = ::testing::internal::GetCapturedStderr();
  const std::size_t begin = out.find("x.y");
  if (begin == std::string::npos || out.back() != '\n') return "no line: " + out;
  return out.substr(begin, out.size() - begin - 1);
}

TEST(LogTest, AValueIsQuotedWhenItsEndCouldNotBeSeen) {
  EXPECT_EQ(LineOf("plain"), "x.y v=plain");
  EXPECT_EQ(LineOf(R"(C:\tmp)"), R"(x.y v=C:\tmp)");
  EXPECT_EQ(LineOf(""), R"(x.y v="")");
  EXPECT_EQ(LineOf("a b"), R"(x.y v="a b")");
  EXPECT_EQ(LineOf(R"(a="\b")"), R"(x.y v="a=\"\\b\"")");
  EXPECT_EQ(LineOf("gr\xc3\xbc\xc3\x9f"), "x.y v=gr\xc3\xbc\xc3\x9f");
}

TEST(LogTest, AValueNeitherBeginsALineNorDrivesATerminal) {
  EXPECT_EQ(LineOf("a\nb"), R"(x.y v="a b")");
  EXPECT_EQ(LineOf("a\rb"), R"(x.y v="a\x0db")");
  EXPECT_EQ(LineOf("\x1b[2J"), R"(x.y v="\x1b[2J")");
  EXPECT_EQ(LineOf(R"(\x1b[2J )"), R"(x.y v="\\x1b[2J ")") << "what only looks like it differs";
  for (int c = 0; c < 0x80; ++c) {
    const std::string line = LineOf(std::string("a") + static_cast<char>(c) + "b");
    EXPECT_EQ(line.rfind("x.y v=", 0), 0u) << c << ": " << line;
    for (const char in_line : line) {
      EXPECT_TRUE(in_line >= 0x20 && in_line != 0x7f) << c << ": " << line;
    }
  }
}

}  // namespace
}  // namespace lanemq
