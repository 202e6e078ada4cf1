#include "portal/api/transcode/json_body.h"

#include <string>

#include <gtest/gtest.h>

namespace lanemq::portal {
namespace {

std::string FaultOf(const std::string& text) {
  const auto parsed = ParseJson(text);
  const auto* fault = std::get_if<Fault>(&parsed);
  return fault == nullptr ? "" : fault->detail;
}

std::string Nested(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') +
         std::string(static_cast<std::size_t>(depth), ']');
}

TEST(JsonBodyTest, ReadsWholeDocuments) {
  const auto parsed = ParseJson(R"({"a":[1,-2,1.5,"x",null,true,{}],"b":{"c":9007199254740993}})");
  const auto& json = std::get<nlohmann::json>(parsed);
  EXPECT_EQ(json["a"].size(), 7u);
  EXPECT_EQ(json["b"]["c"].get<std::int64_t>(), 9007199254740993);
  EXPECT_EQ(json["a"][3], "x");
}

TEST(JsonBodyTest, RefusesWhatIsNoJson) {
  for (const char* text : {"", "{", "{]", "[1,]", "{'a':1}", "nul", "1 2", "{\"a\":1}x", "\"\xff\"",
                           "\"\xc0\xaf\"", "NaN", "[1e999]"}) {
    EXPECT_NE(FaultOf(text), "") << text;
  }
}

TEST(JsonBodyTest, DoesNotRepeatWhatItCouldNotRead) {
  EXPECT_EQ(FaultOf("{\"password\":hunter2}").find("hunter2"), std::string::npos);
}

TEST(JsonBodyTest, RefusesAMemberThatStandsTwice) {
  EXPECT_NE(FaultOf(R"({"a":1,"a":2})").find("twice"), std::string::npos);
  EXPECT_EQ(FaultOf(R"({"a":1,"b":{"a":2}})"), "");
}

TEST(JsonBodyTest, StopsAtTheLimitOfDepth) {
  EXPECT_EQ(FaultOf(Nested(kJsonDepthMax)), "");
  EXPECT_NE(FaultOf(Nested(kJsonDepthMax + 1)).find("nested"), std::string::npos);
  EXPECT_NE(FaultOf(std::string(1'000'000, '[')), "");
}

TEST(JsonBodyTest, StopsAtTheLimitOfElements) {
  std::string full = "[0";
  for (std::size_t i = 1; i < kJsonElementsMax; ++i) full += ",0";
  EXPECT_EQ(FaultOf(full + "]"), "");
  EXPECT_NE(FaultOf(full + ",0]").find("more than"), std::string::npos);
}

TEST(JsonBodyTest, PointersEscapeWhatTheyAreMadeOf) { EXPECT_EQ(PointerToken("a/b~c"), "a~1b~0c"); }

}  // namespace
}  // namespace lanemq::portal
