#include "common/core/retry/error_text.h"

#include <string>

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

TEST(ErrorTextTest, ShortTextsAreLeftAsTheyAre) {
  EXPECT_EQ(CutErrorText("", 0), "");
  EXPECT_EQ(CutErrorText("abc", 3), "abc");
  const std::string longest(kFailureErrorBytesMax, 'x');
  EXPECT_EQ(CutErrorText(longest), longest);
  EXPECT_EQ(CutErrorText(longest + "y"), longest);
}

TEST(ErrorTextTest, ACharacterIsWholeOrGone) {
  const std::string text = "a\u00e9\u20ac\U0001f600z";  // 1, 2, 3, 4 and 1 bytes.
  const std::size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};
  for (std::size_t max = 0; max <= text.size(); ++max) {
    EXPECT_EQ(CutErrorText(text, max).size(), expected[max]) << max;
  }
}

TEST(ErrorTextTest, BytesThatAreNotTextAreCutAtTheLimit) {
  EXPECT_EQ(CutErrorText(std::string(10, '\x80'), 7).size(), 7u);
}

}  // namespace
}  // namespace lanemq::core
