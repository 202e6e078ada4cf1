#include "client/cli/terminal/line_reader.h"

#include <vector>

#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

std::vector<std::string> LinesOf(const std::vector<std::string>& pieces) {
  LineReader reader(10);
  std::vector<std::string> lines;
  const auto drain = [&] {
    std::string_view line;
    while (true) {
      const auto next = reader.Take(line);
      if (next == LineReader::Next::kLine) {
        lines.emplace_back(line);
      } else {
        if (next == LineReader::Next::kTooLong) lines.emplace_back("TOO LONG");
        return;
      }
    }
  };
  for (const std::string& piece : pieces) {
    reader.Feed(piece);
    drain();
  }
  reader.End();
  drain();
  return lines;
}

using Lines = std::vector<std::string>;

TEST(LineReaderTest, ALineIsALineHoweverItArrives) {
  EXPECT_EQ(LinesOf({"a\nb\n"}), (Lines{"a", "b"}));
  EXPECT_EQ(LinesOf({"a", "a\n", "\n", "b"}), (Lines{"aa", "", "b"}));
  EXPECT_EQ(LinesOf({"a\r\nb"}), (Lines{"a\r", "b"}));
  EXPECT_EQ(LinesOf({"\n"}), (Lines{""}));
  EXPECT_EQ(LinesOf({}), Lines{});
  EXPECT_EQ(LinesOf({"", "x"}), (Lines{"x"}));
}

TEST(LineReaderTest, LinesAreBounded) {
  EXPECT_EQ(LinesOf({"0123456789\n"}), (Lines{"0123456789"}));
  EXPECT_EQ(LinesOf({"0123456789"}), (Lines{"0123456789"}));
  EXPECT_EQ(LinesOf({"01234567890"})[0], "TOO LONG");
  EXPECT_EQ(LinesOf({"a\n01234567890\n"}).at(1), "TOO LONG");
}

}  // namespace
}  // namespace lanemq::cli
