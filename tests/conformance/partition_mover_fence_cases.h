#pragma once

#include "tests/conformance/partition_mover_fixture.h"

namespace lanemq::testing {

TEST_P(PartitionMoverSuite, ASealWaitsForWhoeverAppends) {
  two().AppendOk(10);
  RunOk(Move(), 0, kAhead);
  const auto session = two().Session(kSource);
  auto appending = sql::Transaction::Begin(*session);
  ASSERT_TRUE(appending.ok());
  session->Text() = "INSERT INTO " + two().Table(kSource) + " VALUES (11,5,0,0,0,NULL,NULL,'last')";
  ASSERT_TRUE(session->UpdateText("append").ok());
  ExpectRefused(ErrorCode::kConflict, mover().Seal(Move(), Soon()));
  EXPECT_EQ(two().State(kSource), "writable") << "until it is tried again";
  ExpectOk(appending->Commit());
  ExpectOk(mover().Seal(Move(), Soon()));
  RunOk(Move(), 3, 7);
  EXPECT_EQ(two().Run(kTarget, "SELECT body FROM LOG WHERE `offset`=11"), "last\n");
}

TEST_P(PartitionMoverSuite, ASealThatWasCutOffIsTakenBackWhenTheNextAttemptMustWait) {
  two().AppendOk(10);
  RunOk(Move(), 0, kAhead);
  const auto session = two().Session(kSource);
  auto reading = sql::Transaction::Begin(*session);
  ASSERT_TRUE(reading.ok());
  session->Text() = "SELECT COUNT(*) FROM " + two().Table(kSource);
  ExpectOk(session->QueryText("dump", [](const sql::Row&) { return true; }));
  two().Run(kSource, "UPDATE partition_state SET state_before='writable',state='moving',move_id=5");
  ExpectRefused(ErrorCode::kConflict, mover().Seal(Move(), Soon()));
  EXPECT_EQ(two().State(kSource), "writable");
  ExpectRefused(ErrorCode::kFenced, mover().Seal(Move(4), Soon()));
  ExpectOk(reading->Commit());
  ExpectOk(mover().Seal(Move(), Soon()));
  // Now a reader of the sealed table holds nobody up, and nothing is taken back.
  auto copying = sql::Transaction::Begin(*session);
  ASSERT_TRUE(copying.ok());
  session->Text() = "SELECT COUNT(*) FROM " + two().Table(kSource);
  ExpectOk(session->QueryText("copy", [](const sql::Row&) { return true; }));
  static_cast<void>(mover().Seal(Move(), Soon()));
  EXPECT_EQ(two().State(kSource), "moving");
  ExpectOk(copying->Commit());
  RunOk(Move(), 3);
}

TEST_P(PartitionMoverSuite, ASealWaitsForWhoeverSharesThePartition) {
  RunOk(Move(), 0, kAhead);
  const auto session = two().Session(kSource);
  auto committing = sql::Transaction::Begin(*session);
  ASSERT_TRUE(committing.ok());
  session->Text() = "SELECT state FROM partition_state LOCK IN SHARE MODE";
  ExpectOk(session->QueryText("share", [](const sql::Row&) { return true; }));
  ExpectRefused(ErrorCode::kConflict, mover().Seal(Move(), Soon()));
  EXPECT_EQ(two().Tables(kSource), "msg_7_3");
  ExpectOk(committing->Commit());
  ExpectOk(mover().Seal(Move(), Soon()));
  EXPECT_EQ(two().State(kSource), "moving");
}

TEST_P(PartitionMoverSuite, NobodyAppendsToASealedPartition) {
  two().AppendOk(3);
  const auto tail = two().messages().ReadTail(TwoNodes::At(kSource), Soon());
  ASSERT_TRUE(tail.ok());
  ExpectOk(mover().Seal(Move(), Soon()));
  auto record = std::make_shared<core::Record>();
  record->offset = core::Offset{4};
  const core::RecordPtr records[] = {record};
  ExpectRefused(ErrorCode::kUnknownTopicOrPartition,
                two().messages().Append(TwoNodes::At(kSource), records, tail->server, Soon()));
}

TEST_P(PartitionMoverSuite, AnUnsealedPartitionIsAsBefore) {
  two().AppendOk(3);
  two().Run(kSource, "UPDATE partition_state SET state='read_only'");
  const std::string before = two().Dump(kSource);
  RunOk(Move(), 0, 5);
  for (int repeat = 0; repeat < 2; ++repeat) {
    ExpectOk(mover().Unseal(Move(), Soon()));
    EXPECT_EQ(two().State(kSource), "read_only");
    EXPECT_EQ(two().Dump(kSource), before);
  }
  ExpectRefused(ErrorCode::kFenced, mover().Seal(Move(), Soon()));
  ExpectRefused(ErrorCode::kFenced, mover().CopyLog(Move(), {}, Soon()));
  ExpectOk(mover().DropArrival(Move(), Soon()));
  two().AppendOk(1);
  RunOk(Move(6));
  EXPECT_EQ(two().State(kTarget), "read_only") << "also where it has gone to";
}

TEST_P(PartitionMoverSuite, WhatWasGivenUpIsNotSealedByWhoeverIsLate) {
  RunOk(Move(), 0, kAhead);
  ExpectOk(mover().Unseal(Move(), Soon()));
  ExpectOk(mover().DropArrival(Move(), Soon()));
  ExpectRefused(ErrorCode::kFenced, mover().Seal(Move(), Soon()));
  ExpectRefused(ErrorCode::kFenced, mover().BeginArrival(Move(), Soon()));
  ExpectRefused(ErrorCode::kFenced, mover().Seal(Move(4), Soon()));
  EXPECT_EQ(two().State(kSource), "writable");
  EXPECT_EQ(two().Tables(kTarget), "");
}

TEST_P(PartitionMoverSuite, ADroppedArrivalLeavesNothingAndBeginsNoMore) {
  two().AppendOk(10);
  two().FillState();
  const std::string before = two().Dump(kSource);
  RunOk(Move(), 0, 5);
  for (int repeat = 0; repeat < 2; ++repeat) ExpectOk(mover().DropArrival(Move(), Soon()));
  EXPECT_EQ(two().Tables(kTarget), "");
  EXPECT_EQ(two().StateRows(kTarget), 0);
  ExpectRefused(ErrorCode::kFenced, mover().CopyLog(Move(), {}, Soon()));
  ExpectRefused(ErrorCode::kFenced, mover().CopyState(Move(), {}, {}, Soon()));
  ExpectRefused(ErrorCode::kFenced, mover().Open(Move(), Soon()));
  ExpectOk(mover().Unseal(Move(), Soon()));
  EXPECT_EQ(two().Dump(kSource), before);
  // Also one that never came.
  ExpectOk(mover().DropArrival(Move(7), Soon()));
  ExpectRefused(ErrorCode::kFenced, mover().BeginArrival(Move(6), Soon()));
}

TEST_P(PartitionMoverSuite, AnOlderMoveChangesNothing) {
  two().AppendOk(10);
  two().FillState();
  RunOk(Move(4), 0, kAhead);
  const std::string before = two().Dump(kSource);
  const Steps late = AllSteps(Move(4));
  const auto expect_fenced = [&] {
    for (const std::size_t step : {0u, 1u, 4u, 5u, 6u, 7u}) {
      const Status done = late[step](mover());
      EXPECT_FALSE(done.ok()) << step;
    }
    ExpectRefused(ErrorCode::kFenced, mover().DropArrival(Move(4), Soon()));
  };
  const Steps steps = AllSteps(Move(5));
  for (std::size_t i = 0; i < steps.size() - 1; ++i) {
    ExpectOk(steps[i](mover()), i);
    expect_fenced();
    // Before the newer one has sealed it, the source does not know of any.
    if (i < 2) continue;
    ExpectRefused(ErrorCode::kFenced, mover().Seal(Move(4), Soon()));
    ExpectRefused(ErrorCode::kFenced, mover().Unseal(Move(4), Soon()));
  }
  ExpectOk(steps.back()(mover()));
  ExpectAt(kTarget, before);
}

TEST_P(PartitionMoverSuite, ANewerMoveTakesOverWhatAnOlderOneHasSealed) {
  two().AppendOk(10);
  two().FillState();
  const std::string before = two().Dump(kSource);
  RunOk(Move(4), 0, 5);
  ExpectOk(mover().Seal(Move(5), Soon()));
  ExpectRefused(ErrorCode::kFenced, mover().Unseal(Move(4), Soon()));
  ExpectOk(mover().Unseal(Move(5), Soon()));
  EXPECT_EQ(two().State(kSource), "writable");
  RunOk(Move(6));
  ExpectAt(kTarget, before);
}

TEST_P(PartitionMoverSuite, NothingIsOpenedOrDroppedTooEarly) {
  two().AppendOk(10);
  RunOk(Move(), 0, kAhead);
  ExpectRefused(ErrorCode::kFailedPrecondition, mover().CopyState(Move(), {}, {}, Soon()));
  ExpectRefused(ErrorCode::kFailedPrecondition, mover().Compare(Move(), Soon()));
  ExpectRefused(ErrorCode::kFailedPrecondition, mover().Open(Move(), Soon()));
  ExpectOk(mover().Seal(Move(), Soon()));
  ExpectRefused(ErrorCode::kFailedPrecondition, mover().DropSource(Move(), Soon()));
  EXPECT_EQ(two().Tables(kSource), "msg_7_3 sealed");
  RunOk(Move(), 3, 7);
  ExpectRefused(ErrorCode::kFailedPrecondition, mover().DropArrival(Move(), Soon()));
  EXPECT_EQ(two().Tables(kTarget), "msg_7_3");
  // Another server answers for the target: the source has the only copy.
  two().Run(kTarget, "DELETE FROM partition_arrivals");
  ExpectRefused(ErrorCode::kFailedPrecondition, mover().DropSource(Move(), Soon()));
  EXPECT_EQ(two().Tables(kSource), "msg_7_3 sealed");
}

TEST_P(PartitionMoverSuite, TheLateStepsOfAMoveThatIsOverChangeNothing) {
  two().AppendOk(10);
  two().FillState();
  RunOk(Move(5));
  RunOk(TwoNodes::Move(6, kTarget, kSource));
  two().AppendOk(1);
  const std::string before = two().Dump(kSource);
  for (const auto& step : AllSteps(Move(5))) static_cast<void>(step(mover()));
  static_cast<void>(mover().DropArrival(Move(5), Soon()));
  static_cast<void>(mover().Unseal(Move(5), Soon()));
  EXPECT_EQ(two().Dump(kSource), before);
  EXPECT_EQ(two().State(kSource), "writable");
  EXPECT_EQ(two().Tables(kSource), "msg_7_3");
  EXPECT_EQ(two().Tables(kTarget), "");
}

TEST_P(PartitionMoverSuite, ATopicMayBeDeletedInTheMiddle) {
  for (const std::size_t done : {2u, 3u, 5u, 7u}) {
    two_ = std::make_unique<TwoNodes>(*server_);
    mover_ = std::make_unique<sql::MySqlPartitionMover>(two().nodes());
    two().Create();
    two().AppendOk(10);
    RunOk(Move(), 0, done);
    for (const int node : {kSource, kTarget}) {
      ExpectOk(two().messages().DropPartition(TwoNodes::At(node), Soon()));
    }
    const Steps steps = AllSteps(Move());
    for (std::size_t i = 0; i < 6; ++i) EXPECT_FALSE(steps[i](mover()).ok()) << i;
    static_cast<void>(mover().Open(Move(), Soon()));
    ExpectOk(mover().Unseal(Move(), Soon()));
    ExpectOk(steps.back()(mover()));
    for (const int node : {kSource, kTarget}) {
      EXPECT_EQ(two().Tables(node), "") << done;
      EXPECT_EQ(two().State(node), "") << done;
    }
  }
}

TEST_P(PartitionMoverSuite, OneSessionAtATimeWorksOnAPartitionsTables) {
  RunOk(Move(), 0, kAhead);
  const auto session = two().Session(kSource);
  session->Text() = "SELECT GET_LOCK('" + two().Prefix(kSource) +
                    ":move:" + fmt::format("{:08x}", 7 * 1'000'003 + 3) + "',0)";
  ExpectOk(session->QueryText("lock", [](const sql::Row& row) {
    EXPECT_EQ(row.Int64(0), 1);
    return false;
  }));
  ExpectRefused(ErrorCode::kThrottled, mover().Seal(Move(), Soon()));
  EXPECT_EQ(two().State(kSource), "writable");
  session->Text() = "DO RELEASE_ALL_LOCKS()";
  ASSERT_TRUE(session->UpdateText("release").ok());
  ExpectOk(mover().Seal(Move(), Soon()));
}

}  // namespace lanemq::testing
