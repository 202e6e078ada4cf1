#include "sql/store/message_table.h"

#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::sql {
namespace {

using testing::HasSubstr;

core::PartitionLocation Location(int partition = 3) {
  return {{core::TopicId{7}, partition}, core::NodeId{1}, 2};
}

std::string Quoted(std::string_view bytes) {
  std::string out;
  AppendQuoted(bytes, out);
  return out;
}

TEST(QuoteTest, QuotesAndBackslashesAreEscapedAtEveryPosition) {
  for (std::size_t length = 1; length < 40; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      for (const char special : {'\'', '\\'}) {
        std::string bytes(length, 'x');
        bytes[at] = special;
        std::string expected(length + 3, 'x');
        expected.front() = '\'';
        expected.back() = '\'';
        expected[at + 1] = '\\';
        expected[at + 2] = special;
        EXPECT_EQ(Quoted(bytes), expected);
      }
    }
  }
}

TEST(QuoteTest, EveryOtherByteIsSentAsItIs) {
  for (int i = 0; i < 256; ++i) {
    const std::string bytes(9, static_cast<char>(i));
    const bool is_special = i == '\'' || i == '\\';
    EXPECT_EQ(Quoted(bytes).size(), is_special ? 20u : 11u) << i;
  }
  EXPECT_EQ(Quoted(""), "''");
  EXPECT_EQ(Quoted("''"), R"('\'\'')");
}

TEST(MessageTableTest, NamesComeFromPrefixSchemaAndIds) {
  EXPECT_EQ(MessageTable("lanemq", Location()).name(), "`lanemq_02`.`msg_7_3`");
}

TEST(MessageTableTest, OneInsertHoldsAllRecordsWithNullsApartFromEmpties) {
  auto first = std::make_shared<core::Record>();
  first->offset = core::Offset{10};
  first->timestamp = WallTime{-5};
  first->producer = core::ProducerId{9};
  first->sequence = 4;
  first->key = "it's";
  first->headers = {{"a", "'"}};
  first->codec = 1;
  auto second = std::make_shared<core::Record>();
  second->offset = core::Offset{11};
  second->body = "";
  const core::RecordPtr records[] = {first, second};
  std::string out = "left over";
  MessageTable("p", Location()).Insert(records, out);
  EXPECT_EQ(out,
            "INSERT INTO `p_02`.`msg_7_3` "
            "(`offset`,timestamp_us,producer_id,sequence,codec,`key`,headers,body) VALUES "
            R"((10,-5,9,4,1,'it\'s','a=%27',NULL),(11,0,0,0,0,NULL,NULL,''))");
}

TEST(MessageTableTest, ReadsAreRangesOfThePrimaryKey) {
  std::string out;
  MessageTable("p", Location()).Select(core::Offset{5}, 100, out);
  EXPECT_THAT(out,
              HasSubstr("FROM `p_02`.`msg_7_3` WHERE `offset`>=5 ORDER BY `offset` LIMIT 100"));
}

TEST(MessageTableTest, TheCommentNamesTopicAndPartition) {
  std::string out;
  MessageTable("p", Location()).Create("orders's", out);
  EXPECT_THAT(out, HasSubstr(R"(COMMENT='LaneMQ: messages of topic orders\'s partition 3')"));
  EXPECT_THAT(out, HasSubstr("PARTITION BY RANGE (`offset`) (PARTITION p_100000 VALUES LESS THAN "
                             "(100000),PARTITION p_tail VALUES LESS THAN MAXVALUE)"));
}

TEST(MessageTableTest, ATableOnItsWayHasAColumnThatNobodyElseKnows) {
  const MessageTable arriving("p", Location(), TableRole::kArriving);
  EXPECT_EQ(arriving.name(), "`p_02`.`msg_7_3`");
  std::string out;
  arriving.Create("orders", out);
  EXPECT_THAT(out, HasSubstr(",arriving_timestamp_us BIGINT NOT NULL COMMENT"));
  arriving.Select(core::Offset{5}, 100, out);
  EXPECT_THAT(out, HasSubstr("SELECT `offset`,arriving_timestamp_us,producer_id,"));
  arriving.SelectIdentities(core::Offset{5}, 100, out);
  EXPECT_THAT(out, HasSubstr("SELECT `offset`,arriving_timestamp_us,producer_id,"));
  arriving.ChangeRole(TableRole::kOpen, out);
  EXPECT_EQ(out,
            "ALTER TABLE `p_02`.`msg_7_3` RENAME COLUMN arriving_timestamp_us TO timestamp_us, "
            "ALGORITHM=INSTANT");
  MessageTable("p", Location()).ChangeRole(TableRole::kSealed, out);
  EXPECT_THAT(out, HasSubstr("RENAME COLUMN timestamp_us TO sealed_timestamp_us, "));
}

TEST(MessageTableTest, ATableHasTheSegmentsItIsGiven) {
  std::string out;
  const core::Offset bounds[] = {core::Offset{300}, core::Offset{400}};
  MessageTable("p", Location()).Create("orders", out, bounds);
  EXPECT_THAT(out, HasSubstr("(PARTITION p_300 VALUES LESS THAN (300),PARTITION p_400 VALUES LESS "
                             "THAN (400),PARTITION p_tail VALUES LESS THAN MAXVALUE)"));
  MessageTable("p", Location()).Create("orders", out, {});
  EXPECT_THAT(out, HasSubstr("(`offset`) (PARTITION p_tail VALUES LESS THAN MAXVALUE)"));
}

TEST(MessageTableTest, EndsOfManyTablesAreOneStatement) {
  const MessageTable tables[] = {MessageTable("p", Location(0)), MessageTable("p", Location(1))};
  std::string out;
  const core::Offset known[] = {core::Offset{0}, core::Offset{41}};
  MessageTable::SelectEnds(tables, known, out);
  EXPECT_THAT(out, HasSubstr("FROM `p_02`.`msg_7_0` WHERE `offset`>=0 UNION ALL SELECT 1,"));
  EXPECT_THAT(out, HasSubstr("FROM `p_02`.`msg_7_1` WHERE `offset`>=41"));
}

}  // namespace
}  // namespace lanemq::sql
