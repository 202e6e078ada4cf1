#include "common/core/placement/capacity_advice.h"

#include <set>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A node of 100 tables.
NodeUsage Node(int id, std::int32_t used, NodeState state = NodeState::kWritable) {
  NodeUsage usage;
  usage.node.id = NodeId{id};
  usage.node.name = "node" + std::to_string(id);
  usage.node.state = state;
  usage.node.schemas_max = 2;
  usage.node.tables_per_schema_max = 50;
  usage.tables = {used - used / 2, used / 2};
  return usage;
}

NodeBytes Bytes(int id, std::optional<std::int64_t> used, std::optional<std::int64_t> capacity) {
  return {NodeId{id}, used, capacity};
}

struct Case {
  std::string name;
  std::vector<NodeUsage> nodes;
  std::vector<NodeBytes> bytes;
  std::int64_t ahead;
  CapacityVerdict verdict;
  std::vector<CapacityCause> causes;
  std::vector<std::string> spare;  ///< Nodes that can be emptied.
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

constexpr auto kFine = CapacityVerdict::kFine;
constexpr auto kExpand = CapacityVerdict::kExpand;
constexpr auto kShrink = CapacityVerdict::kShrink;
constexpr auto kClosed = NodeState::kClosed;
constexpr auto kDisabled = NodeState::kDisabled;
constexpr auto kNoNode = CapacityCause::kNoWritableNode;
constexpr auto kNoRoom = CapacityCause::kNoRoom;
constexpr auto kTablesLow = CapacityCause::kTablesLow;
constexpr auto kBytesLow = CapacityCause::kBytesLow;
constexpr auto kSpare = CapacityCause::kNodeToSpare;

class CapacityTest : public ::testing::TestWithParam<Case> {};

TEST_P(CapacityTest, SaysWhatToDoAndWhy) {
  const Case& c = GetParam();
  const CapacityAdvice advice = AdviseCapacity(c.nodes, c.bytes, {.partitions_ahead = c.ahead});
  EXPECT_EQ(advice.verdict, c.verdict);
  EXPECT_EQ(advice.causes, c.causes);
  std::vector<std::string> spare;
  for (const NodeRoom& room : advice.nodes) {
    if (room.can_be_emptied) spare.push_back(room.node);
  }
  EXPECT_EQ(spare, c.spare);
}

INSTANTIATE_TEST_SUITE_P(
    All, CapacityTest,
    ::testing::Values(
        Case{"no_node", {}, {}, 0, kExpand, {kNoNode}, {}},
        Case{"all_closed", {Node(1, 10, kClosed)}, {}, 5, kExpand, {kNoNode}, {}},
        Case{
            "disabled_counts_for_nothing", {Node(1, 10, kDisabled)}, {}, 0, kExpand, {kNoNode}, {}},
        Case{"one_node_with_room", {Node(1, 10)}, {}, 5, kFine, {}, {}},
        Case{"exactly_enough", {Node(1, 80)}, {}, 20, kFine, {}, {}},
        Case{"one_too_few", {Node(1, 80)}, {}, 21, kExpand, {kNoRoom}, {}},
        Case{"nine_tenths", {Node(1, 90)}, {}, 0, kFine, {}, {}},
        Case{"more_than_that", {Node(1, 91)}, {}, 0, kExpand, {kTablesLow}, {}},
        Case{"both", {Node(1, 95)}, {}, 6, kExpand, {kNoRoom, kTablesLow}, {}},
        Case{"full_closed_one_does_not_matter",
             {Node(1, 60), Node(2, 100, kClosed)},
             {},
             10,
             kFine,
             {},
             {}},
        Case{"the_sum_counts", {Node(1, 100), Node(2, 70)}, {}, 30, kFine, {}, {}},
        Case{"bytes", {Node(1, 10)}, {Bytes(1, 900, 1'000)}, 0, kExpand, {kBytesLow}, {}},
        Case{"bytes_of_a_closed_one",
             {Node(1, 10), Node(2, 1, kClosed)},
             {Bytes(2, 950, 1'000)},
             0,
             kExpand,
             {kBytesLow},
             {}},
        Case{"bytes_are_fine", {Node(1, 10)}, {Bytes(1, 899, 1'000)}, 0, kFine, {}, {}},
        Case{"capacity_not_declared",
             {Node(1, 10)},
             {Bytes(1, 900, std::nullopt)},
             0,
             kFine,
             {},
             {}},
        Case{"either_can_go",
             {Node(1, 20), Node(2, 25)},
             {},
             5,
             kShrink,
             {kSpare},
             {"node1", "node2"}},
        Case{"half_full_is_too_full_for_one", {Node(1, 20), Node(2, 25)}, {}, 6, kFine, {}, {}},
        Case{"three_that_are_used_well",
             {Node(1, 30), Node(2, 50), Node(3, 70)},
             {},
             0,
             kFine,
             {},
             {}},
        Case{"a_closed_one_can_go",
             {Node(1, 30), Node(2, 15, kClosed)},
             {},
             5,
             kShrink,
             {kSpare},
             {"node2"}},
        Case{"nowhere_to_go", {Node(1, 1), Node(2, 1, kDisabled)}, {}, 0, kFine, {}, {}},
        Case{"bytes_do_not_fit",
             {Node(1, 10), Node(2, 10)},
             {Bytes(1, 300, 1'000), Bytes(2, 300, 1'000)},
             0,
             kFine,
             {},
             {}},
        Case{"bytes_fit_one_way_only",
             {Node(1, 10), Node(2, 10)},
             {Bytes(1, 200, 500), Bytes(2, 200, 1'000)},
             0,
             kShrink,
             {kSpare},
             {"node1"}},
        Case{"bytes_not_known_of_all",
             {Node(1, 10), Node(2, 10)},
             {Bytes(1, 300, 1'000), Bytes(2, std::nullopt, 1'000)},
             0,
             kShrink,
             {kSpare},
             {"node1", "node2"}}),
    [](const auto& test) { return test.param.name; });

TEST(CapacityAdviceTest, TellsTheFigures) {
  const auto advice = AdviseCapacity(
      std::vector{Node(2, 40), Node(1, 60), Node(4, 7, kDisabled), Node(3, 5, kClosed)},
      std::vector{Bytes(1, 10, 100)}, {.partitions_ahead = 50});
  EXPECT_EQ(advice.used, 100);
  EXPECT_EQ(advice.free, 100);
  EXPECT_THAT(advice.nodes, ElementsAre(NodeRoom{"node1", true, 60, 40, false, 10, 100},
                                        NodeRoom{"node2", true, 40, 60, false, {}, {}},
                                        NodeRoom{"node3", false, 5, 95, false, {}, {}}));
  EXPECT_THAT(advice.causes, IsEmpty());
}

TEST(CapacityAdviceTest, EveryCauseHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const auto cause : {kNoNode, kNoRoom, kTablesLow, kBytesLow, kSpare}) {
    names.insert(NameOf(cause));
  }
  EXPECT_EQ(names.size(), 5u);
  EXPECT_FALSE(names.contains(""));
}

TEST(CapacityAdviceTest, CountsWhatIsNewAndStays) {
  CatalogSnapshot snapshot;
  const auto add = [&](TopicState state, std::int64_t made, std::size_t partitions) -> Topic& {
    Topic& topic = snapshot.topics.emplace_back();
    topic.state = state;
    topic.created_at = WallTime{made};
    topic.partitions.resize(partitions);
    return topic;
  };
  add(TopicState::kActive, 999, 1);
  add(TopicState::kActive, 1'000, 2);
  add(TopicState::kActive, 5'000, 4);
  add(TopicState::kCreating, 5'000, 8);
  add(TopicState::kDeleting, 5'000, 16);
  add(TopicState::kDeleting, 5'000, 32).deletion.emplace();
  EXPECT_EQ(PartitionsSince(snapshot, WallTime{1'000}), 2 + 4 + 32);
}

TEST(CapacityAdviceTest, SaysHowLongItLasts) {
  EXPECT_EQ(DaysLeft(100, 50, 30), 60);
  EXPECT_EQ(DaysLeft(100, 7, 30), 428);
  EXPECT_EQ(DaysLeft(0, 7, 30), 0);
  EXPECT_EQ(DaysLeft(100, 0, 30), std::nullopt);
}

}  // namespace
}  // namespace lanemq::core
