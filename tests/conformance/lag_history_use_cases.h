#pragma once

// Part of lag_history_suite.h: when topics were last used.
#include "tests/conformance/lag_history_suite.h"

namespace lanemq::testing {

TEST_P(LagHistorySuite, LastUsesAreReadBackAndTakeThePlaceOfOlderOnes) {
  EXPECT_TRUE(LastUsesOk().empty());
  const core::LastUse never{core::TopicId{3}, At(1), {}, {}, 0, 0};
  const core::LastUse once{core::TopicId{9}, At(2), At(3), {}, 9'000'000'000, 0};
  core::LastUse often{core::TopicId{1}, At(4), At(5), WallTime{At(6).micros + 7}, 8, 9};
  WriteUsesOk({once, never, often});
  EXPECT_EQ(LastUsesOk(), (std::vector<core::LastUse>{often, never, once}));
  often.produced_at.reset();
  often.consumed = 10;
  WriteUsesOk({often});
  WriteUsesOk({});
  EXPECT_EQ(LastUsesOk(), (std::vector<core::LastUse>{often, never, once}));
  const auto some = store().LastUses(2, Soon());
  ASSERT_TRUE(some.ok());
  EXPECT_EQ(*some, (std::vector<core::LastUse>{often, never}));
}

TEST_P(LagHistorySuite, ManyLastUsesAtOnce) {
  std::vector<core::LastUse> uses;
  for (std::int64_t i = 1; i <= 1'201; ++i) {
    uses.push_back({core::TopicId{i}, At(i), At(2 * i), {}, i, 0});
  }
  WriteUsesOk(uses);
  EXPECT_EQ(LastUsesOk(), uses);
}

TEST_P(LagHistorySuite, LastUsesOfTopicsThatAreGoneAreForgotten) {
  std::vector<core::LastUse> uses;
  for (std::int64_t i = 1; i <= 5; ++i) uses.push_back({core::TopicId{i}, At(0), {}, {}, 0, 0});
  WriteUsesOk(uses);
  under_test_->SetTopics({core::TopicId{2}, core::TopicId{5}});
  auto forgotten = store().ForgetLastUses(2, fence_, Soon());
  ASSERT_TRUE(forgotten.ok()) << forgotten.error().ToString();
  EXPECT_EQ(*forgotten, 2);
  EXPECT_EQ(LastUsesOk(), (std::vector<core::LastUse>{uses[1], uses[3], uses[4]}));
  forgotten = store().ForgetLastUses(2, fence_, Soon());
  ASSERT_TRUE(forgotten.ok());
  EXPECT_EQ(*forgotten, 1);
  EXPECT_EQ(LastUsesOk(), (std::vector<core::LastUse>{uses[1], uses[4]}));
  forgotten = store().ForgetLastUses(2, fence_, Soon());
  ASSERT_TRUE(forgotten.ok());
  EXPECT_EQ(*forgotten, 0);
}

TEST_P(LagHistorySuite, ForgettingDoesNotWaitForWhoeverChangesTopics) {
  std::vector<core::LastUse> uses;
  for (std::int64_t i = 1; i <= 1'201; ++i) uses.push_back({core::TopicId{i}, At(0), {}, {}, 0, 0});
  WriteUsesOk(uses);
  under_test_->SetTopics({core::TopicId{2}});
  const std::shared_ptr<void> locked = under_test_->LockTopics();
  const Deadline soon = Deadline::After(SystemClock::Instance(), std::chrono::milliseconds{5'000});
  const auto forgotten = store().ForgetLastUses(5'000, fence_, soon);
  ASSERT_TRUE(forgotten.ok()) << forgotten.error().ToString();
  EXPECT_EQ(*forgotten, 1'200);
  EXPECT_EQ(LastUsesOk(), std::vector<core::LastUse>{uses[1]});
}

}  // namespace lanemq::testing
