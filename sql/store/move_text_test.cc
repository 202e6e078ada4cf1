#include "sql/store/move_text.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::sql {
namespace {

using testing::HasSubstr;

constexpr core::PartitionKey kKey{core::TopicId{7}, 3};

const StateTable& Table(std::string_view name) {
  const auto tables = StateTables();
  return *std::find_if(tables.begin(), tables.end(),
                       [&](const StateTable& table) { return table.name == name; });
}

TEST(MoveTextTest, APageBeginsAfterItsCursorInTheOrderOfTheIndex) {
  EXPECT_EQ(SelectSizesText(Table("delayed_producers"), kKey, {}, 10),
            "SELECT 512 FROM delayed_producers FORCE INDEX (PRIMARY) WHERE topic_id=7 AND "
            "partition_index=3 ORDER BY producer_id LIMIT 10");
  EXPECT_THAT(SelectRowsText(Table("dead_letters"), kKey, {{"it's", "5"}, {}}, 10),
              HasSubstr("FORCE INDEX (by_partition) WHERE topic_id=7 AND partition_index=3 AND "
                        R"(((group_id>'it\'s') OR (group_id='it\'s' AND origin_offset>5)) )"
                        "ORDER BY group_id,origin_offset LIMIT 10"));
}

TEST(MoveTextTest, ARangeEndsWithItsLastKey) {
  EXPECT_EQ(
      DeleteRangeText(Table("delayed_messages"), kKey, {{"1", "2", "3"}, {"5", "6", "7"}}),
      "DELETE delayed_messages FROM delayed_messages FORCE INDEX (PRIMARY) WHERE topic_id=7 "
      "AND partition_index=3 AND ((due_us>1) OR (due_us=1 AND producer_id>2) OR (due_us=1 AND "
      "producer_id=2 AND sequence>3)) AND ((due_us<5) OR (due_us=5 AND producer_id<6) OR "
      "(due_us=5 AND producer_id=6 AND sequence<=7))");
  EXPECT_THAT(SelectKeyText(Table("data_losses"), kKey, {}, 2'000),
              HasSubstr("ORDER BY from_offset,to_offset LIMIT 1999,1"));
}

TEST(MoveTextTest, EveryTablesChecksAreAmongItsColumns) {
  for (const StateTable& table : StateTables()) {
    EXPECT_FALSE(table.checked.empty()) << table.name;
    for (const std::string_view name : table.checked) {
      EXPECT_TRUE(std::find(table.columns.begin(), table.columns.end(), name) !=
                  table.columns.end())
          << table.name << "." << name;
    }
    EXPECT_THAT(SelectCheckText(table, kKey), ::testing::Not(HasSubstr("CRC32(body)")));
  }
}

TEST(MoveTextTest, OnlyTablesWithMessagesAreWeighed) {
  EXPECT_THAT(SelectSizesText(Table("retry_messages"), kKey, {}, 1), HasSubstr("LENGTH(body)"));
  EXPECT_THAT(SelectSizesText(Table("group_offsets"), kKey, {}, 1), HasSubstr("SELECT 512 "));
}

}  // namespace
}  // namespace lanemq::sql
