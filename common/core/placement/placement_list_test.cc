#include "common/core/placement/placement_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PlacementListTest : public ::testing::Test {
 protected:
  PlacementListTest() {
    Add("audit", {1, 2});
    Add("orders", {1, 2, 1});
    Add("orders.old", {2}).deletion.emplace();
    Add("zebra", {1});
  }

  Topic& Add(const std::string& name, const std::vector<int>& nodes) {
    Topic& topic = snapshot_.topics.emplace_back();
    topic.name = name;
    for (const int node : nodes) {
      Partition& partition = topic.partitions.emplace_back();
      partition.index = static_cast<std::int32_t>(topic.partitions.size()) - 1;
      partition.node = NodeId{node};
    }
    return topic;
  }

  std::vector<std::string> List(const PlacementWish& wish) {
    const auto page = ListPlacements(snapshot_, wish);
    EXPECT_TRUE(page.ok());
    std::vector<std::string> names;
    if (!page.ok()) return names;
    for (const PlacedPartition& one : page->partitions) {
      names.push_back(one.topic->name + "/" + std::to_string(one.partition->index));
    }
    next_ = page->next;
    return names;
  }

  CatalogSnapshot snapshot_;
  std::string next_;
};

TEST_F(PlacementListTest, EverythingInOrder) {
  EXPECT_THAT(List({}), ElementsAre("audit/0", "audit/1", "orders/0", "orders/1", "orders/2",
                                    "orders.old/0", "zebra/0"));
  EXPECT_EQ(next_, "");
}

TEST_F(PlacementListTest, OfANodeAndOfNames) {
  EXPECT_THAT(List({.node = NodeId{2}}), ElementsAre("audit/1", "orders/1", "orders.old/0"));
  EXPECT_THAT(List({.node = NodeId{2}, .topic_prefix = "orders"}),
              ElementsAre("orders/1", "orders.old/0"));
  EXPECT_THAT(List({.topic_prefix = "orders."}), ElementsAre("orders.old/0"));
  EXPECT_THAT(List({.topic_prefix = "b"}), IsEmpty());
  EXPECT_THAT(List({.node = NodeId{9}}), IsEmpty());
}

TEST_F(PlacementListTest, PagesHaveEachOnce) {
  for (const std::size_t max : {1u, 2u, 3u, 6u, 7u, 8u}) {
    std::vector<std::string> all;
    PlacementWish wish{.max = max};
    do {
      const auto page = List(wish);
      EXPECT_LE(page.size(), max);
      all.insert(all.end(), page.begin(), page.end());
      wish.cursor = next_;
    } while (!next_.empty() && all.size() < 20);
    EXPECT_THAT(all, ElementsAre("audit/0", "audit/1", "orders/0", "orders/1", "orders/2",
                                 "orders.old/0", "zebra/0"))
        << max;
  }
}

TEST_F(PlacementListTest, ATopicThatIsGoneMeanwhileLeavesNoGap) {
  EXPECT_THAT(List({.cursor = "nothing/7"}),
              ElementsAre("orders/0", "orders/1", "orders/2", "orders.old/0", "zebra/0"));
  EXPECT_THAT(List({.topic_prefix = "orders", .cursor = "orders/1"}),
              ElementsAre("orders/2", "orders.old/0"));
  // Of pages of other names.
  EXPECT_THAT(List({.topic_prefix = "orders", .cursor = "audit/0"}),
              ElementsAre("orders/0", "orders/1", "orders/2", "orders.old/0"));
  EXPECT_THAT(List({.topic_prefix = "audit", .cursor = "orders/0"}), IsEmpty());
}

TEST_F(PlacementListTest, NonsenseIsRefused) {
  for (const std::string cursor : {"x", "/1", "x/", "x/y", "x/-1", "x/1z"}) {
    EXPECT_EQ(ListPlacements(snapshot_, {.cursor = cursor}).error().code,
              ErrorCode::kInvalidRequest)
        << cursor;
  }
}

}  // namespace
}  // namespace lanemq::core
