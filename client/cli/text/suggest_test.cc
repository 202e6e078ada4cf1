#include "client/cli/text/suggest.h"

#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

TEST(SuggestTest, CountsEdits) {
  EXPECT_EQ(EditDistance("", ""), 0U);
  EXPECT_EQ(EditDistance("topic", "topic"), 0U);
  EXPECT_EQ(EditDistance("topic", "topics"), 1U);
  EXPECT_EQ(EditDistance("lsit", "list"), 1U);
  EXPECT_EQ(EditDistance("abc", ""), 3U);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3U);
}

TEST(SuggestTest, FindsTheNearWordAndNoOther) {
  const std::vector<std::string> words = {"create", "list", "describe", "delete", "alter"};
  EXPECT_EQ(Suggest("lsit", words), "list");
  EXPECT_EQ(Suggest("creat", words), "create");
  EXPECT_EQ(Suggest("desc", words), "describe");
  EXPECT_EQ(Suggest("remove", words), std::nullopt);
  EXPECT_EQ(Suggest("x", words), std::nullopt);
  EXPECT_EQ(Suggest("", {}), std::nullopt);
}

}  // namespace
}  // namespace lanemq::cli
