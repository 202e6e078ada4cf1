#include "sql/store/failed_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::sql {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const core::PartitionLocation kLocation{{core::TopicId{7}, 3}, core::NodeId{1}, 2};

class FailedRowsTest : public ::testing::Test {
 protected:
  const FailedRows rows_{"g'1", kLocation.key};
  const MessageTable log_{"p", kLocation};
  const std::vector<core::Offset> offsets_ = {core::Offset{10}, core::Offset{12}};
  const std::vector<FailedRow> failed_ = {{core::Offset{10}, 1, 5'000, true, "it's", "a\\b"},
                                          {core::Offset{12}, 2, 0, false, "", ""}};
  std::string out_ = "left over";
};

TEST_F(FailedRowsTest, InputIsQuotedAndTheFailuresAreOneTable) {
  rows_.CopyFromLog(log_, {FailedTable::kRetry, /*is_over=*/false, "m'", 99}, failed_, out_);
  EXPECT_THAT(out_, StartsWith("INSERT INTO retry_messages ("));
  EXPECT_THAT(out_, HasSubstr(R"(IF(f.k,'m\'',''),)"));
  EXPECT_EQ(out_.find("left over"), std::string::npos);
  EXPECT_THAT(out_, HasSubstr(R"(STRAIGHT_JOIN 'g\'1',7,3,m.`offset`)"));
  EXPECT_THAT(out_, HasSubstr(R"((SELECT 10 o,1 a,5000 d,1 k,'it\'s' r,'a\\b' e)"
                              " UNION ALL SELECT 12,2,0,0,'','') f"));
  EXPECT_THAT(out_, EndsWith("JOIN `p_02`.`msg_7_3` m ON m.`offset`=f.o"));
  rows_.CopyFromLog(log_, {FailedTable::kDead, /*is_over=*/true, "m'", 99}, failed_, out_);
  EXPECT_THAT(out_, StartsWith("REPLACE INTO dead_letters ("));
}

TEST_F(FailedRowsTest, HoldersNameTheGenerationAndFitTheColumn) {
  const core::OffsetOwner member{core::Generation{7}, "m/1"};
  EXPECT_EQ(HolderOf(member), "7/m/1");
  EXPECT_EQ(HolderOf({{}, ""}), "-");
  EXPECT_TRUE(IsHeldBy("6/m/1", member));
  EXPECT_FALSE(IsHeldBy("7/m/2", member));
  EXPECT_FALSE(IsHeldBy("", member));
  EXPECT_EQ(HolderOf({core::Generation{7}, std::string(255, 'm')}).size(), 255u);
}

TEST_F(FailedRowsTest, RowsAreKnownByTheirWholeKey) {
  const std::string by_key = " t FORCE INDEX (PRIMARY) ";
  const std::string where = R"(WHERE t.group_id='g\'1' AND t.topic_id=7 AND t.partition_index=3 )"
                            "AND t.origin_offset IN (10,12)";
  rows_.Delete(FailedTable::kDead, offsets_, out_);
  EXPECT_EQ(out_, "DELETE t FROM dead_letters" + by_key + where);
  rows_.Delete(FailedTable::kRetry, offsets_, out_);
  EXPECT_EQ(out_, "DELETE t FROM retry_messages" + by_key + where);
  rows_.Lease(offsets_, "m'", 99, out_);
  EXPECT_EQ(out_, "UPDATE retry_messages" + by_key +
                      R"(SET attempts=attempts+1,leased_by='m\'',)"
                      "due_at=UTC_TIMESTAMP(6)+INTERVAL 99 MICROSECOND " +
                      where);
  rows_.LockRetries(offsets_, out_);
  EXPECT_THAT(out_, StartsWith("SELECT origin_offset,attempts,leased_by,"));
  EXPECT_THAT(out_, EndsWith(" FROM retry_messages" + by_key + where + " FOR UPDATE"));
  rows_.DeleteDone(offsets_, 2, out_);
  EXPECT_EQ(out_, "DELETE t FROM retry_messages" + by_key + where + " AND t.attempts=2");
  rows_.FindDead(failed_, out_);
  EXPECT_THAT(out_, HasSubstr(" AND t.origin_offset BETWEEN 10 AND 12)"));
}

}  // namespace
}  // namespace lanemq::sql
