// Connections that are cut, servers that hang, stop or refuse: what callers are told.
#include <atomic>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/driver/transaction.h"
#include "sql/migrate/migrator.h"
#include "sql/store/mysql_message_store.h"
#include "tests/integration/sql/engines.h"
#include "tests/support/wait_for.h"

namespace lanemq::sql {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;

class SqlFailureTest : public OnEngine {
 protected:
  /// Waits until session `id` is executing a statement that contains `text`, then runs `kill`.
  void KillWhenRunning(Connection& killer, std::int64_t id, const std::string& text,
                       const std::string& kill) {
    EXPECT_TRUE(testing::WaitFor(
        [&] {
          const auto rows = Rows(
              killer, fmt::format("SELECT COUNT(*) FROM information_schema.processlist WHERE "
                                  "id={} AND command IN ('Query','Execute') AND info LIKE '%{}%'",
                                  id, text));
          return rows == std::vector<std::string>{"1"};
        },
        seconds{20}, "the statement runs"));
    RunOk(killer, fmt::format("{} {}", kill, id));
  }
};
INSTANTIATE_TEST_SUITE_P(On, SqlFailureTest, ::testing::Values(Engine::kMariaDb, Engine::kMySql),
                         EngineName);

TEST_P(SqlFailureTest, AWriteThatIsKilledInTheMiddleHasAnUnknownOutcome) {
  const auto holder = Connect(Options());
  const auto writer = Connect(Options());
  const auto killer = Connect(Options());
  const std::string table = MakeTable(*holder);
  auto lock = Transaction::Begin(*holder);
  RunOk(*holder, "DELETE FROM " + table + " WHERE id=1");
  Result<std::int64_t> result = 0;
  std::thread thread(
      [&] { result = Run(*writer, "UPDATE " + table + " SET value='killed' WHERE id=1"); });
  KillWhenRunning(*killer, writer->id(), "killed", "KILL CONNECTION");
  thread.join();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kOutcomeUnknown) << result.error().ToString();
  EXPECT_FALSE(writer->is_usable());
}

TEST_P(SqlFailureTest, AWriteWhoseQueryIsKilledHasAnUnknownOutcomeButASessionStill) {
  const auto holder = Connect(Options());
  const auto writer = Connect(Options());
  const auto killer = Connect(Options());
  const std::string table = MakeTable(*holder);
  auto lock = Transaction::Begin(*holder);
  RunOk(*holder, "DELETE FROM " + table + " WHERE id=1");
  Result<std::int64_t> result = 0;
  std::thread thread(
      [&] { result = Run(*writer, "UPDATE " + table + " SET value='killed' WHERE id=1"); });
  KillWhenRunning(*killer, writer->id(), "killed", "KILL QUERY");
  thread.join();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kOutcomeUnknown) << result.error().ToString();
  EXPECT_TRUE(writer->is_usable());
  EXPECT_TRUE(writer->Ping().ok());
}

TEST_P(SqlFailureTest, WhatIsKilledBeforeCommitIsKnownToHaveHadNoEffect) {
  const auto writer = Connect(Options());
  const auto killer = Connect(Options());
  const std::string table = MakeTable(*killer);
  auto transaction = Transaction::Begin(*writer);
  ASSERT_TRUE(transaction.ok());
  RunOk(*writer, "DELETE FROM " + table + " WHERE id=1");
  RunOk(*killer, fmt::format("KILL {}", writer->id()));
  const auto result = Run(*writer, "DELETE FROM " + table + " WHERE id=2");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kDataNodeUnavailable) << result.error().ToString();
  { const auto rolled_back = *std::move(transaction); }
  EXPECT_THAT(Rows(*killer, "SELECT COUNT(*) FROM " + table), ElementsAre("2"));
}

TEST_P(SqlFailureTest, ACommitWhoseConnectionIsGoneHasAnUnknownOutcome) {
  const auto writer = Connect(Options());
  const auto killer = Connect(Options());
  const std::string table = MakeTable(*killer);
  auto transaction = Transaction::Begin(*writer);
  ASSERT_TRUE(transaction.ok());
  RunOk(*writer, "DELETE FROM " + table + " WHERE id=1");
  RunOk(*killer, fmt::format("KILL {}", writer->id()));
  const Status status = transaction->Commit();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kOutcomeUnknown) << status.error().ToString();
}

TEST_P(SqlFailureTest, AReadThatIsKilledIsUnavailableNeverUnknown) {
  const auto reader = Connect(Options());
  const auto killer = Connect(Options());
  Status status;
  std::thread thread([&] {
    reader->Text() = "SELECT SLEEP(30), 'killed'";
    status = reader->QueryText("test", [](const Row&) { return true; });
  });
  KillWhenRunning(*killer, reader->id(), "SLEEP(30)", "KILL CONNECTION");
  thread.join();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kDataNodeUnavailable) << status.error().ToString();
}

TEST_P(SqlFailureTest, AStreamThatIsCutIsAnErrorNotTheEndOfTheRows) {
  const auto reader = Connect(Options());
  const auto killer = Connect(Options());
  const std::string table = MakeTable(*killer);
  // Far more than the sockets' buffers hold.
  RunOk(*killer, "UPDATE " + table + " SET value=REPEAT('x',4000000)");
  for (int i = 3; i <= 24; ++i) {
    RunOk(*killer,
          fmt::format("INSERT INTO {0} SELECT {1}, REPEAT('x',4000000) FROM {0} WHERE id=1", table,
                      i));
  }
  reader->Text() = "SELECT id, value FROM " + table + " ORDER BY id LIMIT 1000";
  int rows = 0;
  const Status status = reader->StreamText("test", 1'000, [&](const Row& row) {
    if (++rows == 1) RunOk(*killer, fmt::format("KILL CONNECTION {}", reader->id()));
    EXPECT_EQ(row.String(1).size(), 4'000'000u);
    return true;
  });
  EXPECT_LT(rows, 24);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kDataNodeUnavailable) << status.error().ToString();
  EXPECT_FALSE(reader->is_usable());
}

TEST_P(SqlFailureTest, AnAnswerThatDoesNotComeInTimeIsGivenUp) {
  ConnectionOptions options = Options();
  options.io_timeout = milliseconds{1'000};
  const auto reader = Connect(options);
  const auto writer = Connect(options);
  const MonotonicTime start = SystemClock::Instance().Now();
  reader->Text() = "SELECT SLEEP(30)";
  const Status read = reader->QueryText("test", [](const Row&) { return true; });
  const auto written = Run(*writer, "DO SLEEP(30)");
  EXPECT_LT(SystemClock::Instance().Now() - start, seconds{15});
  ASSERT_FALSE(read.ok());
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(read.error().code, ErrorCode::kDataNodeUnavailable);
  EXPECT_EQ(written.error().code, ErrorCode::kOutcomeUnknown);
  EXPECT_FALSE(reader->is_usable());
  EXPECT_FALSE(writer->is_usable());
}

/// Needs a server that may be hurt: one of the test's own.
class SqlOwnServerTest : public OnEngine {
 protected:
  void SetUp() override {
    if (testing::ServerProgram(GetParam()).empty()) {
      GTEST_SKIP() << "SKIPPED LOUDLY: " << testing::NameOf(GetParam()) << " is not installed";
    }
    auto started = DatabaseServer::Start({.engine = GetParam(), .max_connections = 10});
    ASSERT_TRUE(started.ok()) << started.error().ToString();
    own_ = *std::move(started);
    server_ = own_.get();
    prefix_ = testing::UniquePrefix();
  }

  std::unique_ptr<DatabaseServer> own_;
};
INSTANTIATE_TEST_SUITE_P(On, SqlOwnServerTest, ::testing::Values(Engine::kMariaDb, Engine::kMySql),
                         EngineName);

TEST_P(SqlOwnServerTest, AStoppedServerFailsFastAndIsFoundAgain) {
  ConnectionPool pool("test", Options(), {.connections_max = 2});
  ASSERT_TRUE(pool.Checkout(Access::kWrite, In(seconds{10})).ok());
  own_->Kill();
  // The idle connection is broken, then connects are refused, then the breaker opens.
  EXPECT_TRUE(testing::WaitFor(
      [&] {
        const auto failed = pool.Checkout(Access::kWrite, In(seconds{5}));
        if (failed.ok()) {
          EXPECT_FALSE((*failed)->Ping().ok());
        } else {
          EXPECT_EQ(failed.error().code, ErrorCode::kDataNodeUnavailable);
        }
        return pool.Stats().breaker == core::CircuitBreaker::State::kOpen;
      },
      seconds{20}, "the breaker opens"));
  const auto fast = pool.Checkout(Access::kRead, In(seconds{5}));
  ASSERT_FALSE(fast.ok());
  EXPECT_EQ(fast.error().code, ErrorCode::kDataNodeUnavailable);
  EXPECT_GT(fast.error().retry_after_ms, 0);
  ASSERT_TRUE(own_->StartAgain().ok());
  EXPECT_TRUE(testing::WaitFor([&] { return pool.Checkout(Access::kWrite, In(seconds{5})).ok(); },
                               seconds{20}, "recovery"));
  EXPECT_EQ(pool.Stats().breaker, core::CircuitBreaker::State::kClosed);
}

TEST_P(SqlOwnServerTest, ANodeThatIsSwitchedOffIsNotAsked) {
  ConnectionPool pool("test", Options(), {});
  pool.SetEnabled(false);
  const auto refused = pool.Checkout(Access::kRead, In(seconds{5}));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kDataNodeUnavailable);
  EXPECT_EQ(pool.Stats().opened_total, 0);
  pool.SetEnabled(true);
  EXPECT_TRUE(pool.Checkout(Access::kRead, In(seconds{5})).ok());
}

TEST_P(SqlOwnServerTest, AReadOnlyServerTakesNoWrites) {
  ConnectionPool pool("test", Options(),
                      {.connections_max = 2, .check_server_every = milliseconds{0}});
  const auto admin = Connect(Options());
  RunOk(*admin, "SET GLOBAL read_only=1");
  const auto refused = pool.Checkout(Access::kWrite, In(seconds{5}));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kDataNodeUnavailable);
  EXPECT_TRUE(pool.Checkout(Access::kRead, In(seconds{5})).ok());
  RunOk(*admin, "SET GLOBAL read_only=0");
  EXPECT_TRUE(pool.Checkout(Access::kWrite, In(seconds{5})).ok());
}

TEST_P(SqlOwnServerTest, AServerWithoutFreeConnectionsIsThrottling) {
  const auto admin = Connect(Options());
  RunOk(*admin, "CREATE USER plain@'%'");
  ConnectionOptions options = Options();
  options.user = "plain";
  std::vector<std::unique_ptr<Connection>> held;
  std::optional<Error> error;
  for (int i = 0; i < 20 && !error; ++i) {
    auto opened = Connection::Open(options, 1, SystemClock::Instance(), In(seconds{10}));
    if (opened.ok()) {
      held.push_back(*std::move(opened));
    } else {
      error = opened.error();
    }
  }
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, ErrorCode::kThrottled) << error->ToString();
}

TEST_P(SqlOwnServerTest, AWrongPasswordIsUnavailableNotADefect) {
  const auto admin = Connect(Options());
  RunOk(*admin, "CREATE USER secret@'%' IDENTIFIED BY 'right'");
  ConnectionOptions options = Options();
  options.user = "secret";
  options.password = "wrong";
  const auto opened = Connection::Open(options, 1, SystemClock::Instance(), In(seconds{10}));
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kDataNodeUnavailable) << opened.error().ToString();
  options.password = "right";
  EXPECT_NE(Connect(options), nullptr);
}

TEST_P(SqlOwnServerTest, AHungServerIsGivenUpAndAnAppendThenIsUnknown) {
  ASSERT_TRUE(MigrateNode(Options(), prefix_, In(seconds{60}), 1).ok());
  DataNodes nodes(DataNodeOptions{.user = "root", .io_timeout = milliseconds{1'000}});
  const core::DataNode node{.id = core::NodeId{1},
                            .name = "n",
                            .host = own_->host(),
                            .port = own_->port(),
                            .schema_prefix = prefix_};
  nodes.Update(std::span(&node, 1));
  MySqlMessageStore store(nodes);
  const core::PartitionLocation location{{core::TopicId{1}, 0}, core::NodeId{1}, 0};
  ASSERT_TRUE(store.CreatePartition(location, "t", In(seconds{10})).ok());
  const auto tail = store.ReadTail(location, In(seconds{10}));
  ASSERT_TRUE(tail.ok());
  auto record = std::make_shared<core::Record>();
  record->offset = core::kFirstOffset;
  const core::RecordPtr records[] = {record};
  own_->Pause();
  const Status status = store.Append(location, records, tail->server, In(seconds{10}));
  own_->Resume();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kOutcomeUnknown) << status.error().ToString();
  // The server had the statement: it is carried out once the server goes on.
  EXPECT_TRUE(testing::WaitFor(
      [&] {
        const auto read = store.ReadTail(location, In(seconds{5}));
        return read.ok() && read->last.has_value();
      },
      seconds{20}, "the row is there"));
}

TEST_P(SqlOwnServerTest, AStatementLargerThanThePacketIsRefusedBeforeItIsSent) {
  const auto admin = Connect(Options());
  RunOk(*admin, "SET GLOBAL max_allowed_packet=1048576");
  ASSERT_TRUE(MigrateNode(Options(), prefix_, In(seconds{60}), 1).ok());
  DataNodes nodes(DataNodeOptions{.user = "root"});
  const core::DataNode node{.id = core::NodeId{1},
                            .name = "n",
                            .host = own_->host(),
                            .port = own_->port(),
                            .schema_prefix = prefix_};
  nodes.Update(std::span(&node, 1));
  MySqlMessageStore store(nodes);
  const core::PartitionLocation location{{core::TopicId{1}, 0}, core::NodeId{1}, 0};
  ASSERT_TRUE(store.CreatePartition(location, "t", In(seconds{10})).ok());
  const auto tail = store.ReadTail(location, In(seconds{10}));
  ASSERT_TRUE(tail.ok());
  auto record = std::make_shared<core::Record>();
  record->offset = core::kFirstOffset;
  record->body = std::string(1'048'576, 'x');
  const core::RecordPtr records[] = {record};
  const Status status = store.Append(location, records, tail->server, In(seconds{10}));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kMessageTooLarge);
  EXPECT_FALSE(store.ReadTail(location, In(seconds{5}))->last.has_value());
}

}  // namespace
}  // namespace lanemq::sql
