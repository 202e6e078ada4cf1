#include "sql/store/failed_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::sql {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

const core::PartitionLocation kLocation{{core::TopicId{7}, 3}, core::NodeId{1}, 2};

class FailedRowsTest : public ::testing::Test {
 protected:
  const FailedRows rows_{"g'1", kLocation.key};
  const MessageTable log_{"p", kLocation};
  const std::vector<core::Offset> offsets_ = {core::Offset{10}, core::Offset{12}};
  const std::vector<FailedRow> failed_ = {{core::Offset{10}, 1, 5'000, "it's", "a\\b"},
                                          {core::Offset{12}, 2, 0, "", ""}};
  std::string out_ = "left over";
};

TEST_F(FailedRowsTest, InputIsQuotedAndTheFailuresAreOneTable) {
  rows_.CopyFromLog(log_, FailedTable::kRetry, failed_, out_);
  EXPECT_EQ(out_.find("left over"), std::string::npos);
  EXPECT_THAT(out_, HasSubstr(R"(STRAIGHT_JOIN 'g\'1',7,3,m.`offset`)"));
  EXPECT_THAT(out_, HasSubstr(R"((SELECT 10 o,1 a,5000 d,'it\'s' r,'a\\b' e)"
                              " UNION ALL SELECT 12,2,0,'','') f"));
  EXPECT_THAT(out_, EndsWith("JOIN `p_02`.`msg_7_3` m ON m.`offset`=f.o"));
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
  EXPECT_EQ(out_,
            "SELECT origin_offset,attempts FROM retry_messages" + by_key + where + " FOR UPDATE");
}

}  // namespace
}  // namespace lanemq::sql
