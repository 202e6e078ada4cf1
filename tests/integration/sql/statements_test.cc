// Every embedded statement is prepared on a freshly migrated schema, and the plans of those marked
// `-- uses-index:` are looked at.
#include "sql/statements/statements.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/migrate/migrator.h"
#include "sql/store/delayed_text.h"
#include "sql/store/failed_rows.h"
#include "sql/store/message_table.h"
#include "sql/store/retention_text.h"
#include "tests/integration/sql/engines.h"

namespace lanemq::sql {
namespace {

using std::chrono::seconds;
using ::testing::Contains;

class StatementsTest : public OnEngine {
 protected:
  /// Opens a session in the schema that statements of `database` run in.
  std::unique_ptr<Connection> ConnectTo(std::string_view database) {
    ConnectionOptions options = Options();
    options.schema = database == "meta"     ? MetaSchema(prefix_)
                     : database == "outbox" ? TeamSchema()
                                            : NodeSchema(prefix_);
    return Connect(options);
  }
  [[nodiscard]] std::string TeamSchema() const { return prefix_ + "_team"; }

  void MigrateAll() {
    ASSERT_TRUE(MigrateMeta(Options(), prefix_, In(seconds{60})).ok());
    ASSERT_TRUE(MigrateNode(Options(), prefix_, In(seconds{60}), 1).ok());
    RunOk(*Connect(Options()), "CREATE DATABASE " + TeamSchema());
    ConnectionOptions team = Options();
    team.schema = TeamSchema();
    ASSERT_TRUE(MigrateOutbox(team, In(seconds{60})).ok());
  }

  /// Puts 300 rows into every table of the schema: row i has i in each column that takes it.
  void Fill(Connection& connection, const std::string& schema) {
    RunOk(connection, "SET SESSION sql_mode=''");
    for (const std::string& table :
         Rows(connection, "SELECT table_name FROM information_schema.tables WHERE table_schema='" +
                              schema + "' AND table_name NOT LIKE '%schema_migrations'")) {
      const auto columns =
          Rows(connection, fmt::format("SELECT column_name FROM information_schema.columns WHERE "
                                       "table_schema='{}' AND table_name='{}' ORDER BY "
                                       "ordinal_position",
                                       schema, table));
      std::string values;
      for (std::size_t i = 0; i < columns.size(); ++i) values += i == 0 ? "i" : ",i";
      RunOk(connection,
            fmt::format("INSERT IGNORE INTO {}.{} WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL "
                        "SELECT i+1 FROM n WHERE i<300) SELECT {} FROM n",
                        schema, table, values));
      Rows(connection, fmt::format("ANALYZE TABLE {}.{}", schema, table));
    }
  }

  /// The text with NULL, the database's clock, for `now`.
  static std::string WithRealClock(const Statement& statement) {
    std::string text(statement.text);
    for (std::size_t at = 0; (at = text.find("COALESCE(?", at)) != std::string::npos; ++at) {
      text.replace(at, 10, "COALESCE(NULL");
    }
    return text;
  }

  /// The keys that the plan of `text` uses, with 1 for every parameter.
  std::vector<std::string> KeysOf(Connection& connection, std::string text) {
    return Explain(connection, std::move(text), GetParam() == Engine::kMariaDb ? 5 : 6);
  }

  std::vector<std::string> Explain(Connection& connection, std::string text, unsigned column) {
    for (std::size_t at = 0; (at = text.find('?', at)) != std::string::npos; at += 3) {
      const bool is_limit = at >= 6 && text.compare(at - 6, 6, "LIMIT ") == 0;
      text.replace(at, 1, is_limit ? "  1" : "'1'");
    }
    std::vector<std::string> cells;
    const bool is_mariadb = GetParam() == Engine::kMariaDb;
    connection.Text() = (is_mariadb ? "EXPLAIN " : "EXPLAIN FORMAT=TRADITIONAL ") + text;
    const Status status = connection.QueryText("explain", [&](const Row& row) {
      cells.push_back(row.String(column));
      return true;
    });
    EXPECT_TRUE(status.ok()) << text << ": " << status.error().ToString();
    return cells;
  }
};
INSTANTIATE_TEST_SUITE_P(On, StatementsTest, ::testing::Values(Engine::kMariaDb, Engine::kMySql),
                         EngineName);

TEST_P(StatementsTest, EveryOneIsAcceptedOnAFreshSchemaAndUsesItsIndex) {
  ASSERT_NO_FATAL_FAILURE(MigrateAll());
  const auto meta = ConnectTo("meta");
  const auto node = ConnectTo("node");
  const auto outbox = ConnectTo("outbox");
  ASSERT_TRUE(meta != nullptr && node != nullptr && outbox != nullptr);
  Fill(*meta, MetaSchema(prefix_));
  Fill(*node, NodeSchema(prefix_));
  Fill(*outbox, TeamSchema());
  for (const EmbeddedStatement& embedded : statements::kAll) {
    SCOPED_TRACE(std::string(embedded.statement.name));
    EXPECT_FALSE(embedded.statement.text.empty());
    Connection& connection = embedded.database == "meta"     ? *meta
                             : embedded.database == "outbox" ? *outbox
                                                             : *node;
    if (embedded.database == "session") {  // Text only: not all of them can be prepared.
      const std::string text(embedded.statement.text);
      if (text.starts_with("SELECT") || text.starts_with("SHOW")) {
        EXPECT_FALSE(Rows(connection, text).empty());
      } else {
        RunOk(connection, text);
      }
      continue;
    }
    std::string quoted;
    AppendQuoted(embedded.statement.text, quoted);
    RunOk(connection, "PREPARE s FROM " + quoted);
    RunOk(connection, "DEALLOCATE PREPARE s");
    if (!embedded.uses_index.empty()) {
      EXPECT_THAT(KeysOf(connection, std::string(embedded.statement.text)),
                  Contains(std::string(embedded.uses_index)));
    }
  }
}

TEST_P(StatementsTest, NoticesAreLookedUpByTheirKeys) {
  ASSERT_TRUE(MigrateMeta(Options(), prefix_, In(seconds{60})).ok());
  const auto meta = ConnectTo("meta");
  ASSERT_NE(meta, nullptr);
  RunOk(
      *meta,
      "INSERT INTO alert_notices (notice,channel,incident,what,state,body,epoch,queued_at,next_at)"
      " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<900) SELECT i,i%9,"
      "i%300,1+i%3,IF(i%30=0,1,3),'x',1,UTC_TIMESTAMP(6)-INTERVAL i HOUR,UTC_TIMESTAMP(6) FROM n");
  Rows(*meta, "ANALYZE TABLE alert_notices");
  RunOk(*meta, "INSERT INTO alert_channels (name,type,url,updated_at) VALUES (1,'','',0+NOW(6))");
  for (const Statement& statement :
       {statements::kCountNoticesOfIncident, statements::kDropFoldedNotices,
        statements::kDropWaitingNotices, statements::kReadDueNotices,
        statements::kReadRecentNotices, statements::kExpireAlertNotices,
        statements::kDropStaleNotices}) {
    EXPECT_THAT(KeysOf(*meta, WithRealClock(statement)), Contains(::testing::StartsWith("by_")))
        << statement.name;
  }
}

TEST_P(StatementsTest, WhatGoesByAgeIsLookedUpByTime) {
  ASSERT_TRUE(MigrateMeta(Options(), prefix_, In(seconds{60})).ok());
  const auto meta = ConnectTo("meta");
  ASSERT_NE(meta, nullptr);
  const std::string numbers =
      " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<900) SELECT i,";
  const std::string ago = "UTC_TIMESTAMP(6)-INTERVAL i*3 HOUR";
  RunOk(*meta, "INSERT INTO alerts (incident,kind,subject,state,severity,since_at,resolved_at)" +
                   numbers + "i%9,i,3,'page'," + ago + "," + ago + " FROM n");
  RunOk(*meta,
        "INSERT INTO alert_events (incident,what,at)" + numbers + "'fired'," + ago + " FROM n");
  RunOk(*meta, "INSERT INTO alert_silences (kind,subject,reason,created_by,created_at,until_at)" +
                   numbers + "i,'x','y'," + ago +
                   ",UTC_TIMESTAMP(6)-INTERVAL (i-20)*3 HOUR FROM n");
  Rows(*meta, "ANALYZE TABLE alerts, alert_events, alert_silences");
  const std::pair<Statement, std::string> keys[] = {
      {statements::kReadResolvedAlerts, "by_resolved"},
      {statements::kExpireAlerts, "by_resolved"},
      {statements::kExpireAlertEvents, "by_time"},
      {statements::kReadAlertSilences, "by_until"},
      {statements::kExpireAlertSilences, "by_until"},
      {statements::kEndAlertSilence, "PRIMARY"}};
  for (const auto& [statement, key] : keys) {
    EXPECT_THAT(KeysOf(*meta, WithRealClock(statement)), Contains(key)) << statement.name;
  }
}

TEST_P(StatementsTest, DelayedMessagesAreLookedUpByTheirKeys) {
  ASSERT_TRUE(MigrateNode(Options(), prefix_, In(seconds{60}), 1).ok());
  const auto node = ConnectTo("node");
  ASSERT_NE(node, nullptr);
  RunOk(*node,
        "INSERT INTO delayed_messages WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i+1 "
        "FROM n WHERE i<900) SELECT 1,i%4,i,0,i,0,NULL,NULL,'x' FROM n");
  Rows(*node, "ANALYZE TABLE delayed_messages");
  const core::PartitionKey key{core::TopicId{1}, 2};
  std::vector<core::DelayedId> ids;
  for (const int i : {2, 6, 10}) ids.push_back({key, WallTime{i}, core::kNoProducer, i});
  std::string text;
  SelectDelayedText(ids, node->server().kind, text);
  EXPECT_THAT(KeysOf(*node, text), Contains("PRIMARY"));
  DeleteDelayedText(ids, text);
  EXPECT_THAT(KeysOf(*node, text), Contains("PRIMARY"));
  // One look per partition, however many rows they have.
  EXPECT_THAT(Explain(*node, std::string(statements::kReadDelayedFronts.text),
                      GetParam() == Engine::kMariaDb ? 9 : 11),
              Contains("Using index for group-by"));
}

TEST_P(StatementsTest, StatementsOnMessageTablesUseThePrimaryKey) {
  ASSERT_TRUE(MigrateNode(Options(), prefix_, In(seconds{60}), 1).ok());
  const auto node = ConnectTo("node");
  ASSERT_NE(node, nullptr);
  const MessageTable table(prefix_, {{core::TopicId{1}, 0}, core::NodeId{1}, 0});
  table.Create("orders", node->Text());
  ASSERT_TRUE(node->UpdateText("create").ok());
  RunOk(*node, "INSERT INTO partition_state VALUES (1,0,'orders',0,1,'writable',NULL,0,NOW(6))");
  RunOk(*node, "INSERT INTO " + table.name() +
                   " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<500)"
                   " SELECT i,i,0,0,0,NULL,NULL,REPEAT('x',500) FROM n");
  std::string text;
  table.Select(core::Offset{100}, 10, text);
  EXPECT_THAT(KeysOf(*node, text), Contains("PRIMARY"));
  table.SelectIdentities(core::Offset{100}, 10, text);
  EXPECT_THAT(KeysOf(*node, text), Contains("PRIMARY"));
  table.SelectTail(text, core::Offset{400});
  EXPECT_THAT(KeysOf(*node, text), Contains("PRIMARY"));
  const RetentionTable retention(prefix_, {{core::TopicId{1}, 0}, core::NodeId{1}, 0});
  const core::Offset some[] = {core::Offset{1}, core::Offset{499}};
  for (const std::string& statement :
       {retention.SelectTimes(some), retention.SelectRowBytes(some[0], some[1], 3),
        retention.CountRows(core::Offset{490}, 3),
        retention.DeleteRows(core::Offset{1}, core::Offset{5}, 3)}) {
    EXPECT_THAT(KeysOf(*node, statement), Contains("PRIMARY")) << statement;
  }
  const auto created =
      Rows(*node, "SELECT table_comment FROM information_schema.tables WHERE table_schema='" +
                      prefix_ + "_00'");
  EXPECT_EQ(created, std::vector<std::string>{"LaneMQ: messages of topic orders partition 0"});
}

TEST_P(StatementsTest, StatementsOnFailedRowsUseThePrimaryKeys) {
  ASSERT_TRUE(MigrateNode(Options(), prefix_, In(seconds{60}), 1).ok());
  const auto node = ConnectTo("node");
  ASSERT_NE(node, nullptr);
  const core::PartitionLocation location{{core::TopicId{1}, 0}, core::NodeId{1}, 0};
  const MessageTable log(prefix_, location);
  log.Create("orders", node->Text());
  ASSERT_TRUE(node->UpdateText("create").ok());
  const std::string numbers =
      " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<900) SELECT ";
  RunOk(*node,
        "INSERT INTO " + log.name() + numbers + "i,i,0,0,0,NULL,NULL,REPEAT('x',500) FROM n");
  RunOk(*node, "INSERT INTO retry_messages" + numbers +
                   "'g',1,i%3,i,NOW(6),1,'',NOW(6),NOW(6),'','','',0,0,0,0,NULL,NULL,'x' FROM n");
  RunOk(*node, "INSERT INTO dead_letters" + numbers +
                   "'g',1,i%3,i,NOW(6),1,NOW(6),NOW(6),'','','',0,0,0,0,NULL,NULL,'x' FROM n");
  for (const std::string table : {"retry_messages", "dead_letters"}) {
    Rows(*node, "ANALYZE TABLE " + table);
  }
  Rows(*node, "ANALYZE TABLE " + log.name());
  const FailedRows rows("g", location.key);
  const std::vector<core::Offset> offsets = {core::Offset{3}, core::Offset{6}};
  std::vector<FailedRow> failed;
  for (const core::Offset offset : offsets) failed.push_back({offset, 1, 0, false, "why", "text"});
  std::string text;
  FailedRows::CountInLog(log, failed, text);
  EXPECT_THAT(KeysOf(*node, text), Contains("PRIMARY")) << text;
  rows.FindDead(failed, text);
  EXPECT_THAT(KeysOf(*node, text), Contains("PRIMARY")) << text;
  rows.DeleteDone(offsets, 2, text);
  EXPECT_THAT(KeysOf(*node, text), Contains("PRIMARY")) << text;
  for (const FailedTable to : {FailedTable::kRetry, FailedTable::kDead}) {
    for (const bool is_over : {false, true}) {
      rows.CopyFromLog(log, {to, is_over, "m", 1}, failed, text);
      EXPECT_THAT(KeysOf(*node, text), Contains("PRIMARY")) << text;
    }
    rows.Delete(to, offsets, text);
    EXPECT_THAT(KeysOf(*node, text), Contains("PRIMARY")) << text;
  }
  rows.LockRetries(offsets, text);
  EXPECT_THAT(KeysOf(*node, text), Contains("PRIMARY")) << text;
  rows.Reschedule(failed, "m", text);
  EXPECT_THAT(KeysOf(*node, text), Contains("PRIMARY")) << text;
  rows.CopyToDead(failed, text);
  EXPECT_THAT(KeysOf(*node, text), Contains("PRIMARY")) << text;
  rows.CopyLostToDead(offsets, text);
  EXPECT_THAT(KeysOf(*node, text), Contains("PRIMARY")) << text;
  rows.Lease(offsets, "m", 1, text);
  EXPECT_THAT(KeysOf(*node, text), Contains("PRIMARY")) << text;
  rows.SelectRetries(offsets, text);
  EXPECT_THAT(KeysOf(*node, text), Contains("PRIMARY")) << text;

  // The backlog takes one step for each partition, however many rows it has.
  std::string backlog(statements::kReadRetryBacklog.text);
  backlog.replace(backlog.find('?'), 1, "'g'");
  EXPECT_THAT(Explain(*node, backlog, GetParam() == Engine::kMariaDb ? 9 : 11),
              Contains(::testing::HasSubstr("Using index for group-by")));
}

}  // namespace
}  // namespace lanemq::sql
