// Runs the suites of access stores and audit logs on both database engines, and the first on the
// fake.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <iterator>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sql/driver/transaction.h"
#include "sql/store/audit_rows.h"
#include "sql/store/mysql_access_store.h"
#include "sql/store/mysql_audit_log.h"
#include "sql/store/mysql_catalog_store.h"
#include "sql/store/mysql_lease_store.h"
#include "tests/conformance/access_store_suite.h"
#include "tests/conformance/audit_log_suite.h"
#include "tests/conformance/fake_access_store.h"
#include "tests/conformance/sql_meta.h"
#include "tests/support/database_server.h"

namespace lanemq::testing {
namespace {

using std::chrono::microseconds;

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
  void FillMembers(std::size_t count) override {
    store_.Edit([&](core::AccessRecords& records) {
      std::size_t present = 0;
      for (const core::Team& team : records.teams) present += team.members.size();
      core::Team& filler = records.teams.emplace_back();
      filler.name = "~filler";
      filler.members.resize(count - present);
    });
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
  bool LoseNextReply(bool /*after_effect*/) override { return false; }
  [[nodiscard]] bool HasLostReply() const override { return false; }
  bool AddUnknownAction(std::int64_t) override { return false; }
  std::string ActionsOf(std::int64_t) override { return {}; }
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

class SqlAccess final : public AccessStoreUnderTest {
 public:
  explicit SqlAccess(DatabaseServer& server) : meta_(server) {}
  core::AccessStore& store() override { return store_; }
  void Advance(microseconds by) override { meta_.Advance(by); }
  [[nodiscard]] WallTime now() const override { return meta_.now(); }
  std::vector<core::AuditEvent> Events() override {
    core::AuditSearch search;
    search.max = core::AuditSearch::kPageMax;
    std::vector<core::AuditEvent> events;
    for (;;) {
      auto page = log_.Search(search, InAMinute());
      EXPECT_TRUE(page.ok()) << page.error().ToString();
      if (!page.ok()) return {};
      std::ranges::move(page->events, std::back_inserter(events));
      if (!page->has_more) break;
      search.before_id = events.back().id;
    }
    std::ranges::reverse(events);
    return events;
  }
  void FillTeams(std::size_t count) override { Fill("teams (name)", "name", count); }
  void FillMembers(std::size_t count) override {
    Fill("team_members (person, team, role)", "name, 'filler', 'member'", count);
  }
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
    meta_.lost_reply->LoseAfter("raise_access_version", after_effect);
    return true;
  }
  [[nodiscard]] bool HasLostReply() const override { return meta_.lost_reply->has_lost(); }
  bool AddUnknownAction(std::int64_t grant_id) override {
    meta_.Run(fmt::format(
        "UPDATE access_grants SET actions = CONCAT('mirror,', actions, ',replay') WHERE id = {}",
        grant_id));
    return true;
  }
  std::string ActionsOf(std::int64_t grant_id) override {
    std::string actions;
    auto connection = meta_.pool->Checkout(sql::Access::kRead, InAMinute());
    EXPECT_TRUE(connection.ok()) << connection.error().ToString();
    if (!connection.ok()) return actions;
    (*connection)->Text() =
        fmt::format("SELECT actions FROM access_grants WHERE id = {}", grant_id);
    const Status read = (*connection)->QueryText("actions", [&](const sql::Row& row) {
      actions = row.String(0);
      return false;
    });
    EXPECT_TRUE(read.ok()) << read.error().ToString();
    return actions;
  }
  core::CatalogStore& catalog() { return catalog_; }
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
  sql::MySqlCatalogStore catalog_{*meta_.pool};
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
  std::int64_t ObjectRows() override {
    std::int64_t rows = -1;
    auto connection = meta_.pool->Checkout(sql::Access::kRead, InAMinute());
    EXPECT_TRUE(connection.ok()) << connection.error().ToString();
    if (!connection.ok()) return rows;
    (*connection)->Text() = "SELECT COUNT(*) FROM audit_objects";
    const Status read = (*connection)->QueryText("count", [&](const sql::Row& row) {
      rows = row.Int64(0);
      return false;
    });
    EXPECT_TRUE(read.ok()) << read.error().ToString();
    return rows;
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

const auto kNameOf = [](const auto& info) { return info.param.name; };

}  // namespace

class TopicEndTest : public ::testing::TestWithParam<Engine> {};
INSTANTIATE_TEST_SUITE_P(On, TopicEndTest, ::testing::Values(Engine::kMariaDb, Engine::kMySql),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(TopicEndTest, TakesItsOwnerAndTheGrantsThatNameItAlong) {
  std::string why;
  const auto access = OnServer<SqlAccess, AccessStoreUnderTest>(GetParam())(&why);
  if (access == nullptr) GTEST_SKIP() << "SKIPPED LOUDLY: " << why;
  core::CatalogStore& catalog = static_cast<SqlAccess&>(*access).catalog();
  core::AccessStore& store = access->store();
  core::DataNode node;
  node.name = "n1";
  node.host = "n1.example";
  node.port = 3306;
  node.schemas_max = 10;
  node.tables_per_schema_max = 99;
  ASSERT_TRUE(catalog.AddDataNode(node, {}, InAMinute()).ok());
  const core::Placer placer = [](std::span<const core::NodeUsage> usage) {
    return core::PlanPlacement(usage, {1, {}, {}});
  };
  const auto begun = catalog.BeginCreateTopic({"orders", 1, {}, ""}, placer, {}, InAMinute());
  ASSERT_TRUE(begun.ok()) << begun.error().ToString();
  const core::TopicId id = begun->record.topic.id;
  ASSERT_TRUE(catalog.MarkPartitionsReady(id, 1, InAMinute()).ok());
  core::Team team;
  team.name = "shop";
  ASSERT_TRUE(store.PutTeam(team, {}, InAMinute()).ok());
  using core::ResourceKind;
  for (const ResourceKind kind : {ResourceKind::kTopic, ResourceKind::kGroup}) {
    ASSERT_TRUE(store.SetOwner({kind, "orders", "shop"}, {}, InAMinute()).ok());
    for (const bool is_prefix : {false, true}) {
      core::Grant grant;
      grant.kind = kind;
      grant.name = "orders";
      grant.is_prefix = is_prefix;
      grant.principal = {core::PrincipalKind::kTeam, "shop"};
      grant.actions = {core::Action::kConsume};
      ASSERT_TRUE(store.PutGrant(grant, {}, InAMinute()).ok());
    }
  }
  const auto version = store.LoadVersion(InAMinute());
  ASSERT_TRUE(catalog.BeginDeleteTopic("orders", {}, InAMinute()).ok());
  // Until it is gone its owner may try again to delete it.
  EXPECT_EQ(store.Load(InAMinute())->owners.size(), 2u);
  ASSERT_TRUE(catalog.FinishDeleteTopic(id, InAMinute()).ok());
  const auto left = store.Load(InAMinute());
  ASSERT_TRUE(left.ok());
  EXPECT_GT(left->version, *version);
  EXPECT_EQ(left->owners, (std::vector<core::Owner>{{ResourceKind::kGroup, "orders", "shop"}}));
  ASSERT_EQ(left->grants.size(), 3u);
  EXPECT_TRUE(left->grants[0].is_prefix);
  EXPECT_EQ(left->grants[1].kind, ResourceKind::kGroup);
  const auto events = access->Events();
  ASSERT_GE(events.size(), 2u);
  EXPECT_EQ(events.back().change.object_kind, "grant");
  EXPECT_EQ(events.back().note.action, "job.topic_deletion");
  EXPECT_EQ(events[events.size() - 2].change.object_name, "topic:orders");
  ASSERT_TRUE(catalog.FinishDeleteTopic(id, InAMinute()).ok());
  EXPECT_EQ(store.LoadVersion(InAMinute()).value(), left->version);
}

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
