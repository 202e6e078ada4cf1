// Runs the suites of access stores and audit logs on both database engines, and the first on the
// fake.
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sql/driver/transaction.h"
#include "sql/migrate/migrator.h"
#include "sql/store/audit_rows.h"
#include "sql/store/mysql_access_store.h"
#include "sql/store/mysql_audit_log.h"
#include "sql/store/mysql_catalog_store.h"
#include "sql/store/mysql_lease_store.h"
#include "tests/conformance/access_store_suite.h"
#include "tests/conformance/audit_log_suite.h"
#include "tests/conformance/fake_access_store.h"
#include "tests/support/database_server.h"

namespace lanemq::testing {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

Deadline InAMinute() { return Deadline::After(SystemClock::Instance(), seconds{60}); }

class FakeAccess final : public AccessStoreUnderTest {
 public:
  core::AccessStore& store() override { return store_; }
  void Advance(microseconds by) override { store_.Advance(by); }
  [[nodiscard]] WallTime now() const override { return store_.now(); }
  std::vector<core::AuditEvent> Events() override { return store_.Events(); }
  void FillTeams(std::size_t count) override {
    Fill(count, &core::AccessRecords::teams,
         [](core::Team& team, std::string name) { team.name = std::move(name); });
  }
  void FillServices(std::size_t count) override {
    Fill(count, &core::AccessRecords::services,
         [](core::Service& service, std::string name) { service.name = std::move(name); });
  }
  void FillTokens(std::size_t count) override {
    Fill(count, &core::AccessRecords::tokens,
         [](core::Token& token, std::string name) { token.id = std::move(name); });
  }
  void FillGrants(std::size_t count) override {
    Fill(count, &core::AccessRecords::grants,
         [](core::Grant& grant, std::string name) { grant.name = std::move(name); });
  }
  void FillOwners(std::size_t count) override {
    Fill(count, &core::AccessRecords::owners,
         [](core::Owner& owner, std::string name) { owner.name = std::move(name); });
  }
  bool LoseNextReply(bool after_effect) override {
    store_.FailNextChange(ErrorCode::kOutcomeUnknown, after_effect);
    return true;
  }
  bool GoBackTo(std::int64_t) override { return false; }  // It counts.

 private:
  template <typename T, typename SetName>
  void Fill(std::size_t count, std::vector<T> core::AccessRecords::*what, SetName set_name) {
    store_.Edit([&](core::AccessRecords& records) {
      std::vector<T>& all = records.*what;
      while (all.size() < count) set_name(all.emplace_back(), fmt::format("~{:05}", all.size()));
    });
  }

  FakeAccessStore store_;
};

/// Cuts the sessions of a schema when a statement of this name has run.
class Cutter final : public sql::StatementObserver {
 public:
  Cutter(sql::ConnectionOptions options, std::string schema)
      : options_(std::move(options)), schema_(std::move(schema)) {}
  void CutAfter(std::string statement) {
    MutexLock lock(mutex_);
    statement_ = std::move(statement);
  }
  void OnStatement(std::string_view name, std::chrono::nanoseconds, const Error*) override {
    {
      MutexLock lock(mutex_);
      if (statement_.empty() || name != statement_) return;
      statement_.clear();
    }
    auto side = sql::Connection::Open(options_, 4, SystemClock::Instance(), InAMinute());
    ASSERT_TRUE(side.ok()) << side.error().ToString();
    std::vector<std::int64_t> sessions;
    (*side)->Text() =
        fmt::format("SELECT id FROM information_schema.processlist WHERE db='{}'", schema_);
    const Status read = (*side)->QueryText("sessions", [&](const sql::Row& row) {
      sessions.push_back(row.Int64(0));
      return true;
    });
    ASSERT_TRUE(read.ok()) << read.error().ToString();
    ASSERT_FALSE(sessions.empty());
    for (const std::int64_t session : sessions) {
      (*side)->Text() = fmt::format("KILL CONNECTION {}", session);
      const auto killed = (*side)->UpdateText("kill");
      ASSERT_TRUE(killed.ok()) << killed.error().ToString();
    }
  }

 private:
  const sql::ConnectionOptions options_;
  const std::string schema_;
  Mutex mutex_;
  std::string statement_ LANEMQ_GUARDED_BY(mutex_);
};

/// A freshly migrated metadata schema on the shared server of the engine.
class SqlMeta {
 public:
  explicit SqlMeta(DatabaseServer& server) {
    const std::string prefix = UniquePrefix();
    sql::ConnectionOptions options;
    options.host = server.host();
    options.port = server.port();
    options.user = "root";
    const Status migrated = sql::MigrateMeta(options, prefix, InAMinute());
    EXPECT_TRUE(migrated.ok()) << migrated.error().ToString();
    cutter = std::make_unique<Cutter>(options, sql::MetaSchema(prefix));
    options.schema = sql::MetaSchema(prefix);
    pool = std::make_unique<sql::ConnectionPool>("metadata", options,
                                                 sql::PoolOptions{.observer = cutter.get()});
    sql::MySqlCatalogStore catalog(*pool);
    EXPECT_TRUE(catalog.EnsureCluster("cluster-of-tests", InAMinute()).ok());
  }

  void Advance(microseconds by) { micros_ += by.count(); }
  /// 2026-11-21 plus what the test has advanced.
  [[nodiscard]] WallTime now() const {
    const auto day = std::chrono::sys_days{std::chrono::year{2026} / 11 / 21};
    return WallTime{microseconds{day.time_since_epoch()}.count() + micros_};
  }
  [[nodiscard]] sql::MetaNow Clock() const {
    return [this] {
      using std::chrono::floor;
      const std::chrono::sys_time<microseconds> at{microseconds{now().micros}};
      const auto day = floor<std::chrono::days>(at);
      const std::chrono::year_month_day date{day};
      const std::int64_t micros = (at - day).count();
      const std::int64_t s = micros / 1'000'000;
      return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}", int{date.year()},
                         unsigned{date.month()}, unsigned{date.day()}, s / 3'600, s / 60 % 60,
                         s % 60, micros % 1'000'000);
    };
  }
  void Run(const std::string& text) {
    auto connection = pool->Checkout(sql::Access::kWrite, InAMinute());
    ASSERT_TRUE(connection.ok()) << connection.error().ToString();
    (*connection)->Text() = text;
    const auto done = (*connection)->UpdateText("fill");
    ASSERT_TRUE(done.ok()) << text << ": " << done.error().ToString();
  }

  std::unique_ptr<Cutter> cutter;
  std::unique_ptr<sql::ConnectionPool> pool;

 private:
  std::atomic<std::int64_t> micros_{0};
};

class SqlAccess final : public AccessStoreUnderTest {
 public:
  explicit SqlAccess(DatabaseServer& server) : meta_(server) {}
  core::AccessStore& store() override { return store_; }
  void Advance(microseconds by) override { meta_.Advance(by); }
  [[nodiscard]] WallTime now() const override { return meta_.now(); }
  std::vector<core::AuditEvent> Events() override {
    core::AuditSearch search;
    search.max = core::AuditSearch::kPageMax;
    auto page = log_.Search(search, InAMinute());
    EXPECT_TRUE(page.ok()) << page.error().ToString();
    if (!page.ok()) return {};
    EXPECT_FALSE(page->has_more);
    return {page->events.rbegin(), page->events.rend()};
  }
  void FillTeams(std::size_t count) override { Fill("teams (name)", "name", count); }
  void FillServices(std::size_t count) override {
    Fill("services (name, kind)", "name, 'application'", count);
  }
  void FillTokens(std::size_t count) override {
    Fill("service_tokens (id, hash, service, created_at)",
         "name, REPEAT('x', 32), 'filler', '2026-11-21'", count);
  }
  void FillGrants(std::size_t count) override {
    Fill("access_grants (principal, kind, name, is_prefix, actions)",
         "'service:filler', 'topic', name, 0, 'describe'", count);
  }
  void FillOwners(std::size_t count) override {
    Fill("access_owners (kind, name, team)", "'topic', name, 'filler'", count);
  }
  bool LoseNextReply(bool after_effect) override {
    if (!after_effect) meta_.cutter->CutAfter("raise_access_version");
    return !after_effect;
  }
  bool GoBackTo(std::int64_t version) override {
    meta_.Run(fmt::format("UPDATE access_state SET version = {}", version));
    return true;
  }

 private:
  /// `target` begins with the table; `values` are expressions of `name`.
  void Fill(const std::string& target, const std::string& values, std::size_t count) {
    const std::string table = target.substr(0, target.find(' '));
    std::string digits = "SELECT 0 AS d";
    for (int d = 1; d < 10; ++d) digits += fmt::format(" UNION ALL SELECT {}", d);
    std::int64_t present = 0;
    auto connection = meta_.pool->Checkout(sql::Access::kRead, InAMinute());
    ASSERT_TRUE(connection.ok()) << connection.error().ToString();
    (*connection)->Text() = "SELECT COUNT(*) FROM " + table;
    const Status counted = (*connection)->QueryText("count", [&](const sql::Row& row) {
      present = row.Int64(0);
      return false;
    });
    ASSERT_TRUE(counted.ok()) << counted.error().ToString();
    meta_.Run(fmt::format(
        "INSERT INTO {0} SELECT {1} FROM (SELECT CONCAT('~', a.d, b.d, c.d, d.d, e.d) AS name FROM "
        "({2}) AS a, ({2}) AS b, ({2}) AS c, ({2}) AS d, ({2}) AS e LIMIT {3}) AS names",
        target, values, digits, static_cast<std::int64_t>(count) - present));
  }

  SqlMeta meta_;
  sql::MySqlAccessStore store_{*meta_.pool, meta_.Clock()};
  sql::MySqlAuditLog log_{*meta_.pool, meta_.Clock()};
};

class SqlAudit final : public AuditLogUnderTest {
 public:
  explicit SqlAudit(DatabaseServer& server) : meta_(server) {}
  core::AuditLog& log() override { return log_; }
  void Advance(microseconds by) override { meta_.Advance(by); }
  [[nodiscard]] WallTime now() const override { return meta_.now(); }
  core::Fence NewTerm(const std::string& lease) override {
    core::Lease& term = terms_[lease];
    if (term.token.value > 0) {
      EXPECT_TRUE(leases_.Release(term, InAMinute()).ok());
    }
    auto next = leases_.Acquire(lease, "test", std::chrono::hours{24}, InAMinute());
    EXPECT_TRUE(next.ok()) << next.error().ToString();
    if (next.ok()) term = *std::move(next);
    return {lease, term.token};
  }
  Status Append(const core::AuditNote& note, const core::AuditedChange& change,
                bool commit) override {
    LANEMQ_ASSIGN_OR_RETURN(auto connection,
                            meta_.pool->Checkout(sql::Access::kWrite, InAMinute()));
    LANEMQ_ASSIGN_OR_RETURN(auto transaction, sql::Transaction::Begin(*connection));
    const sql::MetaNow clock = meta_.Clock();
    const sql::NowParam now(clock);
    LANEMQ_RETURN_IF_ERROR(
        sql::AppendAudit(*connection, note, change, core::AuditResult::kOk, now.get()));
    return commit ? transaction.Commit() : Status{};
  }

 private:
  SqlMeta meta_;
  sql::MySqlAuditLog log_{*meta_.pool, meta_.Clock()};
  sql::MySqlLeaseStore leases_{*meta_.pool};
  std::map<std::string, core::Lease> terms_;
};

template <typename UnderTest, typename Base>
std::function<std::unique_ptr<Base>(std::string*)> OnServer(Engine engine) {
  return [engine](std::string* why) -> std::unique_ptr<Base> {
    DatabaseServer* const server = SharedServer(engine, why);
    if (server == nullptr) {
      EXPECT_TRUE(ServerProgram(engine).empty()) << "installed, but: " << *why;
      return nullptr;
    }
    return std::make_unique<UnderTest>(*server);
  };
}

const auto kNameOf = [](const auto& info) { return info.param.name; };

}  // namespace

INSTANTIATE_TEST_SUITE_P(
    On, AccessStoreSuite,
    ::testing::Values(
        AccessStoreFactory{"Fake", [](std::string*) { return std::make_unique<FakeAccess>(); }},
        AccessStoreFactory{"MariaDB", OnServer<SqlAccess, AccessStoreUnderTest>(Engine::kMariaDb)},
        AccessStoreFactory{"MySQL", OnServer<SqlAccess, AccessStoreUnderTest>(Engine::kMySql)}),
    kNameOf);

INSTANTIATE_TEST_SUITE_P(
    On, AuditLogSuite,
    ::testing::Values(
        AuditLogFactory{"MariaDB", OnServer<SqlAudit, AuditLogUnderTest>(Engine::kMariaDb)},
        AuditLogFactory{"MySQL", OnServer<SqlAudit, AuditLogUnderTest>(Engine::kMySql)}),
    kNameOf);

}  // namespace lanemq::testing
