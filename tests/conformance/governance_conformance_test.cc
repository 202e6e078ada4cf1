// Runs the suite of governance stores on both database engines and on the fake; what a commit
// writes is looked at on the engines.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "sql/store/mysql_access_store.h"
#include "sql/store/mysql_alert_store.h"
#include "sql/store/mysql_catalog_store.h"
#include "sql/store/mysql_governance_store.h"
#include "sql/store/mysql_lease_store.h"
#include "tests/conformance/fake_governance_store.h"
#include "tests/conformance/governance_store_apply_cases.h"
#include "tests/conformance/governance_store_hygiene_cases.h"
#include "tests/conformance/governance_store_notice_cases.h"
#include "tests/conformance/governance_store_suite.h"
#include "tests/conformance/sql_audit.h"
#include "tests/conformance/sql_meta.h"

namespace lanemq::testing {
namespace {

class FakeGovernance final : public GovernanceStoreUnderTest {
 public:
  core::GovernanceStore& store() override { return store_; }
  void FinishTopic(const core::TopicRecord& record) override {
    if (record.topic.state == core::TopicState::kDeleting) {
      store_.ForgetTopic(record.topic.id);
    } else {
      store_.FinishTopic(record.topic.id);
    }
  }
  void MakeForeignTopic(const std::string& name) override { store_.PutTopic(name); }
  bool HasTopic(const std::string& name) override { return store_.HasTopic(name); }
  bool IsActive(const std::string& name) override { return store_.IsActive(name); }
  core::Fence NewTerm() override {
    const core::Fence fence{"on-call", core::FencingToken{++term_}};
    store_.SetTerm(fence.lease, fence.token);
    return fence;
  }
  void Advance(std::chrono::microseconds by) override { store_.Advance(by); }
  bool LoseReply(const std::string& /*after*/, bool /*after_effect*/) override { return false; }

 private:
  FakeGovernanceStore store_;
  std::int64_t term_ = 0;
};

class SqlGovernance final : public GovernanceStoreUnderTest {
 public:
  explicit SqlGovernance(DatabaseServer& server) : meta_(server) {
    core::DataNode node;
    node.name = "one";
    node.host = "nowhere";
    node.port = 1;
    EXPECT_TRUE(catalog_.AddDataNode(node, Note(), InAMinute()).ok());
  }
  core::GovernanceStore& store() override { return store_; }
  void FinishTopic(const core::TopicRecord& record) override {
    const auto total = static_cast<std::int32_t>(record.topic.partitions.size());
    const Status finished = record.topic.state == core::TopicState::kDeleting
                                ? catalog_.FinishDeleteTopic(record.topic.id, InAMinute())
                                : catalog_.MarkPartitionsReady(record.topic.id, total, InAMinute());
    EXPECT_TRUE(finished.ok()) << finished.error().ToString();
  }
  void MakeForeignTopic(const std::string& name) override {
    core::NewTopic topic;
    topic.name = name;
    const core::Placer placer = [](std::span<const core::NodeUsage> usage) {
      return core::PlanPlacement(usage, {1, {}, {}});
    };
    const auto made = catalog_.BeginCreateTopic(topic, placer, Note(), InAMinute());
    ASSERT_TRUE(made.ok()) << made.error().ToString();
    FinishTopic(made->record);
  }
  bool HasTopic(const std::string& name) override {
    const auto found = catalog_.FindTopic(name, InAMinute());
    EXPECT_TRUE(found.ok());
    return found.ok() && found->has_value();
  }
  bool IsActive(const std::string& name) override {
    const auto found = catalog_.FindTopic(name, InAMinute());
    EXPECT_TRUE(found.ok());
    return found.ok() && found->has_value() && (**found).IsFinished();
  }
  core::Fence NewTerm() override {
    if (term_) {
      EXPECT_TRUE(leases_.Release(*term_, InAMinute()).ok());
    }
    auto next = leases_.Acquire("on-call", "test", std::chrono::hours{24}, InAMinute());
    EXPECT_TRUE(next.ok()) << next.error().ToString();
    if (next.ok()) term_ = *std::move(next);
    return term_ ? core::Fence{"on-call", term_->token} : core::Fence{};
  }
  void Advance(std::chrono::microseconds by) override { meta_.Advance(by); }
  bool LoseReply(const std::string& after, bool after_effect) override {
    meta_.lost_reply->LoseAfter(after, after_effect);
    return true;
  }
  core::AccessStore& access() { return access_; }
  core::AlertStore& alerts() { return alerts_; }
  core::CatalogStore& catalog() { return catalog_; }
  std::vector<core::AuditEvent> Audited() { return AuditedIn(*meta_.pool); }
  WallTime now() const { return meta_.now(); }
  /// Grants of somebody else, until there are `count`.
  void FillGrants(std::size_t present, std::size_t count) {
    std::string digits = "SELECT 0 AS d";
    for (int d = 1; d < 10; ++d) digits += fmt::format(" UNION ALL SELECT {}", d);
    meta_.Run(fmt::format(
        "INSERT INTO access_grants (principal, kind, name, is_prefix, actions) SELECT "
        "'service:filler', 'topic', CONCAT('~', a.d, b.d, c.d, d.d, e.d), 0, 'describe' FROM "
        "({0}) AS a, ({0}) AS b, ({0}) AS c, ({0}) AS d, ({0}) AS e LIMIT {1}",
        digits, count - present));
  }
  bool has_lost_reply() { return meta_.lost_reply->has_lost(); }
  /// The same, where deleted topics can be brought back.
  core::GovernanceStore& keeping() { return keeping_; }

 private:
  SqlMeta meta_;
  sql::MySqlCatalogStore catalog_{*meta_.pool, meta_.Clock()};
  sql::MySqlAccessStore access_{*meta_.pool, meta_.Clock()};
  sql::MySqlAlertStore alerts_{*meta_.pool, meta_.Clock()};
  sql::MySqlGovernanceStore store_{*meta_.pool, meta_.Clock()};
  sql::MySqlGovernanceStore keeping_{*meta_.pool, meta_.Clock(), std::chrono::hours{1}};
  sql::MySqlLeaseStore leases_{*meta_.pool};
  std::optional<core::Lease> term_;
};

GovernanceStoreFactory OnFake() {
  return {"Fake", [](std::string*) { return std::make_unique<FakeGovernance>(); }};
}
GovernanceStoreFactory On(Engine engine) {
  return {NameOf(engine), OnServer<SqlGovernance, GovernanceStoreUnderTest>(engine)};
}

INSTANTIATE_TEST_SUITE_P(On, GovernanceStoreSuite,
                         ::testing::Values(OnFake(), On(Engine::kMariaDb), On(Engine::kMySql)),
                         [](const auto& factory) { return factory.param.name; });

INSTANTIATE_TEST_SUITE_P(On, GovernanceStoreHygieneSuite,
                         ::testing::Values(OnFake(), On(Engine::kMariaDb), On(Engine::kMySql)),
                         [](const auto& factory) { return factory.param.name; });

INSTANTIATE_TEST_SUITE_P(On, GovernanceStoreNoticeSuite,
                         ::testing::Values(OnFake(), On(Engine::kMariaDb), On(Engine::kMySql)),
                         [](const auto& factory) { return factory.param.name; });

/// What is handed over is the alert store's, on the engines alone.
class GovernanceHandOver : public GovernanceStoreNoticeSuite {
 protected:
  core::AlertStore& alerts() { return dynamic_cast<SqlGovernance&>(*under_test_).alerts(); }
};

TEST_P(GovernanceHandOver, WhatIsHandedOverIsSentByWhoeverIsOnCall) {
  core::AlertChannel channel;
  channel.name = "payments";
  channel.url = "http://nowhere/";
  ASSERT_TRUE(alerts().SetChannel(channel, "root", Note(), Soon()).ok());
  AddIn(core::RequestState::kPending);
  const core::RequestNotices found = Waiting();
  ASSERT_EQ(found.notices.size(), 1u);
  const std::vector notices = {NoticeOf(found.notices[0], found.now, "payments")};
  ASSERT_TRUE(store().HandOver(found.notices[0], notices, Soon()).ok());
  for (const std::int64_t term : {1, 9}) {
    const auto due = alerts().Due("payments", term, 10, Soon());
    ASSERT_TRUE(due.ok()) << due.error().ToString();
    ASSERT_EQ(due->size(), 1u);
    EXPECT_EQ(due->front().notice, notices[0].notice);
    EXPECT_EQ(due->front().body, "{}");
  }
  const auto states = alerts().ChannelStates(Soon());
  ASSERT_TRUE(states.ok());
  ASSERT_EQ(states->size(), 1u);
  EXPECT_EQ(states->front().queued, 1);
}

INSTANTIATE_TEST_SUITE_P(On, GovernanceHandOver,
                         ::testing::Values(On(Engine::kMariaDb), On(Engine::kMySql)),
                         [](const auto& factory) { return factory.param.name; });

/// What a commit writes, on the engines alone.
class GovernanceCommit : public GovernanceStoreSuite {
 protected:
  SqlGovernance& sql() { return dynamic_cast<SqlGovernance&>(*under_test_); }
  core::AccessRecords Access() {
    auto loaded = sql().access().Load(Soon());
    EXPECT_TRUE(loaded.ok()) << loaded.error().ToString();
    return loaded.ok() ? *std::move(loaded) : core::AccessRecords{};
  }
  core::GovernanceFacts Facts() {
    auto loaded = store().LoadFacts(Soon());
    EXPECT_TRUE(loaded.ok()) << loaded.error().ToString();
    return loaded.ok() ? *std::move(loaded) : core::GovernanceFacts{};
  }
  /// A request with one of each kind of change, its topic made, about to be committed.
  core::StoredRequest Everything() {
    under_test_->MakeForeignTopic("orders");
    under_test_->MakeForeignTopic("gone");
    EXPECT_TRUE(sql().access().PutTeam({"old", "", "", {}}, Note(), Soon()).ok());
    EXPECT_TRUE(sql().access().PutTeam({"pay", "", "", {}}, Note(), Soon()).ok());
    EXPECT_TRUE(
        sql().access().SetOwner({core::ResourceKind::kTopic, "gone", "pay"}, Note(), Soon()).ok());
    core::Grant grant;
    grant.name = "gone";
    grant.principal = {core::PrincipalKind::kTeam, "pay"};
    grant.actions = {core::Action::kProduce};
    EXPECT_TRUE(sql().access().PutGrant(grant, Note(), Soon()).ok());
    core::StoredRequest stored = Draft();
    auto& changes = stored.request.bundle.changes;
    auto& made = std::get<core::CreateTopicChange>(changes[0]);
    made.owner = "new";
    made.tier = "page";
    made.traffic = core::Traffic{1'000, 100, core::Ordering::kPerKey};
    core::AlterTopicChange altered;
    altered.name = "orders";
    altered.tier = "ticket";
    altered.set = {{"retention.ms", "86400000"}};
    grant.name = "refunds";
    grant.principal.name = "new";
    grant.actions = {core::Action::kConsume};
    // In an order in which nothing could be written one after the other; "old" goes, too.
    changes.insert(changes.begin(),
                   {core::PutGrantChange{grant}, core::DeleteTopicChange{"gone"},
                    core::SetQuotaChange{"new", {.topics = 7}},
                    core::PutGroupChange{"readers", "new", "page", "who reads"},
                    core::SetOwnerChange{core::ResourceKind::kTopic, "orders", "new"}, altered,
                    core::PutTeamChange{{"new", "made by it", "", {}}}});
    stored = AddApplying(stored);
    const auto topic = Create({stored.request.id, 1}, "refunds");
    EXPECT_TRUE(topic.ok()) << topic.error().ToString();
    under_test_->FinishTopic(*topic);
    stored.request.state = core::RequestState::kApplied;
    return stored;
  }
  void ExpectNothing() {
    const core::AccessRecords access = Access();
    EXPECT_EQ(access.teams.size(), 2u);
    ASSERT_EQ(access.owners.size(), 1u);
    EXPECT_EQ(access.owners[0].name, "gone");
    ASSERT_EQ(access.grants.size(), 1u);
    EXPECT_EQ(access.grants[0].name, "gone");
    EXPECT_TRUE(access.quotas.empty());
    EXPECT_TRUE(Facts().topics.empty());
    EXPECT_TRUE(Facts().groups.empty());
  }
  void ExpectEverything() {
    const core::AccessRecords access = Access();
    ASSERT_EQ(access.teams.size(), 2u);
    EXPECT_EQ(access.teams[0].name, "new");
    EXPECT_THAT(access.owners, ::testing::UnorderedElementsAre(
                                   core::Owner{core::ResourceKind::kGroup, "readers", "new"},
                                   core::Owner{core::ResourceKind::kTopic, "orders", "new"},
                                   core::Owner{core::ResourceKind::kTopic, "refunds", "new"}));
    ASSERT_EQ(access.grants.size(), 1u);
    EXPECT_EQ(access.grants[0].name, "refunds");
    ASSERT_EQ(access.quotas.size(), 1u);
    EXPECT_EQ(access.quotas[0].quota.topics, 7);
    const core::GovernanceFacts facts = Facts();
    EXPECT_EQ(facts.topics.at("refunds").tier, "page");
    EXPECT_EQ(facts.topics.at("refunds").traffic->messages_per_day, 1'000);
    EXPECT_EQ(facts.topics.at("orders").tier, "ticket");
    EXPECT_EQ(facts.groups.at("readers").description, "who reads");
    const auto orders = sql().catalog().FindTopic("orders", Soon());
    EXPECT_EQ((**orders).topic.config.at("retention.ms"), "86400000");
    EXPECT_TRUE(under_test_->IsActive("refunds"));
    const auto gone = sql().catalog().FindTopic("gone", Soon());
    EXPECT_EQ((**gone).topic.state, core::TopicState::kDeleting);
  }
};

TEST_P(GovernanceCommit, ADeletedTopicThatCanBeBroughtBackKeepsItsRights) {
  ASSERT_TRUE(sql().keeping().Commit(Everything(), Note(), Soon()).ok());
  const auto gone = sql().catalog().FindTopic("gone", Soon());
  EXPECT_TRUE((**gone).topic.deletion.has_value());
  EXPECT_EQ(Access().grants.size(), 2u);
  EXPECT_THAT(Access().owners,
              ::testing::Contains(core::Owner{core::ResourceKind::kTopic, "gone", "pay"}));
}

TEST_P(GovernanceCommit, UndoingATopicKeepsWhatTheNameHadBefore) {
  const core::Owner owner{core::ResourceKind::kTopic, "refunds", "pay"};
  ASSERT_TRUE(sql().access().PutTeam({"pay", "", "", {}}, Note(), Soon()).ok());
  ASSERT_TRUE(sql().access().SetOwner(owner, Note(), Soon()).ok());
  core::Grant grant;
  grant.name = "refunds";
  grant.principal = {core::PrincipalKind::kTeam, "pay"};
  grant.actions = {core::Action::kProduce};
  ASSERT_TRUE(sql().access().PutGrant(grant, Note(), Soon()).ok());
  const core::RequestTerm term{AddApplying().request.id, 1};
  const auto made = Create(term, "refunds");
  ASSERT_TRUE(made.ok()) << made.error().ToString();
  const auto undone = store().BeginUndoTopic(term, "refunds", Note(), Soon());
  ASSERT_TRUE(undone.ok() && undone->has_value());
  under_test_->FinishTopic(**undone);
  EXPECT_FALSE(under_test_->HasTopic("refunds"));
  EXPECT_EQ(Access().owners.size(), 1u);
  EXPECT_EQ(Access().grants.size(), 1u);
}

TEST_P(GovernanceCommit, TheBackgroundJobLeavesATopicToItsRequest) {
  const auto unfinished = [&] {
    const auto topics = sql().catalog().LoadUnfinishedTopics(Soon());
    EXPECT_TRUE(topics.ok()) << topics.error().ToString();
    return topics.ok() ? topics->size() : 99;
  };
  core::StoredRequest request = AddApplying();
  const auto made = Create({request.request.id, 1}, "refunds");
  ASSERT_TRUE(made.ok()) << made.error().ToString();
  EXPECT_EQ(unfinished(), 1u) << "its tables are not there";
  under_test_->FinishTopic(*made);
  EXPECT_EQ(unfinished(), 0u) << "it waits for the rest of the request";
  EXPECT_FALSE(under_test_->IsActive("refunds"));
  // Of a request that has ended it would be anybody's.
  request.request.state = core::RequestState::kFailed;
  ASSERT_TRUE(store().SaveRequest(request, std::nullopt, Soon()).ok());
  EXPECT_EQ(unfinished(), 1u);
}

TEST_P(GovernanceCommit, WritesAllOfABundleOrNothingOfIt) {
  core::StoredRequest stored = Everything();
  ExpectNothing();
  core::StoredRequest impossible = stored;
  core::AlterTopicChange missing;
  missing.name = "nowhere";
  impossible.request.bundle.changes.emplace_back(missing);
  EXPECT_EQ(CodeOf(store().Commit(impossible, Note(), Soon())),
            ErrorCode::kUnknownTopicOrPartition);
  ExpectNothing();
  EXPECT_EQ(Find(stored.request.id).request.state, core::RequestState::kApplying);

  const std::int64_t version = Access().version;
  const auto done = store().Commit(stored, Note(), Soon());
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  ExpectEverything();
  EXPECT_GT(Access().version, version);
}

TEST_P(GovernanceCommit, TellsTheAuditLogOfEachChange) {
  const core::StoredRequest stored = Everything();
  const std::size_t before = sql().Audited().size();
  core::AuditNote note = Note();
  note.actor = "person:ann";
  note.reason = "Refunds";
  ASSERT_TRUE(store().Commit(stored, note, Soon()).ok());
  const auto events = sql().Audited();
  std::multiset<std::string> kinds;
  for (std::size_t i = before; i < events.size(); ++i) {
    kinds.insert(events[i].change.object_kind);
    EXPECT_EQ(events[i].note.actor, "person:ann");
    EXPECT_EQ(events[i].note.reason, "Refunds");
  }
  EXPECT_EQ(kinds.count("change_request"), 1u);
  EXPECT_EQ(kinds.count("team"), 2u);
  EXPECT_EQ(kinds.count("grant"), 2u);
  EXPECT_EQ(kinds.count("owner"), 4u);
  EXPECT_EQ(kinds.count("topic"), 2u);
  EXPECT_EQ(kinds.count("topic_facts"), 2u);
  EXPECT_EQ(kinds.count("group_facts"), 1u);
}

TEST_P(GovernanceCommit, ALostReplyIsSettled) {
  for (const bool after_effect : {false, true}) {
    SetUp();
    const core::StoredRequest stored = Everything();
    under_test_->LoseReply("bump_version", after_effect);
    const auto done = store().Commit(stored, Note(), Soon());
    ASSERT_TRUE(done.ok()) << after_effect << done.error().ToString();
    EXPECT_TRUE(sql().has_lost_reply());
    ExpectEverything();
    EXPECT_EQ(Find(stored.request.id).request.state, core::RequestState::kApplied);
  }
}

TEST_P(GovernanceCommit, ATopicThatWasDeletedMeanwhileIsInTheWay) {
  const core::StoredRequest stored = Everything();
  ASSERT_TRUE(sql().catalog().BeginDeleteTopic("refunds", Note(), Soon()).ok());
  EXPECT_EQ(CodeOf(store().Commit(stored, Note(), Soon())), ErrorCode::kFailedPrecondition);
  ExpectNothing();
}

TEST_P(GovernanceCommit, AGrantThatHasEndedAndIsRenewedDoesNotMakeRoomForOthers) {
  using core::AccessLimits;
  ASSERT_TRUE(sql().access().PutTeam({"pay", "", "", {}}, Note(), Soon()).ok());
  core::Grant grant;
  grant.principal = {core::PrincipalKind::kTeam, "pay"};
  grant.actions = {core::Action::kProduce};
  grant.expires_at = WallTime{sql().now().micros + 3'600'000'000};
  for (const char* name : {"renewed", "ended"}) {
    grant.name = name;
    ASSERT_TRUE(sql().access().PutGrant(grant, Note(), Soon()).ok());
  }
  sql().FillGrants(2, AccessLimits::kGrantsMax);
  under_test_->Advance(std::chrono::hours{2});
  grant.expires_at.reset();
  core::StoredRequest stored = Draft();
  stored.request.bundle.changes.clear();
  for (const char* name : {"new", "renewed"}) {
    grant.name = name;
    stored.request.bundle.changes.emplace_back(core::PutGrantChange{grant});
  }
  stored = AddApplying(stored);
  stored.request.state = core::RequestState::kApplied;
  const auto done = store().Commit(stored, Note(), Soon());
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  const core::AccessRecords access = Access();
  EXPECT_EQ(access.grants.size(), AccessLimits::kGrantsMax);
  std::set<std::string> names;
  for (const core::Grant& one : access.grants) {
    if (one.principal == grant.principal && !one.expires_at) names.insert(one.name);
  }
  EXPECT_THAT(names, ::testing::ElementsAre("new", "renewed"));
}

INSTANTIATE_TEST_SUITE_P(On, GovernanceCommit,
                         ::testing::Values(On(Engine::kMariaDb), On(Engine::kMySql)),
                         [](const auto& factory) { return factory.param.name; });

}  // namespace
}  // namespace lanemq::testing
