#include "common/core/types/edit_distance.h"

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

TEST(EditDistanceTest, CountsInsertionsDeletionsAndReplacements) {
  EXPECT_EQ(EditDistance("", ""), 0U);
  EXPECT_EQ(EditDistance("topic", "topic"), 0U);
  EXPECT_EQ(EditDistance("topic", "topics"), 1U);
  EXPECT_EQ(EditDistance("abc", ""), 3U);
  EXPECT_EQ(EditDistance("", "abc"), 3U);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3U);
  EXPECT_EQ(EditDistance("lsit", "list"), 2U);
}

}  // namespace
}  // namespace lanemq::core
