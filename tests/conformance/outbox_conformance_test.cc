// Runs the suite of outboxes on the fake and on both database engines, and what only a database
// can show: transactions that stay open, plans of the optimizer, any session's INSERT.
#include <cstdlib>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sql/migrate/migrator.h"
#include "sql/store/outbox_text.h"
#include "tests/conformance/outbox_store_suite.h"
#include "tests/conformance/sql_outbox.h"
#include "tests/support/database_server.h"

namespace lanemq::testing {
namespace {

class FakeOutboxUnderTest final : public OutboxUnderTest {
 public:
  core::OutboxStore& store() override { return fake_; }
  core::OutboxStore& other() override { return fake_; }
  core::OutboxStore& archiving() override {
    fake_.SetArchiving(true);
    return fake_;
  }
  core::OutboxAdmin& admin() override { return fake_; }
  std::int64_t Insert(const NewOutboxRow& row) override { return fake_.Insert(row); }
  std::unique_ptr<OpenInsert> InsertUncommitted(const NewOutboxRow& row) override {
    return std::make_unique<Open>(fake_, fake_.InsertUncommitted(row));
  }
  void Advance(std::chrono::microseconds by) override { fake_.AdvanceTime(by); }

 private:
  class Open final : public OpenInsert {
   public:
    Open(FakeOutboxStore& fake, std::int64_t id) : fake_(fake), id_(id) {}
    std::int64_t id() const override { return id_; }
    void Commit() override { fake_.CommitInsert(id_); }
    void RollBack() override { fake_.RollBackInsert(id_); }

   private:
    FakeOutboxStore& fake_;
    const std::int64_t id_;
  };

  FakeOutboxStore fake_;
};

std::unique_ptr<SqlOutbox> MakeSqlOutbox(Engine engine, std::string* why) {
  DatabaseServer* const server = SharedServer(engine, why);
  if (server == nullptr) {
    EXPECT_TRUE(ServerProgram(engine).empty()) << "installed, but: " << *why;
    return nullptr;
  }
  return std::make_unique<SqlOutbox>(*server);
}

std::vector<OutboxFactory> Outboxes() {
  return {
      {"Fake", [](std::string*) { return std::make_unique<FakeOutboxUnderTest>(); }},
      {"MariaDB", [](std::string* why) { return MakeSqlOutbox(Engine::kMariaDb, why); }},
      {"MySQL", [](std::string* why) { return MakeSqlOutbox(Engine::kMySql, why); }},
  };
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(On, OutboxStoreSuite, ::testing::ValuesIn(Outboxes()),
                         [](const auto& one) { return one.param.name; });

namespace {

TEST(FakeOutboxTest, FailsOnRequestBeforeOrAfterTheEffect) {
  FakeOutboxStore fake;
  const Deadline soon = In(std::chrono::seconds{30});
  const auto session = fake.Open("relay", "", std::chrono::seconds{10}, soon);
  ASSERT_TRUE(session.ok());
  const std::int64_t id = fake.Insert("t", "k", "x");
  core::OutboxChange change;
  change.published = {id};
  fake.FailNext(FakeOutboxStore::Call::kCommit, {ErrorCode::kThrottled, "before"});
  fake.FailNext(FakeOutboxStore::Call::kCommit, {ErrorCode::kOutcomeUnknown, "after"}, true);
  EXPECT_TRUE(fake.Stats(soon).ok()) << "not asked to fail";
  EXPECT_EQ(fake.Commit(*session, change, soon).error().code, ErrorCode::kThrottled);
  EXPECT_EQ(fake.Rows().size(), 1u);
  EXPECT_EQ(fake.Commit(*session, change, soon).error().code, ErrorCode::kOutcomeUnknown);
  EXPECT_EQ(fake.Rows().size(), 0u);
  EXPECT_TRUE(fake.Commit(*session, change, soon).ok());
  fake.FailNext({ErrorCode::kDataNodeUnavailable, "any"});
  EXPECT_FALSE(fake.Renew(*session, std::chrono::seconds{10}, soon).ok());
  EXPECT_TRUE(fake.Renew(*session, std::chrono::seconds{10}, soon).ok());
  EXPECT_EQ(fake.Calls(FakeOutboxStore::Call::kCommit), 3);
}

class SqlOutboxTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    server_ = server;
    outbox_ = std::make_unique<SqlOutbox>(*server);
    for (std::int32_t bucket = 0; bucket < core::kOutboxBuckets; ++bucket) all_.push_back(bucket);
  }
  static Deadline Soon() { return In(std::chrono::seconds{4}); }
  core::OutboxStore& store() { return outbox_->store(); }
  core::OutboxSession OpenOk() {
    const auto session = store().Open("relay", "", std::chrono::seconds{10}, Soon());
    EXPECT_TRUE(session.ok()) << session.error().ToString();
    return session.ok() ? *session : core::OutboxSession{};
  }

  DatabaseServer* server_ = nullptr;
  std::unique_ptr<SqlOutbox> outbox_;
  std::vector<std::int32_t> all_;
};
INSTANTIATE_TEST_SUITE_P(On, SqlOutboxTest, ::testing::ValuesIn(Engines()),
                         [](const auto& one) { return NameOf(one.param); });

// Each call below would time out if it waited for the open transactions.
TEST_P(SqlOutboxTest, OpenBusinessTransactionsAreNeitherWaitedForNorMadeToWait) {
  const core::OutboxSession session = OpenOk();
  ASSERT_TRUE(store().Take(session, all_, Soon()).ok());
  std::vector<std::int64_t> committed;
  std::vector<std::unique_ptr<OpenInsert>> open;
  // Open rows before, between and after the others, in the same buckets.
  for (int i = 0; i < 12; ++i) {
    const NewOutboxRow row{"t", "k" + std::to_string(i % 3), "x", {}, {}, 0};
    if (i % 2 == 0) {
      open.push_back(outbox_->InsertUncommitted(row));
    } else {
      committed.push_back(outbox_->Insert(row));
    }
  }
  const auto read = store().Read(all_, 0, {}, Soon());
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(read->size(), committed.size());
  core::OutboxChange change;
  change.published = {committed[0]};
  change.held = {committed[1]};
  change.dead = {{committed[2], 1, "x"}};
  change.holds = {{{1, "t", "k", {}, {}}, 1, {}, {}, "x"}};
  change.plan = core::OutboxPlan{{{"t", 0, false, core::ProducerId{1}, 0, {committed[3]}}}};
  change.released_buckets = {3};
  for (core::OutboxStore* on : {&store(), &outbox_->archiving()}) {
    const Status done = on->Commit(session, change, Soon());
    EXPECT_TRUE(done.ok()) << done.error().ToString();
    change.published = {committed[5]};
  }
  EXPECT_TRUE(store().Stats(Soon()).ok());
  EXPECT_TRUE(store().Clean(std::chrono::seconds{0}, 100, Soon()).ok());
  EXPECT_TRUE(outbox_->admin().RetryDead({}, Soon()).ok());
  EXPECT_TRUE(outbox_->admin().List(core::OutboxState::kReady, {}, 0, 100, Soon()).ok());

  // And while a relay is in the middle of a commit, businesses insert.
  const auto relay = outbox_->Connect();
  RunOk(*relay, "BEGIN");
  const auto left = store().Read(all_, 0, {}, Soon());
  ASSERT_TRUE(left.ok());
  ASSERT_GE(left->size(), 2u);
  std::vector<std::int64_t> ids;
  for (const auto& message : *left) ids.push_back(message.id);
  RunOk(*relay, sql::HoldRowsText(ids));  // Among them the newest: the end of the index.
  RunOk(*relay, sql::KeepPublishedText(std::span(ids).first(1), "UTC_TIMESTAMP(6)"));
  RunOk(*relay, sql::DeletePublishedText(ids));
  RunOk(outbox_->business(), "SET SESSION innodb_lock_wait_timeout = 1");
  for (int i = 0; i < 300; ++i) {
    outbox_->Insert({"t", "k" + std::to_string(i), "x", {}, {}, 0});
  }
  RunOk(*relay, "ROLLBACK");
  for (const auto& one : open) one->Commit();
  EXPECT_EQ(store().Read(all_, 0, {}, Soon())->size(), left->size() + open.size() + 300);
}

TEST_P(SqlOutboxTest, ARelayThatHangsInATransactionIsPassedBy) {
  const core::OutboxSession hung = OpenOk();
  const core::OutboxSession other = OpenOk();
  const std::int64_t id = outbox_->Insert({"t", "k", "x", {}, {}, 0});
  const auto session = outbox_->Connect();
  RunOk(*session, "BEGIN");
  RunOk(*session,
        fmt::format("UPDATE lanemq_outbox_session SET plan='x' WHERE session_id={}", hung.id));
  RunOk(*session, sql::DeletePublishedText(std::span(&id, 1)));
  outbox_->Advance(std::chrono::seconds{20});
  EXPECT_EQ(*store().Adopt(hung.id, std::chrono::seconds{10}, Soon()), std::nullopt);
  EXPECT_TRUE(store().Renew(other, std::chrono::seconds{10}, Soon()).ok());
  EXPECT_EQ(store().Take(other, all_, Soon())->size(), 256u);
  EXPECT_EQ(store().Read(all_, 0, {}, Soon())->size(), 1u);
  RunOk(*session, "ROLLBACK");
  EXPECT_NE(*store().Adopt(hung.id, std::chrono::seconds{10}, Soon()), std::nullopt);
}

TEST_P(SqlOutboxTest, AnySessionsInsertGetsTheBucketOfItsBytes) {
  for (const std::string setup :
       {"SET NAMES utf8mb4", "SET NAMES latin1", "SET SESSION sql_mode='ANSI'",
        "SET SESSION sql_mode='',time_zone='+09:00'", "SET SESSION binlog_format='STATEMENT'"}) {
    const auto session = outbox_->Connect();
    RunOk(*session, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    RunOk(*session, setup);
    RunOk(*session, "INSERT INTO lanemq_outbox (topic, message_key, body) VALUES ('t','k','b')");
    RunOk(*session, "INSERT INTO lanemq_outbox (topic, body) VALUES ('t',X'c3a9'),('t',NULL)");
    RunOk(*session, "INSERT INTO lanemq_outbox SET body='b', message_key=X'c3a9', topic='t'");
  }
  const auto read = store().Read(all_, 0, {}, Soon());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->size(), 20u);
  const std::int64_t now = SystemClock::Instance().WallNow().micros;
  for (const auto& message : *read) {
    EXPECT_EQ(message.bucket, FakeOutboxStore::BucketOf(message.record->key, message.record->body));
    EXPECT_LT(std::abs(message.created.micros - now), 60'000'000) << "UTC, whatever the session's";
  }
  outbox_->business().Text() = "INSERT INTO lanemq_outbox (topic, bucket) VALUES ('t', 256)";
  EXPECT_FALSE(outbox_->business().UpdateText("test").ok()) << "no relay would ever read it";
}

TEST_P(SqlOutboxTest, HeadersThatDoNotDecodeStopNothing) {
  RunOk(outbox_->business(),
        "INSERT INTO lanemq_outbox (topic, headers, body) VALUES ('t','no headers','b'),"
        "('t','','b')");
  const auto read = store().Read(all_, 0, {}, Soon());
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ(read->front().record->headers,
            (std::vector<core::Header>{{"bad-headers", "no headers"}}));
  EXPECT_TRUE(read->back().record->headers.empty());
}

// Also on tables of a few rows, which optimizers like to scan.
TEST_P(SqlOutboxTest, StatementsReadRangesOrLookUpAndSortNothing) {
  const bool is_mariadb = GetParam() == Engine::kMariaDb;
  const auto explain = [&](const std::string& text) {
    const unsigned columns = is_mariadb ? 10 : 12;
    const auto cells =
        Cells(outbox_->business(), (is_mariadb ? "EXPLAIN " : "EXPLAIN FORMAT=TRADITIONAL ") + text,
              columns);
    const std::size_t last = (cells.size() / columns - 1) * columns;  // The table's row.
    return cells.at(last + (is_mariadb ? 5 : 6)) + ": " + cells.at(last + columns - 1);
  };
  const std::vector<std::int32_t> buckets = {0, 1, 2, 3, 9, 20, 22, 100};
  const std::vector<std::int64_t> ids = {1, 2, 3};
  for (const int rows : {2, 900}) {
    RunOk(outbox_->business(),
          fmt::format("INSERT INTO lanemq_outbox (state,topic,message_key,body) WITH RECURSIVE n "
                      "(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<{}) SELECT "
                      "i%4,'t',i,REPEAT('x',300) FROM n",
                      rows));
    Cells(outbox_->business(), "ANALYZE TABLE lanemq_outbox");
    EXPECT_EQ(explain(sql::SelectReadyText(buckets, ids, 100)), "PRIMARY: Using where");
    EXPECT_EQ(explain(sql::SelectReadyText(all_, {}, 100)), "PRIMARY: Using where");
    EXPECT_EQ(explain(sql::SelectHeldText({1, "t", "k", {}, {}}, 5, 100)), "PRIMARY: Using where");
    for (const std::string& text :
         {sql::DeletePublishedText(ids), sql::KeepPublishedText(ids, "NOW(6)"),
          sql::HoldRowsText(ids), sql::ReviveRowsText(ids), sql::SelectOutboxIdsText(ids)}) {
      EXPECT_TRUE(explain(text).starts_with("by_id: ")) << text << ": " << explain(text);
    }
  }
}

TEST_P(SqlOutboxTest, MissingTablesAreAPreconditionThatSaysWhatToDo) {
  RunOk(outbox_->business(), "DROP TABLE lanemq_outbox");
  const auto read = store().Read(all_, 0, {}, Soon());
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_NE(read.error().message.find("lanemq outbox install"), std::string::npos);
  RunOk(outbox_->business(), "ALTER TABLE lanemq_outbox_session DROP COLUMN wake_address");
  const auto opened = store().Open("relay", "", std::chrono::seconds{10}, Soon());
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kFailedPrecondition) << opened.error().ToString();
}

TEST_P(SqlOutboxTest, WhatADbaRunsByHandIsWhatTheProgramMakes) {
  const std::string by_hand = outbox_->schema() + "_dba";
  sql::ConnectionOptions options = outbox_->Options();
  options.schema = by_hand;
  for (int i = 0; i < 2; ++i) {  // Harmless to run again.
    const auto done =
        server_->Query("CREATE DATABASE IF NOT EXISTS " + by_hand + "; USE " + by_hand + "; " +
                       sql::OutboxSchemaText() + sql::InboxSchemaText());
    ASSERT_TRUE(done.ok()) << done.error().ToString();
  }
  const auto shape = [&](const std::string& schema) {
    return Cells(outbox_->business(),
                 "SELECT CONCAT_WS(' ',table_name,column_name,column_type,column_default,"
                 "is_nullable,column_key) FROM information_schema.columns WHERE table_schema='" +
                     schema + "' ORDER BY table_name, ordinal_position");
  };
  ASSERT_TRUE(sql::MigrateInbox(outbox_->Options(), Soon()).ok());
  EXPECT_EQ(shape(by_hand), shape(outbox_->schema()));
  EXPECT_EQ(Cells(outbox_->business(),
                  "SELECT table_comment FROM information_schema.tables WHERE table_schema='" +
                      by_hand + "' AND table_comment NOT LIKE 'LaneMQ: %'")
                .size(),
            0u);

  // A program without the right to change the schema is content with it.
  const auto rights = server_->Query(fmt::format(
      "CREATE USER IF NOT EXISTS '{0}'@'127.0.0.1'; GRANT SELECT ON {0}.* TO '{0}'@'127.0.0.1'",
      by_hand));
  ASSERT_TRUE(rights.ok()) << rights.error().ToString();
  options.user = by_hand;
  const Status content = sql::MigrateOutbox(options, Soon());
  EXPECT_TRUE(content.ok()) << content.error().ToString();
  EXPECT_TRUE(sql::MigrateInbox(options, Soon()).ok());
  RunOk(outbox_->business(), "DELETE FROM " + by_hand + ".lanemq_schema_migrations WHERE number=1");
  EXPECT_FALSE(sql::MigrateOutbox(options, Soon()).ok());
  options.schema.clear();
  EXPECT_EQ(sql::MigrateOutbox(options, Soon()).error().code, ErrorCode::kInvalidConfig);
}

TEST_P(SqlOutboxTest, SessionsEndWhenTheyAreIdleForAsLongAsTheyMay) {
  const auto session = outbox_->Connect(std::chrono::seconds{7});
  EXPECT_EQ(Cells(*session, "SELECT @@SESSION.wait_timeout"), std::vector<std::string>{"7"});
  EXPECT_EQ(Cells(outbox_->business(), "SELECT @@SESSION.wait_timeout"),
            std::vector<std::string>{"60"});
}

}  // namespace
}  // namespace lanemq::testing
