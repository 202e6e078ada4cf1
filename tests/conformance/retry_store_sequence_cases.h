#pragma once

#include "tests/conformance/retry_store_suite.h"

/// Settlements of an owner that arrive after its later ones.
namespace lanemq::testing {

TEST_P(RetryStoreSuite, ALateSettlementMakesNoRetriesAnew) {
  Append(9);
  Claim(Owner(4));
  const auto first = To(4, {Failed(2), Failed(3, Dead())});
  SettleOk(first, Numbered(4, 1));
  ASSERT_EQ(OffsetsOf(Lease(Owner(4))), (Offsets{2}));
  SettleOk(To(0, {}, {Ok(2, 2)}), Numbered(4, 2));
  SettleOk(To(6), Numbered(4, 3));
  const std::string before = Everything();
  ExpectRefused(ErrorCode::kFenced, Settle(first, Numbered(4, 1)));
  ExpectRefused(ErrorCode::kFenced, Settle(To(5, {Failed(4)}), Numbered(4, 2)));
  auto begins = To(6);
  begins.begins = core::Offset{6};
  ExpectRefused(ErrorCode::kFenced, Settle(begins, Numbered(4, 2)));
  EXPECT_EQ(Everything(), before);
  EXPECT_EQ(Retries(), "");
  EXPECT_EQ(Committed(), 6);
}

TEST_P(RetryStoreSuite, OutcomesAloneCountAndAreCheckedToo) {
  Append(9);
  Claim(Owner(4));
  SettleOk(To(4, {Failed(1), Failed(2)}), Numbered(4, 1));
  ASSERT_EQ(Lease(Owner(4)).due.size(), 2u);
  SettleOk(To(0, {}, {FailedAgain(1, 2, In(kHour))}), Numbered(4, 3));
  const std::string before = Everything();
  ExpectRefused(ErrorCode::kFenced, Settle(To(3, {Failed(1)}), Numbered(4, 2)));
  ExpectRefused(ErrorCode::kFenced, Settle(To(0, {}, {Ok(2, 2)}), Numbered(4, 2)));
  EXPECT_EQ(Everything(), before);
  const auto repeated = SettleOk(To(0, {}, {FailedAgain(1, 2, Dead())}), Numbered(4, 3));
  EXPECT_EQ(repeated.dead, 1) << "not leased since: as without a sequence";
  SettleOk(To(0, {}, {Ok(2, 2)}), Numbered(4, 4));
  EXPECT_EQ(Retries(), "");
}

TEST_P(RetryStoreSuite, ASettlementRepeatedWithItsSequenceIsAnsweredAgain) {
  Append(9);
  Claim(Owner(4));
  const auto asked = To(5, {Failed(2, KeptFor(kHour)), Failed(3, Dead())});
  ASSERT_EQ(SettleOk(asked, Numbered(4, 7)).kept.size(), 1u);
  const std::string rows = Retries() + "|" + DeadLetters();
  for (int i = 0; i < 2; ++i) {
    const auto again = SettleOk(asked, Numbered(4, 7));
    EXPECT_EQ(again.retried, 0);
    EXPECT_EQ(again.dead, 0);
    ASSERT_EQ(again.kept.size(), 1u);
    EXPECT_EQ(again.kept[0].offset, core::Offset{2});
    EXPECT_EQ(again.kept[0].attempt, 2);
  }
  EXPECT_EQ(Retries() + "|" + DeadLetters(), rows);
}

// What a refused settlement carried is told again by its sender, and nothing is lost.
TEST_P(RetryStoreSuite, OnePartitionIsRefusedAndItsFailuresAreTakenLater) {
  Append(9);
  Append(9, 1);
  Claim(Owner(4));
  SettleOk(To(3), Numbered(4, 3));
  const std::vector<core::PartitionSettlement> asked = {To(5, {Failed(4)}),
                                                        To(5, {Failed(2)}, {}, 1)};
  const auto answers = store().Settle("g", Numbered(4, 2), asked, Soon());
  ASSERT_TRUE(answers.ok()) << answers.error().ToString();
  ExpectRefused(ErrorCode::kFenced, (*answers)[0]);
  EXPECT_TRUE((*answers)[1].status.ok());
  EXPECT_EQ(Committed(0), 3);
  EXPECT_EQ(Committed(1), 5);
  EXPECT_EQ(Retries(), "2");
  EXPECT_EQ(SettleOk(To(5, {Failed(4)}), Numbered(4, 4)).retried, 1);
  EXPECT_EQ(Retries(), "2 4");
}

TEST_P(RetryStoreSuite, AResetComesBeforeTheSequenceOfASettlement) {
  Append(9);
  Claim(Owner(4));
  SettleOk(To(6), Numbered(4, 5));
  const std::vector<core::OffsetResetTo> to = {{Key(), core::Offset{2}}};
  ASSERT_TRUE(offsets().Reset("g", to, {}, Soon()).ok());
  auto late = To(7, {Failed(5)});
  late.commit->reset_epoch = 0;
  ExpectRefused(ErrorCode::kOffsetReset, Settle(late, Numbered(4, 4)));
  ExpectRefused(ErrorCode::kOffsetReset, Settle(late, Numbered(4, 6)));
  late.commit->reset_epoch = 1;
  SettleOk(late, Numbered(4, 6));
  EXPECT_EQ(Retries(), "5");
}

}  // namespace lanemq::testing
