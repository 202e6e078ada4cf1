#pragma once

#include <vector>

#include "tests/conformance/partition_mover_fixture.h"

namespace lanemq::testing {

// kConflict means: it is not sealed, and everybody may go on.
TEST_P(PartitionMoverSuite, ASealThatCannotLookWhetherItIsThereDoesNotSayThatItIsNot) {
  two().AppendOk(3);
  RunOk(Move(), 0, kAhead);
  ExpectOk(mover().Seal(Move(), Soon()));
  const auto session = two().Session(kSource);
  session->Text() = "LOCK TABLES " + two().Table(kSource) + " WRITE";
  ASSERT_TRUE(session->UpdateText("lock").ok());
  ExpectRefused(ErrorCode::kOutcomeUnknown, mover().Seal(Move(), Soon()));
  session->Text() = "UNLOCK TABLES";
  ASSERT_TRUE(session->UpdateText("unlock").ok());
  EXPECT_EQ(two().State(kSource), "moving");
  auto holding = sql::Transaction::Begin(*session);
  ASSERT_TRUE(holding.ok());
  session->Text() = "SELECT state FROM partition_state LOCK IN SHARE MODE";
  ExpectOk(session->QueryText("share", [](const sql::Row&) { return true; }));
  ExpectRefused(ErrorCode::kOutcomeUnknown, mover().Seal(Move(), Soon()));
  ExpectOk(holding->Commit());
  ExpectOk(mover().Seal(Move(), Soon()));
  RunOk(Move(), 3);
}

// A replica that took over may have the row of the seal, and not yet the table's.
TEST_P(PartitionMoverSuite, NothingIsOpenedFromASourceThatTakesAppends) {
  two().AppendOk(10);
  const std::string before = two().Dump(kSource);
  RunOk(Move(), 0, 6);
  two().Run(kSource, "ALTER TABLE LOG RENAME COLUMN sealed_timestamp_us TO timestamp_us");
  ExpectRefused(ErrorCode::kFailedPrecondition, mover().Open(Move(), Soon()));
  EXPECT_EQ(two().State(kTarget), "");
  two().Run(kSource, "ALTER TABLE LOG RENAME COLUMN timestamp_us TO sealed_timestamp_us");
  RunOk(Move(), 6);
  ExpectAt(kTarget, before);
}

// As when the metadata database has lost its newest rows.
TEST_P(PartitionMoverSuite, ASourceWhoseTargetIsOpenStaysSealed) {
  two().AppendOk(10);
  const std::string before = two().Dump(kSource);
  RunOk(Move(), 0, 7);
  ExpectRefused(ErrorCode::kFailedPrecondition, mover().Unseal(Move(), Soon()));
  EXPECT_EQ(two().State(kSource), "moving");
  EXPECT_EQ(two().Tables(kSource), "msg_7_3 sealed");
  RunOk(Move(), 7);
  ExpectAt(kTarget, before);
}

TEST_P(PartitionMoverSuite, APartitionThatArrivesIsNotMadeAnew) {
  two().AppendOk(10);
  const std::string before = two().Dump(kSource);
  RunOk(Move(), 0, kAhead);
  ExpectOk(two().messages().CreatePartition(TwoNodes::At(kTarget), "orders", Soon()));
  EXPECT_EQ(two().State(kTarget), "");
  EXPECT_EQ(two().Tables(kTarget), "msg_7_3 arriving");
  for (const int node : {kSource, kTarget}) {
    const auto ends = two().messages().ReadEnds(std::vector{TwoNodes::At(node)}, Soon());
    ASSERT_TRUE(ends.ok()) << ends.error().ToString();
    EXPECT_EQ(ends->size(), node == kSource ? 1u : 0u);
  }
  RunOk(Move(), kAhead);
  ExpectAt(kTarget, before);
}

}  // namespace lanemq::testing
