// Runs the suites of the metadata stores on both database engines.
#include <atomic>
#include <map>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sql/migrate/migrator.h"
#include "sql/store/mysql_catalog_store.h"
#include "sql/store/mysql_group_store.h"
#include "sql/store/mysql_lease_store.h"
#include "tests/conformance/catalog_store_suite.h"
#include "tests/conformance/clock_text.h"
#include "tests/conformance/fake_group_store.h"
#include "tests/conformance/group_store_suite.h"
#include "tests/conformance/lease_store_suite.h"
#include "tests/conformance/on_server.h"
#include "tests/conformance/sql_audit.h"
#include "tests/support/database_server.h"

namespace lanemq::testing {
namespace {

/// 2026-11-21 00:00:00 plus what the test has advanced.
class TestTime {
 public:
  void Advance(std::chrono::milliseconds by) { ms_ += by.count(); }
  [[nodiscard]] std::string Text() const { return ClockText(std::chrono::milliseconds{ms_}); }

 private:
  std::atomic<std::int64_t> ms_{0};
};

class ConflictCounter final : public sql::StatementObserver {
 public:
  void OnStatement(std::string_view, std::chrono::nanoseconds, const Error* error) override {
    if (error != nullptr && error->code == ErrorCode::kConflict) ++count;
  }
  std::atomic<std::int64_t> count{0};
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
    const Status migrated = sql::MigrateMeta(
        options, prefix, Deadline::After(SystemClock::Instance(), std::chrono::seconds{60}));
    EXPECT_TRUE(migrated.ok()) << migrated.error().ToString();
    options.schema = sql::MetaSchema(prefix);
    pool = std::make_unique<sql::ConnectionPool>("metadata", options,
                                                 sql::PoolOptions{.observer = &conflicts});
    const sql::MetaNow now = [this] { return time.Text(); };
    leases = std::make_unique<sql::MySqlLeaseStore>(*pool, now);
    catalog = std::make_unique<sql::MySqlCatalogStore>(*pool, now);
    groups = std::make_unique<sql::MySqlGroupStore>(*pool, now);
  }

  TestTime time;
  ConflictCounter conflicts;
  std::unique_ptr<sql::ConnectionPool> pool;
  std::unique_ptr<sql::MySqlLeaseStore> leases;
  std::unique_ptr<sql::MySqlCatalogStore> catalog;
  std::unique_ptr<sql::MySqlGroupStore> groups;
};

class SqlLeases final : public LeaseStoreUnderTest {
 public:
  explicit SqlLeases(DatabaseServer& server) : meta_(server) {}
  core::LeaseStore& store() override { return *meta_.leases; }
  void Advance(std::chrono::milliseconds by) override { meta_.time.Advance(by); }

 private:
  SqlMeta meta_;
};

/// Leases of a data node.
class SqlNodeLeases final : public LeaseStoreUnderTest {
 public:
  explicit SqlNodeLeases(DatabaseServer& server) : nodes_(sql::DataNodeOptions{.user = "root"}) {
    const core::DataNode node{.id = core::NodeId{1},
                              .name = "one",
                              .host = server.host(),
                              .port = server.port(),
                              .schema_prefix = UniquePrefix()};
    const Status migrated =
        sql::MigrateNode({.host = node.host, .port = node.port, .user = "root"}, node.schema_prefix,
                         Deadline::After(SystemClock::Instance(), std::chrono::seconds{60}), 1);
    EXPECT_TRUE(migrated.ok()) << migrated.error().ToString();
    nodes_.Update(std::span(&node, 1));
  }
  core::LeaseStore& store() override { return leases_; }
  void Advance(std::chrono::milliseconds by) override { time_.Advance(by); }

 private:
  TestTime time_;
  sql::DataNodes nodes_;
  sql::MySqlLeaseStore leases_{nodes_, core::NodeId{1}, [this] { return time_.Text(); }};
};

class SqlCatalog final : public CatalogStoreUnderTest {
 public:
  explicit SqlCatalog(DatabaseServer& server) : meta_(server) {}
  core::CatalogStore& store() override { return *meta_.catalog; }
  core::LeaseStore& leases() override { return *meta_.leases; }
  void Advance(std::chrono::milliseconds by) override { meta_.time.Advance(by); }
  std::vector<core::AuditEvent> Audited() override { return AuditedIn(*meta_.pool); }

 private:
  SqlMeta meta_;
};

class SqlGroups final : public GroupStoreUnderTest {
 public:
  explicit SqlGroups(DatabaseServer& server) : meta_(server) {}
  core::GroupStore& store() override { return *meta_.groups; }
  void Advance(std::chrono::milliseconds by) override { meta_.time.Advance(by); }
  core::Fence NewTerm(const std::string& lease) override {
    const auto soon = Deadline::After(SystemClock::Instance(), std::chrono::seconds{20});
    core::Lease& term = terms_[lease];
    if (term.token.value > 0) {
      EXPECT_TRUE(meta_.leases->Release(term, soon).ok());
    }
    auto next = meta_.leases->Acquire(lease, "test", std::chrono::hours{24}, soon);
    EXPECT_TRUE(next.ok()) << next.error().ToString();
    if (next.ok()) term = *std::move(next);
    return {lease, term.token};
  }
  std::vector<core::AuditEvent> Audited() override { return AuditedIn(*meta_.pool); }
  std::int64_t LostRaces() override { return meta_.conflicts.count; }
  bool Damage(const std::string& update) override {
    auto connection = meta_.pool->Checkout(
        sql::Access::kWrite, Deadline::After(SystemClock::Instance(), std::chrono::seconds{20}));
    if (!connection.ok()) return false;
    (*connection)->Text() = update;
    const auto damaged = (*connection)->UpdateText("damage");
    EXPECT_TRUE(damaged.ok()) << damaged.error().ToString();
    return damaged.ok();
  }

 private:
  SqlMeta meta_;
  std::map<std::string, core::Lease> terms_;
};

class FakeGroups final : public GroupStoreUnderTest {
 public:
  core::GroupStore& store() override { return store_; }
  void Advance(std::chrono::milliseconds by) override { store_.Advance(by); }
  core::Fence NewTerm(const std::string& lease) override {
    const core::FencingToken token{++terms_[lease]};
    store_.SetTerm(lease, token);
    return {lease, token};
  }
  std::vector<core::AuditEvent> Audited() override { return store_.Audited(); }

 private:
  FakeGroupStore store_;
  std::map<std::string, std::int64_t> terms_;
};

const auto kNameOf = [](const auto& info) { return info.param.name; };

}  // namespace

INSTANTIATE_TEST_SUITE_P(
    On, LeaseStoreSuite,
    ::testing::Values(
        LeaseStoreFactory{"MariaDB", OnServer<SqlLeases, LeaseStoreUnderTest>(Engine::kMariaDb)},
        LeaseStoreFactory{"MySQL", OnServer<SqlLeases, LeaseStoreUnderTest>(Engine::kMySql)},
        LeaseStoreFactory{"NodeOnMariaDB",
                          OnServer<SqlNodeLeases, LeaseStoreUnderTest>(Engine::kMariaDb)},
        LeaseStoreFactory{"NodeOnMySQL",
                          OnServer<SqlNodeLeases, LeaseStoreUnderTest>(Engine::kMySql)}),
    kNameOf);

INSTANTIATE_TEST_SUITE_P(
    On, CatalogStoreSuite,
    ::testing::Values(
        CatalogStoreFactory{"MariaDB",
                            OnServer<SqlCatalog, CatalogStoreUnderTest>(Engine::kMariaDb)},
        CatalogStoreFactory{"MySQL", OnServer<SqlCatalog, CatalogStoreUnderTest>(Engine::kMySql)}),
    kNameOf);

INSTANTIATE_TEST_SUITE_P(
    On, GroupStoreSuite,
    ::testing::Values(
        GroupStoreFactory{"Fake", [](std::string*) { return std::make_unique<FakeGroups>(); }},
        GroupStoreFactory{"MariaDB", OnServer<SqlGroups, GroupStoreUnderTest>(Engine::kMariaDb)},
        GroupStoreFactory{"MySQL", OnServer<SqlGroups, GroupStoreUnderTest>(Engine::kMySql)}),
    kNameOf);

}  // namespace lanemq::testing
