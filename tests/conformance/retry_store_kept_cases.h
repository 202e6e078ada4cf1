#pragma once

#include "tests/conformance/retry_store_suite.h"

/// Retries that their owner keeps until they are due.
namespace lanemq::testing {

TEST_P(RetryStoreSuite, WhatIsKeptIsLeasedAtOnceWithItsNextAttempt) {
  Append(9);
  Claim(Owner(1));
  const auto settled = SettleOk(
      To(9, {Failed(1, KeptFor(kHour)), Failed(2), Failed(3, KeptFor(kHour, kSecond))}), Owner(1));
  EXPECT_EQ(settled.retried, 3);
  ASSERT_EQ(settled.kept.size(), 2u);
  EXPECT_EQ(settled.kept[0].offset, core::Offset{1});
  EXPECT_EQ(settled.kept[0].attempt, 2);
  EXPECT_EQ(settled.kept[0].due_in.count(), 0);
  EXPECT_EQ(settled.kept[1].due_in, kSecond);
  EXPECT_EQ(Run("SELECT origin_offset,attempts,leased_by FROM retry_messages ORDER BY 1"),
            "1\t2\t1/m\n2\t1\t\n3\t2\t1/m\n");
  EXPECT_EQ(
      Run("SELECT TIMESTAMPDIFF(MICROSECOND,'1970-01-01',first_failed_at),"
          "TIMESTAMPDIFF(MICROSECOND,'1970-01-01',last_failed_at) FROM retry_messages LIMIT 1"),
      fmt::format("{0}\t{0}\n", settled.kept[0].first_at.micros));
  EXPECT_EQ(CountTrueCopies("retry_messages"), "3\n");
  EXPECT_EQ(OffsetsOf(Lease(Owner(1))), (Offsets{2})) << "nobody gets what is kept";
  EXPECT_EQ(SettleOk(To(0, {}, {Ok(1, 1)}), Owner(1)).stale.size(), 1u);
  EXPECT_TRUE(SettleOk(To(0, {}, {Ok(1, 2), Ok(2, 2), Ok(3, 2)}), Owner(1)).stale.empty());
  EXPECT_EQ(Retries(), "");
}

TEST_P(RetryStoreSuite, WhatIsKeptAndForgottenComesAgainWhenTheLeaseEnds) {
  Append(9);
  Claim(Owner(1));
  SettleOk(To(9, {Failed(1, KeptFor(std::chrono::milliseconds{0}))}), Owner(1));
  const auto leased = Lease(Owner(1));
  ASSERT_EQ(leased.due.size(), 1u);
  EXPECT_EQ(leased.due[0].history.attempts, 3) << "the one that was kept has counted";
}

TEST_P(RetryStoreSuite, WhoTakesOverGetsWhatIsKeptWhenItIsDue) {
  Append(9);
  Claim(Owner(1, "former"));
  SettleOk(To(9, {Failed(1, KeptFor(kHour)), Failed(2, KeptFor(kHour, kSecond * 8))}),
           Owner(1, "former"));
  Claim(Owner(2, "owner"));
  const auto taken = Lease(Owner(2, "owner"), kHour, true);
  EXPECT_EQ(OffsetsOf(taken), (Offsets{1})) << "2 is not due yet";
  ASSERT_TRUE(taken.next_due_in);
  EXPECT_GT(*taken.next_due_in, std::chrono::milliseconds{0});
  EXPECT_LE(*taken.next_due_in, kSecond * 8);
  EXPECT_EQ(Run("SELECT leased_by FROM retry_messages WHERE origin_offset=2"), "\n");
  ExpectRefused(ErrorCode::kIllegalGeneration, Settle(To(0, {}, {Ok(2, 2)}), Owner(1, "former")));
}

TEST_P(RetryStoreSuite, AMemberTakesOverFromItselfInAnEarlierGeneration) {
  Append(9);
  Claim(Owner(1));
  SettleOk(To(9, {Failed(1, KeptFor(kHour)), Failed(2)}), Owner(1));
  ASSERT_EQ(Lease(Owner(1)).due.size(), 1u);
  Claim(Owner(2));
  const auto taken = Lease(Owner(2), kHour, true);
  EXPECT_EQ(OffsetsOf(taken), (Offsets{1, 2})) << "it has forgotten what it held";
  EXPECT_TRUE(Lease(Owner(2), kHour, true).due.empty()) << "a repeated call";
}

TEST_P(RetryStoreSuite, ARepeatAfterTheLeaseKeepsNothing) {
  Append(9);
  Claim(Owner(1));
  const auto asked = To(9, {Failed(1, KeptFor(std::chrono::milliseconds{0}))});
  EXPECT_EQ(SettleOk(asked, Owner(1)).kept.size(), 1u);
  EXPECT_TRUE(SettleOk(asked, Owner(1)).kept.empty());
  Append(9);
  SettleOk(To(12, {Failed(11, KeptFor(kHour))}), Owner(1));
  Run("UPDATE retry_messages SET due_at=due_at-INTERVAL 1 MINUTE WHERE origin_offset=11");
  const auto late = SettleOk(To(12, {Failed(11, KeptFor(kHour))}), Owner(1));
  ASSERT_EQ(late.kept.size(), 1u);
  EXPECT_LE(late.kept[0].due_in, -kSecond * 59) << "its lease counts from then";
}

TEST_P(RetryStoreSuite, ARepeatedSettlementAnswersWhatTheFirstOneKept) {
  Append(9);
  Claim(Owner(1));
  const auto asked = To(9, {Failed(1, KeptFor(kHour, kSecond)), Failed(2), Failed(3, Dead())});
  const auto first = SettleOk(asked, Owner(1));
  const std::string before = Everything();
  const auto again = SettleOk(asked, Owner(1));
  EXPECT_EQ(again.retried + again.dead, 0);
  ASSERT_EQ(again.kept.size(), 1u);
  EXPECT_EQ(again.kept[0].offset, core::Offset{1});
  EXPECT_EQ(again.kept[0].attempt, 2);
  EXPECT_LE(again.kept[0].due_in, kSecond);
  EXPECT_EQ(again.kept[0].first_at, first.kept[0].first_at);
  const auto fails_again = To(0, {}, {FailedAgain(1, 2, KeptFor(kHour))});
  for (int i = 0; i < 2; ++i) {
    const auto settled = SettleOk(fails_again, Owner(1));
    EXPECT_TRUE(settled.stale.empty()) << i;
    ASSERT_EQ(settled.kept.size(), 1u) << i;
    EXPECT_EQ(settled.kept[0].attempt, 3);
    EXPECT_EQ(settled.kept[0].first_at, first.kept[0].first_at);
  }
  EXPECT_EQ(Run("SELECT attempts,leased_by,reason,first_error FROM retry_messages "
                "WHERE origin_offset=1"),
            "3\t1/m\tagain\ttext\n");
  EXPECT_TRUE(SettleOk(asked, Owner(1)).kept.empty()) << "that delivery is over";
  EXPECT_NE(Everything(), before);
}

TEST_P(RetryStoreSuite, ARecordThatLeftTheLogUndoesTheOutcomesBesideIt) {
  Append(9);
  SettleOk(To(4, {Failed(1), Failed(2), Failed(3)}));
  ASSERT_EQ(Lease().due.size(), 3u);
  Run("DELETE FROM log WHERE `offset` = 6");
  const std::string before = Everything();
  ExpectRefused(ErrorCode::kNotFound, Settle(To(9, {Failed(5), Failed(6)}, {Ok(1, 2), Ok(2, 2)})));
  ExpectRefused(ErrorCode::kNotFound,
                Settle(To(9, {Failed(5), Failed(6, Dead())}, {FailedAgain(3, 2, In({}))})));
  EXPECT_EQ(Everything(), before);
  // One that is stored already and one that is gone are as many rows as two that were found.
  Run("INSERT INTO dead_letters SELECT group_id,topic_id,partition_index,7,NOW(6),1,NOW(6),NOW(6),"
      "'','','',0,0,0,0,NULL,NULL,NULL FROM retry_messages WHERE origin_offset=1");
  ExpectRefused(ErrorCode::kNotFound, Settle(To(9, {Failed(6, Dead()), Failed(7, Dead())})));
}

TEST_P(RetryStoreSuite, OneStaleOutcomeLeavesTheOthersDone) {
  Append(9);
  SettleOk(To(9, {Failed(1), Failed(2), Failed(3)}));
  ASSERT_EQ(Lease().due.size(), 3u);
  const auto settled = SettleOk(To(0, {}, {Ok(1, 2), Ok(2, 7), Ok(3, 2)}));
  EXPECT_EQ(settled.stale, (std::vector<core::Offset>{core::Offset{2}}));
  EXPECT_EQ(Retries(), "2");
}

}  // namespace lanemq::testing
