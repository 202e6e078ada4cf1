// How many rows the statements on the audit log look at, by the engines' own count.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "sql/driver/transaction.h"
#include "sql/migrate/migrator.h"
#include "sql/statements/statements.h"
#include "sql/store/mysql_audit_log.h"
#include "tests/integration/sql/engines.h"

namespace lanemq::sql {
namespace {

using std::chrono::seconds;

/// 10,000 events, one a second: of 500 objects of two kinds, by 20 actors.
class AuditPlanTest : public OnEngine {
 protected:
  void SetUp() override {
    OnEngine::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(MigrateMeta(Options(), prefix_, In(seconds{60})).ok());
    ConnectionOptions options = Options();
    options.schema = MetaSchema(prefix_);
    // One session, whose count is that of every search.
    pool_ =
        std::make_unique<ConnectionPool>("metadata", options, PoolOptions{.connections_max = 1});
    log_ = std::make_unique<MySqlAuditLog>(*pool_);
    const auto connection = Connect(options);
    ASSERT_NE(connection, nullptr);
    RunOk(*connection,
          "INSERT INTO audit_events (at,actor,action,object_kind,object_name,after_json,result) "
          "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i<99), m (i) AS "
          "(SELECT 0 UNION ALL SELECT i+1 FROM m WHERE i<99) SELECT '2020-01-01' + INTERVAL "
          "(m.i*100+n.i) SECOND,CONCAT('person:',(m.i*100+n.i)%20),'putTeam',"
          "IF((m.i*100+n.i)%2=0,'topic','group'),CONCAT('o',(m.i*100+n.i)%500),"
          "REPEAT('x',200),1 FROM m,n ORDER BY m.i,n.i");
    Rows(*connection, "ANALYZE TABLE audit_events");
  }

  /// Rows and index entries that the engine read for `run`.
  std::int64_t ReadsOf(const std::function<void()>& run) {
    const std::int64_t before = Reads();
    run();
    return Reads() - before;
  }
  std::int64_t ReadsOf(const core::AuditSearch& search, std::size_t expected) {
    return ReadsOf([&] {
      const auto page = log_->Search(search, In(seconds{20}));
      ASSERT_TRUE(page.ok()) << page.error().ToString();
      EXPECT_EQ(page->events.size(), expected);
    });
  }

  std::unique_ptr<ConnectionPool> pool_;
  std::unique_ptr<MySqlAuditLog> log_;

 private:
  std::int64_t Reads() {
    std::int64_t reads = 0;
    auto connection = pool_->Checkout(Access::kRead, In(seconds{20}));
    EXPECT_TRUE(connection.ok());
    (*connection)->Text() =
        "SHOW SESSION STATUS WHERE Variable_name IN ('Handler_read_first','Handler_read_key',"
        "'Handler_read_last','Handler_read_next','Handler_read_prev','Handler_read_rnd',"
        "'Handler_read_rnd_next')";
    const Status read = (*connection)->QueryText("test", [&](const Row& row) {
      reads += row.Int64(1);
      return true;
    });
    EXPECT_TRUE(read.ok()) << read.error().ToString();
    return reads;
  }
};
INSTANTIATE_TEST_SUITE_P(On, AuditPlanTest, ::testing::Values(Engine::kMariaDb, Engine::kMySql),
                         EngineName);

TEST_P(AuditPlanTest, ASearchReadsLittleMoreThanItShows) {
  constexpr std::int64_t kSlack = 40;  // The server's status itself is read, too.
  core::AuditSearch search;
  EXPECT_LE(ReadsOf(search, 100), 101 + kSlack);
  search.before_id = 5'000;
  EXPECT_LE(ReadsOf(search, 100), 101 + kSlack);
  search.actor = "person:7";
  EXPECT_LE(ReadsOf(search, 100), 101 + kSlack);
  search = {};
  search.object_kind = "group";
  search.object_name = "o17";
  EXPECT_LE(ReadsOf(search, 20), 20 + kSlack);
  search.actor = "person:17";
  EXPECT_LE(ReadsOf(search, 20), 20 + kSlack);
  // A minute of long ago, of everything: its rows, sorted.
  search = {};
  search.from = WallTime{1'577'836'800'000'000};  // 2020-01-01
  search.until = WallTime{search.from->micros + 50'000'000};
  EXPECT_LE(ReadsOf(search, 50), 3 * 50 + kSlack);
}

TEST_P(AuditPlanTest, ExpiryReadsWhatItDeletes) {
  const std::int64_t reads = ReadsOf([&] {
    auto connection = pool_->Checkout(Access::kWrite, In(seconds{20}));
    ASSERT_TRUE(connection.ok());
    const auto deleted = (*connection)
                             ->Update(statements::kExpireAuditEvents,
                                      {std::string_view("2020-01-01 01:00:00.000000"),
                                       std::int64_t{0}, std::int64_t{100}});
    ASSERT_TRUE(deleted.ok()) << deleted.error().ToString();
    EXPECT_EQ(*deleted, 100);
  });
  EXPECT_LE(reads, 350);
}

}  // namespace
}  // namespace lanemq::sql
