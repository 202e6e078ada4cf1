// How long a commit of a large bundle holds the catalogue and the book, and with how many
// statements: it must not go from change to change.
#include <array>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sql/store/mysql_access_store.h"
#include "sql/store/mysql_governance_store.h"
#include "tests/conformance/sql_meta.h"
#include "tests/support/note.h"

namespace lanemq::testing {
namespace {

class GovernanceVolumeTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    meta_ = std::make_unique<SqlMeta>(*server);
    store_ = std::make_unique<sql::MySqlGovernanceStore>(*meta_->pool, meta_->Clock());
    access_ = std::make_unique<sql::MySqlAccessStore>(*meta_->pool, meta_->Clock());
    for (int team = 0; team < kTeams; ++team) {
      const Status made = access_->PutTeam({TeamOf(team), "", "", {}}, Note(), InAMinute());
      ASSERT_TRUE(made.ok()) << made.error().ToString();
    }
  }
  static std::string TeamOf(int i) { return fmt::format("team{}", i % kTeams); }
  static std::string NameOf(const std::string& prefix, int i) {
    return fmt::format("{}{:05}", prefix, i);
  }

  /// Each topic with an owner, facts and a grant to another team, and each with a group that reads
  /// it: three changes for each of `topics`.
  static core::Bundle BundleOf(const std::string& prefix, int topics) {
    core::Bundle bundle;
    for (int i = 0; i < topics; ++i) {
      core::CreateTopicChange topic;
      topic.name = NameOf(prefix, i);
      topic.owner = TeamOf(i);
      topic.tier = "page";
      topic.partitions = 2;
      topic.traffic = core::Traffic{1'000'000, 500, core::Ordering::kPerKey};
      bundle.changes.emplace_back(topic);
      core::Grant grant;
      grant.name = topic.name;
      grant.principal = {core::PrincipalKind::kTeam, TeamOf(i + 1)};
      grant.actions = {core::Action::kConsume};
      bundle.changes.emplace_back(core::PutGrantChange{grant});
      bundle.changes.emplace_back(
          core::PutGroupChange{"of-" + topic.name, TeamOf(i + 1), "ticket", "who reads it"});
    }
    return bundle;
  }
  core::StoredRequest AddApplying(core::Bundle bundle) {
    core::StoredRequest stored;
    stored.title = "Many";
    stored.request.author = {core::PrincipalKind::kPerson, "ann"};
    stored.request.bundle = std::move(bundle);
    stored.request.state = core::RequestState::kApplying;
    stored.request.progress.epoch = 1;
    stored.request.created_at = stored.request.changed_at = meta_->now();
    const auto added = store_->AddRequest(stored, "", Note(), InAMinute());
    EXPECT_TRUE(added.ok()) << added.error().ToString();
    return added.ok() ? *added : core::StoredRequest{};
  }
  /// The request, being applied, with its topics made: what is left is its commit.
  core::StoredRequest AddMade(const std::string& prefix, int topics) {
    const core::StoredRequest added = AddApplying(BundleOf(prefix, topics));
    meta_->Run(
        fmt::format("INSERT INTO topics (name, state, description, created_at, updated_at) "
                    "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99) "
                    "SELECT CONCAT('{}', LPAD(100 * a.i + b.i, 5, '0')), 'creating', '', NOW(6), "
                    "NOW(6) FROM n AS a, n AS b WHERE 100 * a.i + b.i < {}",
                    prefix, topics));
    meta_->Run(
        fmt::format("INSERT INTO topic_partitions (topic_id, partition_index, node_id, "
                    "schema_index, is_ready) SELECT topic_id, p.i, 1, 0, TRUE FROM topics, "
                    "(SELECT 0 AS i UNION ALL SELECT 1) AS p WHERE name LIKE '{}%'",
                    prefix));
    meta_->Run(
        fmt::format("INSERT INTO topic_requests (topic_id, request_id) SELECT topic_id, {} FROM "
                    "topics WHERE name LIKE '{}%'",
                    added.request.id, prefix));
    return added;
  }
  /// The statements of its commit.
  std::int64_t Commit(core::StoredRequest stored) {
    stored.request.state = core::RequestState::kApplied;
    const std::int64_t before = meta_->lost_reply->statements();
    const MonotonicTime begun = SystemClock::Instance().Now();
    const auto done = store_->Commit(stored, Note(), InAMinute());
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        SystemClock::Instance().Now() - begun);
    EXPECT_TRUE(done.ok()) << done.error().ToString();
    const std::int64_t statements = meta_->lost_reply->statements() - before;
    fmt::print("{}: a commit of {} changes: {} statements, {} ms\n", testing::NameOf(GetParam()),
               stored.request.bundle.changes.size(), statements, took.count());
    return statements;
  }

  static constexpr int kTeams = 20;
  std::unique_ptr<SqlMeta> meta_;
  std::unique_ptr<sql::MySqlGovernanceStore> store_;
  std::unique_ptr<sql::MySqlAccessStore> access_;
};

INSTANTIATE_TEST_SUITE_P(On, GovernanceVolumeTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(GovernanceVolumeTest, ACommitDoesNotGoFromChangeToChange) {
  std::int64_t before = 0;
  for (const int topics : {10, 1'000, 1'666}) {
    const std::string prefix = fmt::format("n{}.", topics);
    const std::int64_t statements = Commit(AddMade(prefix, topics));
    // A few for each 500 rows of each kind, whatever the number of changes.
    if (before == 0) {
      before = statements;
    } else {
      EXPECT_LE(statements - before, topics / 10) << topics;
    }
    const auto facts = store_->LoadFacts(InAMinute());
    ASSERT_TRUE(facts.ok());
    EXPECT_EQ(facts->topics.count(NameOf(prefix, topics - 1)), 1u);
    EXPECT_EQ(facts->groups.count("of-" + NameOf(prefix, topics - 1)), 1u);
  }
  const auto book = access_->Load(InAMinute());
  ASSERT_TRUE(book.ok()) << book.error().ToString();
  EXPECT_EQ(book->owners.size(), 2u * (10 + 1'000 + 1'666));
  EXPECT_EQ(book->grants.size(), 10u + 1'000 + 1'666);
}

TEST_P(GovernanceVolumeTest, WhatIsChangedAndDeletedIsMeasured) {
  constexpr int kTopics = 1'000;
  Commit(AddMade("n.", kTopics));
  core::Bundle altered;
  core::Bundle deleted;
  for (int i = 0; i < kTopics; ++i) {
    core::AlterTopicChange change;
    change.name = NameOf("n.", i);
    change.tier = "ticket";
    change.set = {{"retention.ms", "86400000"}};
    altered.changes.emplace_back(change);
    deleted.changes.emplace_back(core::DeleteTopicChange{change.name});
  }
  Commit(AddApplying(altered));
  EXPECT_EQ(store_->LoadFacts(InAMinute())->topics.at(NameOf("n.", 7)).tier, "ticket");
  Commit(AddApplying(deleted));
  EXPECT_TRUE(store_->LoadFacts(InAMinute())->topics.empty());
}

}  // namespace
}  // namespace lanemq::testing
