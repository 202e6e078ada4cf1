#include "common/core/placement/placement_planner.h"

#include <algorithm>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/random.h"

namespace lanemq::core {
namespace {

using ::testing::HasSubstr;

NodeUsage Node(int id, std::vector<std::int32_t> tables = {}, int schemas = 10,
               int per_schema = 99) {
  NodeUsage usage;
  usage.node.id = NodeId{id};
  usage.node.name = "node" + std::to_string(id);
  usage.node.schemas_max = schemas;
  usage.node.tables_per_schema_max = per_schema;
  usage.tables = std::move(tables);
  return usage;
}

NodeUsage In(NodeState state, NodeUsage usage) {
  usage.node.state = state;
  return usage;
}

PlacementRequest Want(int partitions, std::vector<std::string> pinned = {},
                      std::vector<Partition> existing = {}) {
  return {partitions, std::move(pinned), std::move(existing)};
}

using Places = std::vector<std::pair<std::int64_t, int>>;

Places PlacesOf(const std::vector<Placement>& placements) {
  Places places;
  for (const Placement& p : placements) places.emplace_back(p.node.value, p.schema_index);
  return places;
}

struct Case {
  std::string name;
  std::vector<NodeUsage> nodes;
  PlacementRequest request;
  Places expected;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class PlacementTableTest : public ::testing::TestWithParam<Case> {};

TEST_P(PlacementTableTest, PlacesAsTheTableSays) {
  const auto plan = PlanPlacement(GetParam().nodes, GetParam().request);
  ASSERT_TRUE(plan.ok()) << plan.error().ToString();
  EXPECT_EQ(PlacesOf(*plan), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, PlacementTableTest,
    ::testing::Values(
        Case{"SchemasInTurn", {Node(1)}, Want(3), {{1, 0}, {1, 1}, {1, 2}}},
        Case{"LeastUsedSchemaFirst",
             {Node(1, {5, 3, 4}, 3)},
             Want(4),
             {{1, 1}, {1, 1}, {1, 2}, {1, 0}}},
        Case{"LeastLoadedNodeGetsASinglePartition",
             {Node(1, {2}), Node(2, {1}), Node(3, {9})},
             Want(1),
             {{2, 1}}},
        Case{"LoadIsAShareNotACount", {Node(1, {20}), Node(2, {3}, 1, 10)}, Want(1), {{1, 1}}},
        Case{"ATopicIsSpreadEvenOverUnevenNodes",
             {Node(1, {50}), Node(2)},
             Want(4),
             {{2, 0}, {1, 1}, {2, 1}, {1, 2}}},
        Case{"AFullNodeGetsNothing",
             {Node(1, {2}, 1, 2), Node(2, {}, 1, 5)},
             Want(2),
             {{2, 0}, {2, 0}}},
        Case{"ClosedAndDisabledNodesGetNothing",
             {In(NodeState::kClosed, Node(1)), In(NodeState::kDisabled, Node(2)), Node(3)},
             Want(2),
             {{3, 0}, {3, 1}}},
        Case{"PinnedNodesOnly",
             {Node(1), Node(2), Node(3)},
             Want(3, {"node3", "node2"}),
             {{2, 0}, {3, 0}, {2, 1}}},
        Case{"AGrowingTopicFillsTheNodeThatHasFewer",
             {Node(1, {2}), Node(2, {1})},
             Want(2, {}, {{0, NodeId{2}, 0}, {1, NodeId{2}, 0}}),
             {{1, 1}, {1, 2}}}),
    [](const auto& c) { return c.param.name; });

TEST(PlacementPlannerTest, TheErrorHasFigures) {
  const std::vector<NodeUsage> nodes = {Node(1, {99, 98}, 2), In(NodeState::kClosed, Node(2))};
  const auto plan = PlanPlacement(nodes, Want(4));
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().code, ErrorCode::kInsufficientCapacity);
  EXPECT_THAT(plan.error().message,
              HasSubstr("4 message tables are needed, 1 are free on 1 eligible "
                        "of 2 data nodes; node1: 197 of 198 used"));
  const auto none = PlanPlacement({}, Want(1));
  ASSERT_FALSE(none.ok());
  EXPECT_THAT(none.error().message, HasSubstr("add a data node first"));
}

TEST(PlacementPlannerTest, PinningToAnUnknownOrClosedNodeIsRefused) {
  const std::vector<NodeUsage> nodes = {Node(1), In(NodeState::kClosed, Node(2))};
  EXPECT_EQ(PlanPlacement(nodes, Want(1, {"nope"})).error().code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(PlanPlacement(nodes, Want(1, {"node2"})).error().code, ErrorCode::kFailedPrecondition);
}

TEST(PlacementPlannerTest, ANodeHoldsTenTimesNinetyNineTables) {
  const std::vector<NodeUsage> nodes = {Node(1)};
  const auto plan = PlanPlacement(nodes, Want(990));
  ASSERT_TRUE(plan.ok());
  std::map<int, int> schemas;
  for (const Placement& p : *plan) ++schemas[p.schema_index];
  EXPECT_EQ(schemas.size(), 10u);
  for (const auto& [schema, count] : schemas) EXPECT_EQ(count, 99) << schema;
  EXPECT_FALSE(PlanPlacement(nodes, Want(991)).ok());
}

/// What every plan must be, whatever the input.
void ExpectValid(std::vector<NodeUsage> nodes, const PlacementRequest& request,
                 const std::vector<Placement>& plan) {
  ASSERT_EQ(plan.size(), static_cast<std::size_t>(request.partitions));
  std::map<NodeId, std::int64_t> of_topic;
  for (const Partition& p : request.existing) ++of_topic[p.node];
  for (const Placement& p : plan) {
    const auto node = std::find_if(nodes.begin(), nodes.end(),
                                   [&](const NodeUsage& n) { return n.node.id == p.node; });
    ASSERT_NE(node, nodes.end());
    EXPECT_EQ(node->node.state, NodeState::kWritable);
    ASSERT_LT(p.schema_index, node->node.schemas_max);
    node->tables.resize(static_cast<std::size_t>(node->node.schemas_max));
    ++node->tables[static_cast<std::size_t>(p.schema_index)];
    EXPECT_LE(node->tables[static_cast<std::size_t>(p.schema_index)],
              node->node.tables_per_schema_max);
    ++of_topic[p.node];
  }
  // Spread: a node with room has at most one partition less than any node that got a new one.
  for (const Placement& p : plan) {
    for (const NodeUsage& other : nodes) {
      if (other.node.state != NodeState::kWritable || other.Free() == 0) continue;
      EXPECT_LE(of_topic[p.node], of_topic[other.node.id] + 1);
    }
  }
}

TEST(PlacementPlannerTest, EveryPlanFitsAndIsSpread) {
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const auto below = [&](std::uint64_t bound) { return static_cast<int>(random.Below(bound)); };
    std::vector<NodeUsage> nodes;
    std::int64_t free = 0;
    for (int i = 0, count = below(6); i < count; ++i) {
      NodeUsage node = Node(i + 1, {}, 1 + below(4), 1 + below(8));
      for (int s = 0; s < node.node.schemas_max; ++s) {
        node.tables.push_back(
            below(static_cast<std::uint64_t>(node.node.tables_per_schema_max) + 1));
      }
      node.node.state = static_cast<NodeState>(1 + below(5) / 3);
      if (node.node.state == NodeState::kWritable) free += node.Free();
      nodes.push_back(std::move(node));
    }
    const PlacementRequest request = Want(1 + below(30));
    const auto plan = PlanPlacement(nodes, request);
    ASSERT_EQ(plan.ok(), free >= request.partitions);
    if (plan.ok()) {
      ExpectValid(nodes, request, *plan);
    } else {
      EXPECT_EQ(plan.error().code, ErrorCode::kInsufficientCapacity);
    }
  }
}

TEST(PlacementPlannerTest, UsageCountsEveryTopicWhateverItsState) {
  CatalogSnapshot snapshot;
  snapshot.nodes = {Node(1).node, Node(2).node};
  Topic a;
  a.partitions = {{0, NodeId{1}, 3}, {1, NodeId{2}, 0}};
  Topic b;
  b.state = TopicState::kDeleting;
  b.partitions = {{0, NodeId{1}, 3}};
  snapshot.topics = {a, b};
  const auto usage = UsageOf(snapshot);
  ASSERT_EQ(usage.size(), 2u);
  EXPECT_EQ(usage[0].tables[3], 2);
  EXPECT_EQ(usage[0].Used(), 2);
  EXPECT_EQ(usage[1].Free(), 989);
}

}  // namespace
}  // namespace lanemq::core
