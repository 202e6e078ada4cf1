// Runs the suite of alert stores on the fake and on both database engines.
#include <atomic>
#include <map>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sql/migrate/migrator.h"
#include "sql/store/mysql_alert_store.h"
#include "sql/store/mysql_lease_store.h"
#include "tests/conformance/alert_store_suite.h"
#include "tests/conformance/clock_text.h"
#include "tests/conformance/fake_alert_store.h"
#include "tests/conformance/lost_reply.h"
#include "tests/conformance/on_server.h"
#include "tests/conformance/sql_audit.h"
#include "tests/support/database_server.h"

namespace lanemq::testing {
namespace {

using std::chrono::seconds;

class FakeAlerts final : public AlertStoreUnderTest {
 public:
  core::AlertStore& store() override { return store_; }
  void Advance(std::chrono::milliseconds by) override { store_.Advance(by); }
  core::Fence NewTerm(const std::string& lease) override {
    const core::FencingToken token{++terms_[lease]};
    store_.SetTerm(lease, token);
    return {lease, token};
  }
  std::vector<core::AuditEvent> Audited() override { return store_.Audited(); }
  bool LoseNextReply(bool /*after_effect*/) override { return false; }
  [[nodiscard]] bool HasLostReply() const override { return false; }

 private:
  FakeAlertStore store_;
  std::map<std::string, std::int64_t> terms_;
};

class SqlAlerts final : public AlertStoreUnderTest {
 public:
  explicit SqlAlerts(DatabaseServer& server) : lost_reply_(server.port()) {
    const std::string prefix = UniquePrefix();
    sql::ConnectionOptions options;
    options.host = server.host();
    options.port = server.port();
    options.user = "root";
    const Status migrated =
        sql::MigrateMeta(options, prefix, Deadline::After(SystemClock::Instance(), seconds{60}));
    EXPECT_TRUE(migrated.ok()) << migrated.error().ToString();
    options.schema = sql::MetaSchema(prefix);
    options.host = "127.0.0.1";
    options.port = lost_reply_.port();
    pool_ = std::make_unique<sql::ConnectionPool>("metadata", options,
                                                  sql::PoolOptions{.observer = &lost_reply_});
    leases_ = std::make_unique<sql::MySqlLeaseStore>(*pool_);
    store_ = std::make_unique<sql::MySqlAlertStore>(*pool_, [this] { return Text(); });
  }
  core::AlertStore& store() override { return *store_; }
  void Advance(std::chrono::milliseconds by) override { ms_ += by.count(); }
  core::Fence NewTerm(const std::string& lease) override {
    const auto soon = Deadline::After(SystemClock::Instance(), seconds{20});
    core::Lease& term = terms_[lease];
    if (term.token.value > 0) {
      EXPECT_TRUE(leases_->Release(term, soon).ok());
    }
    auto next = leases_->Acquire(lease, "test", std::chrono::hours{24}, soon);
    EXPECT_TRUE(next.ok()) << next.error().ToString();
    if (next.ok()) term = *std::move(next);
    return {lease, term.token};
  }
  std::vector<core::AuditEvent> Audited() override { return AuditedIn(*pool_); }
  bool LoseNextReply(bool after_effect) override {
    lost_reply_.LoseAfter("read_audit_mark", after_effect);
    return true;
  }
  [[nodiscard]] bool HasLostReply() const override { return lost_reply_.has_lost(); }

 private:
  /// 2026-11-21 plus what the test has advanced.
  [[nodiscard]] std::string Text() const { return ClockText(std::chrono::milliseconds{ms_}); }

  std::atomic<std::int64_t> ms_{0};
  LostReply lost_reply_;
  std::unique_ptr<sql::ConnectionPool> pool_;
  std::unique_ptr<sql::MySqlLeaseStore> leases_;
  std::unique_ptr<sql::MySqlAlertStore> store_;
  std::map<std::string, core::Lease> terms_;
};

const auto kNameOf = [](const auto& info) { return info.param.name; };

}  // namespace

INSTANTIATE_TEST_SUITE_P(
    On, AlertStoreSuite,
    ::testing::Values(
        AlertStoreFactory{"Fake", [](std::string*) { return std::make_unique<FakeAlerts>(); }},
        AlertStoreFactory{"MariaDB", OnServer<SqlAlerts, AlertStoreUnderTest>(Engine::kMariaDb)},
        AlertStoreFactory{"MySQL", OnServer<SqlAlerts, AlertStoreUnderTest>(Engine::kMySql)}),
    kNameOf);

}  // namespace lanemq::testing
