#pragma once

#include "tests/conformance/retry_store_suite.h"

/// Deliveries of retries, their ends, the backlog.
namespace lanemq::testing {

TEST_P(RetryStoreSuite, DueRetriesAreLeasedOnceInTheOrderTheyAreDue) {
  Append(9);
  SettleOk(To(9, {Failed(1, In(kHour)), Failed(2), Failed(3)}));
  Run("UPDATE retry_messages SET due_at=due_at-INTERVAL 5 SECOND WHERE origin_offset=3");
  const auto leased = Lease();
  EXPECT_EQ(OffsetsOf(leased), (Offsets{3, 2}));
  for (const Status& status : leased.statuses) EXPECT_TRUE(status.ok());
  const core::FailureHistory& history = leased.due[0].history;
  EXPECT_EQ(history.attempts, 2) << "this delivery counts";
  EXPECT_EQ(history.first.error, "text");
  EXPECT_EQ(history.last.reason, "why");
  EXPECT_GT(history.first_at.micros, 0);
  EXPECT_EQ(history.last_at, history.first_at);
  ASSERT_TRUE(leased.next_due_in);
  EXPECT_GT(*leased.next_due_in, std::chrono::minutes{50});
  EXPECT_TRUE(Lease().due.empty()) << "they are leased";
  EXPECT_TRUE(Lease(Owner(1), {}, true).statuses[0].error().code == ErrorCode::kIllegalGeneration);
}

TEST_P(RetryStoreSuite, NothingIsDueWhereNothingFailed) {
  const auto leased = Lease();
  EXPECT_EQ(leased.statuses.size(), 2u);
  EXPECT_TRUE(leased.due.empty());
  EXPECT_EQ(leased.next_due_in, std::nullopt);
  EXPECT_EQ(Committed(), 0) << "nor does asking leave a row";
  EXPECT_TRUE(store().Backlog("g", Soon())->empty());
  EXPECT_TRUE(store().Settle("g", Owner(0), {}, Soon())->empty());
  EXPECT_TRUE(store().Lease("g", Owner(0), {}, {}, kHour, false, Soon())->due.empty());
}

TEST_P(RetryStoreSuite, ALeaseEndsByItself) {
  Append(9);
  SettleOk(To(9, {Failed(1)}));
  EXPECT_EQ(Lease(Owner(0), std::chrono::milliseconds{0}).due.size(), 1u);
  const auto second = Lease();
  ASSERT_EQ(second.due.size(), 1u);
  EXPECT_EQ(second.due[0].history.attempts, 3);
  EXPECT_EQ(SettleOk(To(0, {}, {Ok(1, 2)})).stale.size(), 1u) << "the former delivery is over";
  EXPECT_TRUE(SettleOk(To(0, {}, {Ok(1, 3)})).stale.empty());
  EXPECT_EQ(Retries(), "");
}

TEST_P(RetryStoreSuite, WhoTakesOverGetsWhatOthersHold) {
  Append(9);
  Claim(Owner(1, "former"));
  SettleOk(To(9, {Failed(1), Failed(2), Failed(3, In(kHour))}), Owner(1, "former"));
  ASSERT_EQ(Lease(Owner(1, "former")).due.size(), 2u);
  Claim(Owner(2, "owner"));
  EXPECT_TRUE(Lease(Owner(2, "owner")).due.empty());
  const auto taken = Lease(Owner(2, "owner"), kHour * 2, true);
  EXPECT_EQ(OffsetsOf(taken), (Offsets{1, 2})) << "3 waits for its time";
  EXPECT_EQ(taken.due[0].history.attempts, 3);
  EXPECT_TRUE(Lease(Owner(2, "owner"), kHour * 2, true).due.empty()) << "our own";
  EXPECT_EQ(SettleOk(To(0, {}, {Ok(1, 3), Ok(2, 2)}), Owner(2, "owner")).stale,
            (std::vector<core::Offset>{core::Offset{2}}));
}

TEST_P(RetryStoreSuite, LimitsBoundADeliveryAndWhatDoesNotFitIsNotLeased) {
  Append(40);
  Append(40, 1);
  std::vector<core::LogFailure> failures;
  for (int offset = 1; offset <= 30; ++offset) failures.push_back(Failed(offset));
  SettleOk(To(40, failures));
  SettleOk(To(40, failures, {}, 1));
  const auto one = Lease(Owner(0), kHour, false, 16, {10, 0});
  EXPECT_EQ(one.due.size(), 1u) << "the first always fits";
  EXPECT_EQ(one.next_due_in, std::chrono::microseconds{0});
  EXPECT_EQ(Run("SELECT COUNT(*) FROM retry_messages WHERE leased_by<>''"), "1\n");
  EXPECT_TRUE(Lease(Owner(0), kHour, false, 16, {0, 1u << 20}).due.empty());
  EXPECT_EQ(Lease(Owner(0), kHour, false, 16, {40, 1u << 20}).due.size(), 40u);
  EXPECT_EQ(Lease(Owner(0), kHour, false, 16, {40, 1u << 20}).due.size(), 19u);
  EXPECT_TRUE(Lease().due.empty());
}

TEST_P(RetryStoreSuite, ARetryWhoseLastAttemptHadNoOutcomeIsADeadLetter) {
  Append(9);
  SettleOk(To(9, {Failed(1), Failed(2, Dead()), Failed(3)}));
  constexpr std::chrono::milliseconds kOver{0};
  EXPECT_EQ(Lease(Owner(0), kOver, false, 3).due.size(), 2u);
  EXPECT_EQ(Lease(Owner(0), kOver, false, 3).due.size(), 2u);
  SettleOk(To(0, {}, {Ok(3, 3)}));
  const auto leased = Lease(Owner(0), kOver, false, 3);
  EXPECT_TRUE(leased.due.empty());
  EXPECT_EQ(leased.dead, 1);
  EXPECT_EQ(leased.next_due_in, std::nullopt);
  EXPECT_EQ(Retries(), "");
  EXPECT_EQ(DeadLetters(), "1 2");
  EXPECT_EQ(Run("SELECT attempts,reason,last_error FROM dead_letters WHERE origin_offset=1"),
            "3\tlost\ttext\n");
  EXPECT_EQ(CountTrueCopies("dead_letters"), "2\n");
}

TEST_P(RetryStoreSuite, TheBacklogHasTheEarliestOfEachPartition) {
  Append(9);
  Append(9, 1);
  SettleOk(To(9, {Failed(1, In(kHour)), Failed(2, In(kHour * 3))}));
  SettleOk(To(9, {Failed(1, In(kHour * 2)), Failed(2)}, {}, 1));
  auto backlog = store().Backlog("g", Soon());
  ASSERT_TRUE(backlog.ok()) << backlog.error().ToString();
  ASSERT_EQ(backlog->size(), 2u);
  EXPECT_EQ((*backlog)[0].key, Key(0));
  EXPECT_GT((*backlog)[0].due_in, kHour / 2);
  EXPECT_LE((*backlog)[0].due_in, kHour);
  EXPECT_EQ((*backlog)[1].key, Key(1));
  EXPECT_LE((*backlog)[1].due_in.count(), 0);
  EXPECT_TRUE(store().Backlog("other", Soon())->empty());
  ASSERT_EQ(Lease(Owner(0), kHour * 5).due.size(), 1u);
  backlog = store().Backlog("g", Soon());
  EXPECT_GT((*backlog)[1].due_in, kHour) << "a leased one counts at the end of its lease";
  EXPECT_LE((*backlog)[1].due_in, kHour * 2);
}

}  // namespace lanemq::testing
