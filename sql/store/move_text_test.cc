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
  EXPECT_THAT(SelectRowsText(Table("dead_letters"), kKey, {"it's", "5"}, 10),
              HasSubstr("FORCE INDEX (by_partition) WHERE topic_id=7 AND partition_index=3 AND "
                        R"(((group_id>'it\'s') OR (group_id='it\'s' AND origin_offset>5)) )"
                        "ORDER BY group_id,origin_offset LIMIT 10"));
}

TEST(MoveTextTest, TheLastRowIsTheFirstFromTheEnd) {
  EXPECT_EQ(SelectLastText(Table("data_losses"), kKey),
            "SELECT from_offset,to_offset FROM data_losses FORCE INDEX (PRIMARY) WHERE topic_id=7 "
            "AND partition_index=3 ORDER BY from_offset DESC,to_offset DESC LIMIT 1");
  EXPECT_EQ(SelectLastText(Table("producer_snapshots"), kKey),
            "SELECT 1 FROM producer_snapshots WHERE topic_id=7 AND partition_index=3");
}

TEST(MoveTextTest, OnlyTablesWithMessagesAreWeighed) {
  EXPECT_THAT(SelectSizesText(Table("retry_messages"), kKey, {}, 1), HasSubstr("LENGTH(body)"));
  EXPECT_THAT(SelectSizesText(Table("group_offsets"), kKey, {}, 1), HasSubstr("SELECT 512 "));
}

}  // namespace
}  // namespace lanemq::sql
