#pragma once

#include "tests/conformance/retry_store_suite.h"

/// Failures and offsets in one transaction, outcomes of retries.
namespace lanemq::testing {

TEST_P(RetryStoreSuite, FailuresAreWrittenWithTheCommitThatPassesThem) {
  Append(12);
  const auto settled = SettleOk(To(11, {Failed(1), Failed(4, Dead()), Failed(10, In(kHour))}));
  EXPECT_EQ(settled.retried, 2);
  EXPECT_EQ(settled.dead, 1);
  EXPECT_TRUE(settled.stale.empty());
  EXPECT_EQ(Committed(), 11);
  EXPECT_EQ(Retries(), "1 10");
  EXPECT_EQ(DeadLetters(), "4");
}

TEST_P(RetryStoreSuite, CopiesAreTheRecordsByteForByte) {
  Append(300);
  std::vector<core::LogFailure> failures;
  for (int offset = 1; offset <= 300; ++offset) {
    failures.push_back(Failed(offset, offset % 2 == 0 ? Dead() : In({})));
  }
  const auto settled = SettleOk(To(301, failures));
  EXPECT_EQ(settled.retried, 150);
  EXPECT_EQ(settled.dead, 150);
  EXPECT_EQ(CountTrueCopies("retry_messages"), "150\n");
  EXPECT_EQ(CountTrueCopies("dead_letters"), "150\n");
  const auto log = messages().Read(At(0), core::kFirstOffset, {1'000, 1u << 24}, Soon());
  ASSERT_TRUE(log.ok());
  const auto leased = Lease({{}, ""}, kHour, false, 16, {1'000, 1u << 24});
  ASSERT_EQ(leased.due.size(), 150u);
  for (const auto& due : leased.due) {
    EXPECT_EQ(due.key, Key());
    EXPECT_TRUE(*due.record == *(*log)[static_cast<std::size_t>(due.record->offset.value - 1)])
        << due.record->offset.value;
  }
}

TEST_P(RetryStoreSuite, RepeatedSettlementsChangeNothing) {
  Append(5);
  const auto asked = To(5, {Failed(2), Failed(3, Dead())});
  SettleOk(asked);
  ASSERT_EQ(OffsetsOf(Lease()), (Offsets{2}));
  const auto done = To(0, {}, {Ok(2, 2)});
  SettleOk(done);
  for (int i = 0; i < 2; ++i) {
    const auto again = SettleOk(asked);
    EXPECT_EQ(again.retried, 0);
    EXPECT_EQ(again.dead, 0);
    EXPECT_EQ(SettleOk(done).stale, (std::vector<core::Offset>{core::Offset{2}}));
  }
  EXPECT_EQ(Retries(), "") << "done is done";
  EXPECT_EQ(DeadLetters(), "3");
  EXPECT_EQ(Committed(), 5);
}

TEST_P(RetryStoreSuite, ARecordThatLeftTheLogFailsItsPartitionAlone) {
  Append(5);
  Append(5, 1);
  Run("DELETE FROM log WHERE `offset` < 3");
  const std::vector<core::PartitionSettlement> asked = {To(4, {Failed(2), Failed(3)}),
                                                        To(4, {Failed(2)}, {}, 1)};
  const auto answers = store().Settle("g", Owner(0), asked, Soon());
  ASSERT_TRUE(answers.ok()) << answers.error().ToString();
  ExpectRefused(ErrorCode::kNotFound, (*answers)[0]);
  EXPECT_TRUE((*answers)[1].status.ok());
  EXPECT_EQ(Committed(0), 0) << "not even an empty row";
  EXPECT_EQ(Committed(1), 4);
  EXPECT_EQ(Run("SELECT partition_index,origin_offset FROM retry_messages"),
            fmt::format("{}\t2\n", Key(1).partition));
  ExpectRefused(ErrorCode::kDataNodeUnavailable, Settle(To(4, {Failed(2)}, {}, 7)));
}

TEST_P(RetryStoreSuite, ZombiesChangeNothing) {
  Append(9);
  Claim(Owner(4, "former"));
  SettleOk(To(3, {Failed(1), Failed(2)}), Owner(4, "former"));
  ASSERT_EQ(Lease(Owner(4, "former")).due.size(), 2u);
  Claim(Owner(5, "owner"));
  const std::string before = Everything();
  auto begins = To(0);
  begins.begins = core::Offset{3};
  for (const core::OffsetOwner& zombie :
       {Owner(4, "former"), Owner(5, "other"), Owner(6, "other"), Owner(0)}) {
    ExpectRefused(ErrorCode::kIllegalGeneration,
                  Settle(To(7, {Failed(5), Failed(6, Dead())}), zombie));
    ExpectRefused(ErrorCode::kIllegalGeneration, Settle(To(0, {}, {Ok(1, 2)}), zombie));
    ExpectRefused(ErrorCode::kIllegalGeneration,
                  Settle(To(0, {}, {FailedAgain(2, 2, Dead())}), zombie));
    ExpectRefused(ErrorCode::kIllegalGeneration, Settle(begins, zombie));
    const auto leased = Lease(zombie, kHour, true);
    ASSERT_EQ(leased.statuses.size(), 2u);
    for (const Status& status : leased.statuses) {
      ASSERT_FALSE(status.ok());
      EXPECT_EQ(status.error().code, ErrorCode::kIllegalGeneration);
    }
    EXPECT_TRUE(leased.due.empty());
  }
  EXPECT_EQ(Everything(), before);
}

TEST_P(RetryStoreSuite, AResetRefusesTheFailuresWithTheCommit) {
  Append(9);
  SettleOk(To(3));
  const std::vector<core::OffsetResetTo> to = {{Key(), core::Offset{2}}};
  ASSERT_TRUE(offsets().Reset("g", to, {}, Soon()).ok());
  auto late = To(7, {Failed(5)});
  late.commit->reset_epoch = 0;
  ExpectRefused(ErrorCode::kOffsetReset, Settle(late));
  EXPECT_EQ(Retries(), "");
  EXPECT_EQ(Committed(), 2);
  late.commit->reset_epoch = 1;
  SettleOk(late);
  EXPECT_EQ(Retries(), "5");
}

TEST_P(RetryStoreSuite, TheAttemptIsTheTokenOfTheOutcome) {
  Append(9);
  SettleOk(To(9, {Failed(1), Failed(2), Failed(3), Failed(4), Failed(5)}));
  ASSERT_EQ(Lease().due.size(), 5u);
  const auto settled =
      SettleOk(To(0, {},
                  {Ok(1, 2), Ok(2, 1), FailedAgain(3, 2, In(kHour)), FailedAgain(4, 2, Dead()),
                   FailedAgain(5, 3, Dead()), Ok(8, 2), Ok(1, 2)}));
  EXPECT_EQ(settled.retried, 1);
  EXPECT_EQ(settled.dead, 1);
  EXPECT_EQ(settled.stale, (std::vector<core::Offset>{core::Offset{2}, core::Offset{5},
                                                      core::Offset{8}, core::Offset{1}}));
  EXPECT_EQ(Retries(), "2 3 5");
  EXPECT_EQ(DeadLetters(), "4");
  EXPECT_EQ(Run("SELECT attempts,leased_by,reason,first_error,last_error,due_at>UTC_TIMESTAMP(6)"
                "+INTERVAL 50 MINUTE FROM retry_messages WHERE origin_offset=3"),
            "2\t\tagain\ttext\tmore\t1\n");
  EXPECT_EQ(Run("SELECT attempts,reason,first_error,last_error,last_failed_at>first_failed_at FROM "
                "dead_letters"),
            "2\tagain\ttext\tmore\t1\n");
  EXPECT_EQ(CountTrueCopies("dead_letters"), "1\n");
}

TEST_P(RetryStoreSuite, AGroupThatWasMovedBackHasOneRowPerRecord) {
  Append(9);
  SettleOk(To(9, {Failed(1), Failed(2, Dead()), Failed(3), Failed(4, Dead())}));
  ASSERT_EQ(Lease().due.size(), 2u);
  const std::vector<core::OffsetResetTo> to = {{Key(), core::Offset{1}}};
  ASSERT_TRUE(offsets().Reset("g", to, {}, Soon()).ok());
  const core::FailureNote note = {"new", "now"};
  const auto settled = SettleOk(To(5,
                                   {Failed(1, Dead(), note), Failed(2, In({}), note),
                                    Failed(3, In({}), note), Failed(4, Dead(), note)},
                                   {Ok(3, 2)}));
  EXPECT_EQ(settled.retried, 2);
  EXPECT_EQ(settled.dead, 2);
  EXPECT_EQ(Retries(), "2 3");
  EXPECT_EQ(DeadLetters(), "1 4");
  EXPECT_EQ(Run("SELECT DISTINCT attempts,reason,first_error,leased_by FROM retry_messages"),
            "1\tnew\tnow\t\n");
  EXPECT_EQ(Run("SELECT DISTINCT attempts,reason,first_error FROM dead_letters"), "1\tnew\tnow\n");
}

// A commit that goes back passes its failures anew: they must not get lost.
TEST_P(RetryStoreSuite, ACommitThatGoesBackWritesItsFailures) {
  Append(9);
  SettleOk(To(9));
  EXPECT_EQ(SettleOk(To(4, {Failed(3)})).retried, 1);
  EXPECT_EQ(Committed(), 4);
  EXPECT_EQ(Retries(), "3");
}

TEST_P(RetryStoreSuite, WhatContradictsItselfIsRefused) {
  Append(9);
  SettleOk(To(2));
  const std::string before = Everything();
  ExpectRefused(ErrorCode::kInvalidRequest, Settle(To(0, {Failed(2)})));
  ExpectRefused(ErrorCode::kInvalidRequest, Settle(To(5, {Failed(5)})));
  ExpectRefused(ErrorCode::kInvalidRequest, Settle(To(5, {Failed(3), Failed(3)})));
  ExpectRefused(ErrorCode::kInvalidRequest,
                Settle(To(5, {Failed(3, In({}), {std::string(65, 'r'), ""})})));
  auto begins = To(5);
  begins.begins = core::Offset{4};
  ExpectRefused(ErrorCode::kInvalidRequest, Settle(begins));
  EXPECT_EQ(Everything(), before);
}

}  // namespace lanemq::testing
