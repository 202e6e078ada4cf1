#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/move/move_table.h"

namespace lanemq::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

idl::PartitionMove Move(std::int64_t id, const std::string& state, std::int64_t paused_us = 0,
                        const std::string& error = "") {
  idl::PartitionMove move;
  move.id = id;
  move.topic = "orders";
  move.partition = static_cast<std::int32_t>(id);
  move.from_node = "db1";
  move.to_node = "db2";
  move.state = state;
  move.bytes_copied = 1'500'000;
  if (paused_us > 0) move.__set_paused_us(paused_us);
  if (!error.empty()) move.__set_error(error);
  return move;
}

TEST(MoveTableTest, AMoveIsARow) {
  const Table table = MovesTable({Move(7, "handing_over", 1'500)});
  const std::string text = Render(table, {OutputFormat::kCsv, true});
  EXPECT_THAT(text, HasSubstr("move,topic,partition,from,to,state"));
  EXPECT_THAT(text, HasSubstr("7,orders,7,db1,db2,handing_over,0,0,1500000,2,"));
}

TEST(MoveTableTest, WhatIsRefusedSaysWhy) {
  idl::BegunMove refused;
  refused.topic = "orders";
  refused.partition = 3;
  idl::LaneMqError error;
  error.message = "no room";
  refused.__set_error(error);
  EXPECT_THAT(Render(BegunTable({refused}), {OutputFormat::kCsv, false}), HasSubstr("no room"));
  idl::CancelledMove late;
  late.move_id = 4;
  error.message = "there is no way back";
  late.__set_error(error);
  EXPECT_THAT(Render(CancelledTable({late}), {OutputFormat::kCsv, false}),
              HasSubstr("there is no way back"));
}

TEST(MoveTableTest, MovesAreSummedUpByHowTheyEnded) {
  const MoveSum sum = SumUp({{1, Move(1, "done", 300'000)},
                             {2, Move(2, "done", 412'000)},
                             {3, Move(3, "failed", 0, "the copy differs")},
                             {4, Move(4, "copying")}});
  EXPECT_EQ(sum.all, 4);
  EXPECT_EQ(sum.done, 2);
  EXPECT_EQ(sum.taken_back, 1);
  EXPECT_EQ(sum.under_way, 1);
  EXPECT_EQ(sum.bytes, 6'000'000);
  EXPECT_EQ(sum.longest_pause_of, "orders/2");
  EXPECT_THAT(sum.faults, ElementsAre("orders/3: failed: the copy differs"));
  EXPECT_EQ(ProgressText(sum),
            "2 of 4 partitions moved, 6.0 MB copied, longest pause 412 ms (orders/2)");
  EXPECT_THAT(EndText(sum, std::chrono::minutes{2}),
              HasSubstr("6.0 MB, longest pause 412 ms (orders/2)"));
}

TEST(MoveTableTest, BytesAreToldInTheUnitThatFits) {
  EXPECT_EQ(FormatBytes(0), "0 B");
  EXPECT_EQ(FormatBytes(999), "999 B");
  EXPECT_EQ(FormatBytes(1'000), "1.0 kB");
  EXPECT_EQ(FormatBytes(999'960), "1.0 MB");
  EXPECT_EQ(FormatBytes(3'200'000'000), "3.2 GB");
  EXPECT_EQ(FormatBytes(5'000'000'000'000'000), "5000.0 TB");
}

}  // namespace
}  // namespace lanemq::cli
