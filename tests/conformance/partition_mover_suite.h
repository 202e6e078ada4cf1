#pragma once

#include "tests/conformance/partition_mover_fixture.h"

namespace lanemq::testing {

using ::testing::HasSubstr;

TEST_P(PartitionMoverSuite, AMovedPartitionIsWhatItWas) {
  two().AppendOk(30);
  two().FillState();
  const std::string before = two().Dump(kSource);
  EXPECT_THAT(before, HasSubstr("9223372036854775801"));
  RunOk(Move(), 0, 7);
  EXPECT_EQ(two().Dump(kTarget), before);
  EXPECT_EQ(two().Tables(kSource), "msg_7_3 sealed");
  RunOk(Move(), 7);
  ExpectAt(kTarget, before);
  const auto tail = two().messages().ReadTail(TwoNodes::At(kTarget), Soon());
  ASSERT_TRUE(tail.ok());
  EXPECT_EQ(tail->End(), core::Offset{33});
  EXPECT_EQ(two().Run(kSource, "SELECT COUNT(*) FROM group_offsets"), "3\n") << "of partition 4";
}

TEST_P(PartitionMoverSuite, EveryStepMayBeRepeatedByAnybody) {
  two().AppendOk(30);
  two().FillState();
  std::string before;
  const Steps steps = AllSteps(Move());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (int repeat = 0; repeat < 2; ++repeat) {
      sql::MySqlPartitionMover another(two().nodes());
      ExpectOk(steps[i](another), i);
    }
    if (i == kAhead - 1) {
      two().AppendOk(5);
      two().Run(kSource, "UPDATE group_offsets SET committed_offset=committed_offset+1");
      before = two().Dump(kSource);
    }
  }
  ExpectAt(kTarget, before);
}

TEST_P(PartitionMoverSuite, PartsAreAsSmallAsTheLimits) {
  two().AppendOk(20);
  two().FillState(5);
  const std::string before = two().Dump(kSource);
  ExpectOk(mover().BeginArrival(Move(), Soon()));
  const auto first = mover().CopyLog(Move(), {.rows_max = 3}, Soon());
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  EXPECT_EQ(first->rows, 3);
  EXPECT_EQ(first->copied_end, core::Offset{4});
  EXPECT_EQ(first->source_end, core::Offset{21});
  EXPECT_FALSE(first->IsLevel());
  const auto second = mover().CopyLog(Move(), {.bytes_max = 1}, Soon());
  ASSERT_TRUE(second.ok()) << second.error().ToString();
  EXPECT_EQ(second->rows, 1) << "the first row always fits";
  RunOk(Move(), 1, 4, {.rows_max = 4});
  const auto state = mover().CopyState(Move(), {}, {.rows_max = 2}, Soon());
  ASSERT_TRUE(state.ok()) << state.error().ToString();
  EXPECT_EQ(state->rows, 2);
  EXPECT_FALSE(state->is_whole);
  RunOk(Move(), 4, 8, {.rows_max = 2, .bytes_max = 1});
  ExpectAt(kTarget, before);
}

TEST_P(PartitionMoverSuite, BigRowsAreCopiedAFewAtATime) {
  const auto tail = two().messages().ReadTail(TwoNodes::At(kSource), Soon());
  ASSERT_TRUE(tail.ok());
  for (int i = 1; i <= 6; ++i) {
    auto record = std::make_shared<core::Record>();
    record->offset = core::Offset{i};
    record->body = std::string(1 << 20, static_cast<char>('\'' + i));
    const core::RecordPtr records[] = {record};
    ExpectOk(two().messages().Append(TwoNodes::At(kSource), records, tail->server, Soon()));
  }
  const std::string before = two().Log(kSource);
  ExpectOk(mover().BeginArrival(Move(), Soon()));
  const auto copied = mover().CopyLog(Move(), {.bytes_max = (5 << 20) / 2}, Soon());
  ASSERT_TRUE(copied.ok()) << copied.error().ToString();
  EXPECT_EQ(copied->rows, 2);
  RunOk(Move(), 1, 7, {.bytes_max = 64 << 20});
  EXPECT_EQ(two().Log(kTarget), before);
}

TEST_P(PartitionMoverSuite, AnEmptyLogKeepsItsEnd) {
  two().AppendOk(10);
  two().Run(kSource, "UPDATE partition_state SET log_start_offset=11");
  RunOk(Move());
  const auto tail = two().messages().ReadTail(TwoNodes::At(kTarget), Soon());
  ASSERT_TRUE(tail.ok()) << tail.error().ToString();
  EXPECT_EQ(tail->End(), core::Offset{11});
  EXPECT_EQ(two().Run(kTarget, "SELECT COUNT(*) FROM LOG"), "0\n");
}

TEST_P(PartitionMoverSuite, SegmentsGoAlongButThoseThatAreOver) {
  two().Run(kSource,
            "ALTER TABLE LOG REORGANIZE PARTITION p_tail INTO (PARTITION p_200000 VALUES LESS THAN "
            "(200000), PARTITION p_tail VALUES LESS THAN MAXVALUE)");
  two().Run(kSource, "UPDATE partition_state SET log_start_offset=150000");
  RunOk(Move());
  EXPECT_EQ(
      two().Run(kTarget, fmt::format("SELECT GROUP_CONCAT(partition_name ORDER BY 1) FROM "
                                     "information_schema.partitions WHERE table_schema='{}_01' AND "
                                     "table_name='msg_7_3'",
                                     two().Prefix(kTarget))),
      "p_200000,p_tail\n");
}

TEST_P(PartitionMoverSuite, RetentionGoesOnAheadOfTheCopy) {
  two().AppendOk(40);
  ExpectOk(mover().BeginArrival(Move(), Soon()));
  ASSERT_TRUE(mover().CopyLog(Move(), {.rows_max = 10}, Soon()).ok());
  // Some of what is copied goes, later all of it and more.
  two().Run(kSource, "UPDATE partition_state SET log_start_offset=6");
  two().Run(kSource, "DELETE FROM LOG WHERE `offset`<6");
  ASSERT_TRUE(mover().CopyLog(Move(), {.rows_max = 5}, Soon()).ok());
  two().Run(kSource, "UPDATE partition_state SET log_start_offset=31");
  two().Run(kSource, "DELETE FROM LOG WHERE `offset`<25");
  const auto copied = mover().CopyLog(Move(), {.rows_max = 3}, Soon());
  ASSERT_TRUE(copied.ok()) << copied.error().ToString();
  EXPECT_EQ(copied->copied_end, core::Offset{34});
  two().Run(kSource, "UPDATE partition_state SET log_start_offset=33");
  const std::string before = two().Dump(kSource);
  RunOk(Move(), 1);
  ExpectAt(kTarget, before);
  EXPECT_EQ(two().Run(kTarget, "SELECT log_start_offset FROM partition_state"), "33\n");
}

TEST_P(PartitionMoverSuite, AHoleInTheLogIsCopiedAsOne) {
  two().AppendOk(20);
  two().Run(kSource, "DELETE FROM LOG WHERE `offset` IN (1,9,10)");
  const std::string before = two().Dump(kSource);
  RunOk(Move(), 0, 5, {.rows_max = 4});
  const auto counts = mover().Compare(Move(), Soon());
  ASSERT_TRUE(counts.ok()) << counts.error().ToString();
  bool has_rows = false;
  for (const auto& count : *counts) {
    if (count.what != "log rows") continue;
    has_rows = true;
    EXPECT_EQ(count.source, 17);
    EXPECT_EQ(count.target, 17);
  }
  EXPECT_TRUE(has_rows);
  RunOk(Move(), 5);
  ExpectAt(kTarget, before);
}

TEST_P(PartitionMoverSuite, ComparingFindsWhatIsMissing) {
  two().AppendOk(20);
  two().FillState();
  RunOk(Move(), 0, 5);
  const auto differing = [&] {
    std::vector<std::string> names;
    const auto counts = mover().Compare(Move(), Soon());
    EXPECT_TRUE(counts.ok()) << counts.error().ToString();
    if (!counts.ok()) return names;
    for (const auto& count : *counts) {
      if (count.source != count.target) names.push_back(count.what);
    }
    return names;
  };
  EXPECT_THAT(differing(), ::testing::IsEmpty());
  two().Run(kTarget, "DELETE FROM group_offsets WHERE group_id='g0'");
  const std::string check = "group_offsets (check)";
  EXPECT_THAT(differing(), ::testing::ElementsAre("group_offsets", check));
  two().Run(kTarget, "DELETE FROM LOG WHERE `offset`=10");
  EXPECT_THAT(differing(), ::testing::ElementsAre("newest log rows", "group_offsets", check));
  two().Run(kTarget, "DELETE FROM LOG WHERE `offset`=20");
  EXPECT_THAT(differing(),
              ::testing::ElementsAre("last offset", "newest log rows", "group_offsets", check));
  two().Run(kTarget, "UPDATE partition_arrivals SET row_count=19");
  EXPECT_THAT(differing(), ::testing::Contains("log rows"));
}

TEST_P(PartitionMoverSuite, ThereAndBackAgain) {
  two().AppendOk(20);
  two().FillState();
  RunOk(Move(5));
  two().AppendOk(5, kTarget);
  two().Run(kTarget, "UPDATE group_offsets SET committed_offset=17");
  two().Run(kTarget, "DELETE FROM dead_letters WHERE origin_offset=102");
  // What an old stay could have left.
  two().Run(kSource,
            "INSERT INTO group_offsets (group_id,topic_id,partition_index,"
            "committed_offset,committed_at) VALUES ('old',7,3,99,NOW(6))");
  const std::string before = two().Dump(kTarget);
  RunOk(TwoNodes::Move(6, kTarget, kSource));
  ExpectAt(kSource, before);
  RunOk(Move(7));
  RunOk(TwoNodes::Move(8, kTarget, kSource));
  EXPECT_EQ(two().Run(kSource, "SELECT COUNT(*) FROM LOG"), "27\n");
}

TEST_P(PartitionMoverSuite, PoliciesGoAlongAndTheNewerOneStays) {
  two().FillState(2);
  const std::string columns = "(group_id,topic_id,policy,requested_by,at) VALUES ";
  two().Run(kSource, "INSERT INTO group_policies " + columns +
                         "('g0',0,'all','ann','2026-01-01'),('g0',7,'one','ann','2026-01-01'),"
                         "('new',7,'new','ann','2026-01-03'),('other',0,'no','ann','2026-01-01'),"
                         "('g0',8,'no','ann','2026-01-01')");
  two().Run(kTarget,
            "INSERT INTO group_policies " + columns +
                "('g0',7,'newer','bob','2026-01-02'),('new',7,'older','bob','2026-01-02')");
  RunOk(Move());
  EXPECT_EQ(two().Run(kTarget,
                      "SELECT group_id,topic_id,policy,requested_by FROM group_policies ORDER BY "
                      "1,2"),
            "g0\t0\tall\tann\ng0\t7\tnewer\tbob\nnew\t7\tnew\tann\n");
}

TEST_P(PartitionMoverSuite, APlaceMustBeOnAnotherNode) {
  core::PartitionMove move = Move();
  move.to = move.from;
  move.to.schema_index = 1;
  ExpectRefused(ErrorCode::kInvalidRequest, mover().BeginArrival(move, Soon()));
  ExpectRefused(ErrorCode::kInvalidRequest, mover().DropSource(move, Soon()));
}

}  // namespace lanemq::testing

#include "tests/conformance/partition_mover_ahead_cases.h"     // IWYU pragma: keep
#include "tests/conformance/partition_mover_cut_cases.h"       // IWYU pragma: keep
#include "tests/conformance/partition_mover_fence_cases.h"     // IWYU pragma: keep
#include "tests/conformance/partition_mover_property_cases.h"  // IWYU pragma: keep
#include "tests/conformance/partition_mover_race_cases.h"      // IWYU pragma: keep
#include "tests/conformance/partition_mover_stale_cases.h"     // IWYU pragma: keep
#include "tests/conformance/partition_mover_state_cases.h"     // IWYU pragma: keep
