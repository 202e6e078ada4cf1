#include "client/cli/cluster/connect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

using testing::ElementsAre;

TEST(ParsePartitionsTest, ReadsListsAndRanges) {
  EXPECT_THAT(*ParsePartitions("3", 4), ElementsAre(3));
  EXPECT_THAT(*ParsePartitions("0,2", 4), ElementsAre(0, 2));
  EXPECT_THAT(*ParsePartitions("0,2-3", 4), ElementsAre(0, 2, 3));
  for (const std::string text : {"", "a", "-1", "1-", "3-1", "1,,2", "1;2", "99999999999"}) {
    EXPECT_EQ(ParsePartitions(text, 4).error().code, ErrorCode::kInvalidRequest) << text;
  }
  EXPECT_EQ(ParsePartitions("4", 4).error().code, ErrorCode::kUnknownTopicOrPartition);
}

TEST(ParsePairsTest, NeedsANameAndAnEqualsSign) {
  const auto pairs = ParsePairs({"a=1", "b=", "c=x=y"});
  ASSERT_TRUE(pairs.ok());
  EXPECT_EQ(pairs->at("a"), "1");
  EXPECT_EQ(pairs->at("b"), "");
  EXPECT_EQ(pairs->at("c"), "x=y");
  EXPECT_FALSE(ParsePairs({"a"}).ok());
  EXPECT_FALSE(ParsePairs({"=1"}).ok());
}

}  // namespace
}  // namespace lanemq::cli
