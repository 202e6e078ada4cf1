#pragma once

// Part of governance_store_suite.h: events of requests until somebody is told.
#include <string>
#include <vector>

#include "tests/conformance/governance_store_suite.h"

namespace lanemq::testing {

class GovernanceStoreNoticeSuite : public GovernanceStoreSuite {
 protected:
  core::RequestNotices Waiting(std::size_t max = 100) {
    auto found = store().LoadNotices(max, Soon());
    EXPECT_TRUE(found.ok()) << found.error().ToString();
    return found.ok() ? *std::move(found) : core::RequestNotices{};
  }
  std::vector<std::string> Events() {
    std::vector<std::string> events;
    for (const core::RequestNotice& one : Waiting().notices) {
      events.emplace_back(core::ToString(one.event));
    }
    return events;
  }
  core::StoredRequest AddIn(core::RequestState state) {
    core::StoredRequest stored = Draft();
    stored.request.state = state;
    return Add(stored);
  }
  core::StoredRequest Save(core::StoredRequest stored, core::RequestState state) {
    stored.request.state = state;
    auto saved = store().SaveRequest(stored, Note(), Soon());
    EXPECT_TRUE(saved.ok()) << saved.error().ToString();
    return saved.ok() ? *saved : stored;
  }
  static core::AlertNotice NoticeOf(const core::RequestNotice& event, WallTime now,
                                    const std::string& channel) {
    core::AlertNotice notice;
    notice.incident = "request-" + std::to_string(event.request);
    notice.notice = notice.incident + "-" + std::to_string(event.id);
    notice.channel = channel;
    notice.body = "{}";
    notice.queued_at = now;
    notice.next_at = now;
    return notice;
  }
};

TEST_P(GovernanceStoreNoticeSuite, EventsAreKeptWithWhatMakesThemHappen) {
  AddIn(core::RequestState::kDraft);
  EXPECT_EQ(Waiting().waiting, 0);
  core::StoredRequest request = AddIn(core::RequestState::kPending);
  const std::int64_t id = request.request.id;
  request = Save(request, core::RequestState::kApproved);
  request.request.progress.epoch = 1;
  request = Save(request, core::RequestState::kApplying);
  EXPECT_THAT(Events(), ::testing::ElementsAre("submitted", "approved"));
  request.request.bundle.changes.clear();
  request.request.state = core::RequestState::kApplied;
  ASSERT_TRUE(store().Commit(request, Note(), Soon()).ok());
  const core::RequestNotices found = Waiting();
  EXPECT_EQ(found.waiting, 3);
  EXPECT_EQ(found.told_lately, 0);
  ASSERT_EQ(found.notices.size(), 3u);
  EXPECT_EQ(found.notices[2].event, core::RequestEvent::kApplied);
  for (const core::RequestNotice& one : found.notices) {
    EXPECT_EQ(one.request, id);
    EXPECT_EQ(one.at, found.now);
  }
}

TEST_P(GovernanceStoreNoticeSuite, WhatDoesNotHappenIsNotTold) {
  const core::StoredRequest first = AddIn(core::RequestState::kDraft);
  Save(first, core::RequestState::kWithdrawn);
  core::StoredRequest late = first;
  late.request.state = core::RequestState::kPending;
  EXPECT_EQ(CodeOf(store().SaveRequest(late, Note(), Soon())), ErrorCode::kConflict);
  core::StoredRequest applying = AddApplying();
  applying.request.state = core::RequestState::kApplied;
  applying.request.bundle.changes = {core::DeleteTeamChange{"nobody"}};
  applying.request.progress.epoch = 7;
  EXPECT_EQ(CodeOf(store().Commit(applying, Note(), Soon())), ErrorCode::kFenced);
  EXPECT_EQ(Waiting().waiting, 0);
}

TEST_P(GovernanceStoreNoticeSuite, BrokenGlassGoesFirst) {
  for (int i = 0; i < 3; ++i) AddIn(core::RequestState::kPending);
  core::StoredRequest broken = AddIn(core::RequestState::kPending);
  broken.request.break_glass_reason = "night";
  Save(broken, core::RequestState::kApproved);
  const core::RequestNotices found = Waiting(2);
  ASSERT_EQ(found.notices.size(), 3u);
  EXPECT_EQ(found.notices[0].event, core::RequestEvent::kBreakGlass);
  EXPECT_EQ(found.notices[0].request, broken.request.id);
  EXPECT_LT(found.notices[1].id, found.notices[2].id);
  EXPECT_EQ(found.waiting, 5);
}

TEST_P(GovernanceStoreNoticeSuite, WhoeverSubmitsAllDayFillsNoQueue) {
  const core::StoredRequest other = AddIn(core::RequestState::kPending);
  core::StoredRequest edited = AddIn(core::RequestState::kPending);
  for (int i = 0; i < 5; ++i) {
    edited = Save(edited, core::RequestState::kDraft);
    EXPECT_EQ(Waiting().waiting, 1) << "a draft waits for nobody's yes";
    edited = Save(edited, core::RequestState::kPending);
    EXPECT_EQ(Waiting().waiting, 2);
  }
  for (int i = 0; i < 3; ++i) {
    edited = Save(edited, core::RequestState::kDeclined);
    edited = Save(edited, core::RequestState::kPending);
  }
  const core::RequestNotices found = Waiting();
  EXPECT_THAT(Events(), ::testing::ElementsAre("submitted", "declined", "submitted"));
  EXPECT_EQ(found.notices.front().request, other.request.id) << "others keep their place";
  edited.request.break_glass_reason = "night";
  edited = Save(edited, core::RequestState::kApproved);
  edited = Save(edited, core::RequestState::kPending);
  EXPECT_THAT(Events(),
              ::testing::ElementsAre("break_glass", "submitted", "declined", "submitted"));
}

TEST_P(GovernanceStoreNoticeSuite, AnEventIsHandedOverOnce) {
  AddIn(core::RequestState::kPending);
  const core::RequestNotices found = Waiting();
  ASSERT_EQ(found.notices.size(), 1u);
  const std::vector notices = {NoticeOf(found.notices[0], found.now, "a"),
                               NoticeOf(found.notices[0], found.now, "b")};
  const auto first = store().HandOver(found.notices[0], notices, Soon());
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  EXPECT_TRUE(*first);
  const auto second = store().HandOver(found.notices[0], notices, Soon());
  ASSERT_TRUE(second.ok());
  EXPECT_FALSE(*second);
  EXPECT_EQ(Waiting().waiting, 0);
  AddIn(core::RequestState::kPending);
  EXPECT_EQ(Waiting().told_lately, 1) << "events, not channels";
  under_test_->Advance(std::chrono::seconds{61});
  EXPECT_EQ(Waiting().told_lately, 0);
}

TEST_P(GovernanceStoreNoticeSuite, WhatWaitedForADayIsForgotten) {
  AddIn(core::RequestState::kPending);
  under_test_->Advance(std::chrono::hours{24});
  AddIn(core::RequestState::kDeclined);
  EXPECT_EQ(*store().ExpireNotices(10, Soon()), 0);
  under_test_->Advance(std::chrono::seconds{1});
  EXPECT_EQ(*store().ExpireNotices(10, Soon()), 1);
  EXPECT_THAT(Events(), ::testing::ElementsAre("declined"));
}

TEST_P(GovernanceStoreNoticeSuite, ALostReplyIsNoSecondEvent) {
  const core::StoredRequest draft = AddIn(core::RequestState::kDraft);
  if (!under_test_->LoseReply("read_audit_mark", true)) {
    GTEST_SKIP() << "this store loses no replies";
  }
  Save(draft, core::RequestState::kPending);
  EXPECT_THAT(Events(), ::testing::ElementsAre("submitted"));
}

}  // namespace lanemq::testing
