// Runs the suite of people stores on both database engines and on the fake.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sql/store/mysql_access_store.h"
#include "sql/store/mysql_audit_log.h"
#include "sql/store/mysql_people_store.h"
#include "tests/conformance/fake_people_store.h"
#include "tests/conformance/people_store_suite.h"
#include "tests/conformance/sql_meta.h"
#include "tests/support/database_server.h"

namespace lanemq::testing {
namespace {

using std::chrono::microseconds;

constexpr std::chrono::sys_days kFillersEnd{std::chrono::year{2030} / 1 / 1};

class FakePeople final : public PeopleStoreUnderTest {
 public:
  core::PeopleStore& store() override { return store_; }
  core::AccessStore& access() override { return access_; }
  void Advance(microseconds by) override { access_.Advance(by); }
  [[nodiscard]] WallTime now() const override { return access_.now(); }
  std::vector<core::AuditEvent> Events() override { return store_.Events(); }
  void FillTokens(std::size_t count) override {
    access_.Edit([&](core::AccessRecords& records) {
      while (records.tokens.size() < count) {
        core::Token& token = records.tokens.emplace_back();
        token.id = fmt::format("~{:05}", records.tokens.size());
        token.person = "filler";
        token.expires_at =
            WallTime{std::chrono::microseconds{kFillersEnd.time_since_epoch()}.count()};
      }
    });
  }

 private:
  FakeAccessStore access_;
  FakePeopleStore store_{access_};
};

class SqlPeople final : public PeopleStoreUnderTest {
 public:
  explicit SqlPeople(DatabaseServer& server) : meta_(server) {}
  core::PeopleStore& store() override { return store_; }
  core::AccessStore& access() override { return access_; }
  void Advance(microseconds by) override { meta_.Advance(by); }
  [[nodiscard]] WallTime now() const override { return meta_.now(); }
  std::vector<core::AuditEvent> Events() override {
    core::AuditSearch search;
    search.max = core::AuditSearch::kPageMax;
    auto page = log_.Search(search, InAMinute());
    EXPECT_TRUE(page.ok()) << page.error().ToString();
    if (!page.ok()) return {};
    return {page->events.rbegin(), page->events.rend()};
  }
  void RaiseAsOldServersDo() { meta_.Run("UPDATE access_state SET version = version + 1"); }
  void FillTokens(std::size_t count) override {
    std::string digits = "SELECT 0 AS d";
    for (int d = 1; d < 10; ++d) digits += fmt::format(" UNION ALL SELECT {}", d);
    // Those before are named anew: only their number matters.
    meta_.Run("DELETE FROM person_tokens WHERE person = 'filler'");
    std::int64_t present = 0;
    auto connection = meta_.pool->Checkout(sql::Access::kRead, InAMinute());
    ASSERT_TRUE(connection.ok()) << connection.error().ToString();
    (*connection)->Text() = "SELECT COUNT(*) FROM person_tokens";
    const Status counted = (*connection)->QueryText("count", [&](const sql::Row& row) {
      present = row.Int64(0);
      return false;
    });
    ASSERT_TRUE(counted.ok()) << counted.error().ToString();
    meta_.Run(fmt::format(
        "INSERT INTO person_tokens (id, hash, person, is_session, created_at, expires_at) "
        "SELECT CONCAT('~', a.d, b.d, c.d, d.d, e.d), REPEAT('x', 32), 'filler', 0, '2026-11-21', "
        "'2030-01-01' FROM ({0}) AS a, ({0}) AS b, ({0}) AS c, ({0}) AS d, ({0}) AS e LIMIT {1}",
        digits, static_cast<std::int64_t>(count) - present));
  }

 private:
  SqlMeta meta_;
  sql::MySqlAccessStore access_{*meta_.pool, meta_.Clock()};
  sql::MySqlPeopleStore store_{*meta_.pool, meta_.Clock()};
  sql::MySqlAuditLog log_{*meta_.pool, meta_.Clock()};
};

const auto kNameOf = [](const auto& info) { return info.param.name; };

}  // namespace

INSTANTIATE_TEST_SUITE_P(
    On, PeopleStoreSuite,
    ::testing::Values(
        PeopleStoreFactory{"Fake", [](std::string*) { return std::make_unique<FakePeople>(); }},
        PeopleStoreFactory{"MariaDB", OnServer<SqlPeople, PeopleStoreUnderTest>(Engine::kMariaDb)},
        PeopleStoreFactory{"MySQL", OnServer<SqlPeople, PeopleStoreUnderTest>(Engine::kMySql)}),
    kNameOf);

/// On the engines alone: an older metaserver writes to the same row.
class PeopleTokensOfOldServers : public PeopleStoreSuite {};

TEST_P(PeopleTokensOfOldServers, WhatAnOlderMetaserverChangesCountsAsEverything) {
  Put(PersonOf("ann"));
  AddToken("a1", "ann");
  const core::AccessRecords before = Book();
  ASSERT_LT(before.rights_version, before.version);
  dynamic_cast<SqlPeople&>(*under_test_).RaiseAsOldServersDo();
  const core::AccessRecords after = Book();
  EXPECT_EQ(after.rights_version, after.version);
  EXPECT_GT(after.rights_version, before.version);
  AddToken("a2", "ann");
  EXPECT_EQ(Book().rights_version, after.version) << "it stays so with the next session";
}

INSTANTIATE_TEST_SUITE_P(
    On, PeopleTokensOfOldServers,
    ::testing::Values(
        PeopleStoreFactory{"MariaDB", OnServer<SqlPeople, PeopleStoreUnderTest>(Engine::kMariaDb)},
        PeopleStoreFactory{"MySQL", OnServer<SqlPeople, PeopleStoreUnderTest>(Engine::kMySql)}),
    kNameOf);

}  // namespace lanemq::testing
