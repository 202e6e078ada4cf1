// What every CatalogStore must do with topics that are deleted and can be brought back.
#include <gmock/gmock.h>

#include "tests/conformance/audit_checks.h"
#include "tests/conformance/catalog_store_suite.h"

namespace lanemq::testing {

using core::TopicState;
using std::chrono::days;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace {

constexpr days kKeep{7};

}  // namespace

TEST_P(CatalogStoreSuite, ADeletedTopicIsKeptWholeAndComesBackAsItWas) {
  AddNode("one", 1, 2);
  ASSERT_TRUE(Begin("orders", 2, {{"retention.ms", "5000"}}).ok());
  ASSERT_TRUE(store().MarkPartitionsReady(FindOk("orders").topic.id, 2, Soon()).ok());
  const core::Topic before = FindOk("orders").topic;
  ExpectBump(true, [&] {
    const auto deleted = store().MarkTopicDeleted("orders", kKeep, Note(), Soon());
    ASSERT_TRUE(deleted.ok()) << deleted.error().ToString();
    EXPECT_TRUE(deleted->topic.deletion.has_value());
  });
  ExpectBump(false, [&] {
    EXPECT_TRUE(store().MarkTopicDeleted("orders", days{1}, Note(), Soon()).ok());
  });
  core::Topic deleted = Snapshot().topics.at(0);
  EXPECT_EQ(deleted.state, TopicState::kDeleting);
  ASSERT_TRUE(deleted.deletion.has_value());
  EXPECT_EQ(deleted.deletion->purge_at.micros - deleted.deletion->deleted_at.micros,
            std::chrono::microseconds{kKeep}.count());
  EXPECT_EQ(deleted.deletion->by, Note().actor);
  EXPECT_EQ(deleted, FindOk("orders").topic);
  // Nothing is left to do, and nothing may be forgotten.
  EXPECT_TRUE(Unfinished().empty());
  ExpectBump(false, [&] { EXPECT_TRUE(store().FinishDeleteTopic(before.id, Soon()).ok()); });
  // Name and places stay taken; nobody changes it.
  EXPECT_FALSE(Begin("orders", 2)->is_new);
  ExpectError(Begin("other", 1), ErrorCode::kInsufficientCapacity);
  ExpectError(store().AlterTopic({"orders", {}, {}, "x"}, Note(), Soon()),
              ErrorCode::kFailedPrecondition);
  ExpectError(Grow("orders", 3), ErrorCode::kFailedPrecondition);

  ExpectBump(true, [&] {
    const auto back = store().UndeleteTopic("orders", Note(), Soon());
    ASSERT_TRUE(back.ok()) << back.error().ToString();
    EXPECT_EQ(back->topic, before);
  });
  ExpectBump(false, [&] { EXPECT_TRUE(store().UndeleteTopic("orders", Note(), Soon()).ok()); });
  EXPECT_EQ(Snapshot().topics.at(0), before);
  ExpectError(store().UndeleteTopic("nope", Note(), Soon()), ErrorCode::kUnknownTopicOrPartition);
  ExpectError(store().MarkTopicDeleted("nope", kKeep, Note(), Soon()),
              ErrorCode::kUnknownTopicOrPartition);
}

TEST_P(CatalogStoreSuite, WhatIsGoneForGoodDoesNotComeBack) {
  AddNode("one");
  const core::TopicId id = CreateOk("orders", 2).topic.id;
  ASSERT_TRUE(store().MarkTopicDeleted("orders", kKeep, Note(), Soon()).ok());
  ExpectBump(true, [&] {
    const auto begun = store().BeginDeleteTopic("orders", Note(), Soon());
    ASSERT_TRUE(begun.ok()) << begun.error().ToString();
    EXPECT_FALSE(begun->topic.deletion.has_value());
  });
  EXPECT_FALSE(Snapshot().topics.at(0).deletion.has_value());
  EXPECT_EQ(Unfinished(), std::set<std::string>{"orders"});
  ExpectError(store().UndeleteTopic("orders", Note(), Soon()), ErrorCode::kFailedPrecondition);
  ExpectBump(false, [&] {
    const auto again = store().MarkTopicDeleted("orders", kKeep, Note(), Soon());
    ASSERT_TRUE(again.ok());
    EXPECT_FALSE(again->topic.deletion.has_value());
  });
  ASSERT_TRUE(store().FinishDeleteTopic(id, Soon()).ok());
  EXPECT_TRUE(CreateOk("orders", 2).IsFinished());
}

TEST_P(CatalogStoreSuite, WithNothingToKeepATopicGoesForGood) {
  AddNode("one");
  BeginOk("young", 2);
  CreateOk("old", 2);
  EXPECT_FALSE(store().MarkTopicDeleted("young", kKeep, Note(), Soon())->topic.deletion);
  EXPECT_FALSE(store().MarkTopicDeleted("old", milliseconds{0}, Note(), Soon())->topic.deletion);
  EXPECT_EQ(Unfinished(), (std::set<std::string>{"old", "young"}));
}

TEST_P(CatalogStoreSuite, ADeletedTopicThatWasGrowingIsFinishedAllTheSame) {
  AddNode("one");
  const core::TopicId id = CreateOk("orders", 2).topic.id;
  ASSERT_TRUE(Grow("orders", 4).ok());
  ASSERT_TRUE(store().MarkTopicDeleted("orders", kKeep, Note(), Soon()).ok());
  EXPECT_EQ(Unfinished(), std::set<std::string>{"orders"});
  EXPECT_EQ(Snapshot().topics.at(0).partitions.size(), 2u);
  // Otherwise whoever makes the tables would remove them, perhaps after it was brought back.
  ASSERT_TRUE(store().MarkPartitionsReady(id, 4, Soon()).ok());
  EXPECT_TRUE(FindOk("orders").topic.deletion.has_value());
  EXPECT_TRUE(Unfinished().empty());
  ASSERT_TRUE(store().UndeleteTopic("orders", Note(), Soon()).ok());
  EXPECT_EQ(Snapshot().topics.at(0).partitions.size(), 4u);
}

TEST_P(CatalogStoreSuite, DeletedTopicsArePurgedWhenTheirTimeHasComeOneByOne) {
  AddNode("one");
  for (const char* const name : {"first", "second", "third", "alive"}) CreateOk(name, 1);
  const core::Fence fence = TakeFence("me");
  const auto purge = [&] { return store().BeginPurgeTopic(Note(), fence, Soon()); };
  ASSERT_TRUE(store().MarkTopicDeleted("first", milliseconds{300}, Note(), Soon()).ok());
  ASSERT_TRUE(store().MarkTopicDeleted("second", milliseconds{100}, Note(), Soon()).ok());
  ASSERT_TRUE(store().MarkTopicDeleted("third", milliseconds{200}, Note(), Soon()).ok());
  Advance(milliseconds{99});
  ExpectBump(false, [&] { EXPECT_FALSE(purge()->has_value()); });
  Advance(milliseconds{101});
  EXPECT_EQ(purge().value()->topic.name, "second");
  // Until it has begun a topic can be brought back, also after its time.
  ASSERT_TRUE(store().UndeleteTopic("third", Note(), Soon()).ok());
  EXPECT_FALSE(purge()->has_value());
  Advance(milliseconds{100});
  EXPECT_EQ(purge().value()->topic.name, "first");
  EXPECT_FALSE(purge()->has_value());
  EXPECT_EQ(Unfinished(), (std::set<std::string>{"first", "second"}));

  ASSERT_TRUE(store().MarkTopicDeleted("alive", milliseconds{1}, Note(), Soon()).ok());
  Advance(milliseconds{2'000});
  TakeFence("another");
  ExpectBump(false, [&] { ExpectError(purge(), ErrorCode::kFenced); });
}

TEST_P(CatalogStoreSuite, DeletionUndoingAndPurgeAreAudited) {
  AddNode("one");
  CreateOk("orders", 2);
  const auto remove = [&] {
    EXPECT_TRUE(store().MarkTopicDeleted("orders", kKeep, Note("over"), Soon()).ok());
  };
  auto events = AuditOf(remove);
  ExpectOne(events, "topic", "orders", Note("over"));
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].change.before_json.find("purge_at_us"), std::string::npos);
  EXPECT_THAT(events[0].change.after_json, HasSubstr("\"purge_at_us\":"));
  EXPECT_THAT(AuditOf(remove), IsEmpty());

  const auto bring_back = [&] {
    EXPECT_TRUE(store().UndeleteTopic("orders", Note("not over"), Soon()).ok());
  };
  events = AuditOf(bring_back);
  ExpectOne(events, "topic", "orders", Note("not over"));
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_THAT(events[0].change.before_json, HasSubstr("\"deleted_by\":"));
  EXPECT_EQ(events[0].change.after_json.find("purge_at_us"), std::string::npos);
  EXPECT_THAT(AuditOf(bring_back), IsEmpty());

  remove();
  const core::Fence fence = TakeFence("me");
  EXPECT_THAT(AuditOf([&] { EXPECT_TRUE(store().BeginPurgeTopic(Note(), fence, Soon()).ok()); }),
              IsEmpty());
  Advance(kKeep);
  const core::Fence again = TakeFence("me");
  events = AuditOf(
      [&] { EXPECT_TRUE(store().BeginPurgeTopic(Note("purged"), again, Soon())->has_value()); });
  ExpectOne(events, "topic", "orders", Note("purged"));
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_THAT(events[0].change.before_json, HasSubstr("\"purge_at_us\":"));
  EXPECT_EQ(events[0].change.after_json, "");
}

}  // namespace lanemq::testing
