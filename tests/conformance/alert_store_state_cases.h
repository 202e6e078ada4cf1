#pragma once

// Part of alert_store_suite.h: what the metaserver on call writes.
#include "tests/conformance/alert_store_suite.h"

namespace lanemq::testing {

using core::AlertChanges;
using core::AlertNotice;
using core::AlertState;
using core::NoticeKind;
using core::NoticeState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_P(AlertStoreSuite, WhatIsPutComesBack) {
  core::Alert alert = Firing("i1", std::string("group \xff") + ", topic 'x'");
  alert.false_since = WallTime{alert.since.micros + 1};
  alert.reminded = WallTime{alert.since.micros + 2};
  alert.inhibited_by = "no_jobs";
  core::Alert pending = Firing("i2", "node n2");
  pending.state = AlertState::kPending;
  pending.severity = core::AlertSeverity::kTicket;
  pending.fired.reset();
  pending.is_told = false;
  AlertChanges changes;
  changes.put = {alert, pending};
  ExpectOk(Apply(changes));
  ExpectOk(Apply(changes));  // Again: the same.
  EXPECT_THAT(Load().open, ElementsAre(alert, pending));
  alert.summary = "it is down still";
  alert.false_since.reset();
  changes.put = {alert};
  changes.forget = {"i2", "i1", "i3"};  // Only what is pending is forgotten.
  ExpectOk(Apply(changes));
  EXPECT_THAT(Load().open, ElementsAre(alert));
}

TEST_P(AlertStoreSuite, AnOldTermWritesNothing) {
  AddHook();
  const AlertNotice fired = Begin("i1");
  ExpectOk(store().BeginSending(fired, fence_, Soon()));
  const core::Fence old = std::exchange(fence_, under_test_->NewTerm("on-call"));
  AlertChanges changes = Over("i1");
  ExpectError(store().Apply(changes, old, Soon()), ErrorCode::kFenced);
  ExpectError(store().EndSending(fired, true, std::nullopt, "", old, Soon()), ErrorCode::kFenced);
  ExpectError(store().BeginSending(fired, old, Soon()), ErrorCode::kFenced);
  EXPECT_EQ(store().Expire(10, old, Soon()).error().code, ErrorCode::kFenced);
  const core::AlertMemory memory = Load();
  ASSERT_THAT(memory.open, SizeIs(1));
  EXPECT_EQ(memory.open[0].state, AlertState::kFiring);
  ASSERT_THAT(memory.notices, SizeIs(1));
  EXPECT_EQ(memory.notices[0].state, NoticeState::kSending);
}

TEST_P(AlertStoreSuite, OfOneSubjectOneAlertIsOpen) {
  Begin("i1");
  AlertChanges second;
  second.put = {Firing("i2")};
  second.events = {{{}, "i2", "fired", ""}};
  second.notices = {Notice("i2", NoticeKind::kFired)};
  ExpectError(Apply(second), ErrorCode::kConflict);
  EXPECT_THAT(Load().notices, SizeIs(1));
  EXPECT_THAT(*store().ListEvents("i2", 10, Soon()), IsEmpty());
  ExpectOk(Apply(Over("i1")));
  ExpectOk(Apply(second));
  EXPECT_THAT(Load().open, SizeIs(1));
}

TEST_P(AlertStoreSuite, WhatIsOverStaysOver) {
  Begin("i1");
  ExpectOk(Apply(Over("i1")));
  AlertChanges again;
  again.put = {Firing("i1")};
  ExpectError(Apply(again), ErrorCode::kConflict);
  EXPECT_THAT(Load().open, IsEmpty());
}

TEST_P(AlertStoreSuite, MemoryHasWhatIsOpenAndRecent) {
  AddHook();
  Send(Begin("i1"));
  Send(Begin("i2", "node n2"));
  ExpectOk(Apply(Over("i2", "node n2")));
  EXPECT_THAT(Load().notices, SizeIs(3));
  EXPECT_TRUE(Load().notices[0].body.empty());
  Advance(std::chrono::minutes{3});
  const core::AlertMemory memory = Load();
  ASSERT_THAT(memory.notices, SizeIs(1));  // Of what fires still.
  EXPECT_EQ(memory.notices[0].incident, "i1");
  EXPECT_EQ(memory.notices[0].attempts, 1);
}

TEST_P(AlertStoreSuite, TextsAreCutIdsAreRefused) {
  core::Alert alert = Firing("i1");
  alert.summary = std::string(1'023, 'x') + "ä";
  AlertChanges changes;
  changes.put = {alert};
  changes.events = {{{}, "i1", "fired", std::string(3'000, 'x')}};
  ExpectOk(Apply(changes));
  EXPECT_EQ(Load().open[0].summary, std::string(1'023, 'x'));
  EXPECT_EQ(store().ListEvents("i1", 1, Soon())->front().detail.size(), 1'024U);
  changes.put[0].subject = std::string(601, 'x');
  ExpectError(Apply(changes), ErrorCode::kInvalidRequest);
  changes.put.clear();
  changes.notices = {Notice("i1", NoticeKind::kFired)};
  changes.notices[0].body = std::string(65'536, 'x');
  ExpectError(Apply(changes), ErrorCode::kInvalidRequest);
}

TEST_P(AlertStoreSuite, ListsTellTheWorstAndNewestFirst) {
  AlertChanges changes;
  changes.put = {Firing("i1", "a"), Firing("i2", "b"), Firing("i3", "c"), Firing("i4", "d")};
  changes.put[0].severity = core::AlertSeverity::kTicket;
  changes.put[1].since.micros -= 1'000'000;
  changes.put[3].state = AlertState::kPending;
  ExpectOk(Apply(changes));
  Begin("i5", "e");
  ExpectOk(Apply(Over("i5", "e")));
  const auto list = [&](int hours, std::size_t max) {
    std::vector<std::string> incidents;
    const auto alerts = store().List(std::chrono::hours{hours}, max, Soon());
    EXPECT_TRUE(alerts.ok());
    for (const core::Alert& alert : *alerts) incidents.push_back(alert.incident);
    return incidents;
  };
  EXPECT_THAT(list(0, 100), ElementsAre("i3", "i2", "i1", "i4"));
  EXPECT_THAT(list(1, 100), ElementsAre("i3", "i2", "i1", "i4", "i5"));
  EXPECT_THAT(list(1, 2), ElementsAre("i3", "i2"));
  Advance(std::chrono::hours{2});
  EXPECT_THAT(list(1, 100), SizeIs(4));
  EXPECT_THAT(list(3, 100), SizeIs(5));
}

TEST_P(AlertStoreSuite, OldRowsGoButNotWhoWasToldOfWhatIsOpen) {
  AddHook();
  Send(Begin("i1"));
  Send(Begin("i2", "node n2"));
  ExpectOk(Apply(Over("i2", "node n2")));
  Send(Notice("i2", NoticeKind::kResolved));
  const auto expire = [&](int max) {
    const auto expired = store().Expire(max, fence_, Soon());
    EXPECT_TRUE(expired.ok());
    return expired.ok() ? *expired : -1;
  };
  Advance(std::chrono::hours{29 * 24});
  EXPECT_EQ(expire(100), 0);
  Advance(std::chrono::hours{2 * 24});
  EXPECT_EQ(expire(1), 1);
  EXPECT_EQ(expire(100), 1);  // The two notices of what is over.
  EXPECT_THAT(Load().notices, SizeIs(1));
  const AlertNotice late = Begin("i3", "node n3");
  Advance(std::chrono::hours{26});
  EXPECT_EQ(expire(100), 1);
  EXPECT_EQ(Stored(late).state, NoticeState::kDropped);
  Advance(std::chrono::hours{90 * 24});
  EXPECT_EQ(expire(100), 4);  // An alert and three events.
  EXPECT_THAT(*store().List(std::chrono::hours{10'000}, 10, Soon()), SizeIs(2));
}

}  // namespace lanemq::testing
