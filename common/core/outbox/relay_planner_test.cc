#include "common/core/outbox/relay_planner.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/core/outbox/model_outbox.h"

namespace lanemq::core {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Ids = std::vector<std::int64_t>;

// A relay of one session over a model outbox; topics have one partition unless said otherwise.
class RelayPlannerTest : public ::testing::Test {
 protected:
  RelayPlannerTest() { Restart(); }

  void Restart() {
    planner_.emplace(
        options_,
        [this](const std::string& topic) -> Result<std::int32_t> {
          const auto found = topics_.find(topic);
          return found == topics_.end() ? Result<std::int32_t>(1) : found->second;
        },
        Random(7));
  }

  std::int64_t Insert(std::optional<std::string> key, const std::string& topic = "t",
                      bool is_delayed = false) {
    const std::int64_t id = outbox_.Insert(topic, std::move(key), 0, is_delayed);
    outbox_.Show(id);
    return id;
  }

  // Reads, plans and commits.
  OutboxChange Round() {
    for (const OutboxHoldKey& key : planner_->DueHolds(now_, 16)) {
      planner_->OfferHeld(key, outbox_.ReadHeld(key, 1'000), true, now_);
    }
    planner_->Offer(outbox_.Read({0}, 0, 1'000, planner_->UnderWay()), now_);
    OutboxChange change = planner_->TakeChange(now_);
    outbox_.Commit(session_, change, now_);
    planner_->OnCommitted();
    return change;
  }

  // What is sent now: ids by serial.
  std::map<std::int64_t, Ids> Send() {
    std::map<std::int64_t, Ids> sent;
    for (const auto* group : planner_->ToSend(now_)) sent[group->serial] = group->plan.ids;
    return sent;
  }

  // One round whose batches are all answered: an error when they contain one of `bad_`.
  std::vector<Ids> RoundTrip(ErrorCode code = ErrorCode::kMessageTooLarge) {
    (void)Round();
    std::vector<Ids> sent;
    for (const auto& [serial, ids] : Send()) {
      const bool is_bad =
          std::any_of(ids.begin(), ids.end(), [&](std::int64_t id) { return bad_.contains(id); });
      planner_->OnResult(serial, is_bad ? std::optional(Error{code, "test"}) : std::nullopt, now_);
      sent.push_back(ids);
      if (!is_bad) stored_.insert(stored_.end(), ids.begin(), ids.end());
    }
    return sent;
  }

  RelayPlanner::Options options_;
  std::map<std::string, Result<std::int32_t>> topics_;
  std::optional<RelayPlanner> planner_;
  ModelOutbox outbox_;
  OutboxSession session_ = outbox_.Open();
  MonotonicTime now_{seconds(100)};
  std::set<std::int64_t> bad_;
  Ids stored_;
};

TEST_F(RelayPlannerTest, RowsOfAKeyGoInTheOrderOfTheirIds) {
  Insert("a");
  Insert("b");
  Insert("a");
  EXPECT_EQ(RoundTrip(), (std::vector<Ids>{{1, 2, 3}}));
  EXPECT_EQ(Round().published, (Ids{1, 2, 3}));
  EXPECT_EQ(outbox_.open_rows(), 0u);
}

TEST_F(RelayPlannerTest, NothingIsSentBeforeItsPlanIsCommitted) {
  Insert("a");
  planner_->Offer(outbox_.Read({0}, 0, 10, {}), now_);
  const OutboxChange change = planner_->TakeChange(now_);
  ASSERT_TRUE(change.plan);
  EXPECT_EQ(change.plan->groups.at(0).ids, (Ids{1}));
  EXPECT_TRUE(Send().empty());
  planner_->OnCommitted();
  EXPECT_EQ(Send().size(), 1u);
}

TEST_F(RelayPlannerTest, AFullGroupPassesLaterRowsOverThoughTheyWouldFit) {
  options_.streams.bytes_max = 400;
  Restart();
  Insert(std::string(200, 'a'));
  Insert(std::string(300, 'b'));
  Insert("c");  // Small enough for what is left.
  EXPECT_EQ(RoundTrip(), (std::vector<Ids>{{1}}));
  EXPECT_EQ(RoundTrip(), (std::vector<Ids>{{2, 3}}));
}

TEST_F(RelayPlannerTest, RowsOnTheirWayArePassedOverUntilTheyAreCommittedAsPublished) {
  Insert("a");
  (void)Round();
  const auto sent = Send();
  EXPECT_TRUE(Round().IsEmpty());
  EXPECT_TRUE(Send().empty());
  planner_->OnResult(sent.begin()->first, std::nullopt, now_);
  EXPECT_EQ(planner_->UnderWay(), (Ids{1}));
  planner_->Offer(outbox_.Read({0}, 0, 10, {}), now_);  // The store has it still.
  const OutboxChange change = planner_->TakeChange(now_);
  EXPECT_EQ(change.published, (Ids{1}));
  EXPECT_TRUE(change.plan && change.plan->groups.empty());
  planner_->OnCommitted();
  EXPECT_TRUE(planner_->UnderWay().empty());
}

TEST_F(RelayPlannerTest, AnUnansweredGroupIsRepeatedAsItWas) {
  Insert("a");
  const OutboxChange first = Round();
  planner_->OnResult(Send().begin()->first, Error{ErrorCode::kRequestTimedOut, "test"}, now_);
  EXPECT_TRUE(Send().empty()) << "at once";
  now_ = now_ + seconds(2);
  const auto again = planner_->ToSend(now_);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0]->plan, first.plan->groups.at(0));
  EXPECT_EQ(again[0]->attempts, 2);
}

TEST_F(RelayPlannerTest, ARefusedBatchIsHalvedUntilTheCulpritIsAloneAndTheOthersGo) {
  for (int i = 0; i < 8; ++i) Insert("k" + std::to_string(i));
  Insert("k5");  // Behind the culprit.
  bad_ = {6};
  std::vector<Ids> refused;
  for (int i = 0; i < 12; ++i) {
    for (const Ids& ids : RoundTrip()) {
      if (std::count(ids.begin(), ids.end(), 6) > 0) refused.push_back(ids);
    }
  }
  EXPECT_EQ(refused.front().size(), 9u);
  EXPECT_EQ(refused.back(), (Ids{6}));
  EXPECT_LE(refused.size(), 6u);
  EXPECT_EQ(stored_, (Ids{1, 2, 3, 4, 5, 7, 8}));
  EXPECT_EQ(outbox_.StateOf(6), OutboxState::kHeld);
  EXPECT_EQ(outbox_.StateOf(9), OutboxState::kHeld);
  ASSERT_EQ(outbox_.holds().size(), 1u);
  EXPECT_EQ(outbox_.holds().begin()->first.key, "k5");
  bad_.clear();
  for (int i = 0; i < 8; ++i) {
    now_ = now_ + seconds(2);
    (void)RoundTrip();
  }
  EXPECT_EQ(stored_, (Ids{1, 2, 3, 4, 5, 7, 8, 6, 9}));
  EXPECT_TRUE(outbox_.holds().empty());
  EXPECT_EQ(planner_->counts().published, 9);
}

TEST_F(RelayPlannerTest, WhatIsRefusedTooOftenIsDeadAndTheRestOfItsKeyGoesOn) {
  options_.on_refusal = OutboxRefusal::kDead;
  options_.attempts_max = 3;
  Restart();
  Insert("a");
  Insert("a");
  Insert(std::nullopt);
  bad_ = {1, 3};
  for (int i = 0; i < 30; ++i) {
    (void)RoundTrip();
    now_ = now_ + seconds(5);
  }
  EXPECT_EQ(outbox_.dead(), (std::set<std::int64_t>{1, 3}));
  EXPECT_EQ(stored_, (Ids{2}));
  EXPECT_TRUE(outbox_.holds().empty());
  EXPECT_EQ(planner_->counts().dead, 2);
  EXPECT_GE(planner_->counts().refused, 6);
}

TEST_F(RelayPlannerTest, HeldRowsGoBeforeReadyOnesAndAHoldEndsWhenNothingIsHeld) {
  Insert("a");
  Insert("a");
  bad_ = {1};
  for (int i = 0; i < 3; ++i) (void)RoundTrip();
  ASSERT_EQ(outbox_.StateOf(2), OutboxState::kHeld);
  Restart();  // Another relay: it knows what the store has.
  planner_->holds().Load(std::vector<std::int32_t>{0}, outbox_.ReadHolds({0}, now_), now_);
  Insert("a");
  Insert("b");
  (void)RoundTrip();
  EXPECT_EQ(stored_, (Ids{4}));
  bad_.clear();
  for (int i = 0; i < 6; ++i) {
    now_ = now_ + seconds(2);
    EXPECT_FALSE(outbox_.holds().empty() && outbox_.open_rows() > 1) << "ended early";
    (void)RoundTrip();
  }
  EXPECT_EQ(stored_, (Ids{4, 1, 2, 3}));
  EXPECT_TRUE(outbox_.holds().empty());
}

TEST_F(RelayPlannerTest, AnUnknownTopicIsHeldWhileOthersFlow) {
  topics_.insert({"gone", Error{ErrorCode::kUnknownTopicOrPartition, "gone"}});
  topics_.insert({"later", Error{ErrorCode::kMetadataUnavailable, "later"}});
  Insert("a", "gone");
  Insert("a", "t");
  Insert("a", "later");
  (void)RoundTrip();
  EXPECT_EQ(stored_, (Ids{2}));
  EXPECT_EQ(outbox_.StateOf(1), OutboxState::kHeld);
  EXPECT_EQ(outbox_.StateOf(3), OutboxState::kReady);  // Nobody has said that it does not exist.
  topics_.clear();
  for (int i = 0; i < 3; ++i) {
    now_ = now_ + seconds(2);
    (void)RoundTrip();
  }
  std::sort(stored_.begin(), stored_.end());
  EXPECT_EQ(stored_, (Ids{1, 2, 3}));
  EXPECT_TRUE(outbox_.holds().empty());
}

TEST_F(RelayPlannerTest, AFailingPartitionIsHeldAfterAWhileAndComesBack) {
  Insert("a");
  (void)Round();
  const auto fail = [&] {
    for (const auto& [serial, ids] : Send()) {
      planner_->OnResult(serial, Error{ErrorCode::kDataNodeUnavailable, "test"}, now_);
    }
  };
  fail();
  Insert("a");
  Insert("b", "other");
  (void)Round();
  EXPECT_EQ(outbox_.StateOf(2), OutboxState::kReady) << "too early";
  now_ = now_ + options_.hold_after + milliseconds(1);
  (void)Round();
  EXPECT_EQ(outbox_.StateOf(1), OutboxState::kHeld) << "would come back behind the next one";
  EXPECT_EQ(outbox_.StateOf(2), OutboxState::kHeld);
  ASSERT_EQ(outbox_.holds().size(), 1u);
  EXPECT_EQ(outbox_.holds().begin()->first.partition, 0);
  fail();
  for (int i = 0; i < 6; ++i) {
    now_ = now_ + seconds(2);
    (void)RoundTrip();
  }
  EXPECT_EQ(outbox_.open_rows(), 0u);
  EXPECT_TRUE(outbox_.holds().empty());
  // In the order of their key.
  EXPECT_LT(std::find(stored_.begin(), stored_.end(), 1),
            std::find(stored_.begin(), stored_.end(), 2));
}

TEST_F(RelayPlannerTest, RowsOfAFailingPartitionComeBackInOrderWhenItForgetsTheProducer) {
  Insert("a");
  (void)Round();
  planner_->OnResult(Send().begin()->first, Error{ErrorCode::kDataNodeUnavailable, "test"}, now_);
  now_ = now_ + options_.hold_after + milliseconds(1);
  Insert("a");
  (void)Round();  // 2 is held.
  planner_->OnResult(Send().begin()->first, Error{ErrorCode::kUnknownProducerId, "test"}, now_);
  for (int i = 0; i < 6; ++i) {
    now_ = now_ + seconds(1);
    (void)RoundTrip();
  }
  EXPECT_EQ(stored_, (Ids{1, 2}));
}

TEST_F(RelayPlannerTest, AKeyThatFoundNoRoomIsNotHeldBehindItsOwnRows) {
  options_.streams.rows_max = 1;
  Restart();
  Insert("k", "t", /*is_delayed=*/true);
  Insert("other");
  (void)Round();
  for (const auto& [serial, ids] : Send()) {
    if (ids != Ids{1}) continue;  // The log is slow, the delayed messages fail.
    planner_->OnResult(serial, Error{ErrorCode::kDataNodeUnavailable, "test"}, now_);
  }
  now_ = now_ + options_.hold_after + milliseconds(1);
  Insert("k");             // 3: no room, its stream's batch is on its way.
  Insert("k", "t", true);  // 4: its stream fails, and the partition is held.
  Insert("k");             // 5
  (void)Round();
  EXPECT_FALSE(outbox_.StateOf(5) == OutboxState::kHeld &&
               outbox_.StateOf(3) == OutboxState::kReady);
}

TEST_F(RelayPlannerTest, MessagesWithoutKeyAvoidFailingPartitions) {
  topics_.insert({"t", 3});
  Insert(std::nullopt);
  const OutboxChange first = Round();
  const std::int32_t bad = first.plan->groups.at(0).partition;
  planner_->OnResult(Send().begin()->first, Error{ErrorCode::kDataNodeUnavailable, "test"}, now_);
  for (int i = 0; i < 12; ++i) {
    Insert(std::nullopt);
    const OutboxChange change = Round();
    for (const OutboxGroup& group : change.plan->groups) {
      if (group.ids != Ids{1}) {
        EXPECT_NE(group.partition, bad);
      }
    }
    for (const auto& [serial, ids] : Send()) planner_->OnResult(serial, std::nullopt, now_);
  }
  EXPECT_GE(planner_->counts().published, 11);
}

TEST_F(RelayPlannerTest, ALostIdentityStartsANewProducerAtZero) {
  Insert("a");
  (void)RoundTrip();
  Insert("a");
  const OutboxChange before = Round();
  EXPECT_EQ(before.plan->groups.at(0).base_sequence, 1);
  planner_->OnResult(Send().begin()->first, Error{ErrorCode::kUnknownProducerId, "test"}, now_);
  now_ = now_ + seconds(2);
  const OutboxChange after = Round();
  ASSERT_EQ(after.plan->groups.size(), 1u);
  EXPECT_EQ(after.plan->groups[0].ids, (Ids{2}));
  EXPECT_EQ(after.plan->groups[0].base_sequence, 0);
  EXPECT_NE(after.plan->groups[0].producer, before.plan->groups[0].producer);
}

TEST_F(RelayPlannerTest, SequencesOfABatchThatMayStillBeCarriedOutAreNotGivenAway) {
  Insert("a");
  const OutboxGroup first = Round().plan->groups.at(0);
  planner_->OnResult(Send().begin()->first, Error{ErrorCode::kRequestTimedOut, "test"}, now_);
  now_ = now_ + seconds(2);
  planner_->OnResult(Send().begin()->first, Error{ErrorCode::kMessageTooLarge, "test"}, now_);
  Insert("b");
  now_ = now_ + seconds(2);
  const OutboxChange change = Round();
  ASSERT_TRUE(change.plan && !change.plan->groups.empty());
  for (const OutboxGroup& group : change.plan->groups) EXPECT_NE(group.producer, first.producer);
}

TEST_F(RelayPlannerTest, ADeadRelaysPlanIsSentAsItWasUpToAMissingRow) {
  for (const char* key : {"a", "b", "c"}) Insert(key);
  const OutboxChange change = Round();
  outbox_.Delete(2);
  OutboxAdoption adoption = outbox_.Adopt(session_.id);
  options_.is_resuming = true;
  Restart();
  planner_->Resume(std::move(adoption.plan), std::move(adoption.messages), now_);
  const auto sent = planner_->ToSend(now_);
  ASSERT_EQ(sent.size(), 1u);
  OutboxGroup expected = change.plan->groups.at(0);
  expected.ids = {1};  // 3 behind it would have the sequence of 2.
  EXPECT_EQ(sent[0]->plan, expected);
  planner_->OnResult(sent[0]->serial, std::nullopt, now_);
  const OutboxChange last = planner_->TakeChange(now_);
  EXPECT_EQ(last.published, (Ids{1}));
  EXPECT_TRUE(last.plan && last.plan->groups.empty());
  EXPECT_EQ(planner_->streams().outstanding(), 0u);
}

TEST_F(RelayPlannerTest, WhereNothingCanBeHeldARefusedRowWaitsInItsPlace) {
  options_.can_hold = false;
  Restart();
  Insert("a");
  Insert("a");
  bad_ = {1};
  for (int i = 0; i < 5; ++i) {
    (void)RoundTrip();
    now_ = now_ + seconds(2);
  }
  EXPECT_TRUE(outbox_.holds().empty());
  EXPECT_EQ(outbox_.StateOf(1), OutboxState::kReady);
  EXPECT_TRUE(stored_.empty());
  bad_.clear();
  for (int i = 0; i < 3; ++i) {
    now_ = now_ + seconds(2);
    (void)RoundTrip();
  }
  EXPECT_EQ(stored_, (Ids{1, 2}));
}

}  // namespace
}  // namespace lanemq::core
