#pragma once

#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/conformance/move_store_suite.h"

namespace lanemq::testing {

TEST_P(MoveStoreSuite, AMoveIsRecordedWithItsTargetAndTakesItsPlace) {
  const core::Topic topic = Make("orders", 2);
  const std::int64_t version = Snapshot().version;
  const auto begun = Begin(Wish("orders", 1, "two"));
  ASSERT_EQ(begun.size(), 1u);
  ASSERT_TRUE(begun[0].status.ok()) << begun[0].status.error().ToString();
  EXPECT_EQ(begun[0].to.node, nodes_["two"]);
  EXPECT_EQ(begun[0].from.node, nodes_["one"]);
  EXPECT_GT(Snapshot().version, version);
  EXPECT_EQ(UsedOn("two"), 1);
  EXPECT_EQ(UsedOn("one"), 2);

  const core::MoveRecord record = Find(begun[0].id);
  EXPECT_EQ(record.topic, "orders");
  EXPECT_EQ(record.state, State::kCopying);
  EXPECT_EQ(record.move.from.key, (core::PartitionKey{topic.id, 1}));
  EXPECT_EQ(record.move.to, begun[0].to);
  EXPECT_EQ(record.bytes_per_second, 1'000'000);
  EXPECT_EQ(record.requested_by, "person:ann");
  EXPECT_EQ(record.reason, Note().reason);
  EXPECT_TRUE(record.is_topic_active);
  EXPECT_FALSE(record.IsFinished());
  const auto unfinished = store().LoadUnfinished(Soon());
  ASSERT_TRUE(unfinished.ok());
  ASSERT_EQ(unfinished->size(), 1u);
  EXPECT_EQ((*unfinished)[0].move, record.move);
}

TEST_P(MoveStoreSuite, APlaceThatAMoveHasTakenIsNotGivenToATopic) {
  Make("orders", 3);
  Make("filler", 5, {"two"});
  ASSERT_NE(BeginOne("orders"), 0);
  const core::Placer placer = [](std::span<const core::NodeUsage> usage) {
    return core::PlanPlacement(usage, {1, {"two"}, {}});
  };
  EXPECT_EQ(CodeOf(catalog().BeginCreateTopic({"more", 1, {}, ""}, placer, Note(), Soon())),
            ErrorCode::kInsufficientCapacity);
  const auto second = Begin(Wish("orders", 1, "two"));
  EXPECT_EQ(CodeOf(second.at(0).status), ErrorCode::kInsufficientCapacity);
}

TEST_P(MoveStoreSuite, ADryRunRecordsNothing) {
  Make("orders", 2);
  const std::int64_t version = Snapshot().version;
  const auto begun = Begin(Leave("one"), /*is_dry_run=*/true);
  ASSERT_EQ(begun.size(), 2u);
  EXPECT_TRUE(begun[0].status.ok());
  EXPECT_EQ(begun[0].id, 0);
  EXPECT_NE(begun[0].to.node, nodes_["one"]);
  EXPECT_EQ(Snapshot().version, version);
  EXPECT_TRUE(store().LoadUnfinished(Soon())->empty());
}

TEST_P(MoveStoreSuite, OnePartitionHasOneMoveAtATime) {
  Make("orders", 1);
  const std::int64_t first = BeginOne("orders");
  const auto again = Begin(Wish("orders", 0, "three"));
  EXPECT_EQ(CodeOf(again.at(0).status), ErrorCode::kAlreadyExists);
  EXPECT_EQ(again.at(0).id, first);
  EXPECT_EQ(again.at(0).to.node, nodes_["two"]);
  ASSERT_TRUE(store().Cancel(first, Note(), Soon()).ok());
  EXPECT_EQ(CodeOf(Begin(Wish("orders", 0, "three")).at(0).status), ErrorCode::kAlreadyExists);
  ASSERT_TRUE(Advance(first, State::kCancelling, State::kCancelled).ok());
  const auto next = Begin(Wish("orders", 0, "three"));
  EXPECT_TRUE(next.at(0).status.ok());
  EXPECT_GT(next.at(0).id, first);
}

TEST_P(MoveStoreSuite, LeavingANodeClosesItAndMovesEverything) {
  Make("orders", 2);
  Make("bills", 1);
  Make("elsewhere", 1, {"three"});
  const auto begun = Begin(Leave("one"));
  ASSERT_EQ(begun.size(), 3u);
  std::set<std::string> topics;
  for (const core::BegunMove& one : begun) {
    EXPECT_TRUE(one.status.ok()) << one.status.error().ToString();
    topics.insert(one.topic);
  }
  EXPECT_EQ(topics, (std::set<std::string>{"orders", "bills"}));
  for (const core::DataNode& node : Snapshot().nodes) {
    EXPECT_EQ(node.state,
              node.name == "one" ? core::NodeState::kClosed : core::NodeState::kWritable);
  }
  const auto again = Begin(Leave("one"));
  ASSERT_EQ(again.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(CodeOf(again[i].status), ErrorCode::kAlreadyExists);
    EXPECT_EQ(again[i].id, begun[i].id);
  }
}

TEST_P(MoveStoreSuite, WhatIsBeingMadeOrDeletedDoesNotMove) {
  Make("new", 1, {"one"}, /*is_ready=*/false);
  Make("old", 1);
  ASSERT_TRUE(catalog().BeginDeleteTopic("old", Note(), Soon()).ok());
  EXPECT_EQ(CodeOf(Begin(Wish("new", 0)).at(0).status), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(CodeOf(Begin(Wish("old", 0)).at(0).status), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(CodeOf(Begin(Wish("none", 0)).at(0).status), ErrorCode::kUnknownTopicOrPartition);
  const auto leaving = Begin(Leave("one"));
  ASSERT_EQ(leaving.size(), 1u);
  EXPECT_EQ(leaving[0].topic, "new");
}

TEST_P(MoveStoreSuite, NamesMustBeOfDataNodesThatTakeOrGivePartitions) {
  Make("orders", 1);
  EXPECT_EQ(CodeOf(store().Begin(Leave("none"), false, Note(), Soon())), ErrorCode::kNotFound);
  core::NewMoves moves = Leave("one");
  moves.targets = {"none"};
  EXPECT_EQ(CodeOf(store().Begin(moves, false, Note(), Soon())), ErrorCode::kNotFound);
  EXPECT_EQ(Snapshot().nodes[0].state, core::NodeState::kWritable);  // Nothing was done.
  core::NodeChange change;
  change.name = "one";
  change.state = core::NodeState::kDisabled;
  ASSERT_TRUE(catalog().AlterDataNode(change, Note(), Soon()).ok());
  EXPECT_EQ(CodeOf(store().Begin(Leave("one"), false, Note(), Soon())),
            ErrorCode::kFailedPrecondition);
  EXPECT_EQ(CodeOf(Begin(Wish("orders", 0)).at(0).status), ErrorCode::kFailedPrecondition);
}

TEST_P(MoveStoreSuite, TheAuditLogHasWhatWasAskedFor) {
  Make("orders", 2);
  const std::size_t known = under_test_->Audited().size();
  const auto begun = Begin(Leave("one"));
  ASSERT_TRUE(store().Cancel(begun.at(0).id, Note("no"), Soon()).ok());
  Begin(Leave("one"));  // Changes nothing.
  const auto events = under_test_->Audited();
  ASSERT_EQ(events.size(), known + 3);
  EXPECT_EQ(events[known].change.object_kind, "data_node");
  EXPECT_EQ(events[known + 1].change.object_kind, "topic");
  EXPECT_EQ(events[known + 1].change.object_name, "orders");
  EXPECT_THAT(events[known + 1].change.after_json, ::testing::HasSubstr("\"from\":\"one\""));
  EXPECT_EQ(events[known + 2].note.reason, "no");
  EXPECT_EQ(events[known + 2].change.object_name, "orders");
}

TEST_P(MoveStoreSuite, ALostReplyIsFoundOutAbout) {
  Make("orders", 2);
  std::int32_t partition = 0;
  for (const bool after_effect : {true, false}) {
    under_test_->LoseReply("bump_version", after_effect);
    const auto begun = store().Begin(Wish("orders", partition++, "two"), false, Note(), Soon());
    ASSERT_TRUE(begun.ok()) << begun.error().ToString();
    ASSERT_TRUE(begun->at(0).status.ok()) << begun->at(0).status.error().ToString();
    EXPECT_EQ(Find(begun->at(0).id).move.to, begun->at(0).to);
  }
  EXPECT_EQ(store().LoadUnfinished(Soon())->size(), 2u);
}

TEST_P(MoveStoreSuite, ManyAtOnceTakeNoPlaceTwice) {
  Make("orders", 4);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this, i] {
      (void)store().Begin(i % 2 == 0 ? Leave("one") : Wish("orders", i), false, Note(), Soon());
    });
  }
  threads.clear();
  const auto unfinished = store().LoadUnfinished(Soon());
  ASSERT_TRUE(unfinished.ok());
  EXPECT_EQ(unfinished->size(), 4u);
  std::map<std::pair<core::NodeId, std::int32_t>, int> tables;
  for (const core::MoveRecord& record : *unfinished) {
    EXPECT_LE((++tables[{record.move.to.node, record.move.to.schema_index}]), 3);
    EXPECT_NE(record.move.to.node, nodes_["one"]);
  }
}

}  // namespace lanemq::testing
