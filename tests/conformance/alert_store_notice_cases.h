#pragma once

// Part of alert_store_suite.h: notices.
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

TEST_P(AlertStoreSuite, ARecoveryIsQueuedOnlyWhereTheBeginningWasTried) {
  AddHook();
  Begin("i1");
  Send(Begin("i2", "node n2"), false);
  ExpectOk(Apply(Over("i1")));
  AlertChanges over = Over("i2", "node n2");
  AlertNotice elsewhere = over.notices[0];
  elsewhere.channel = "mail";
  over.notices.push_back(elsewhere);
  ExpectOk(Apply(over));
  Advance(std::chrono::seconds{2});
  // It was tried, so it may have been seen: it is sent until it is known, and then its end.
  EXPECT_THAT(Due(), ElementsAre("i2-0"));
  AlertNotice fired = Notice("i2", NoticeKind::kFired);
  fired.attempts = 1;
  Send(fired);
  EXPECT_THAT(Due(), ElementsAre("i2-2"));
}

TEST_P(AlertStoreSuite, AReminderIsQueuedOnlyWhereNoneWaits) {
  AddHook();
  const AlertNotice fired = Begin("i1");
  AlertChanges reminder;
  reminder.notices = {Notice("i1", NoticeKind::kReminder, "-1")};
  ExpectOk(Apply(reminder));
  EXPECT_THAT(Load().notices, SizeIs(1));
  Send(fired);
  ExpectOk(Apply(reminder));
  EXPECT_THAT(Load().notices, SizeIs(2));
  // Never tried: dropped with the recovery, which is told, for the beginning was.
  ExpectOk(Apply(Over("i1")));
  EXPECT_EQ(Stored(reminder.notices[0]).state, NoticeState::kDropped);
  EXPECT_THAT(Due(), ElementsAre("i1-2"));
}

TEST_P(AlertStoreSuite, ANoticeThatIsThereStaysAsItIs) {
  AddHook();
  const AlertNotice fired = Begin("i1");
  Send(fired);
  AlertChanges again;
  again.put = {Firing("i1")};
  again.notices = {fired};
  ExpectOk(Apply(again));
  EXPECT_THAT(Due(), IsEmpty());
  EXPECT_EQ(Stored(fired).state, NoticeState::kSent);
}

TEST_P(AlertStoreSuite, FoldedOnesAreCountedOnceAndNeverSent) {
  AddHook();
  AlertChanges changes;
  changes.put = {Firing("i1"), Firing("i2", "node n2")};
  changes.notices = {Notice("i1", NoticeKind::kFired), Notice("i2", NoticeKind::kFired)};
  for (AlertNotice& notice : changes.notices) notice.state = NoticeState::kFolded;
  ExpectOk(Apply(changes));
  EXPECT_THAT(Due(), IsEmpty());
  Advance(std::chrono::hours{1});
  EXPECT_EQ(Stored(changes.notices[0]).state, NoticeState::kFolded);
  AlertChanges over = Over("i2", "node n2");
  ExpectOk(Apply(over));
  AlertChanges more;
  more.notices = {Notice("", NoticeKind::kMore)};
  ExpectOk(Apply(more));
  EXPECT_EQ(Stored(changes.notices[0]).state, NoticeState::kDropped);
  EXPECT_THAT(Due(), ElementsAre(more.notices[0].notice));
  Send(more.notices[0]);
}

TEST_P(AlertStoreSuite, ASendingIsBegunByOneAndItsBodyIsWhatWasQueued) {
  AddHook();
  const AlertNotice fired = Begin("i1");
  auto due = store().Due("hook", fence_.token.value, 10, Soon());
  ASSERT_TRUE(due.ok());
  ASSERT_THAT(*due, SizeIs(1));
  EXPECT_EQ(due->front().body, fired.body);
  EXPECT_EQ(due->front().epoch, fence_.token.value);
  ExpectOk(store().BeginSending(due->front(), fence_, Soon()));
  ExpectOk(store().BeginSending(due->front(), fence_, Soon()));  // The reply was lost.
  EXPECT_EQ(Stored(fired).attempts, 1);
  EXPECT_THAT(Due(), IsEmpty());
  ExpectOk(store().EndSending(due->front(), false, std::chrono::milliseconds{5'000}, "refused",
                              fence_, Soon()));
  ExpectError(store().BeginSending(due->front(), fence_, Soon()), ErrorCode::kNotFound);
  EXPECT_EQ(Stored(fired).last_error, "refused");
  Advance(std::chrono::milliseconds{4'999});
  EXPECT_THAT(Due(), IsEmpty());
  Advance(std::chrono::milliseconds{1});
  EXPECT_THAT(Due(), ElementsAre("i1-0"));
}

TEST_P(AlertStoreSuite, WhatAnotherTermWasSendingIsInDoubt) {
  AddHook();
  const AlertNotice fired = Begin("i1");
  ExpectOk(store().BeginSending(fired, fence_, Soon()));
  EXPECT_THAT(Due(), IsEmpty());
  fence_ = under_test_->NewTerm("on-call");
  EXPECT_THAT(Due(), ElementsAre("i1-0"));
  AlertNotice doubtful = fired;
  doubtful.attempts = 1;
  ExpectOk(store().BeginSending(doubtful, fence_, Soon()));
  EXPECT_THAT(Due(), IsEmpty());
  // Its own, when nothing was heard of it for two minutes.
  Advance(std::chrono::milliseconds{119'999});
  EXPECT_THAT(Due(), IsEmpty());
  Advance(std::chrono::milliseconds{1});
  EXPECT_THAT(Due(), ElementsAre("i1-0"));
}

TEST_P(AlertStoreSuite, SendingsThatEndLeaveOneEvent) {
  AddHook();
  const AlertNotice fired = Begin("i1");
  Send(fired);
  ExpectOk(store().EndSending(fired, true, std::nullopt, "answer", fence_, Soon()));
  AlertNotice failed = Begin("i2", "node n2");
  ExpectOk(store().BeginSending(failed, fence_, Soon()));
  ExpectOk(
      store().EndSending(failed, false, std::nullopt, std::string(2'000, 'x'), fence_, Soon()));
  EXPECT_EQ(Stored(failed).state, NoticeState::kFailed);
  EXPECT_EQ(Stored(failed).last_error.size(), 1'024U);
  EXPECT_THAT(Due(), IsEmpty());
  const auto events = store().ListEvents("", 10, Soon());
  ASSERT_TRUE(events.ok());
  ASSERT_THAT(*events, SizeIs(2));
  EXPECT_EQ((*events)[0].what, "delivery_failed");
  EXPECT_EQ((*events)[1], (core::AlertEvent{Now(), "i1", "delivered", "fired to hook: answer"}));
}

TEST_P(AlertStoreSuite, DueOnesComeInTheirOrderAndNoMoreThanAskedFor) {
  AddHook();
  Begin("i3", "node n3");
  Advance(std::chrono::milliseconds{1});
  Begin("i1");
  Begin("i2", "node n2");
  EXPECT_THAT(Due(), ElementsAre("i3-0", "i1-0", "i2-0"));
  EXPECT_THAT(Due(0, 2), ElementsAre("i3-0", "i1-0"));
  EXPECT_THAT(*store().Due("mail", fence_.token.value, 10, Soon()), IsEmpty());
}

TEST_P(AlertStoreSuite, AChannelThatIsOffOrGoneGetsNothing) {
  AddHook();
  Begin("i1");
  AddHook(false);
  EXPECT_THAT(Due(), IsEmpty());
  AddHook(true);
  EXPECT_THAT(Due(), IsEmpty());  // News of before is not sent later.
  const AlertNotice second = Begin("i2", "node n2");
  ExpectOk(store().BeginSending(second, fence_, Soon()));
  ExpectOk(store().RemoveChannel("hook", Note(), Soon()));
  ExpectOk(store().EndSending(second, false, std::chrono::milliseconds{1}, "", fence_, Soon()));
  Advance(std::chrono::seconds{1});
  EXPECT_THAT(Due(), IsEmpty());
  ExpectError(store().RemoveChannel("hook", Note(), Soon()), ErrorCode::kNotFound);
}

}  // namespace lanemq::testing
