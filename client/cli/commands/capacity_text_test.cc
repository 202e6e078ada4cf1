#include "client/cli/commands/capacity_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

idl::AdviseCapacityResponse Advice(std::vector<std::string> causes) {
  idl::AdviseCapacityResponse advice;
  advice.causes = std::move(causes);
  advice.tables_used = 900;
  advice.tables_free = 1'080;
  advice.partitions_ahead = 1'200;
  advice.partitions_recent = 300;
  advice.recent_days = 30;
  advice.nodes.resize(2);
  advice.nodes[0].node = "db1";
  advice.nodes[1].node = "db2";
  return advice;
}

TEST(CapacityTextTest, SaysWhyWithTheFigures) {
  auto advice = Advice({"no_room", "bytes_low"});
  advice.__set_days_left(108);
  const std::string text = CapacityText(advice);
  EXPECT_THAT(text, HasSubstr("Add a data node: 1,200 partitions do not fit. A data node has"));
  EXPECT_THAT(text, HasSubstr("900 of 1,980 tables"));
  EXPECT_THAT(text, HasSubstr("topics of the last 30 days have 300"));
  EXPECT_THAT(text, HasSubstr("the tables last 108 days."));
}

TEST(CapacityTextTest, NamesWhatCouldGo) {
  auto advice = Advice({"node_to_spare"});
  advice.nodes[1].can_be_emptied = true;
  const std::string text = CapacityText(advice);
  EXPECT_THAT(text, HasSubstr("onto the others: db2."));
  EXPECT_THAT(text, Not(HasSubstr("days.")));
}

TEST(CapacityTextTest, SaysThatAllIsWell) {
  EXPECT_THAT(CapacityText(Advice({})), HasSubstr("The data nodes are right"));
}

TEST(CapacityTextTest, WhatIsNotKnownIsNoNumber) {
  auto advice = Advice({});
  advice.nodes[0].__set_used_bytes(7);
  const Table table = CapacityTable(advice);
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(std::get<std::int64_t>(table.rows[0][4]), 7);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(table.rows[0][5]));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(table.rows[1][4]));
}

}  // namespace
}  // namespace lanemq::cli
