// What every CatalogStore must do with topics.
#include "tests/conformance/catalog_store_suite.h"

#include <atomic>

namespace lanemq::testing {

using core::TopicState;

TEST_P(CatalogStoreSuite, AClusterKeepsItsFirstId) {
  EXPECT_EQ(*store().EnsureCluster("another", Soon()), "cluster-1");
  const core::CatalogSnapshot snapshot = Snapshot();
  EXPECT_EQ(snapshot.cluster_id, "cluster-1");
  EXPECT_EQ(snapshot.version, Version());
  EXPECT_TRUE(snapshot.topics.empty());
}

TEST_P(CatalogStoreSuite, ATopicIsInCreationUntilItsPartitionsAreReady) {
  const core::DataNode node = AddNode("one");
  ExpectBump(true, [&] {
    const auto begun = Begin("orders", 3, {{"retention.ms", "5000"}});
    ASSERT_TRUE(begun.ok()) << begun.error().ToString();
    EXPECT_TRUE(begun->is_new);
    EXPECT_EQ(begun->record.topic.state, TopicState::kCreating);
    EXPECT_EQ(begun->record.ready, 0);
    ASSERT_EQ(begun->record.topic.partitions.size(), 3u);
    EXPECT_EQ(begun->record.topic.partitions[2], (core::Partition{2, node.id, 2}));
  });
  EXPECT_EQ(Unfinished(), std::set<std::string>{"orders"});
  ASSERT_EQ(Snapshot().topics.size(), 1u);
  EXPECT_EQ(Snapshot().topics[0].state, TopicState::kCreating);

  const core::TopicId id = FindOk("orders").topic.id;
  ExpectBump(true, [&] { ASSERT_TRUE(store().MarkPartitionsReady(id, 2, Soon()).ok()); });
  EXPECT_EQ(FindOk("orders").ready, 2);
  EXPECT_EQ(FindOk("orders").topic.state, TopicState::kCreating);
  ExpectBump(true, [&] { ASSERT_TRUE(store().MarkPartitionsReady(id, 3, Soon()).ok()); });
  ExpectBump(false, [&] { ASSERT_TRUE(store().MarkPartitionsReady(id, 3, Soon()).ok()); });

  const core::TopicRecord done = FindOk("orders");
  EXPECT_TRUE(done.IsFinished());
  EXPECT_EQ(done.topic.config, (core::TopicConfig{{"retention.ms", "5000"}}));
  EXPECT_EQ(done.topic.description, "about orders");
  EXPECT_GT(done.topic.created_at.micros, 0);
  EXPECT_EQ(Snapshot().topics[0], done.topic);
  EXPECT_TRUE(Unfinished().empty());
}

TEST_P(CatalogStoreSuite, BeginningAnExistingTopicReturnsItUnchanged) {
  AddNode("one");
  const core::TopicRecord first = BeginOk("orders", 2);
  ExpectBump(false, [&] {
    const auto again = Begin("orders", 7);
    ASSERT_TRUE(again.ok());
    EXPECT_FALSE(again->is_new);
    EXPECT_EQ(again->record.topic, first.topic);
  });
}

TEST_P(CatalogStoreSuite, WhatThePlacerRefusesLeavesNothingBehind) {
  AddNode("small", 1, 2);
  ExpectBump(false, [&] { ExpectError(Begin("big", 3), ErrorCode::kInsufficientCapacity); });
  EXPECT_FALSE(store().FindTopic("big", Soon())->has_value());
  CreateOk("fits", 2);
  ExpectError(Begin("more", 1), ErrorCode::kInsufficientCapacity);
}

TEST_P(CatalogStoreSuite, ATopicAsLargeAsANodeFits) {
  AddNode("one");
  EXPECT_EQ(BeginOk("huge", 990).topic.partitions.size(), 990u);
  ExpectError(Begin("one-more", 1), ErrorCode::kInsufficientCapacity);
}

TEST_P(CatalogStoreSuite, NamesDifferInCaseAndMayBeAnyBytes) {
  AddNode("one");
  const auto lower = BeginOk("orders", 1).topic.id;
  EXPECT_NE(BeginOk("Orders", 1).topic.id, lower);
  EXPECT_EQ(BeginOk(std::string(249, 'x'), 1).topic.name.size(), 249u);
}

TEST_P(CatalogStoreSuite, DeletionHasTwoStepsAndIsRepeatable) {
  AddNode("one", 1, 2);
  const core::TopicRecord record = CreateOk("orders", 2);
  ExpectError(store().BeginDeleteTopic("nope", Note(), Soon()),
              ErrorCode::kUnknownTopicOrPartition);
  // Nothing happens before the intention is recorded.
  ExpectBump(false, [&] { ASSERT_TRUE(store().FinishDeleteTopic(record.topic.id, Soon()).ok()); });
  EXPECT_TRUE(FindOk("orders").IsFinished());

  ExpectBump(true, [&] { ASSERT_TRUE(store().BeginDeleteTopic("orders", Note(), Soon()).ok()); });
  ExpectBump(false, [&] {
    const auto again = store().BeginDeleteTopic("orders", Note(), Soon());
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->topic.partitions.size(), 2u);
  });
  EXPECT_EQ(Unfinished(), std::set<std::string>{"orders"});
  EXPECT_EQ(Snapshot().topics.at(0).state, TopicState::kDeleting);
  ExpectError(store().MarkPartitionsReady(record.topic.id, 2, Soon()),
              ErrorCode::kFailedPrecondition);
  // Its tables still count.
  ExpectError(Begin("other", 1), ErrorCode::kInsufficientCapacity);

  ExpectBump(true, [&] { ASSERT_TRUE(store().FinishDeleteTopic(record.topic.id, Soon()).ok()); });
  ExpectBump(false, [&] { ASSERT_TRUE(store().FinishDeleteTopic(record.topic.id, Soon()).ok()); });
  EXPECT_TRUE(Snapshot().topics.empty());
  ExpectError(store().MarkPartitionsReady(record.topic.id, 2, Soon()),
              ErrorCode::kFailedPrecondition);
  // The name is free; the id is not used again.
  EXPECT_GT(CreateOk("orders", 2).topic.id, record.topic.id);
}

TEST_P(CatalogStoreSuite, NewPartitionsAreVisibleOnlyWhenReady) {
  AddNode("one");
  const core::TopicRecord before = CreateOk("orders", 2);
  ExpectBump(true, [&] {
    const auto grown = Grow("orders", 5);
    ASSERT_TRUE(grown.ok()) << grown.error().ToString();
    EXPECT_EQ(grown->topic.partitions.size(), 5u);
    EXPECT_EQ(grown->ready, 2);
  });
  EXPECT_EQ(Snapshot().topics.at(0), before.topic);
  EXPECT_EQ(Unfinished(), std::set<std::string>{"orders"});
  ExpectBump(false, [&] { EXPECT_TRUE(Grow("orders", 5).ok()); });
  ExpectBump(true,
             [&] { ASSERT_TRUE(store().MarkPartitionsReady(before.topic.id, 5, Soon()).ok()); });
  EXPECT_EQ(Snapshot().topics.at(0).partitions.size(), 5u);
  EXPECT_TRUE(Unfinished().empty());
  ExpectError(Grow("orders", 4), ErrorCode::kInvalidPartitions);
  ExpectError(Grow("nope", 4), ErrorCode::kUnknownTopicOrPartition);
  ExpectError(Grow("orders", 2'000), ErrorCode::kInsufficientCapacity);
  BeginOk("young", 1);
  ExpectError(Grow("young", 4), ErrorCode::kFailedPrecondition);
}

TEST_P(CatalogStoreSuite, SettingsAndDescriptionChange) {
  AddNode("one");
  CreateOk("orders", 1);
  core::TopicChange change{"orders", {{"retention.ms", "7"}, {"max.message.bytes", "9"}}, {}, {}};
  ExpectBump(true, [&] { ASSERT_TRUE(store().AlterTopic(change, Note(), Soon()).ok()); });
  ExpectBump(false, [&] { ASSERT_TRUE(store().AlterTopic(change, Note(), Soon()).ok()); });
  change = {"orders", {{"max.message.bytes", "10"}}, {"retention.ms"}, "caf\xc3\xa9"};
  ExpectBump(true, [&] {
    const auto altered = store().AlterTopic(change, Note(), Soon());
    ASSERT_TRUE(altered.ok()) << altered.error().ToString();
    EXPECT_EQ(altered->topic, FindOk("orders").topic);
  });
  EXPECT_EQ(FindOk("orders").topic.config, (core::TopicConfig{{"max.message.bytes", "10"}}));
  EXPECT_EQ(FindOk("orders").topic.description, "caf\xc3\xa9");
  change.name = "nope";
  ExpectError(store().AlterTopic(change, Note(), Soon()), ErrorCode::kUnknownTopicOrPartition);
  ASSERT_TRUE(store().BeginDeleteTopic("orders", Note(), Soon()).ok());
  change.name = "orders";
  ExpectError(store().AlterTopic(change, Note(), Soon()), ErrorCode::kFailedPrecondition);
}

TEST_P(CatalogStoreSuite, ConcurrentCreationsNeverOverfillAndEachNameExistsOnce) {
  constexpr int kThreads = 6;
  AddNode("one", 2, 10);
  AddNode("two", 2, 10);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 8; ++i) {
        // Half of the names are wanted by everybody.
        const std::string name =
            i % 2 == 0 ? "shared" + std::to_string(i) : std::to_string(t) + "-" + std::to_string(i);
        const auto begun = Begin(name, 2);
        if (begun.ok()) continue;
        EXPECT_EQ(begun.error().code, ErrorCode::kInsufficientCapacity) << begun.error().ToString();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const core::CatalogSnapshot snapshot = Snapshot();
  EXPECT_EQ(snapshot.topics.size(), 20u);  // 40 tables, two each.
  std::set<std::string> names;
  for (const core::Topic& topic : snapshot.topics) names.insert(topic.name);
  EXPECT_EQ(names.size(), snapshot.topics.size());
  for (const core::NodeUsage& usage : core::UsageOf(snapshot)) {
    EXPECT_EQ(usage.Used(), 20);
    for (const std::int32_t tables : usage.tables) EXPECT_LE(tables, 10);
  }
}

TEST_P(CatalogStoreSuite, ASnapshotNeverMixesTwoVersions) {
  AddNode("one");
  std::atomic<bool> is_done{false};
  std::thread writer([&] {
    for (int i = 0; i < 30; ++i) {
      const std::string name = "t" + std::to_string(i);
      const core::TopicRecord record = CreateOk(name, 3);
      EXPECT_TRUE(store().BeginDeleteTopic(name, Note(), Soon()).ok());
      EXPECT_TRUE(store().FinishDeleteTopic(record.topic.id, Soon()).ok());
    }
    is_done = true;
  });
  std::map<std::int64_t, core::CatalogSnapshot> seen;
  while (!is_done) {
    const core::CatalogSnapshot snapshot = Snapshot();
    for (const core::Topic& topic : snapshot.topics) EXPECT_EQ(topic.partitions.size(), 3u);
    const auto [at, is_new] = seen.emplace(snapshot.version, snapshot);
    if (!is_new) {
      EXPECT_EQ(at->second, snapshot);
    }
  }
  writer.join();
}

}  // namespace lanemq::testing
