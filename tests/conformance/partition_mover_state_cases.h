#pragma once

#include <chrono>
#include <iostream>

#include "sql/store/move_walk.h"
#include "tests/conformance/partition_mover_fixture.h"

namespace lanemq::testing {

/// `count` letters of each of two groups at the source, a kilobyte each, from offset `first` on.
inline std::string ManyLettersText(int count, int first = 1'000) {
  return fmt::format(
      "INSERT INTO dead_letters WITH RECURSIVE n AS (SELECT 0 AS i UNION ALL SELECT i+1 FROM n "
      "WHERE i<199) SELECT g.group_id,7,3,{}+a.i*200+b.i,'2026-03-01 10:20:30.123456',1,"
      "'2026-03-01','2026-03-01','why','','',5,0,0,0,NULL,NULL,REPEAT('x',1024) FROM n a JOIN n b "
      "JOIN (SELECT 'many' AS group_id UNION ALL SELECT 'more') g WHERE a.i*200+b.i<{}",
      first, count);
}

// What changes between a copy ahead and the seal, in each way that the product changes it.

TEST_P(PartitionMoverSuite, WhatHasChangedSinceItWasCopiedAheadIsMadeEqual) {
  two().AppendOk(5);
  two().FillState(4);
  RunOk(Move(), 0, kAhead);
  EXPECT_EQ(two().Run(kTarget, "SELECT COUNT(*) FROM dead_letters"), "8\n") << "copied ahead";
  for (const char* const change :
       {"UPDATE retry_messages SET attempts=attempts+1,leased_by='other' WHERE origin_offset=2",
        "DELETE FROM retry_messages WHERE origin_offset=11 AND group_id LIKE 'g1%'",
        "DELETE FROM dead_letters WHERE origin_offset=102 AND group_id='g0'",
        // Redriven with another body, and dead again.
        "UPDATE dead_letters SET body='edited',`key`=NULL,dead_at=UTC_TIMESTAMP(6) WHERE "
        "origin_offset=111 AND group_id='g0'",
        "INSERT INTO dead_letters SELECT 'a new group',topic_id,partition_index,1,dead_at,attempts,"
        "first_failed_at,last_failed_at,reason,first_error,last_error,timestamp_us,producer_id,"
        "sequence,codec,`key`,headers,body FROM dead_letters WHERE origin_offset=111 AND "
        "group_id='g2'",
        "DELETE FROM delayed_messages WHERE sequence=1",
        "INSERT INTO delayed_messages VALUES (7,3,999,-1,7,0,'',NULL,NULL)",
        "UPDATE group_offsets SET committed_offset=committed_offset+1",
        "UPDATE group_pauses SET paused_until=NULL,reason='' WHERE group_id='g2'"}) {
    two().Run(kSource, change);
  }
  const std::string before = two().Dump(kSource);
  RunOk(Move(), 2);
  ExpectAt(kTarget, before);
}

TEST_P(PartitionMoverSuite, TwoRowsThatChangeAlikeAreSeen) {
  two().FillState();
  RunOk(Move(), 0, kAhead);
  // The CRC of 6 has as many digits as that of 2: an XOR of the rows' CRCs would stay the same.
  two().Run(kSource, "UPDATE retry_messages SET attempts=6 WHERE group_id='g0'");
  const std::string before = two().Dump(kSource);
  RunOk(Move(), 2);
  ExpectAt(kTarget, before);
}

TEST_P(PartitionMoverSuite, OnlyTheRangesThatHaveChangedAreWrittenAnew) {
  two().Run(kSource, ManyLettersText(2'600));
  RunOk(Move(), 0, kAhead);
  EXPECT_EQ(two().Run(kTarget, "SELECT COUNT(*) FROM dead_letters"), "5200\n");
  const auto again = mover().CopyAhead(Move(), {}, {}, Soon());
  ASSERT_TRUE(again.ok()) << again.error().ToString();
  EXPECT_TRUE(again->is_whole);
  EXPECT_EQ(again->rows, 0);
  EXPECT_EQ(again->rows_checked, 5'200);
  two().Run(kSource, "UPDATE dead_letters SET attempts=9 WHERE origin_offset=1300");
  two().Run(kSource, "DELETE FROM dead_letters WHERE origin_offset=3400 AND group_id='more'");
  const std::string before = two().Dump(kSource);
  ExpectOk(mover().Seal(Move(), Soon()));
  const auto copied = mover().CopyState(Move(), {}, {}, Soon());
  ASSERT_TRUE(copied.ok()) << copied.error().ToString();
  EXPECT_TRUE(copied->is_whole);
  EXPECT_GT(copied->rows, 0);
  EXPECT_LE(copied->rows, 3 * (125 + 126)) << "three parts, deleted and inserted";
  RunOk(Move(), 3);
  ExpectAt(kTarget, before);
}

TEST_P(PartitionMoverSuite, WhatTheSourceHasLostIsDeletedInParts) {
  two().Run(kSource, ManyLettersText(5'000));
  RunOk(Move(), 0, kAhead);
  two().Run(kSource, "DELETE FROM dead_letters WHERE origin_offset>1010");
  const std::string before = two().Dump(kSource);
  ExpectOk(mover().Seal(Move(), Soon()));
  const auto copied = mover().CopyState(Move(), {}, {}, Soon());
  ASSERT_TRUE(copied.ok()) << copied.error().ToString();
  EXPECT_FALSE(copied->is_whole);
  EXPECT_LE(copied->rows, 2'000 + 22);
  RunOk(Move(), 3);
  ExpectAt(kTarget, before);
}

TEST_P(PartitionMoverSuite, OfWhatIsCopiedAheadTooPartsAreAsSmallAsTheLimits) {
  two().FillState(5);
  ExpectOk(mover().BeginArrival(Move(), Soon()));
  const auto first = mover().CopyAhead(Move(), {}, {.rows_max = 3}, Soon());
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  EXPECT_EQ(first->rows, 3);
  EXPECT_FALSE(first->is_whole);
  const auto second = mover().CopyAhead(Move(), first->next, {.bytes_max = 1}, Soon());
  ASSERT_TRUE(second.ok()) << second.error().ToString();
  EXPECT_EQ(second->rows, 1) << "the first row always fits";
  EXPECT_EQ(two().StateRows(kTarget), 4);
}

TEST_P(PartitionMoverSuite, NothingIsCopiedAheadOfAMoveThatIsOverOrOfASealedSource) {
  two().FillState();
  ExpectOk(mover().BeginArrival(Move(), Soon()));
  ExpectOk(mover().Seal(Move(), Soon()));
  const auto copied = mover().CopyAhead(Move(), {}, {}, Soon());
  ASSERT_TRUE(copied.ok()) << copied.error().ToString();
  EXPECT_TRUE(copied->is_whole);
  EXPECT_EQ(two().StateRows(kTarget), 0);
  ExpectOk(mover().Unseal(Move(), Soon()));
  ExpectRefused(ErrorCode::kFenced, mover().CopyAhead(Move(), {}, {}, Soon()));
  ExpectOk(mover().DropArrival(Move(), Soon()));
  ExpectRefused(ErrorCode::kFenced, mover().CopyAhead(Move(6), {}, {}, Soon()));
}

inline constexpr std::string_view kSums =
    "group_offsets 1025520973748976628\ngroup_pauses 3144350555257130697\n"
    "group_resets 16674190610621881772\nretry_messages 6177969853831338777\n"
    "dead_letters 6707818227834893935\ndelayed_messages 12010052781129754333\n"
    "delayed_producers 17701390817572845469\nproducer_snapshots 9848013809255007079\n"
    "retention_losses 15688961102474505686\npartition_trims 4614797655729854466\n"
    "data_losses 9465463401532637814\n";

/// The sum is the same on both engines: partitions move from one to the other.
TEST_P(PartitionMoverSuite, CheckSumsTellContentsApart) {
  two().FillState();
  const auto session = two().Session(kSource);
  const auto sum = [&](std::string_view name) -> std::uint64_t {
    for (const sql::StateTable& table : sql::StateTables()) {
      if (table.name != name) continue;
      const auto check = sql::CheckState(*session, table, TwoNodes::kKey);
      EXPECT_TRUE(check.ok()) << check.error().ToString();
      return check.ok() ? check->sum : 0;
    }
    ADD_FAILURE() << name;
    return 0;
  };
  std::string sums;
  for (const sql::StateTable& table : sql::StateTables()) {
    sums += fmt::format("{} {}\n", table.name, sum(table.name));
  }
  EXPECT_EQ(sums, kSums);
  const auto expect_another = [&](std::string_view table, const std::string& change) {
    const std::uint64_t before = sum(table);
    two().Run(kSource, fmt::format("UPDATE {} SET {}", table, change));
    EXPECT_NE(sum(table), before) << table << ": " << change;
  };
  expect_another("group_pauses", "reason=''");
  expect_another("group_pauses", "paused_until=NULL");
  expect_another("group_pauses", "paused_at='2026-03-01 10:20:30.123457'");
  expect_another("group_resets", "old_offset=NULL WHERE reset_epoch=2");
  expect_another("group_offsets", "metadata=UNHEX('0027')");
  expect_another("group_offsets", "member_id=CONCAT(member_id,' ')");
  expect_another("group_offsets", "commit_sequence=commit_sequence+1");
  expect_another("delayed_messages", "`key`=''");
  expect_another("retry_messages", "due_at=due_at+INTERVAL 1 MICROSECOND");
  expect_another("dead_letters", "dead_at=dead_at+INTERVAL 1 MICROSECOND");
  expect_another("producer_snapshots", "state=''");
}

TEST_P(PartitionMoverSuite, TheTimeOfACopyAfterTheSealIsPrinted) {
  const auto time = [&](bool is_ahead) {
    two_ = std::make_unique<TwoNodes>(*server_);
    mover_ = std::make_unique<sql::MySqlPartitionMover>(two().nodes());
    two().Create();
    two().Run(kSource, ManyLettersText(10'000));
    ExpectOk(mover().BeginArrival(Move(), Soon()));
    if (is_ahead) ExpectOk(CopyAheadWhole(mover(), Move()));
    ExpectOk(mover().Seal(Move(), Soon()));
    const MonotonicTime begun = SystemClock::Instance().Now();
    ExpectOk(CopyStateWhole(mover(), Move()));
    const auto took = SystemClock::Instance().Now() - begun;
    ExpectOk(CompareEqual(mover(), Move()));
    return std::chrono::duration<double, std::milli>(took).count();
  };
  const double all = time(false);
  const double ahead = time(true);
  std::cout << fmt::format(
      "[ MEASURE  ] {}: 20,000 dead letters of 1 KiB after the seal: {:.0f} ms, copied ahead: "
      "{:.0f} ms\n",
      NameOf(GetParam()), all, ahead);
  EXPECT_LT(ahead, all);
}

}  // namespace lanemq::testing
