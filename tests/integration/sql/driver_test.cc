// The session, transactions and the pool against real servers.
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/driver/transaction.h"
#include "tests/integration/sql/engines.h"
#include "tests/support/wait_for.h"

namespace lanemq::sql {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Is ahead of the machine's clocks as far as it was told.
class AheadClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime Now() const override { return Real().Now() + ahead_; }
  [[nodiscard]] WallTime WallNow() const override { return Real().WallNow(); }
  void Advance(seconds by) { ahead_ += by; }

 private:
  static const SystemClock& Real() { return SystemClock::Instance(); }
  seconds ahead_{0};
};

class SqlDriverTest : public OnEngine {};
INSTANTIATE_TEST_SUITE_P(On, SqlDriverTest, ::testing::Values(Engine::kMariaDb, Engine::kMySql),
                         EngineName);

TEST_P(SqlDriverTest, ASessionHasExactBytesUtcStrictnessAndShortWaits) {
  const auto connection = Connect(Options());
  ASSERT_NE(connection, nullptr);
  EXPECT_THAT(
      Rows(*connection,
           "SELECT @@character_set_client, @@character_set_connection, @@character_set_results, "
           "@@time_zone, @@autocommit, @@wait_timeout, @@lock_wait_timeout",
           7),
      ElementsAre("binary|binary|binary|+00:00|1|" + std::to_string(kSessionIdleMax.count()) +
                  "|5"));
  EXPECT_THAT(Rows(*connection, "SELECT @@sql_mode").front(), HasSubstr("STRICT_TRANS_TABLES"));
  const std::string isolation =
      GetParam() == Engine::kMariaDb ? "@@tx_isolation" : "@@transaction_isolation";
  EXPECT_THAT(Rows(*connection, "SELECT " + isolation), ElementsAre("READ-COMMITTED"));
}

TEST_P(SqlDriverTest, TheServerTellsWhoItIsAndWhatItPromises) {
  const auto connection = Connect(Options());
  ASSERT_NE(connection, nullptr);
  const ServerInfo& server = connection->server();
  EXPECT_EQ(server.kind,
            GetParam() == Engine::kMariaDb ? ServerKind::kMariaDb : ServerKind::kMySql);
  EXPECT_THAT(server.identity, HasSubstr(":" + std::to_string(server_->port()) + "/"));
  EXPECT_THAT(server.identity, HasSubstr("/data/"));
  EXPECT_EQ(server.max_allowed_packet, 64 << 20);
  EXPECT_FALSE(server.is_read_only);
  EXPECT_TRUE(server.durability.IsFull());
  EXPECT_GT(connection->id(), 0);
}

TEST_P(SqlDriverTest, AffectedRowsCountRowsFoundOnBothEngines) {
  const auto connection = Connect(Options());
  ASSERT_NE(connection, nullptr);
  const std::string table = MakeTable(*connection);
  EXPECT_EQ(*Run(*connection, "UPDATE " + table + " SET value='a' WHERE id=1"), 1);
  EXPECT_EQ(*Run(*connection, "UPDATE " + table + " SET value='a' WHERE id=9"), 0);
  const std::string upsert =
      "INSERT INTO " + table + " VALUES (3,'c') ON DUPLICATE KEY UPDATE value=";
  EXPECT_EQ(*Run(*connection, upsert + "'c'"), 1) << "inserted";
  EXPECT_EQ(*Run(*connection, upsert + "'c'"), 1) << "found, unchanged";
  EXPECT_EQ(*Run(*connection, upsert + "'d'"), 2) << "changed";
}

TEST_P(SqlDriverTest, ErrorsNameTheStatementAndKeepTheSession) {
  const auto connection = Connect(Options());
  ASSERT_NE(connection, nullptr);
  const std::string table = MakeTable(*connection);
  const auto duplicate = Run(*connection, "INSERT INTO " + table + " VALUES (1,'x')");
  ASSERT_FALSE(duplicate.ok());
  EXPECT_EQ(duplicate.error().code, ErrorCode::kAlreadyExists);
  EXPECT_THAT(duplicate.error().message, HasSubstr("test: "));
  EXPECT_EQ(Run(*connection, "DELETE FROM " + table + "x").error().code,
            ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(Run(*connection, "SELEKT").error().code, ErrorCode::kUnknownServerError);
  EXPECT_TRUE(connection->is_usable());
  EXPECT_TRUE(connection->Ping().ok());
}

TEST_P(SqlDriverTest, ATransactionIsRolledBackUnlessCommitted) {
  const auto connection = Connect(Options());
  ASSERT_NE(connection, nullptr);
  const std::string table = MakeTable(*connection);
  {
    auto transaction = Transaction::Begin(*connection);
    ASSERT_TRUE(transaction.ok());
    RunOk(*connection, "DELETE FROM " + table);
  }
  EXPECT_THAT(Rows(*connection, "SELECT COUNT(*) FROM " + table), ElementsAre("2"));
  {
    auto transaction = Transaction::Begin(*connection);
    ASSERT_TRUE(transaction.ok());
    RunOk(*connection, "DELETE FROM " + table + " WHERE id=1");
    EXPECT_TRUE(transaction->Commit().ok());
  }
  EXPECT_THAT(Rows(*connection, "SELECT id FROM " + table), ElementsAre("2"));
}

TEST_P(SqlDriverTest, ADeadlockIsAConflictAndTheLoserIsRunAgain) {
  ConnectionPool pool("test", Options(), {.connections_max = 4});
  const auto setup = Connect(Options());
  ASSERT_NE(setup, nullptr);
  const std::string table = MakeTable(*setup);
  // Both hold one row before either asks for the other's: one of them is the deadlock's victim.
  std::atomic<int> holding{0};
  std::atomic<int> runs{0};
  const auto add_in_order = [&](int first, int second) {
    const Status status = RunInTransaction(pool, In(seconds{30}), [&](Connection& c) -> Status {
      const int run = ++runs;
      const std::string update = "UPDATE " + table + " SET value=CONCAT(value,'+') WHERE id=";
      auto done = Run(c, update + std::to_string(first));
      if (!done.ok()) return done.error();
      ++holding;
      if (run <= 2) {
        EXPECT_TRUE(testing::WaitFor([&] { return holding >= 2; }, seconds{20}, "both hold a row"));
      }
      done = Run(c, update + std::to_string(second));
      return done.ok() ? Status{} : Status{done.error()};
    });
    EXPECT_TRUE(status.ok()) << status.error().ToString();
  };
  std::thread other([&] { add_in_order(2, 1); });
  add_in_order(1, 2);
  other.join();
  EXPECT_GE(runs, 3);
  EXPECT_THAT(Rows(*setup, "SELECT value FROM " + table), ElementsAre("a++", "b++"));
}

TEST_P(SqlDriverTest, ALockWaitEndsAsAConflict) {
  const auto holder = Connect(Options());
  const auto waiter = Connect(Options());
  ASSERT_TRUE(holder != nullptr && waiter != nullptr);
  const std::string table = MakeTable(*holder);
  auto transaction = Transaction::Begin(*holder);
  ASSERT_TRUE(transaction.ok());
  RunOk(*holder, "DELETE FROM " + table + " WHERE id=1");
  RunOk(*waiter, "SET SESSION innodb_lock_wait_timeout=1");
  const auto blocked = Run(*waiter, "DELETE FROM " + table + " WHERE id=1");
  ASSERT_FALSE(blocked.ok());
  EXPECT_EQ(blocked.error().code, ErrorCode::kConflict);
}

TEST_P(SqlDriverTest, ThePoolIsBoundedAndReusesConnections) {
  ConnectionPool pool("test", Options(), {.connections_max = 1});
  std::int64_t id = 0;
  {
    auto only = pool.Checkout(Access::kWrite, In(seconds{10}));
    ASSERT_TRUE(only.ok()) << only.error().ToString();
    id = (*only)->id();
    const auto refused = pool.Checkout(Access::kRead, In(milliseconds{50}));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kThrottled);
    EXPECT_GT(refused.error().retry_after_ms, 0);
    // One that waits is served as soon as the connection is back.
    std::thread waiter([&] {
      const auto served = pool.Checkout(Access::kRead, In(seconds{20}));
      EXPECT_TRUE(served.ok());
    });
    EXPECT_TRUE(testing::WaitFor([&] { return pool.Stats().waiting == 1; }, seconds{10}, "waiter"));
    { const auto given_back = std::move(*only); }
    waiter.join();
  }
  auto again = pool.Checkout(Access::kRead, In(seconds{10}));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ((*again)->id(), id);
  EXPECT_EQ(pool.Stats().opened_total, 1);
}

TEST_P(SqlDriverTest, ThePoolClosesWhatTheServerWouldCloseSoon) {
  AheadClock clock;
  ConnectionPool pool("test", Options(), {.connections_max = 2}, clock);
  const auto checkout = [&] {
    return pool.Checkout(Access::kRead, Deadline::After(clock, seconds{10}));
  };
  {
    const auto one = checkout();
    const auto other = checkout();
    ASSERT_TRUE(one.ok() && other.ok());
  }
  EXPECT_EQ(pool.Stats().open, 2u);
  clock.Advance(kSessionIdleMax / 2);
  { ASSERT_TRUE(checkout().ok()); }
  EXPECT_EQ(pool.Stats().open, 2u);
  clock.Advance(kSessionIdleMax / 4);
  { ASSERT_TRUE(checkout().ok()); }
  EXPECT_EQ(pool.Stats().open, 1u) << "one of them was idle for three quarters";
  EXPECT_EQ(pool.Stats().opened_total, 2);
  EXPECT_EQ(pool.Stats().broken_total, 0);
}

TEST_P(SqlDriverTest, AConnectionThatDiedWhileIdleIsReplacedUnseen) {
  ConnectionPool pool("test", Options(),
                      {.connections_max = 1, .validate_after_idle = milliseconds{0}});
  std::int64_t id = 0;
  {
    auto first = pool.Checkout(Access::kWrite, In(seconds{10}));
    ASSERT_TRUE(first.ok());
    id = (*first)->id();
  }
  const auto killer = Connect(Options());
  ASSERT_NE(killer, nullptr);
  RunOk(*killer, "KILL " + std::to_string(id));
  auto second = pool.Checkout(Access::kWrite, In(seconds{10}));
  ASSERT_TRUE(second.ok()) << second.error().ToString();
  EXPECT_NE((*second)->id(), id);
  EXPECT_TRUE((*second)->Ping().ok());
}

TEST_P(SqlDriverTest, ACallWhoseTimeIsUpIsNotSent) {
  const auto connection = Connect(Options());
  ASSERT_NE(connection, nullptr);
  const std::string table = MakeTable(*connection);
  connection->SetDeadline(In(milliseconds{-1}));
  const auto late = Run(*connection, "DELETE FROM " + table);
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, ErrorCode::kThrottled);
  connection->SetDeadline(In(seconds{10}));
  EXPECT_THAT(Rows(*connection, "SELECT COUNT(*) FROM " + table), ElementsAre("2"));
}

TEST_P(SqlDriverTest, PreparedStatementsAreKeptWithinTheirBound) {
  auto opened = Connection::Open(Options(), 2, SystemClock::Instance(), In(seconds{10}));
  ASSERT_TRUE(opened.ok());
  Connection& connection = **opened;
  constexpr Statement kStatements[] = {
      {"a", "SELECT ?+1"}, {"b", "SELECT ?+2"}, {"c", "SELECT ?+3"}};
  for (int round = 0; round < 3; ++round) {
    for (const Statement& statement : kStatements) {
      std::int64_t answer = 0;
      ASSERT_TRUE(connection
                      .Query(statement, {std::int64_t{10}},
                             [&](const Row& row) {
                               answer = row.Int64(0);
                               return true;
                             })
                      .ok());
      EXPECT_EQ(answer, 11 + (&statement - kStatements));
    }
  }
}

TEST_P(SqlDriverTest, TheObserverIsToldOfEveryStatement) {
  class Recorder final : public StatementObserver {
   public:
    void OnStatement(std::string_view name, std::chrono::nanoseconds took,
                     const Error* error) override {
      EXPECT_GE(took.count(), 0);
      seen.push_back(std::string(name) + (error != nullptr ? " failed" : ""));
    }
    std::vector<std::string> seen;
  };
  Recorder recorder;
  ConnectionPool pool("test", Options(), {.connections_max = 1, .observer = &recorder});
  auto connection = pool.Checkout(Access::kWrite, In(seconds{10}));
  ASSERT_TRUE(connection.ok());
  RunOk(**connection, "DO 1");
  EXPECT_FALSE(Run(**connection, "SELEKT").ok());
  EXPECT_THAT(recorder.seen, ElementsAre("test", "test failed"));
}

TEST_P(SqlDriverTest, ADurabilityThatIsReducedIsReported) {
  const auto connection = Connect(Options());
  ASSERT_NE(connection, nullptr);
  EXPECT_TRUE((Durability{1, 1, true}).IsFull());
  EXPECT_TRUE((Durability{1, 0, false}).IsFull());
  EXPECT_FALSE((Durability{1, 0, true}).IsFull());
  EXPECT_FALSE((Durability{2, 1, true}).IsFull());
  EXPECT_TRUE(connection->server().durability.has_binlog);
}

}  // namespace
}  // namespace lanemq::sql
