// Runs the suite of LagHistory on the fake and on both database engines.
#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <string>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sql/migrate/migrator.h"
#include "sql/store/mysql_lag_history.h"
#include "sql/store/mysql_lease_store.h"
#include "tests/conformance/fake_lag_history.h"
#include "tests/conformance/lag_history_suite.h"
#include "tests/conformance/on_server.h"
#include "tests/support/database_server.h"

namespace lanemq::testing {
namespace {

constexpr char kLease[] = "on-call";

/// A freshly migrated metadata schema, on a clock that begins at a full hour.
class SqlHistory final : public LagHistoryUnderTest {
 public:
  explicit SqlHistory(DatabaseServer& server) {
    const std::string prefix = UniquePrefix();
    sql::ConnectionOptions options;
    options.host = server.host();
    options.port = server.port();
    options.user = "root";
    const Status migrated = sql::MigrateMeta(options, prefix, Soon());
    EXPECT_TRUE(migrated.ok()) << migrated.error().ToString();
    options.schema = sql::MetaSchema(prefix);
    pool_ = std::make_unique<sql::ConnectionPool>("metadata", options, sql::PoolOptions{});
    const sql::MetaNow now = [this] { return Text(); };
    leases_ = std::make_unique<sql::MySqlLeaseStore>(*pool_, now);
    history_ = std::make_unique<sql::MySqlLagHistory>(*pool_, now);
  }
  core::LagHistory& store() override { return *history_; }
  void Advance(std::chrono::microseconds by) override { micros_ += by.count(); }
  void SetTopics(const std::set<core::TopicId>& topics) override {
    auto connection = pool_->Checkout(sql::Access::kWrite, Soon());
    ASSERT_TRUE(connection.ok()) << connection.error().ToString();
    for (const core::TopicId topic : topics) {
      (*connection)->Text() = fmt::format(
          "INSERT INTO topics (topic_id, name, state, created_at, updated_at) VALUES "
          "({0}, 't{0}', 'active', NOW(6), NOW(6))",
          topic.value);
      const auto made = (*connection)->UpdateText("make_topic");
      ASSERT_TRUE(made.ok()) << made.error().ToString();
    }
  }
  std::shared_ptr<void> LockTopics() override {
    auto connection = pool_->Checkout(sql::Access::kWrite, Soon());
    EXPECT_TRUE(connection.ok()) << connection.error().ToString();
    if (!connection.ok()) return nullptr;
    const auto held = std::make_shared<sql::PooledConnection>(*std::move(connection));
    for (const char* text :
         {"BEGIN", "UPDATE topics SET updated_at = updated_at + INTERVAL 1 SECOND"}) {
      (*held)->Text() = text;
      const auto done = (*held)->UpdateText("lock_topics");
      EXPECT_TRUE(done.ok()) << done.error().ToString();
    }
    return {held.get(), [held](void*) {
              (*held)->Text() = "ROLLBACK";
              EXPECT_TRUE((*held)->UpdateText("unlock_topics").ok());
            }};
  }
  core::Fence NewTerm() override {
    if (term_.token.value > 0) {
      EXPECT_TRUE(leases_->Release(term_, Soon()).ok());
    }
    auto next = leases_->Acquire(kLease, "test", std::chrono::hours{24'000}, Soon());
    EXPECT_TRUE(next.ok()) << next.error().ToString();
    if (next.ok()) term_ = *std::move(next);
    return {kLease, term_.token};
  }

 private:
  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{60});
  }
  [[nodiscard]] std::string Text() const {
    const std::int64_t micros = micros_;
    return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:06}", fmt::gmtime(micros / 1'000'000),
                       micros % 1'000'000);
  }

  std::atomic<std::int64_t> micros_{1'795'219'200'000'000};  // 2026-11-21.
  std::unique_ptr<sql::ConnectionPool> pool_;
  std::unique_ptr<sql::MySqlLeaseStore> leases_;
  std::unique_ptr<sql::MySqlLagHistory> history_;
  core::Lease term_;
};

class FakeHistory final : public LagHistoryUnderTest {
 public:
  core::LagHistory& store() override { return history_; }
  void Advance(std::chrono::microseconds by) override { history_.Advance(by); }
  void SetTopics(const std::set<core::TopicId>& topics) override { history_.SetTopics(topics); }
  std::shared_ptr<void> LockTopics() override { return nullptr; }
  core::Fence NewTerm() override {
    const core::FencingToken token{++terms_};
    history_.SetTerm(kLease, token);
    return {kLease, token};
  }

 private:
  FakeLagHistory history_;
  std::int64_t terms_ = 0;
};

}  // namespace

INSTANTIATE_TEST_SUITE_P(
    On, LagHistorySuite,
    ::testing::Values(
        LagHistoryFactory{"Fake", [](std::string*) { return std::make_unique<FakeHistory>(); }},
        LagHistoryFactory{"MariaDB", OnServer<SqlHistory, LagHistoryUnderTest>(Engine::kMariaDb)},
        LagHistoryFactory{"MySQL", OnServer<SqlHistory, LagHistoryUnderTest>(Engine::kMySql)}),
    [](const auto& factory) { return factory.param.name; });

}  // namespace lanemq::testing
