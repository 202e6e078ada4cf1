#pragma once

// Part of delayed_store_suite.h: what is due, one caller at a time.
#include "tests/conformance/delayed_store_fixture.h"

namespace lanemq::testing {

using std::chrono::hours;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_P(DelayedStoreSuite, WhatIsDueIsAppendedInTheOrderDueAndTheRestStays) {
  const WallTime now = Now();
  ScheduleOk({Message(now - milliseconds{10}, "c"), Message(now - milliseconds{30}, "a"),
              Message(now + hours{1}, "later"), Message(now - milliseconds{20}, "b")});
  const core::DelayedMove move = MoveOk();
  EXPECT_EQ(move.moved, 3);
  EXPECT_EQ(move.first_offset, core::kFirstOffset);
  EXPECT_EQ(move.next_due, now + hours{1});
  ASSERT_EQ(move.late_us.size(), 3u);
  EXPECT_GE(move.late_us[0], 30'000);
  EXPECT_GE(move.late_us[2], 10'000);
  EXPECT_THAT(Bodies(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Waiting(), ElementsAre("later"));
  EXPECT_EQ(MoveOk().moved, 0);
}

TEST_P(DelayedStoreSuite, OfOneTimeTheOrderOfTheBatchIsKept) {
  const WallTime now = Now();
  Batch batch;
  std::vector<std::string> expected;
  for (int i = 0; i < 50; ++i) {
    expected.push_back(std::to_string(i));
    batch.push_back(Message(now, expected.back()));
  }
  ScheduleOk(batch);
  EXPECT_EQ(MoveOk().moved, 50);
  EXPECT_EQ(Bodies(), expected);
}

TEST_P(DelayedStoreSuite, AMessageSurvivesWholly) {
  const WallTime due = Now() - milliseconds{1};
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  auto record = std::make_shared<core::Record>();
  record->producer = kProducer;
  record->key = bytes;
  record->body = bytes + bytes;
  record->headers = {{"trace id", bytes}, {"trace id", "again"}};
  record->codec = 2;
  auto bare = std::make_shared<core::Record>();
  bare->producer = kProducer;
  bare->sequence = 1;
  ScheduleOk({{due, record}, {due, bare}});
  const core::PartitionKey key = Key(0);
  const auto listed = store().List(std::span(&key, 1), std::nullopt, 10, Soon());
  ASSERT_TRUE(listed.ok());
  ASSERT_EQ(listed->size(), 2u);
  EXPECT_TRUE(*listed->at(0).record == *record);
  EXPECT_TRUE(*listed->at(1).record == *bare);

  EXPECT_EQ(MoveOk().moved, 2);
  const auto log = Log();
  ASSERT_EQ(log.size(), 2u);
  core::Record expected = *record;
  expected.offset = core::kFirstOffset;
  expected.timestamp = log[0]->timestamp;
  expected.producer = core::kNoProducer;  // The log's sequences of the producer are others.
  expected.headers.push_back({"lanemq-due-us", std::to_string(due.micros)});
  EXPECT_TRUE(*log[0] == expected);
  EXPECT_EQ(log[1]->body, std::nullopt);
  EXPECT_EQ(log[1]->key, std::nullopt);
  EXPECT_EQ(DueOf(*log[1]), due.micros);
}

TEST_P(DelayedStoreSuite, AMoveEndsAtItsLimitsAndSaysWhatIsNext) {
  const WallTime due = Now() - milliseconds{1};
  Batch batch;
  for (int i = 0; i < 6; ++i) batch.push_back(Message(due, std::string(1'000, 'x')));
  ScheduleOk(batch);
  core::DelayedMove move = MoveOk(0, 2);
  EXPECT_EQ(move.moved, 2);
  EXPECT_EQ(move.next_due, due);
  move = MoveOk(0, 1'000, 2'500);
  EXPECT_EQ(move.moved, 2);
  EXPECT_EQ(move.first_offset, core::Offset{3});
  EXPECT_EQ(MoveOk(0, 1'000, 1).moved, 1) << "the first one always fits";
  move = MoveOk();
  EXPECT_EQ(move.moved, 1);
  EXPECT_EQ(move.next_due, std::nullopt);
}

TEST_P(DelayedStoreSuite, AMoveTakesItsPartitionAlone) {
  const WallTime due = Now() - milliseconds{1};
  for (int partition = 0; partition < 3; ++partition) {
    ScheduleOk({Message(due, "of " + std::to_string(partition))}, partition);
  }
  EXPECT_EQ(MoveOk(1).moved, 1);
  EXPECT_THAT(Bodies(1), ElementsAre("of 1"));
  EXPECT_THAT(Waiting(0), ElementsAre("of 0"));
  EXPECT_THAT(Waiting(2), ElementsAre("of 2"));
}

TEST_P(DelayedStoreSuite, MovesFollowTheNewestRowAndItsTime) {
  const WallTime ahead = Now() + hours{1};
  auto last = std::make_shared<core::Record>();
  last->offset = core::kFirstOffset;
  last->timestamp = ahead;
  const auto tail = under_test_->messages().ReadTail(At(0), Soon());
  ASSERT_TRUE(tail.ok());
  const std::vector<core::RecordPtr> rows = {last};
  ASSERT_TRUE(under_test_->messages().Append(At(0), rows, tail->server, Soon()).ok());
  ScheduleOk({Message(Now(), "m")});
  EXPECT_EQ(MoveOk().first_offset, core::Offset{2});
  const auto log = Log();
  ASSERT_EQ(log.size(), 2u);
  EXPECT_EQ(log[1]->timestamp, ahead) << "times of a log never go back";
}

TEST_P(DelayedStoreSuite, CancellingSaysWhatBecameOfIt) {
  const WallTime now = Now();
  const auto ids = ScheduleOk({Message(now + hours{1}, "a"), Message(now, "b"),
                               Message(now + hours{1}, "c"), Message(now, "d")})
                       .ids;
  EXPECT_EQ(Cancel(ids[3]), core::CancelResult::kCancelled) << "due, and still here";
  EXPECT_EQ(MoveOk().moved, 1);
  const std::vector<core::DelayedId> asked = {
      ids[2], ids[1], ids[0], {Key(1), now + hours{1}, core::kNoProducer, 5}};
  using enum core::CancelResult;
  auto done = store().Cancel(asked, Soon());
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_THAT(*done, ElementsAre(kCancelled, kDelivered, kCancelled, kNotFound));
  done = store().Cancel(asked, Soon());
  ASSERT_TRUE(done.ok());
  EXPECT_THAT(*done, ElementsAre(kNotFound, kDelivered, kNotFound, kNotFound));
  EXPECT_THAT(Bodies(), ElementsAre("b"));
}

TEST_P(DelayedStoreSuite, PagesOfTheListFollowEachOther) {
  const WallTime now = Now();
  for (int partition = 0; partition < 3; ++partition) {
    Batch batch;
    for (int i = 0; i < 7; ++i) {
      batch.push_back(Message(now + milliseconds{i / 3}, std::to_string(partition * 10 + i), i,
                              core::ProducerId{i % 2 == 0 ? 1 : 2}));
    }
    for (const auto& one : batch) {  // Two producers, each sequence on its own.
      auto record = std::make_shared<core::Record>(*one.record);
      record->producer = core::kNoProducer;
      ScheduleOk({{one.due, record}}, partition);
    }
  }
  const std::vector<core::PartitionKey> keys = {Key(2), Key(0)};
  std::vector<core::DelayedId> seen;
  std::optional<core::DelayedId> after;
  while (true) {
    const auto page = store().List(keys, after, 3, Soon());
    ASSERT_TRUE(page.ok());
    if (page->empty()) break;
    ASSERT_LE(page->size(), 3u);
    for (const auto& one : *page) seen.push_back(one.id);
    after = seen.back();
    ASSERT_LE(seen.size(), 14u);
  }
  EXPECT_EQ(seen.size(), 14u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

TEST_P(DelayedStoreSuite, FrontsAreTheEarliestOfEveryPartition) {
  EXPECT_THAT(store().ReadFronts(Soon())->fronts, IsEmpty());
  const WallTime now = Now();
  ScheduleOk({Message(now + hours{2}, "b"), Message(now + hours{1}, "a")}, 0);
  ScheduleOk({Message(now - hours{1}, "c")}, 2);
  const auto found = store().ReadFronts(Soon());
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->fronts.size(), 2u);
  EXPECT_EQ(found->fronts[0].key, Key(0));
  EXPECT_EQ(found->fronts[0].due, now + hours{1});
  EXPECT_EQ(found->fronts[1].key, Key(2));
  EXPECT_EQ(found->fronts[1].due, now - hours{1});
  EXPECT_GE(found->now, now);
}

TEST_P(DelayedStoreSuite, AMoverWhoseTermHasEndedChangesNothing) {
  ScheduleOk(Sequences(Now(), 0, 2));
  const core::Fence stale = fence_;
  fence_ = NewTerm();
  const auto moved = store().Move(At(0), WallTime{}, 10, 1u << 20, stale, Soon());
  ASSERT_FALSE(moved.ok());
  EXPECT_EQ(moved.error().code, ErrorCode::kFenced);
  const auto expired = store().ExpireProducers(std::chrono::microseconds{-1}, 10, stale, Soon());
  ASSERT_FALSE(expired.ok());
  EXPECT_EQ(expired.error().code, ErrorCode::kFenced);
  EXPECT_THAT(Log(), IsEmpty());
  EXPECT_EQ(Waiting().size(), 2u);
  EXPECT_EQ(MoveOk().moved, 2);
}

}  // namespace lanemq::testing
