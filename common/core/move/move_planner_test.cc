#include "common/core/move/move_planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/random.h"

namespace lanemq::core {
namespace {

NodeUsage Node(std::int64_t id, std::int32_t used, NodeState state = NodeState::kWritable,
               std::int32_t room = 10) {
  NodeUsage usage;
  usage.node.id = NodeId{id};
  usage.node.name = "db" + std::to_string(id);
  usage.node.state = state;
  usage.node.schemas_max = 1;
  usage.node.tables_per_schema_max = room;
  usage.tables = {used};
  return usage;
}

MovableTopic Topic(const std::string& name, std::vector<std::int64_t> nodes) {
  MovableTopic movable;
  movable.topic.id = TopicId{static_cast<std::int64_t>(name.size())};
  movable.topic.name = name;
  movable.topic.state = TopicState::kActive;
  for (const std::int64_t node : nodes) {
    movable.topic.partitions.push_back(
        {static_cast<std::int32_t>(movable.topic.partitions.size()), NodeId{node}, 0});
  }
  movable.ready = static_cast<std::int32_t>(nodes.size());
  return movable;
}

class MovePlannerTest : public ::testing::Test {
 protected:
  void Add(const MovableTopic& topic) { topics_[topic.topic.name] = topic; }
  std::vector<PlannedMove> Plan(const std::vector<NamedWish>& wishes,
                                const std::vector<std::string>& targets = {}) {
    auto planned = PlanMoves(nodes_, topics_, wishes, targets);
    EXPECT_TRUE(planned.ok()) << planned.error().ToString();
    return planned.ok() ? *planned : std::vector<PlannedMove>{};
  }
  static std::vector<std::int64_t> NodesOf(const std::vector<PlannedMove>& planned) {
    std::vector<std::int64_t> nodes;
    for (const PlannedMove& one : planned) {
      nodes.push_back(one.status.ok() ? one.move.to.node.value : 0);
    }
    return nodes;
  }
  std::vector<NodeUsage> nodes_{Node(1, 4, NodeState::kClosed), Node(2, 0), Node(3, 0)};
  std::map<std::string, MovableTopic> topics_;
};

TEST_F(MovePlannerTest, ATopicThatLeavesANodeIsSpreadOverTheOthers) {
  Add(Topic("orders", {1, 1, 1, 1}));
  const auto planned =
      Plan({{"orders", 0, ""}, {"orders", 1, ""}, {"orders", 2, ""}, {"orders", 3, ""}});
  EXPECT_THAT(NodesOf(planned), ::testing::UnorderedElementsAre(2, 3, 2, 3));
  for (const PlannedMove& one : planned) EXPECT_EQ(one.move.from.node, NodeId{1});
}

TEST_F(MovePlannerTest, AWishMayNameItsTarget) {
  Add(Topic("orders", {1, 2}));
  EXPECT_THAT(NodesOf(Plan({{"orders", 0, "db3"}, {"orders", 1, "db3"}})),
              ::testing::ElementsAre(3, 3));
}

TEST_F(MovePlannerTest, TargetsLimitTheChoice) {
  Add(Topic("orders", {1, 1, 1}));
  EXPECT_THAT(NodesOf(Plan({{"orders", 0, ""}, {"orders", 1, ""}, {"orders", 2, ""}}, {"db3"})),
              ::testing::ElementsAre(3, 3, 3));
}

TEST_F(MovePlannerTest, WhatCannotMoveIsToldAndTheRestMoves) {
  Add(Topic("orders", {2, 1, 1}));
  topics_["orders"].ready = 2;
  topics_["orders"].moving[0] = {
      9, {{TopicId{6}, 0}, NodeId{2}, 0}, {{TopicId{6}, 0}, NodeId{3}, 0}};
  Add(Topic("old", {1}));
  topics_["old"].topic.state = TopicState::kDeleting;
  const auto planned = Plan({{"orders", 0, ""},
                             {"orders", 1, "db1"},
                             {"orders", 2, ""},
                             {"orders", 7, ""},
                             {"nothing", 0, ""},
                             {"old", 0, ""},
                             {"orders", 1, "db2"},
                             {"orders", -1, ""}});
  const std::vector<ErrorCode> expected{
      ErrorCode::kAlreadyExists,           ErrorCode::kFailedPrecondition,
      ErrorCode::kFailedPrecondition,      ErrorCode::kUnknownTopicOrPartition,
      ErrorCode::kUnknownTopicOrPartition, ErrorCode::kFailedPrecondition,
      ErrorCode::kInvalidRequest,          ErrorCode::kUnknownTopicOrPartition};
  ASSERT_EQ(planned.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_FALSE(planned[i].status.ok()) << i;
    EXPECT_EQ(planned[i].status.error().code, expected[i]) << i;
  }
  EXPECT_EQ(planned[0].present->id, 9);
}

TEST_F(MovePlannerTest, APartitionStaysWhereItIsWhenThatIsItsTarget) {
  Add(Topic("orders", {2}));
  const auto planned = Plan({{"orders", 0, "db2"}});
  ASSERT_FALSE(planned[0].status.ok());
  EXPECT_EQ(planned[0].status.error().code, ErrorCode::kFailedPrecondition);
}

TEST_F(MovePlannerTest, WithoutRoomSomeMoveAndTheOthersAreTold) {
  nodes_ = {Node(1, 3, NodeState::kClosed), Node(2, 9), Node(3, 10)};
  Add(Topic("orders", {1, 1}));
  const auto planned = Plan({{"orders", 0, ""}, {"orders", 1, ""}});
  EXPECT_TRUE(planned[0].status.ok());
  ASSERT_FALSE(planned[1].status.ok());
  EXPECT_EQ(planned[1].status.error().code, ErrorCode::kInsufficientCapacity);
}

TEST_F(MovePlannerTest, ATargetMustBeThereAndWritable) {
  Add(Topic("orders", {2}));
  const std::vector<NamedWish> wishes{{"orders", 0, ""}};
  for (const auto& [name, code] : std::map<std::string, ErrorCode>{
           {"db9", ErrorCode::kNotFound}, {"db1", ErrorCode::kFailedPrecondition}}) {
    const std::vector<std::string> targets{name};
    const auto planned = PlanMoves(nodes_, topics_, wishes, targets);
    ASSERT_FALSE(planned.ok());
    EXPECT_EQ(planned.error().code, code);
  }
}

TEST_F(MovePlannerTest, EverythingThatIsOnANodeOrLeavesItOrArrivesIsListed) {
  MovableTopic orders = Topic("orders", {1, 2, 2, 2});
  orders.moving[3] = {10, {{TopicId{6}, 3}, NodeId{2}, 0}, {{TopicId{6}, 3}, NodeId{1}, 0}};
  orders.moving[1] = {9, {{TopicId{6}, 1}, NodeId{1}, 0}, {{TopicId{6}, 1}, NodeId{2}, 0}};
  MovableTopic old = Topic("old", {1});
  old.topic.state = TopicState::kDeleting;
  MovableTopic kept = old;
  kept.topic.name = "kept";
  kept.topic.deletion = TopicDeletion{};
  const std::vector<MovableTopic> topics{orders, old, kept};
  EXPECT_THAT(WishesToLeave(NodeId{1}, topics),
              ::testing::ElementsAre(NamedWish{"orders", 0, ""}, NamedWish{"orders", 1, ""},
                                     NamedWish{"orders", 3, ""}, NamedWish{"kept", 0, ""}));
}

TEST_F(MovePlannerTest, ADeletedTopicThatCanBeBroughtBackMovesAsAnyOther) {
  Add(Topic("kept", {1}));
  topics_["kept"].topic.state = TopicState::kDeleting;
  topics_["kept"].topic.deletion = TopicDeletion{};
  EXPECT_TRUE(Plan({{"kept", 0, ""}}).at(0).status.ok());
}

TEST_F(MovePlannerTest, NoSchemaIsEverOverfilled) {
  Random random(42);
  for (int round = 0; round < 200; ++round) {
    nodes_.clear();
    for (std::int64_t id = 1; id <= 4; ++id) {
      NodeUsage usage =
          Node(id, 0, random.Below(4) == 0 ? NodeState::kClosed : NodeState::kWritable, 5);
      usage.node.schemas_max = 3;
      usage.tables.clear();
      for (int i = 0; i < 3; ++i) {
        usage.tables.push_back(static_cast<std::int32_t>(random.Below(6)));
      }
      nodes_.push_back(usage);
    }
    Add(Topic("orders", {1, 2, 3, 4, 1, 2, 3, 4}));
    std::vector<NamedWish> wishes;
    for (std::int32_t i = 0; i < 8; ++i) wishes.push_back({"orders", i, ""});
    std::map<std::pair<std::int64_t, std::int32_t>, std::int32_t> used;
    for (const NodeUsage& usage : nodes_) {
      for (std::int32_t i = 0; i < 3; ++i) {
        used[{usage.node.id.value, i}] = usage.tables[static_cast<std::size_t>(i)];
      }
    }
    for (const PlannedMove& one : Plan(wishes)) {
      if (!one.status.ok()) continue;
      const PartitionLocation& to = one.move.to;
      ASSERT_LE((++used[{to.node.value, to.schema_index}]), 5);
      ASSERT_NE(to.node, one.move.from.node);
      ASSERT_EQ(nodes_[static_cast<std::size_t>(to.node.value - 1)].node.state,
                NodeState::kWritable);
    }
  }
}

}  // namespace
}  // namespace lanemq::core
