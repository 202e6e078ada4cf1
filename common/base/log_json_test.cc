#include "common/base/log_json.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace lanemq {
namespace {

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

TEST(LogJsonTest, EscapesWhatWouldEndTheStringOrTheLine) {
  EXPECT_EQ(Quoted("plain"), R"("plain")");
  EXPECT_EQ(Quoted(R"(a"b\c)"), R"("a\"b\\c")");
  EXPECT_EQ(Quoted("a\nb\rc\td"), R"("a\nb\rc\td")");
  EXPECT_EQ(Quoted(std::string_view("\0\x01\x1f\x7f", 4)), R"("\u0000\u0001\u001f\u007f")");
  EXPECT_EQ(Quoted(""), R"("")");
}

TEST(LogJsonTest, KeepsUtf8AndReplacesWhatIsNone) {
  EXPECT_EQ(Quoted("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80"),
            "\"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80\"");
  for (const std::string_view bad :
       {"\xff", "\x80", "\xc0", "\xc1", "\xc3", "\xe2\x82", "\xf5", "\xf0\x9f\x98"}) {
    const std::string quoted = Quoted(bad);
    EXPECT_EQ(quoted.find(R"("\ufffd)"), 0u) << quoted;
    for (const char c : quoted) EXPECT_LT(static_cast<unsigned char>(c), 0x80u);
  }
  // Overlong, a surrogate, above U+10FFFF.
  for (const std::string_view bad :
       {"\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf0\x80\x80\xaf"}) {
    EXPECT_EQ(Quoted(bad).find(R"("\ufffd)"), 0u);
  }
  EXPECT_EQ(Quoted("a\xc3(b"), R"("a\ufffd(b")") << "what follows a broken character is kept";
}

TEST(LogJsonTest, NumbersAndTruthAreBareTextNever) {
  const std::string number = "17";
  EXPECT_EQ(JsonMembers("x.y", {{"n", 17},
                                {"id", number},
                                {"is", true},
                                {"not", false},
                                {"f", 1.5},
                                {"nan", std::numeric_limits<double>::quiet_NaN()},
                                {"inf", -std::numeric_limits<double>::infinity()},
                                {"c", 'c'}}),
            R"("event":"x.y","n":17,"id":"17","is":true,"not":false,"f":1.5,"nan":"nan",)"
            R"("inf":"-inf","c":"c")");
}

TEST(LogJsonTest, AFieldDoesNotReplaceTheHead) {
  EXPECT_EQ(JsonMembers("e", {{"ts", 1}, {"level", "l"}, {"event", "f"}, {"tsx", 2}}),
            R"("event":"e","ts_":1,"level_":"l","event_":"f","tsx":2)");
}

TEST(LogJsonTest, ALineIsOneObject) {
  ::testing::internal::CaptureStderr();
  SetUpLogging("json-test", LogLevel::INFO, LogFormat::kJson);
  LANEMQ_LOG(WARN, "slow.request", {"request_id", "5f-1"}, {"detail", "two\nlines"});
  SetUpLogging("json-test", LogLevel::INFO);
  LANEMQ_LOG(WARN, "plain", {"a", 1});
  const std::string out = ::testing::internal::GetCapturedStderr();
  const std::size_t end = out.find('\n');
  ASSERT_NE(end, std::string::npos);
  const std::string line = out.substr(0, end);
  EXPECT_EQ(line.find(R"({"ts":"2)"), 0u) << line;
  EXPECT_NE(line.find(R"(Z","level":"warning","program":"json-test","event":"slow.request",)"
                      R"("request_id":"5f-1","detail":"two\nlines"})"),
            std::string::npos)
      << line;
  EXPECT_NE(out.find("plain a=1\n", end), std::string::npos) << out;
}

}  // namespace
}  // namespace lanemq
