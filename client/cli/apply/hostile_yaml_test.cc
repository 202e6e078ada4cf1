#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/apply/documents.h"
#include "client/cli/apply/yaml_tree.h"
#include "common/base/clock.h"
#include "common/base/random.h"

namespace lanemq::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

std::string FaultOf(std::string_view text, const YamlLimits& limits = {}) {
  const auto parsed = ParseYaml(text, "f", limits);
  if (parsed.ok()) return "";
  EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidRequest);
  return parsed.error().message;
}

TEST(HostileYaml, AnAliasBombIsRefusedBeforeItGrows) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {  // 10^12 values.
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) {
      text += (j == 0 ? "*a" : ", *a") + std::to_string(i - 1);
    }
    text += "]\n";
  }
  EXPECT_THAT(FaultOf(text), MatchesRegex("f:[0-9]+: more than 200000 values in one file.*"));
}

TEST(HostileYaml, ManyAliasesOfOneLargeThingAreRefused) {
  std::string text = "- &a [";
  for (int i = 0; i < 1'000; ++i) text += "x,";
  text += "x]\n";
  for (int i = 0; i < 1'000; ++i) text += "- *a\n";
  EXPECT_THAT(FaultOf(text), HasSubstr("more than 200000 values"));
}

TEST(HostileYaml, AnAliasOfWhatItIsInIsRefused) {
  EXPECT_EQ(FaultOf("a: &a [1, *a]"), "f:1: an alias within what it stands for");
  EXPECT_EQ(FaultOf("&a {b: {c: *a}}"), "f:1: an alias within what it stands for");
}

TEST(HostileYaml, WhatNobodyAnchoredIsRefused) {
  EXPECT_THAT(FaultOf("a: *nothing"), HasSubstr("f:1: not YAML"));
  // Anchors end with their document.
  EXPECT_THAT(FaultOf("a: &x 1\n---\nb: *x"), HasSubstr("not YAML"));
}

TEST(HostileYaml, DeepNestingIsRefused) {
  for (const int depth : {17, 100, 400, 10'000, 1'000'000}) {
    const auto count = static_cast<std::size_t>(depth);
    EXPECT_NE(FaultOf(std::string(count, '[')), "") << depth;
    EXPECT_NE(FaultOf(std::string(count, '[') + std::string(count, ']')), "") << depth;
    std::string maps;
    for (std::size_t i = 0; i < std::min<std::size_t>(count, 20'000); ++i) maps += "{a: ";
    EXPECT_NE(FaultOf(maps), "") << depth;
  }
  EXPECT_EQ(FaultOf(std::string(16, '[') + std::string(16, ']')), "");
}

TEST(HostileYaml, WhatIsTooLargeIsRefusedWithoutBeingParsed) {
  EXPECT_EQ(FaultOf(std::string(101, ' '), {.bytes_max = 100}), "f: more than 100 bytes");
}

TEST(HostileYaml, AKeyTwiceIsRefused) {
  EXPECT_EQ(FaultOf("a: 1\nb: 2\na: 3"), "f:3: 'a' is there twice, first in line 1");
  EXPECT_EQ(FaultOf("x:\n  a: 1\n  a: 1"), "f:3: 'a' is there twice, first in line 2");
}

TEST(HostileYaml, KeysThatAreNoTextAreRefused) {
  EXPECT_EQ(FaultOf("? [a]\n: b"), "f:1: a key that is no text");
  EXPECT_EQ(FaultOf("? {a: b}\n: b"), "f:1: a key that is no text");
  EXPECT_EQ(FaultOf("~: b"), "f:1: a key that is no text");
  EXPECT_EQ(FaultOf("'': b"), "f:1: a key that is no text");
  EXPECT_EQ(FaultOf("<<: a"), "f:1: '<<' takes a map, or a list of maps");
}

TEST(HostileYaml, WhatIsNoTextOrNoYamlIsRefusedWithItsLine) {
  EXPECT_EQ(FaultOf("a: \xff"), "f: not UTF-8");
  EXPECT_THAT(FaultOf("a: 1\nb: [1, 2"), MatchesRegex("f:[0-9]+: not YAML: .*"));
  EXPECT_THAT(FaultOf("a: b: c"), MatchesRegex("f:1: not YAML: .*"));
  EXPECT_THAT(FaultOf("a: 'open"), HasSubstr("not YAML"));
  EXPECT_THAT(FaultOf("\tkey: value\n"), HasSubstr(""));
  EXPECT_EQ(FaultOf(""), "");
  EXPECT_EQ(FaultOf("---\n---\n...\n# nothing\n"), "");
}

TEST(HostileYaml, NoTextBringsTheReaderDown) {
  const std::vector<std::string> pieces = {"kind: ", "topic",
                                           "grant",  "\n",
                                           "  ",     "- ",
                                           ": ",     "name",
                                           "[",      "]",
                                           "{",      "}",
                                           "&a ",    "*a",
                                           "<<: ",   "'",
                                           "\"",     "|\n",
                                           ">-\n",   "#",
                                           "---\n",  "...\n",
                                           "!t ",    "%TAG",
                                           "? ",     ", ",
                                           "~",      "config",
                                           "\\x",    "\xc3\xa4",
                                           "items",  "actions",
                                           "\t",     "\r\n",
                                           "1",      "null",
                                           "team",   "expires_at: 2027-01-31"};
  const std::uint64_t seed = Random::FromSystem().Below(1'000'000);
  SCOPED_TRACE(seed);
  Random random(seed);
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (auto left = random.Below(24); left > 0; --left)
      text += pieces[random.Below(pieces.size())];
    Documents documents;
    Faults faults;
    ReadDocuments(text, "f", documents, faults);
    CheckDuplicates(documents, faults);
  }
}

TEST(HostileYaml, AFileOfOneLargeListIsReadInAShortTime) {
  std::string text;
  for (int i = 0; i < 9'000; ++i) {
    text += "---\n{kind: topic, name: t" + std::to_string(i) +
            ", owner: a, partitions: 4, config: {retention.ms: 1000}}\n";
  }
  Documents documents;
  Faults faults;
  const MonotonicTime begun = SystemClock::Instance().Now();
  ReadDocuments(text, "f", documents, faults);
  EXPECT_EQ(faults.count(), 0U);
  EXPECT_EQ(documents.topics.size(), 9'000U);
  EXPECT_LT(SystemClock::Instance().Now() - begun, std::chrono::seconds(20));
}

}  // namespace
}  // namespace lanemq::cli
