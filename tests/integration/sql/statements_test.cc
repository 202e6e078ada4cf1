// Every embedded statement is prepared on a freshly migrated schema, and the plans of those marked
// `-- uses-index:` are looked at.
#include "sql/statements/statements.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/migrate/migrator.h"
#include "sql/store/message_table.h"
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
    options.schema = database == "meta" ? MetaSchema(prefix_) : NodeSchema(prefix_);
    return Connect(options);
  }

  /// Puts 300 rows into every table of the schema: row i has i in each column that takes it.
  void Fill(Connection& connection, const std::string& schema) {
    RunOk(connection, "SET SESSION sql_mode=''");
    for (const std::string& table :
         Rows(connection, "SELECT table_name FROM information_schema.tables WHERE table_schema='" +
                              schema + "' AND table_name<>'schema_migrations'")) {
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

  /// The keys that the plan of `text` uses, with 1 for every parameter.
  std::vector<std::string> KeysOf(Connection& connection, std::string text) {
    for (std::size_t at = 0; (at = text.find('?', at)) != std::string::npos; at += 3) {
      text.replace(at, 1, "'1'");
    }
    std::vector<std::string> keys;
    const bool is_mariadb = GetParam() == Engine::kMariaDb;
    connection.Text() = (is_mariadb ? "EXPLAIN " : "EXPLAIN FORMAT=TRADITIONAL ") + text;
    const unsigned key_column = is_mariadb ? 5 : 6;
    const Status status = connection.QueryText("explain", [&](const Row& row) {
      keys.push_back(row.String(key_column));
      return true;
    });
    EXPECT_TRUE(status.ok()) << text << ": " << status.error().ToString();
    return keys;
  }
};
INSTANTIATE_TEST_SUITE_P(On, StatementsTest, ::testing::Values(Engine::kMariaDb, Engine::kMySql),
                         EngineName);

TEST_P(StatementsTest, EveryOneIsAcceptedOnAFreshSchemaAndUsesItsIndex) {
  ASSERT_TRUE(MigrateMeta(Options(), prefix_, In(seconds{60})).ok());
  ASSERT_TRUE(MigrateNode(Options(), prefix_, In(seconds{60}), 1).ok());
  const auto meta = ConnectTo("meta");
  const auto node = ConnectTo("node");
  ASSERT_TRUE(meta != nullptr && node != nullptr);
  Fill(*meta, MetaSchema(prefix_));
  Fill(*node, NodeSchema(prefix_));
  for (const EmbeddedStatement& embedded : statements::kAll) {
    SCOPED_TRACE(std::string(embedded.statement.name));
    EXPECT_FALSE(embedded.statement.text.empty());
    Connection& connection = embedded.database == "meta" ? *meta : *node;
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

TEST_P(StatementsTest, StatementsOnMessageTablesUseThePrimaryKey) {
  ASSERT_TRUE(MigrateNode(Options(), prefix_, In(seconds{60}), 1).ok());
  const auto node = ConnectTo("node");
  ASSERT_NE(node, nullptr);
  const MessageTable table(prefix_, {{core::TopicId{1}, 0}, core::NodeId{1}, 0});
  table.Create("orders", node->Text());
  ASSERT_TRUE(node->UpdateText("create").ok());
  RunOk(*node, "INSERT INTO partition_state VALUES (1,0,'orders',0,1,'writable',NOW(6))");
  RunOk(*node, "INSERT INTO " + table.name() +
                   " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<500)"
                   " SELECT i,i,0,0,0,NULL,NULL,REPEAT('x',500) FROM n");
  std::string text;
  table.Select(core::Offset{100}, 10, text);
  EXPECT_THAT(KeysOf(*node, text), Contains("PRIMARY"));
  table.SelectIdentities(core::Offset{100}, 10, text);
  EXPECT_THAT(KeysOf(*node, text), Contains("PRIMARY"));
  table.SelectTail(text);
  EXPECT_THAT(KeysOf(*node, text), Contains("PRIMARY"));
  const auto created =
      Rows(*node, "SELECT table_comment FROM information_schema.tables WHERE table_schema='" +
                      prefix_ + "_00'");
  EXPECT_EQ(created, std::vector<std::string>{"LaneMQ: messages of topic orders partition 0"});
}

}  // namespace
}  // namespace lanemq::sql
