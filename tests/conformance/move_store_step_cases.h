#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/conformance/move_store_suite.h"

namespace lanemq::testing {

TEST_P(MoveStoreSuite, GoesThroughItsStatesAndChangesThePlaceAtTheSwitch) {
  Make("orders", 1);
  const std::int64_t id = BeginOne("orders");
  GoTo(id, State::kOpening);
  EXPECT_EQ(PlaceOf("orders"), nodes_["one"]);
  const std::int64_t version = Snapshot().version;
  ASSERT_TRUE(store().Switch(id, fence_, Soon()).ok());
  EXPECT_EQ(PlaceOf("orders"), nodes_["two"]);
  EXPECT_EQ(Snapshot().version, version + 1);
  EXPECT_TRUE(store().Switch(id, fence_, Soon()).ok());  // A lost reply.
  EXPECT_EQ(Snapshot().version, version + 1);
  EXPECT_EQ(UsedOn("one"), 1);  // The old table is there still.
  ASSERT_TRUE(Advance(id, State::kCleaning, State::kDone).ok());
  EXPECT_EQ(UsedOn("one"), 0);
  EXPECT_EQ(UsedOn("two"), 1);
  const core::MoveRecord record = Find(id);
  EXPECT_TRUE(record.IsFinished());
  EXPECT_TRUE(record.finished_at.has_value());
  EXPECT_EQ(record.copied_end.value, 5);
  EXPECT_EQ(record.source_end.value, 9);
  EXPECT_EQ(record.bytes_copied, 77);
  EXPECT_TRUE(store().LoadUnfinished(Soon())->empty());
}

TEST_P(MoveStoreSuite, ThePauseIsFromTheSealToTheSwitch) {
  Make("orders", 1);
  const std::int64_t id = BeginOne("orders");
  under_test_->Advance(std::chrono::seconds{100});
  EXPECT_EQ(Find(id).paused_us, 0);
  GoTo(id, State::kSealing);
  under_test_->Advance(std::chrono::seconds{2});
  EXPECT_EQ(Find(id).paused_us, 2'000'000);
  ASSERT_TRUE(Advance(id, State::kSealing, State::kCopying).ok());
  under_test_->Advance(std::chrono::seconds{50});
  EXPECT_EQ(Find(id).paused_us, 0);
  GoTo(id, State::kSealing);
  ASSERT_TRUE(Advance(id, State::kSealing, State::kSealing).ok());
  under_test_->Advance(std::chrono::seconds{1});
  ASSERT_TRUE(Advance(id, State::kSealing, State::kHandingOver).ok());
  ASSERT_TRUE(Advance(id, State::kHandingOver, State::kOpening).ok());
  under_test_->Advance(std::chrono::seconds{3});
  EXPECT_EQ(store().LoadUnfinished(Soon())->at(0).paused_us, 4'000'000);
  ASSERT_TRUE(store().Switch(id, fence_, Soon()).ok());
  under_test_->Advance(std::chrono::seconds{9});
  EXPECT_EQ(Find(id).paused_us, 4'000'000);
}

TEST_P(MoveStoreSuite, APauseThatIsTakenBackEndsBeforeTheMoveDoes) {
  Make("orders", 1);
  const std::int64_t id = BeginOne("orders");
  EXPECT_FALSE(Find(id).is_paused);
  GoTo(id, State::kHandingOver);
  EXPECT_TRUE(Find(id).is_paused);
  under_test_->Advance(std::chrono::seconds{2});
  ASSERT_TRUE(Advance(id, State::kHandingOver, State::kCancelling, "it differs").ok());
  under_test_->Advance(std::chrono::seconds{3});
  EXPECT_TRUE(store().LoadUnfinished(Soon())->at(0).IsShut());
  core::MoveAdvance can_be_used{id, State::kCancelling, State::kCancelling, {}, {}, 0, "why"};
  can_be_used.ends_pause = true;
  for (int i = 0; i < 2; ++i) {  // A lost reply.
    ASSERT_TRUE(store().Advance(can_be_used, fence_, Soon()).ok());
    under_test_->Advance(std::chrono::seconds{50});
    EXPECT_FALSE(Find(id).is_paused);
    EXPECT_EQ(Find(id).paused_us, 5'000'000);
  }
  ASSERT_TRUE(Advance(id, State::kCancelling, State::kFailed, "it differs").ok());
  EXPECT_EQ(Find(id).paused_us, 5'000'000);
  EXPECT_FALSE(Find(id).is_paused);
}

TEST_P(MoveStoreSuite, NobodyIsShutOnceThePlaceHasChangedOrTheMoveHasEnded) {
  Make("orders", 2);
  const std::int64_t switched = BeginOne("orders", 0);
  GoTo(switched, State::kCleaning);
  EXPECT_FALSE(Find(switched).is_paused);
  const std::int64_t cancelled = BeginOne("orders", 1);
  GoTo(cancelled, State::kSealing);
  ASSERT_TRUE(Advance(cancelled, State::kSealing, State::kCancelling).ok());
  under_test_->Advance(std::chrono::seconds{3});
  ASSERT_TRUE(Advance(cancelled, State::kCancelling, State::kCancelled).ok());
  EXPECT_FALSE(Find(cancelled).is_paused);
  EXPECT_EQ(Find(cancelled).paused_us, 3'000'000);
}

TEST_P(MoveStoreSuite, TellsWhichOfItsDataNodesAreDisabled) {
  Make("orders", 1);
  const std::int64_t id = BeginOne("orders");
  const auto set = [&](const std::string& name, core::NodeState state) {
    core::NodeChange change;
    change.name = name;
    change.state = state;
    ASSERT_TRUE(catalog().AlterDataNode(change, Note(), Soon()).ok());
  };
  const auto told = [&] {
    const core::MoveRecord record = store().LoadUnfinished(Soon())->at(0);
    EXPECT_EQ(record.is_source_disabled, Find(id).is_source_disabled);
    return std::pair(record.is_source_disabled, record.is_target_disabled);
  };
  EXPECT_EQ(told(), std::pair(false, false));
  set("two", core::NodeState::kClosed);
  EXPECT_EQ(told(), std::pair(false, false));
  set("two", core::NodeState::kDisabled);
  EXPECT_EQ(told(), std::pair(false, true));
  set("two", core::NodeState::kWritable);
  set("one", core::NodeState::kDisabled);
  EXPECT_EQ(told(), std::pair(true, false));
}

TEST_P(MoveStoreSuite, OnlyTheExpectedStateIsLeft) {
  Make("orders", 1);
  const std::int64_t id = BeginOne("orders");
  EXPECT_EQ(CodeOf(Advance(id, State::kSealing, State::kHandingOver)), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf(store().Switch(id, fence_, Soon())), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf(Advance(99, State::kCopying, State::kSealing)), ErrorCode::kNotFound);
  EXPECT_EQ(Find(id).state, State::kCopying);
}

TEST_P(MoveStoreSuite, AMetaserverWhoseTermIsOverChangesNothing) {
  Make("orders", 1);
  const std::int64_t id = BeginOne("orders");
  GoTo(id, State::kOpening);
  const core::Fence late = fence_;
  fence_ = NewTerm();
  EXPECT_EQ(
      CodeOf(store().Advance({id, State::kOpening, State::kOpening, {}, {}, 0, ""}, late, Soon())),
      ErrorCode::kFenced);
  EXPECT_EQ(CodeOf(store().Switch(id, late, Soon())), ErrorCode::kFenced);
  EXPECT_EQ(CodeOf(store().Expire(std::chrono::hours{1}, 10, late, Soon())), ErrorCode::kFenced);
  EXPECT_EQ(PlaceOf("orders"), nodes_["one"]);
  EXPECT_TRUE(store().Switch(id, fence_, Soon()).ok());
}

TEST_P(MoveStoreSuite, ADeletedTopicIsNotSwitchedAndItsMoveMayGoBack) {
  for (const bool is_gone : {false, true}) {
    const core::Topic topic = Make("orders", 1);
    const std::int64_t id = BeginOne("orders");
    GoTo(id, State::kOpening);
    EXPECT_EQ(CodeOf(Advance(id, State::kOpening, State::kCancelling)),
              ErrorCode::kFailedPrecondition);
    ASSERT_TRUE(catalog().BeginDeleteTopic("orders", Note(), Soon()).ok());
    const auto forget = [&] { return catalog().FinishDeleteTopic(topic.id, Soon()).ok(); };
    ASSERT_TRUE(!is_gone || forget());
    EXPECT_EQ(CodeOf(store().Switch(id, fence_, Soon())), ErrorCode::kFailedPrecondition);
    EXPECT_FALSE(Find(id).is_topic_active);
    EXPECT_EQ(Find(id).topic, "orders");
    ASSERT_TRUE(Advance(id, State::kOpening, State::kCancelling, "the topic was deleted").ok());
    ASSERT_TRUE(Advance(id, State::kCancelling, State::kCancelled, "the topic was deleted").ok());
    EXPECT_EQ(Find(id).error, "the topic was deleted");
    ASSERT_TRUE(is_gone || forget());
    EXPECT_EQ(UsedOn("two"), 0);
  }
}

TEST_P(MoveStoreSuite, AMoveOfATopicThatCanBeBroughtBackGoesOn) {
  Make("orders", 1);
  const std::int64_t id = BeginOne("orders");
  GoTo(id, State::kOpening);
  ASSERT_TRUE(catalog().MarkTopicDeleted("orders", std::chrono::hours{1}, Note(), Soon()).ok());
  // Otherwise both of its places would be emptied.
  EXPECT_TRUE(Find(id).is_topic_active);
  EXPECT_EQ(CodeOf(Advance(id, State::kOpening, State::kCancelling)),
            ErrorCode::kFailedPrecondition);
  ASSERT_TRUE(store().Switch(id, fence_, Soon()).ok());
  ASSERT_TRUE(catalog().UndeleteTopic("orders", Note(), Soon()).ok());
  EXPECT_EQ(PlaceOf("orders"), nodes_["two"]);
}

TEST_P(MoveStoreSuite, AMoveIsCancelledUntilItIsOpened) {
  Make("orders", 3);
  for (const State state : {State::kCopying, State::kSealing, State::kHandingOver}) {
    const auto partition = static_cast<std::int32_t>(state) - 1;
    const std::int64_t id = BeginOne("orders", partition);
    GoTo(id, state);
    const auto cancelled = store().Cancel(id, Note(), Soon());
    ASSERT_TRUE(cancelled.ok()) << cancelled.error().ToString();
    EXPECT_EQ(cancelled->state, State::kCancelling);
    EXPECT_EQ(Find(id).error, "");
    EXPECT_TRUE(store().Cancel(id, Note(), Soon()).ok());
    // Whoever carries it out learns of it when he writes next.
    EXPECT_EQ(CodeOf(Advance(id, state, state)), ErrorCode::kConflict);
    ASSERT_TRUE(Advance(id, State::kCancelling, State::kCancelled).ok());
    EXPECT_EQ(store().Cancel(id, Note(), Soon())->state, State::kCancelled);
  }
  const std::int64_t id = BeginOne("orders");
  GoTo(id, State::kOpening);
  EXPECT_EQ(CodeOf(store().Cancel(id, Note(), Soon())), ErrorCode::kFailedPrecondition);
  ASSERT_TRUE(store().Switch(id, fence_, Soon()).ok());
  EXPECT_EQ(CodeOf(store().Cancel(id, Note(), Soon())), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(CodeOf(store().Cancel(99, Note(), Soon())), ErrorCode::kNotFound);
}

TEST_P(MoveStoreSuite, ListsTheNewestFirstInPages) {
  Make("orders", 3);
  std::vector<std::int64_t> ids;
  for (std::int32_t i = 0; i < 3; ++i) ids.push_back(BeginOne("orders", i));
  const auto page = store().List(0, 2, Soon());
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->size(), 2u);
  EXPECT_EQ(page->at(0).move.id, ids[2]);
  EXPECT_EQ(page->at(1).move.id, ids[1]);
  const auto rest = store().List(ids[1], 2, Soon());
  ASSERT_EQ(rest->size(), 1u);
  EXPECT_EQ(rest->at(0).move.id, ids[0]);
}

TEST_P(MoveStoreSuite, ForgetsOldFinishedOnes) {
  Make("orders", 3);
  const std::int64_t open = BeginOne("orders", 0);
  const std::int64_t ended = BeginOne("orders", 1);
  ASSERT_TRUE(store().Cancel(ended, Note(), Soon()).ok());
  ASSERT_TRUE(Advance(ended, State::kCancelling, State::kCancelled).ok());
  const auto expire = [&] {
    const auto expired = store().Expire(std::chrono::hours{1}, 10, fence_, Soon());
    EXPECT_TRUE(expired.ok()) << expired.error().ToString();
    return expired.ok() ? *expired : -1;
  };
  EXPECT_EQ(expire(), 0);
  under_test_->Advance(std::chrono::hours{2});
  EXPECT_EQ(expire(), 1);
  ASSERT_EQ(store().List(0, 10, Soon())->size(), 1u);
  EXPECT_EQ(store().List(0, 10, Soon())->at(0).move.id, open);
  EXPECT_GT(BeginOne("orders", 2), ended);  // Numbers are never given twice.
}

}  // namespace lanemq::testing
