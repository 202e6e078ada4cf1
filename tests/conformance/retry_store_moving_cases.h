#pragma once

#include "tests/conformance/retry_store_suite.h"

/// What a RetryStore does while partitions move to another data node.
namespace lanemq::testing {

TEST_P(RetryStoreSuite, APartitionThatMovesRefusesSettlementsAndTheOthersGoOn) {
  Append(9);
  Append(9, 1);
  SettleOk(To(3, {Failed(1), Failed(2)}));
  ASSERT_EQ(Lease().due.size(), 2u);
  under_test_->SetMoving(Key(0), true);
  const std::string before = Everything();
  auto begins = To(0);
  begins.begins = core::Offset{5};
  for (const auto& asked : {To(5), To(6, {Failed(4), Failed(5, Dead())}), To(0, {}, {Ok(1, 2)}),
                            To(0, {}, {FailedAgain(2, 2, Dead())}), begins}) {
    ExpectRefused(ErrorCode::kDataNodeUnavailable, Settle(asked));
  }
  EXPECT_EQ(Everything(), before);
  const std::vector<core::PartitionSettlement> asked = {To(4, {Failed(2)}, {}, 1),
                                                        To(4, {Failed(3)})};
  const auto answers = store().Settle("g", Owner(0), asked, Soon());
  ASSERT_TRUE(answers.ok()) << answers.error().ToString();
  EXPECT_TRUE((*answers)[0].status.ok());
  EXPECT_EQ((*answers)[0].retried, 1);
  ExpectRefused(ErrorCode::kDataNodeUnavailable, (*answers)[1]);
  under_test_->SetMoving(Key(0), false);
  EXPECT_EQ(SettleOk(To(4, {Failed(3)}, {Ok(1, 2)})).retried, 1);
}

TEST_P(RetryStoreSuite, APartitionThatMovesLendsNoRetries) {
  Append(9);
  Append(9, 1);
  SettleOk(To(3, {Failed(1), Failed(2)}));
  SettleOk(To(3, {Failed(1)}, {}, 1));
  under_test_->SetMoving(Key(0), true);
  const auto leased = Lease(Owner(0), kHour, true, 1);
  ASSERT_EQ(leased.statuses.size(), 2u);
  ASSERT_FALSE(leased.statuses[0].ok());
  EXPECT_EQ(leased.statuses[0].error().code, ErrorCode::kDataNodeUnavailable);
  EXPECT_TRUE(leased.statuses[1].ok());
  EXPECT_EQ(leased.due.size() + static_cast<std::size_t>(leased.dead), 1u) << "the other's";
  under_test_->SetMoving(Key(0), false);
  EXPECT_EQ(Lease().due.size(), 2u) << "none of them was counted or buried";
}

}  // namespace lanemq::testing
