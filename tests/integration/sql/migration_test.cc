#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/migrate/migrations.h"
#include "sql/migrate/migrator.h"
#include "tests/integration/sql/engines.h"

namespace lanemq::sql {
namespace {

using std::chrono::seconds;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

class MigrationTest : public OnEngine {};
INSTANTIATE_TEST_SUITE_P(On, MigrationTest, ::testing::Values(Engine::kMariaDb, Engine::kMySql),
                         EngineName);

TEST_P(MigrationTest, ManyProcessesAtOnceMakeEachSchemaOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 5; ++i) {
    threads.emplace_back([&] {
      const Status meta = MigrateMeta(Options(), prefix_, In(seconds{60}));
      EXPECT_TRUE(meta.ok()) << meta.error().ToString();
      const Status node = MigrateNode(Options(), prefix_, In(seconds{60}), 2);
      EXPECT_TRUE(node.ok()) << node.error().ToString();
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto connection = Connect(Options());
  const std::string count = "SELECT COUNT(*) FROM " + prefix_;
  EXPECT_THAT(Rows(*connection, count + "_meta.schema_migrations WHERE number>0"),
              ElementsAre(std::to_string(std::size(migrations::kMeta))));
  EXPECT_THAT(Rows(*connection, count + "_node.schema_migrations WHERE number>0"),
              ElementsAre(std::to_string(std::size(migrations::kNode))));
  EXPECT_THAT(Rows(*connection,
                   "SELECT schema_name FROM information_schema.schemata WHERE "
                   "schema_name LIKE '" +
                       prefix_ + "%' ORDER BY 1"),
              ElementsAre(prefix_ + "_00", prefix_ + "_01", prefix_ + "_meta", prefix_ + "_node"));
}

TEST_P(MigrationTest, EveryTableSaysWhatItIsFor) {
  ASSERT_TRUE(MigrateMeta(Options(), prefix_, In(seconds{60})).ok());
  ASSERT_TRUE(MigrateNode(Options(), prefix_, In(seconds{60}), 1).ok());
  const auto connection = Connect(Options());
  const auto comments = Rows(
      *connection, "SELECT table_comment FROM information_schema.tables WHERE table_schema IN ('" +
                       prefix_ + "_meta','" + prefix_ + "_node')");
  const auto creates = [](const Migration& migration) {
    return migration.text.find("CREATE TABLE") != std::string_view::npos;
  };
  const auto tables = std::ranges::count_if(migrations::kMeta, creates) +
                      std::ranges::count_if(migrations::kNode, creates);
  // And the migrator's own in each schema.
  EXPECT_THAT(comments, SizeIs(tables + 2));
  EXPECT_THAT(comments, Each(StartsWith("LaneMQ: ")));
}

TEST_P(MigrationTest, ATeamsSchemaKeepsItsOwnTablesAndBookkeeping) {
  const auto connection = Connect(Options());
  ConnectionOptions team = Options();
  team.schema = prefix_ + "_team";
  RunOk(*connection, "CREATE DATABASE " + team.schema);
  RunOk(*connection, "CREATE TABLE " + team.schema + ".schema_migrations (theirs INT)");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const Status outbox = MigrateOutbox(team, In(seconds{60}));
      EXPECT_TRUE(outbox.ok()) << outbox.error().ToString();
      const Status inbox = MigrateInbox(team, In(seconds{60}));
      EXPECT_TRUE(inbox.ok()) << inbox.error().ToString();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(
      Rows(*connection,
           "SELECT table_name FROM information_schema.tables WHERE "
           "table_schema='" +
               team.schema + "' ORDER BY 1"),
      ElementsAre("lanemq_inbox", "lanemq_outbox", "lanemq_outbox_bucket", "lanemq_outbox_hold",
                  "lanemq_outbox_session", "lanemq_schema_migrations", "schema_migrations"));
  const std::string bookkeeping = team.schema + ".lanemq_schema_migrations";
  EXPECT_THAT(
      Rows(*connection, "SELECT COUNT(*) FROM " + bookkeeping + " WHERE number>0"),
      ElementsAre(std::to_string(std::size(migrations::kOutbox) + std::size(migrations::kInbox))));
  RunOk(*connection, "UPDATE " + bookkeeping + " SET checksum='x' WHERE component='inbox'");
  EXPECT_TRUE(MigrateOutbox(team, In(seconds{60})).ok()) << "each has its own";
  const Status edited = MigrateInbox(team, In(seconds{60}));
  ASSERT_FALSE(edited.ok());
  EXPECT_EQ(edited.error().code, ErrorCode::kFailedPrecondition);
  RunOk(*connection, "DELETE FROM " + bookkeeping + " WHERE component='outbox' AND number>1");
  EXPECT_TRUE(MigrateOutbox(team, In(seconds{60})).ok()) << "who died in the middle is repeated";
}

TEST_P(MigrationTest, AMigrationThatWasEditedLaterStopsTheProgram) {
  ASSERT_TRUE(MigrateNode(Options(), prefix_, In(seconds{60}), 1).ok());
  const auto connection = Connect(Options());
  RunOk(*connection,
        "UPDATE " + prefix_ + "_node.schema_migrations SET checksum='x' WHERE number=2");
  const Status status = MigrateNode(Options(), prefix_, In(seconds{60}), 1);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(status.error().message, HasSubstr("edited"));
}

TEST_P(MigrationTest, ASchemaNewerThanTheProgramStopsIt) {
  ASSERT_TRUE(MigrateNode(Options(), prefix_, In(seconds{60}), 1).ok());
  const auto connection = Connect(Options());
  RunOk(*connection,
        "INSERT INTO " + prefix_ + "_node.schema_migrations VALUES (999,'later','x',NOW(6))");
  const Status status = MigrateNode(Options(), prefix_, In(seconds{60}), 1);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(status.error().message, HasSubstr("newer"));
}

TEST_P(MigrationTest, OneThatDiedBeforeItRecordedItsWorkIsRepeated) {
  ASSERT_TRUE(MigrateNode(Options(), prefix_, In(seconds{60}), 1).ok());
  const auto connection = Connect(Options());
  RunOk(*connection, "DELETE FROM " + prefix_ + "_node.schema_migrations WHERE number>=2");
  const Status status = MigrateNode(Options(), prefix_, In(seconds{60}), 1);
  EXPECT_TRUE(status.ok()) << status.error().ToString();
}

}  // namespace
}  // namespace lanemq::sql
