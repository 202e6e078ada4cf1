#pragma once

// Part of governance_store_suite.h: what people were told to tidy up.
#include <string>
#include <vector>

#include "tests/conformance/governance_store_suite.h"

namespace lanemq::testing {

class GovernanceStoreHygieneSuite : public GovernanceStoreSuite {
 protected:
  static constexpr core::HygieneKind kReads = core::HygieneKind::kNobodyReads;

  static core::HygieneMatter Matter(const std::string& subject, core::HygieneKind kind = kReads) {
    return {kind, subject};
  }
  core::HygieneMemory Memory() {
    auto memory = store().LoadReminded(Soon());
    EXPECT_TRUE(memory.ok()) << memory.error().ToString();
    return memory.ok() ? *std::move(memory) : core::HygieneMemory{};
  }
  ErrorCode RemindCode(const core::HygieneTelling& telling, const core::Fence& fence) {
    const Status told = store().Remind(telling, fence, Soon());
    return told.ok() ? ErrorCode::kUnknownServerError : told.error().code;
  }
  static core::AlertNotice NoticeAt(WallTime now, const std::string& channel) {
    core::AlertNotice notice;
    notice.incident = "hygiene-1-0";
    notice.notice = notice.incident;
    notice.channel = channel;
    notice.body = "{}";
    notice.queued_at = now;
    notice.next_at = now;
    return notice;
  }
};

TEST_P(GovernanceStoreHygieneSuite, WhatWasToldIsRememberedUntilItIsForgotten) {
  const core::Fence fence = under_test_->NewTerm();
  const WallTime now = Memory().now;
  EXPECT_TRUE(Memory().told.empty());
  const core::HygieneMatter long_one =
      Matter("topic " + std::string(249, 'x') + "* for service:" + std::string(100, 'y'),
             core::HygieneKind::kGrantEnds);
  core::HygieneTelling telling;
  telling.told = {{Matter("topic a"), {1, now}},
                  {Matter("topic a", core::HygieneKind::kNobodyWrites), {2, now}},
                  {long_one, {3, WallTime{now.micros - 7}}}};
  ASSERT_TRUE(store().Remind(telling, fence, Soon()).ok());
  EXPECT_EQ(Memory().told, telling.told);
  ASSERT_TRUE(store().Remind(telling, fence, Soon()).ok()) << "again, which changes nothing";
  EXPECT_EQ(Memory().told, telling.told);

  core::HygieneTelling next;
  next.told = {{Matter("topic a"), {2, WallTime{now.micros + 1}}}};
  next.forget = {long_one, Matter("never told")};
  ASSERT_TRUE(store().Remind(next, fence, Soon()).ok());
  const std::map<core::HygieneMatter, core::Reminded> left = {
      {Matter("topic a"), {2, WallTime{now.micros + 1}}},
      {Matter("topic a", core::HygieneKind::kNobodyWrites), {2, now}}};
  EXPECT_EQ(Memory().told, left);
  under_test_->Advance(std::chrono::hours{24 * 365});
  EXPECT_EQ(Memory().told, left);
}

TEST_P(GovernanceStoreHygieneSuite, ATermThatIsOverTellsNothing) {
  core::HygieneTelling telling;
  telling.told = {{Matter("topic a"), {1, Memory().now}}};
  const core::Fence unknown{"on-call", core::FencingToken{99}};
  EXPECT_EQ(RemindCode(telling, unknown), ErrorCode::kFenced);
  const core::Fence first = under_test_->NewTerm();
  const core::Fence second = under_test_->NewTerm();
  EXPECT_EQ(RemindCode(telling, first), ErrorCode::kFenced);
  EXPECT_TRUE(Memory().told.empty());
  ASSERT_TRUE(store().Remind(telling, second, Soon()).ok());
  EXPECT_EQ(Memory().told.size(), 1u);
}

TEST_P(GovernanceStoreHygieneSuite, TooMuchAtATimeIsRefused) {
  const core::Fence fence = under_test_->NewTerm();
  core::HygieneTelling telling;
  for (std::size_t i = 0; i <= core::GovernanceStore::kTellingMax; ++i) {
    telling.forget.push_back(Matter("topic " + std::to_string(i)));
  }
  EXPECT_EQ(RemindCode(telling, fence), ErrorCode::kInvalidRequest);
  telling.forget.pop_back();
  EXPECT_TRUE(store().Remind(telling, fence, Soon()).ok());
}

TEST_P(GovernanceStoreHygieneSuite, AfterALostReplyItWasToldOrNot) {
  for (const bool after_effect : {false, true}) {
    const core::Fence fence = under_test_->NewTerm();
    const core::HygieneMatter matter = Matter(after_effect ? "topic told" : "topic not told");
    core::HygieneTelling telling;
    telling.told = {{matter, {1, Memory().now}}};
    telling.notices = {NoticeAt(Memory().now, "a")};
    if (!under_test_->LoseReply("insert_alert_notice", after_effect)) {
      GTEST_SKIP() << "this store loses no replies";
    }
    const Status told = store().Remind(telling, fence, Soon());
    ASSERT_FALSE(told.ok());
    EXPECT_EQ(told.error().code, ErrorCode::kOutcomeUnknown) << told.error().ToString();
    EXPECT_EQ(Memory().told.contains(matter), after_effect);
  }
}

}  // namespace lanemq::testing
