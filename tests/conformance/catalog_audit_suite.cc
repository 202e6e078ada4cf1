// What every CatalogStore must leave in the audit log.
#include <gmock/gmock.h>

#include "tests/conformance/audit_checks.h"
#include "tests/conformance/catalog_store_suite.h"

namespace lanemq::testing {

using core::AuditEvent;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_P(CatalogStoreSuite, ANewTopicIsAuditedOnce) {
  AddNode("one");
  Advance(std::chrono::milliseconds{1'500});
  const core::NewTopic wanted{"orders", 2, {{"retention.ms", "5000"}}, "caf\xc3\xa9"};
  const auto events = AuditOf([&] {
    ASSERT_TRUE(
        store().BeginCreateTopic(wanted, PlacerFor(2), Note("we\nlaunch \xc3\xa9"), Soon()).ok());
  });
  ExpectOne(events, "topic", "orders", Note("we\nlaunch \xc3\xa9"));
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].change.before_json, "");
  EXPECT_THAT(events[0].change.after_json, HasSubstr("\"partitions\":2"));
  EXPECT_THAT(events[0].change.after_json, HasSubstr("\"retention.ms\":\"5000\""));
  EXPECT_THAT(events[0].change.after_json, HasSubstr("caf\xc3\xa9"));
  const auto all = under_test_->Audited();
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[1].at.micros - all[0].at.micros, 1'500'000);

  EXPECT_THAT(AuditOf([&] { EXPECT_FALSE(Begin("orders", 7)->is_new); }), IsEmpty());
  const core::TopicId id = FindOk("orders").topic.id;
  EXPECT_THAT(AuditOf([&] { EXPECT_TRUE(store().MarkPartitionsReady(id, 2, Soon()).ok()); }),
              IsEmpty());
}

TEST_P(CatalogStoreSuite, ChangesOfATopicAreAuditedWithBeforeAndAfter) {
  AddNode("one");
  CreateOk("orders", 2);
  const core::TopicChange change{"orders", {{"retention.ms", "7"}}, {}, "more"};
  const auto alter = [&] { EXPECT_TRUE(store().AlterTopic(change, Note("why"), Soon()).ok()); };
  auto events = AuditOf(alter);
  ExpectOne(events, "topic", "orders", Note("why"));
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_THAT(events[0].change.before_json, HasSubstr("\"config\":{},\"description\":\"about"));
  EXPECT_THAT(events[0].change.after_json,
              HasSubstr("\"config\":{\"retention.ms\":\"7\"},\"description\":\"more\""));
  EXPECT_THAT(AuditOf(alter), IsEmpty());

  events = AuditOf([&] { EXPECT_TRUE(Grow("orders", 5).ok()); });
  ExpectOne(events, "topic", "orders", Note());
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_THAT(events[0].change.before_json, HasSubstr("\"partitions\":2"));
  EXPECT_THAT(events[0].change.after_json, HasSubstr("\"partitions\":5"));
  EXPECT_THAT(AuditOf([&] { EXPECT_TRUE(Grow("orders", 5).ok()); }), IsEmpty());

  const auto remove = [&] {
    EXPECT_TRUE(store().BeginDeleteTopic("orders", Note("over"), Soon()).ok());
  };
  events = AuditOf(remove);
  ExpectOne(events, "topic", "orders", Note("over"));
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_THAT(events[0].change.before_json, HasSubstr("\"partitions\":5"));
  EXPECT_EQ(events[0].change.after_json, "");
  EXPECT_THAT(AuditOf(remove), IsEmpty());
  const core::TopicId id = FindOk("orders").topic.id;
  EXPECT_THAT(AuditOf([&] { EXPECT_TRUE(store().FinishDeleteTopic(id, Soon()).ok()); }), IsEmpty());
}

TEST_P(CatalogStoreSuite, DataNodesAndBrokersThatLeaveAreAudited) {
  auto events = AuditOf([&] { AddNode("one", 3, 7); });
  ExpectOne(events, "data_node", "one", Note());
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].change.before_json, "");
  EXPECT_THAT(events[0].change.after_json, HasSubstr("\"tables_per_schema_max\":7"));
  EXPECT_THAT(AuditOf([&] { AddNode("one", 3, 7); }), IsEmpty());

  const core::NodeChange change{"one", core::NodeState::kClosed, {}, {}};
  const auto alter = [&] { EXPECT_TRUE(store().AlterDataNode(change, Note(), Soon()).ok()); };
  events = AuditOf(alter);
  ExpectOne(events, "data_node", "one", Note());
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_THAT(events[0].change.before_json, HasSubstr("\"state\":\"writable\""));
  EXPECT_THAT(events[0].change.after_json, HasSubstr("\"state\":\"closed\""));
  EXPECT_THAT(AuditOf(alter), IsEmpty());

  EXPECT_THAT(AuditOf([&] { EXPECT_TRUE(Beat(MakeBroker(1, 7, 9'000)).ok()); }), IsEmpty());
  const auto leave = [&](std::int64_t incarnation) {
    return AuditOf([&] {
      EXPECT_TRUE(
          store().UnregisterBroker(core::BrokerId{1}, incarnation, Note("bye"), Soon()).ok());
    });
  };
  EXPECT_THAT(leave(6), IsEmpty());
  events = leave(7);
  ExpectOne(events, "broker", "1", Note("bye"));
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].change.before_json, R"({"host":"10.0.0.1","incarnation":7,"port":9000})");
  EXPECT_THAT(leave(7), IsEmpty());
}

TEST_P(CatalogStoreSuite, WhatFailsIsNotAudited) {
  const core::DataNode node = AddNode("one", 1, 3);
  CreateOk("orders", 2);
  EXPECT_THAT(AuditOf([&] {
                // The placer says no when the topic's row is written already.
                ExpectError(Begin("big", 3), ErrorCode::kInsufficientCapacity);
                ExpectError(Grow("orders", 9), ErrorCode::kInsufficientCapacity);
                ExpectError(Grow("orders", 1), ErrorCode::kInvalidPartitions);
                ExpectError(Grow("nope", 3), ErrorCode::kUnknownTopicOrPartition);
                ExpectError(store().AlterTopic({"nope", {}, {}, "x"}, Note(), Soon()),
                            ErrorCode::kUnknownTopicOrPartition);
                ExpectError(store().BeginDeleteTopic("nope", Note(), Soon()),
                            ErrorCode::kUnknownTopicOrPartition);
                core::DataNode other = node;
                other.port = 1;
                ExpectError(store().AddDataNode(other, Note(), Soon()), ErrorCode::kAlreadyExists);
                other = node;
                other.name = "two";
                ExpectError(store().AddDataNode(other, Note(), Soon()), ErrorCode::kAlreadyExists);
                ExpectError(store().AlterDataNode({"nope", {}, {}, 7}, Note(), Soon()),
                            ErrorCode::kNotFound);
              }),
              IsEmpty());
}

TEST_P(CatalogStoreSuite, OfManyWhoMakeTheSameTopicsOneIsAuditedForEach) {
  constexpr int kThreads = 4;
  constexpr int kTopics = 6;
  AddNode("one");
  const auto events = AuditOf([&] {
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kTopics; ++i) {
          EXPECT_TRUE(Begin("shared" + std::to_string(i), 1).ok());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  std::set<std::string> names;
  for (const AuditEvent& event : events) names.insert(event.change.object_name);
  EXPECT_EQ(names.size(), std::size_t{kTopics});
  EXPECT_EQ(events.size(), names.size());
}

}  // namespace lanemq::testing
