// Where the bundle of a request is kept: in a table of its own, and, where a metaserver wrote it
// that does not know that table, in the request's row until that is changed.
#include <memory>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/core/policy/apply_machine.h"
#include "sql/migrate/migrator.h"
#include "sql/store/mysql_governance_store.h"
#include "tests/support/database_server.h"
#include "tests/support/note.h"

namespace lanemq::testing {
namespace {

class GovernanceUpgradeTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    options_.host = server->host();
    options_.port = server->port();
    options_.user = "root";
    Migrate();
    sql::ConnectionOptions in_schema = options_;
    in_schema.schema = sql::MetaSchema(prefix_);
    pool_ = std::make_unique<sql::ConnectionPool>("metadata", in_schema, sql::PoolOptions{});
    store_ = std::make_unique<sql::MySqlGovernanceStore>(*pool_);
  }
  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{60});
  }
  void Migrate() {
    const Status migrated = sql::MigrateMeta(options_, prefix_, Soon());
    ASSERT_TRUE(migrated.ok()) << migrated.error().ToString();
  }
  void Run(const std::string& text) {
    auto connection = pool_->Checkout(sql::Access::kWrite, Soon());
    ASSERT_TRUE(connection.ok()) << connection.error().ToString();
    (*connection)->Text() = text;
    const auto done = (*connection)->UpdateText("test");
    ASSERT_TRUE(done.ok()) << text << ": " << done.error().ToString();
  }
  std::int64_t Number(const std::string& text) {
    std::int64_t number = -1;
    auto connection = pool_->Checkout(sql::Access::kRead, Soon());
    EXPECT_TRUE(connection.ok());
    if (!connection.ok()) return number;
    (*connection)->Text() = text;
    const Status read = (*connection)->QueryText("test", [&](const sql::Row& row) {
      number = row.Int64(0);
      return false;
    });
    EXPECT_TRUE(read.ok()) << read.error().ToString();
    return number;
  }

  core::StoredRequest Add(core::RequestState state) {
    core::StoredRequest stored;
    stored.title = "Refunds";
    stored.request.author = {core::PrincipalKind::kPerson, "ann"};
    core::CreateTopicChange topic;
    topic.name = "refunds";
    stored.request.bundle.changes = {topic, core::DeleteTeamChange{"old"}};
    stored.request.state = state;
    stored.request.created_at = stored.request.changed_at = WallTime{1'795'237'696'000'000};
    const auto added = store_->AddRequest(stored, "", Note(), Soon());
    EXPECT_TRUE(added.ok()) << added.error().ToString();
    return added.ok() ? *added : core::StoredRequest{};
  }
  core::StoredRequest Find(std::int64_t id) {
    const auto found = store_->FindRequest(id, Soon());
    EXPECT_TRUE(found.ok() && *found);
    return found.ok() && *found ? **found : core::StoredRequest{};
  }
  /// The schema, with its requests, as it was before bundles had a table.
  void MakeOld() {
    Run("UPDATE change_requests JOIN change_bundles ON request_id = id "
        "SET change_requests.bundle = change_bundles.bundle");
    Run("DROP TABLE change_bundles");
    Run("ALTER TABLE change_requests MODIFY bundle MEDIUMBLOB NOT NULL");
    Run("DELETE FROM schema_migrations WHERE number >= 43");
  }

  sql::ConnectionOptions options_;
  const std::string prefix_ = UniquePrefix();
  std::unique_ptr<sql::ConnectionPool> pool_;
  std::unique_ptr<sql::MySqlGovernanceStore> store_;
};

INSTANTIATE_TEST_SUITE_P(On, GovernanceUpgradeTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(GovernanceUpgradeTest, RequestsThatWereThereBeforeKeepTheirBundles) {
  const core::StoredRequest applying = Add(core::RequestState::kApplying);
  const core::StoredRequest draft = Add(core::RequestState::kDraft);
  const core::StoredRequest ended = Add(core::RequestState::kApplied);
  MakeOld();
  ASSERT_NO_FATAL_FAILURE(Migrate());
  EXPECT_EQ(Find(applying.request.id), applying);
  EXPECT_EQ(Find(draft.request.id), draft);
  EXPECT_EQ(Find(ended.request.id), ended);
  // The next change moves it.
  core::StoredRequest taken = applying;
  taken.request = core::TakenOver(taken.request);
  const auto saved = store_->SaveRequest(taken, std::nullopt, Soon());
  ASSERT_TRUE(saved.ok()) << saved.error().ToString();
  EXPECT_EQ(Find(applying.request.id), *saved);
  core::StoredRequest edited = draft;
  edited.request.bundle.changes.pop_back();
  ASSERT_TRUE(store_->SaveRequest(edited, Note(), Soon()).ok());
  EXPECT_EQ(Find(draft.request.id).request.bundle, edited.request.bundle);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM change_requests WHERE bundle IS NOT NULL"), 1);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM change_bundles"), 2);
  // Both kinds go with their requests.
  const WallTime later{draft.request.created_at.micros + 3'600'000'001};
  EXPECT_EQ(*store_->ExpireRequests(later, std::chrono::hours{1}, 10, Soon()), 1);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM change_requests WHERE bundle IS NOT NULL"), 0);
}

TEST_P(GovernanceUpgradeTest, ACommitOfARequestThatWasThereBeforeKeepsItsBundle) {
  core::StoredRequest request = Add(core::RequestState::kApplying);
  MakeOld();
  ASSERT_NO_FATAL_FAILURE(Migrate());
  const core::Bundle bundle = request.request.bundle;
  request.request.bundle.changes.clear();  // Neither topic nor team is there.
  request.request.state = core::RequestState::kApplied;
  const auto done = store_->Commit(request, Note(), Soon());
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_EQ(Find(request.request.id).request.bundle, bundle);
}

TEST_P(GovernanceUpgradeTest, ProgressDoesNotWriteTheBundle) {
  core::StoredRequest request = Add(core::RequestState::kApplying);
  Run("UPDATE change_bundles SET bundle = CONCAT(bundle, ' ')");
  for (int step = 1; step <= 3; ++step) {
    request.request.progress.done = static_cast<std::size_t>(step);
    const auto saved = store_->SaveRequest(request, std::nullopt, Soon());
    ASSERT_TRUE(saved.ok()) << saved.error().ToString();
    request = *saved;
  }
  EXPECT_EQ(Number("SELECT COUNT(*) FROM change_bundles WHERE RIGHT(bundle, 1) = ' '"), 1);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM change_requests WHERE bundle IS NOT NULL"), 0);
  EXPECT_EQ(Find(request.request.id).request.progress.done, 3u);
}

TEST_P(GovernanceUpgradeTest, AnEndedRequestTakesItsBundleWithIt) {
  const core::StoredRequest ended = Add(core::RequestState::kDeclined);
  const core::StoredRequest open = Add(core::RequestState::kDraft);
  const WallTime later{ended.request.changed_at.micros + 3'600'000'001};
  EXPECT_EQ(*store_->ExpireRequests(later, std::chrono::hours{1}, 10, Soon()), 1);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM change_bundles"), 1);
  EXPECT_EQ(Find(open.request.id), open);
}

TEST_P(GovernanceUpgradeTest, BundlesThatAnOlderMetaserverLeftBehindGo) {
  for (int i = 0; i < 3; ++i) Add(core::RequestState::kApplied);
  // As an older one ends them.
  Run("DELETE FROM change_requests");
  const WallTime now{1'795'237'696'000'000};
  ASSERT_TRUE(store_->ExpireRequests(now, std::chrono::hours{1}, 2, Soon()).ok());
  const core::StoredRequest open = Add(core::RequestState::kDraft);
  const core::StoredRequest newer = Add(core::RequestState::kDraft);
  EXPECT_EQ(*store_->ExpireRequests(now, std::chrono::hours{1}, 2, Soon()), 0);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM change_bundles"), 3) << "only so many at once";
  EXPECT_EQ(*store_->ExpireRequests(now, std::chrono::hours{1}, 2, Soon()), 0);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM change_bundles"), 2);
  EXPECT_EQ(Find(open.request.id), open);
  EXPECT_EQ(Find(newer.request.id), newer);
}

}  // namespace
}  // namespace lanemq::testing
