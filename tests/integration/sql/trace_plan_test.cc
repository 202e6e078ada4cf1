// How many rows a trace looks at, by the engines' own count.
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "sql/statements/statements.h"
#include "tests/integration/sql/node_plan.h"

namespace lanemq::sql {
namespace {

class TracePlanTest : public NodePlanTest {
 protected:
  void SetUp() override {
    NodePlanTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    // Groups 1 to 20, each with offsets of 10 partitions of topic 7, and 40 failures in each.
    const std::string numbers =
        " WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i<39), p (i) AS "
        "(SELECT 0 UNION ALL SELECT i+1 FROM p WHERE i<9), g (i) AS (SELECT 1 UNION ALL SELECT i+1 "
        "FROM g WHERE i<20) SELECT CAST(g.i AS CHAR),7,p.i,";
    RunOk(*connection_,
          "INSERT INTO group_offsets (group_id,topic_id,partition_index,committed_offset,"
          "committed_at)" +
              numbers + "5,'2020-01-01' FROM p,g");
    RunOk(*connection_, "INSERT INTO retry_messages" + numbers +
                            "n.i+1,'2020-01-01',1,'','2020-01-01','2020-01-01','r','','',0,0,0,0,"
                            "NULL,NULL,'x' FROM n,p,g");
    RunOk(*connection_, "INSERT INTO dead_letters" + numbers +
                            "n.i+1,'2020-01-01',1,'2020-01-01','2020-01-01','r','','',0,0,0,0,"
                            "NULL,NULL,'x' FROM n,p,g");
    RunOk(*connection_, "INSERT INTO retention_losses" + numbers +
                            "n.i*10+1,n.i*10+11,1,'time','2020-01-01' FROM n,p,g");
    RunOk(*connection_,
          "INSERT INTO partition_trims WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i+1 FROM "
          "n WHERE i<39) SELECT 7,i%4,i*10+11,i*10+1,'','','2020-01-01' FROM n");
    Rows(*connection_,
         "ANALYZE TABLE group_offsets,retry_messages,dead_letters,retention_losses,"
         "partition_trims");
  }

  std::int64_t ReadsOf(const Statement& statement, std::initializer_list<Param> params) {
    return NodePlanTest::ReadsOf([&] { return Query(statement, params); });
  }
};
INSTANTIATE_TEST_SUITE_P(On, TracePlanTest, ::testing::Values(Engine::kMariaDb, Engine::kMySql),
                         EngineName);

TEST_P(TracePlanTest, GroupsAreReadByPartitionAndTheirFailuresOneByOne) {
  const std::int64_t topic = 7;
  const std::int64_t partition = 3;
  const std::int64_t offset = 12;
  const auto ask = [&](std::int64_t limit) {
    return ReadsOf(statements::kTraceGroups,
                   {topic, partition, limit, topic, partition, offset, topic, partition, offset});
  };
  // Of 20 groups: the row, a retry and a letter of each; some engines count a sort as well.
  EXPECT_LE(ask(1'001), 130);
  EXPECT_EQ(rows_, 20);
  EXPECT_LE(ask(4), 40);
  EXPECT_EQ(rows_, 4);
}

TEST_P(TracePlanTest, TheStepThatRemovedAMessageIsOneRow) {
  for (const std::int64_t offset : {std::int64_t{1}, std::int64_t{200}, std::int64_t{400}}) {
    EXPECT_LE(ReadsOf(statements::kTraceUnreadLoss,
                      {std::string_view("5"), std::int64_t{7}, std::int64_t{3}, offset}),
              5);
    EXPECT_EQ(rows_, 1);
    EXPECT_LE(ReadsOf(statements::kTraceTrim, {std::int64_t{7}, std::int64_t{3}, offset - 1}), 5);
    EXPECT_EQ(rows_, 1);
  }
}

}  // namespace
}  // namespace lanemq::sql
