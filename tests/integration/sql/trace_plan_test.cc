// How many rows a trace looks at, by the engines' own count.
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "sql/migrate/migrator.h"
#include "sql/statements/statements.h"
#include "tests/integration/sql/engines.h"

namespace lanemq::sql {
namespace {

using std::chrono::seconds;

class TracePlanTest : public OnEngine {
 protected:
  void SetUp() override {
    OnEngine::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(MigrateNode(Options(), prefix_, In(seconds{60}), 1).ok());
    ConnectionOptions options = Options();
    options.schema = NodeSchema(prefix_);
    connection_ = Connect(options);
    ASSERT_NE(connection_, nullptr);
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
    const std::int64_t before = Reads();
    rows_ = 0;
    const Status status = connection_->Query(statement, params, [&](const Row&) {
      ++rows_;
      return true;
    });
    EXPECT_TRUE(status.ok()) << status.error().ToString();
    return Reads() - before;
  }

  std::unique_ptr<Connection> connection_;
  int rows_ = 0;

 private:
  std::int64_t Reads() {
    std::int64_t reads = 0;
    connection_->Text() =
        "SHOW SESSION STATUS WHERE Variable_name IN ('Handler_read_first','Handler_read_key',"
        "'Handler_read_last','Handler_read_next','Handler_read_prev','Handler_read_rnd')";
    EXPECT_TRUE(connection_
                    ->QueryText("test",
                                [&](const Row& row) {
                                  reads += row.Int64(1);
                                  return true;
                                })
                    .ok());
    return reads;
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
