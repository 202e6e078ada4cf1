// Runs the suite of retention stores on both database engines.
#include <memory>
#include <sstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sql/migrate/migrator.h"
#include "sql/store/mysql_lease_store.h"
#include "sql/store/mysql_message_store.h"
#include "sql/store/mysql_retention_store.h"
#include "tests/conformance/on_server.h"
#include "tests/conformance/retention_store_suite.h"
#include "tests/support/database_server.h"

namespace lanemq::testing {
namespace {

class SqlRetention final : public RetentionStoreUnderTest {
 public:
  explicit SqlRetention(DatabaseServer& server)
      : server_(server),
        prefix_(UniquePrefix()),
        nodes_(sql::DataNodeOptions{.user = "root"}),
        store_(nodes_, core::NodeId{1}, std::chrono::milliseconds{0}),
        messages_(nodes_),
        leases_(nodes_, core::NodeId{1}) {
    const Status migrated =
        sql::MigrateNode({.host = server.host(), .port = server.port(), .user = "root"}, prefix_,
                         Deadline::After(SystemClock::Instance(), std::chrono::seconds{60}), 1);
    EXPECT_TRUE(migrated.ok()) << migrated.error().ToString();
    const core::DataNode node{.id = core::NodeId{1},
                              .name = "one",
                              .host = server.host(),
                              .port = server.port(),
                              .schema_prefix = prefix_};
    nodes_.Update(std::span(&node, 1));
  }

  core::RetentionStore& store() override { return store_; }
  core::PartitionLocation Location() override {
    return {{core::TopicId{1}, 3}, core::NodeId{1}, 0};
  }
  void Create() override {
    const Status created = messages_.CreatePartition(Location(), "orders", Soon());
    EXPECT_TRUE(created.ok()) << created.error().ToString();
  }
  void StartAt(std::int64_t offset) override {
    Run(fmt::format("UPDATE partition_state SET log_start_offset={}", offset));
  }
  WallTime Now() override {
    return {std::stoll(Run("SELECT TIMESTAMPDIFF(MICROSECOND,'1970-01-01',UTC_TIMESTAMP(6))"))};
  }
  void Append(int count, WallTime at) override {
    const auto tail = messages_.ReadTail(Location(), Soon());
    ASSERT_TRUE(tail.ok()) << tail.error().ToString();
    std::vector<core::RecordPtr> records;
    for (int i = 0; i < count; ++i) {
      auto record = std::make_shared<core::Record>();
      record->offset = core::Offset{tail->End().value + i};
      record->timestamp = at;
      record->body = std::string(60, 'x');
      records.push_back(std::move(record));
    }
    const Status done = messages_.Append(Location(), records, tail->server, Soon());
    ASSERT_TRUE(done.ok()) << done.error().ToString();
  }
  std::vector<std::int64_t> Rows() override {
    std::istringstream text(
        Run(fmt::format("SELECT `offset` FROM {}_00.msg_1_3 ORDER BY `offset`", prefix_)));
    std::vector<std::int64_t> rows;
    for (std::int64_t row = 0; text >> row;) rows.push_back(row);
    return rows;
  }
  void Commit(const std::string& group, std::int64_t offset, const std::string& member,
              std::chrono::hours idle) override {
    Run(
        fmt::format("REPLACE INTO group_offsets (group_id,topic_id,partition_index,"
                    "committed_offset,member_id,committed_at) VALUES ('{}',1,3,{},'{}',"
                    "UTC_TIMESTAMP(6)-INTERVAL {} HOUR)",
                    group, offset, member, idle.count()));
  }
  void SetMoving(bool is_moving) override {
    Run(fmt::format("UPDATE partition_state SET state='{}'", is_moving ? "moving" : "writable"));
  }
  core::Fence NewTerm() override {
    if (term_.token.value > 0) {
      EXPECT_TRUE(leases_.Release(term_, Soon()).ok());
    }
    const auto term = leases_.Acquire("janitor", "test", std::chrono::hours{1}, Soon());
    EXPECT_TRUE(term.ok()) << term.error().ToString();
    if (term.ok()) term_ = *term;
    return {term_.name, term_.token};
  }
  std::int64_t LostTotal(const std::string& group) override {
    return std::stoll(Run(fmt::format(
        "SELECT COALESCE(MAX(lost_total),0) FROM retention_losses WHERE group_id='{}'", group)));
  }
  int Trims() override { return std::stoi(Run("SELECT COUNT(*) FROM partition_trims")); }

 private:
  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{30});
  }
  std::string Run(const std::string& statement) {
    const auto done = server_.Query(fmt::format("USE {}_node; {}", prefix_, statement));
    EXPECT_TRUE(done.ok()) << done.error().ToString();
    return done.ok() ? *done : std::string("0");
  }

  DatabaseServer& server_;
  const std::string prefix_;
  sql::DataNodes nodes_;
  sql::MySqlRetentionStore store_;
  sql::MySqlMessageStore messages_;
  sql::MySqlLeaseStore leases_;
  core::Lease term_;
};

const RetentionStoreFactory kStores[] = {
    {"MariaDB", OnServer<SqlRetention, RetentionStoreUnderTest>(Engine::kMariaDb)},
    {"MySQL", OnServer<SqlRetention, RetentionStoreUnderTest>(Engine::kMySql)},
};

const auto kNameOf = [](const auto& info) { return info.param.name; };

}  // namespace

INSTANTIATE_TEST_SUITE_P(On, RetentionStoreSuite, ::testing::ValuesIn(kStores), kNameOf);

}  // namespace lanemq::testing
