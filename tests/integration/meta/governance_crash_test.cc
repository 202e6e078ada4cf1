// A metaserver dies while it applies a request, at each of its calls of a database in turn, before
// or after the call had its effect. Another one goes on: at rest all of the request is there, or
// nothing of it, and nothing of others is gone.
#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "common/core/policy/request_machine.h"
#include "metaserver/governance/applier.h"
#include "metaserver/governance/topic_use.h"
#include "sql/store/mysql_access_store.h"
#include "sql/store/mysql_governance_store.h"
#include "tests/integration/meta/governance_wrapper.h"
#include "tests/integration/meta/meta_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using core::RequestState;
using metaserver::Applier;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// When a process dies: with its `at`-th call, which has its effect or not.
class Fate {
 public:
  Fate(int at, bool has_effect) : at_(at), has_effect_(has_effect) {}

  StoreHook Hook() {
    return [this](std::string_view, bool is_after) -> Status {
      if (!is_after && !is_dead_ && ++calls_ == at_) is_dying_ = true;
      if (is_dying_ && is_after == has_effect_) is_dead_ = true;
      if (!is_dead_) return {};
      return Error{ErrorCode::kMetadataUnavailable, "this process is dead"};
    };
  }
  [[nodiscard]] bool is_dead() const { return is_dead_; }
  [[nodiscard]] int calls() const { return calls_; }

 private:
  const int at_;
  const bool has_effect_;
  std::atomic<int> calls_{0};
  std::atomic<bool> is_dying_{false};
  std::atomic<bool> is_dead_{false};
};

/// The part of a metaserver that applies.
class ApplyingServer {
 public:
  ApplyingServer(DatabaseServer& server, const std::string& prefix, const std::string& name,
                 StoreHook hook = {})
      : hook_(hook ? hook : [](std::string_view, bool) { return Status{}; }),
        rig(server, prefix, hook_),
        pool_("governance", MetaRig::MakeConnection(server, prefix), sql::PoolOptions{}),
        real_store(pool_),
        access(pool_),
        store_(real_store, hook_),
        use_(rig.messages(), SystemClock::Instance()) {
    Applier::Options options;
    options.owner = name;
    options.tick = milliseconds{20};
    options.lease = {.ttl = seconds{20}, .margin = seconds{2}};
    applier = std::make_unique<Applier>(
        options, rig.leases, store_,
        Applier::Tools{
            .start = [](const core::ChangeRequest& request) -> Result<core::RequestTurn> {
              core::Decision decision;
              decision.kind = core::Decision::Kind::kApply;
              return core::StartApplying(request, decision, 14, SystemClock::Instance().WallNow());
            },
            .finish =
                [this](const core::TopicRecord& record) { return rig.catalog.Finish(record); },
            .was_written = [this](const core::Topic& topic,
                                  Deadline deadline) { return use_.WasWritten(topic, deadline); },
            .refresh = [] {},
            .on_stored = [] {}},
        SystemClock::Instance());
  }

 private:
  const StoreHook hook_;

 public:
  MetaRig rig;

 private:
  sql::ConnectionPool pool_;

 public:
  sql::MySqlGovernanceStore real_store;
  sql::MySqlAccessStore access;

 private:
  GovernanceStoreWrapper store_;
  metaserver::TopicUse use_;

 public:
  std::unique_ptr<Applier> applier;
};

class GovernanceCrashTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    server_ = server;
    alive_ = std::make_unique<ApplyingServer>(*server_, prefix_, "alive");
    alive_->rig.AddNode("n", 10);
    ASSERT_TRUE(alive_->rig.Create("old", 1).ok());
    ASSERT_TRUE(alive_->rig.Create("taken", 1).ok());
    ASSERT_TRUE(
        alive_->access.SetOwner({core::ResourceKind::kTopic, "taken", ""}, Note(), Soon()).ok());
  }
  static Deadline Soon() { return MetaRig::Soon(); }

  static core::CreateTopicChange Topic(const std::string& name, const std::string& owner) {
    core::CreateTopicChange change;
    change.name = name;
    change.owner = owner;
    change.tier = "page";
    change.partitions = 2;
    return change;
  }
  /// Two topics, a team that owns them, a grant.
  static core::Bundle BundleOf(int number) {
    const std::string team = fmt::format("team{}", number);
    core::Grant grant;
    grant.name = fmt::format("a{}", number);
    grant.principal = {core::PrincipalKind::kTeam, team};
    grant.actions = {core::Action::kConsume};
    return {{core::PutTeamChange{{team, "", "", {}}}, Topic(fmt::format("a{}", number), team),
             Topic(fmt::format("b{}", number), team), core::PutGrantChange{grant}}};
  }
  std::int64_t AddApproved(core::Bundle bundle) {
    core::StoredRequest stored;
    stored.request.author = {core::PrincipalKind::kPerson, "ann"};
    stored.request.bundle = std::move(bundle);
    stored.request.state = RequestState::kApproved;
    stored.request.created_at = stored.request.changed_at = SystemClock::Instance().WallNow();
    const auto added = alive_->real_store.AddRequest(stored, "", Note(), Soon());
    EXPECT_TRUE(added.ok()) << added.error().ToString();
    return added.ok() ? added->request.id : 0;
  }
  core::ChangeRequest Find(std::int64_t id) {
    const auto found = alive_->real_store.FindRequest(id, Soon());
    EXPECT_TRUE(found.ok() && *found);
    return found.ok() && *found ? (*found)->request : core::ChangeRequest{};
  }
  void ExpectAll(int number, bool is_there) {
    alive_->rig.cache.Reload();
    const auto snapshot = alive_->rig.cache.Current();
    int topics = 0;
    for (const core::Topic& topic : snapshot->topics) {
      if (topic.name == fmt::format("a{}", number) || topic.name == fmt::format("b{}", number)) {
        ++topics;
        EXPECT_EQ(topic.state, core::TopicState::kActive) << topic.name;
        EXPECT_EQ(topic.partitions.size(), 2u) << topic.name;
      }
    }
    EXPECT_EQ(topics, is_there ? 2 : 0);
    const auto access = alive_->access.Load(Soon());
    ASSERT_TRUE(access.ok());
    const std::string team = fmt::format("team{}", number);
    const auto is_team = [&](const auto& one) { return one.name == team; };
    EXPECT_EQ(std::ranges::count_if(access->teams, is_team), is_there ? 1 : 0);
    const auto is_owned = [&](const core::Owner& one) { return one.team == team; };
    EXPECT_EQ(std::ranges::count_if(access->owners, is_owned), is_there ? 2 : 0);
    const auto is_granted = [&](const core::Grant& one) { return one.principal.name == team; };
    EXPECT_EQ(std::ranges::count_if(access->grants, is_granted), is_there ? 1 : 0);
    const auto facts = alive_->real_store.LoadFacts(Soon());
    ASSERT_TRUE(facts.ok());
    EXPECT_EQ(facts->topics.contains(fmt::format("a{}", number)), is_there);
  }
  /// Runs the request on a server that dies with its `at`-th call; false: it did not come to that.
  bool Die(std::int64_t id, int at, bool has_effect) {
    Fate fate(at, has_effect);
    ApplyingServer dying(*server_, prefix_, "dying", fate.Hook());
    dying.applier->Start();
    EXPECT_TRUE(WaitFor([&] { return fate.is_dead() || core::IsFinal(Find(id).state); },
                        seconds{60}, "it is dead, or done"));
    dying.applier->Stop();
    return fate.is_dead();
  }
  /// Another server goes on until the end.
  void GoOn(std::int64_t id) {
    ApplyingServer next(*server_, prefix_, "next");
    next.applier->Start();
    EXPECT_TRUE(WaitFor([&] { return core::IsFinal(Find(id).state); }, seconds{60}, "it ended"))
        << core::ToString(Find(id).state) << " " << Find(id).progress.last_error;
    next.applier->Stop();
  }

  DatabaseServer* server_ = nullptr;
  const std::string prefix_ = UniquePrefix();
  std::unique_ptr<ApplyingServer> alive_;
};

INSTANTIATE_TEST_SUITE_P(On, GovernanceCrashTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(GovernanceCrashTest, ARequestIsThereAsAWholeWhereverItsServerDied) {
  int number = 0;
  for (const bool has_effect : {false, true}) {
    for (int at = 1;; ++at) {
      SCOPED_TRACE(fmt::format("call {}, effect {}", at, has_effect));
      const std::int64_t id = AddApproved(BundleOf(++number));
      const bool has_died = Die(id, at, has_effect);
      GoOn(id);
      EXPECT_EQ(Find(id).state, RequestState::kApplied) << Find(id).reason;
      ExpectAll(number, true);
      if (HasFailure() || !has_died) break;
    }
    EXPECT_GE(number, 8);
  }
  alive_->rig.ExpectConsistent();
}

TEST_P(GovernanceCrashTest, WhatCannotBeMadeIsGoneWhereverItsServerDied) {
  int number = 0;
  for (const bool has_effect : {false, true}) {
    for (int at = 1;; ++at) {
      SCOPED_TRACE(fmt::format("call {}, effect {}", at, has_effect));
      core::Bundle bundle = BundleOf(++number);
      bundle.changes.emplace_back(Topic("taken", ""));
      const std::int64_t id = AddApproved(std::move(bundle));
      const bool has_died = Die(id, at, has_effect);
      GoOn(id);
      EXPECT_EQ(Find(id).state, RequestState::kFailed);
      ExpectAll(number, false);
      const auto taken = alive_->rig.real_catalog.FindTopic("taken", Soon());
      EXPECT_TRUE(taken.ok() && *taken && (*taken)->IsFinished());
      if (HasFailure() || !has_died) break;
    }
    EXPECT_GE(number, 8);
  }
  alive_->rig.ExpectConsistent();
}

TEST_P(GovernanceCrashTest, PartitionsThatWereAddedBringTheRestWithThem) {
  int number = 0;
  for (const bool has_effect : {false, true}) {
    for (int at = 1;; ++at) {
      SCOPED_TRACE(fmt::format("call {}, effect {}", at, has_effect));
      core::Bundle bundle = BundleOf(++number);
      bundle.changes.emplace_back(core::AddPartitionsChange{"old", 1 + number});
      const std::int64_t id = AddApproved(std::move(bundle));
      const bool has_died = Die(id, at, has_effect);
      GoOn(id);
      EXPECT_EQ(Find(id).state, RequestState::kApplied) << Find(id).reason;
      ExpectAll(number, true);
      const auto old = alive_->rig.real_catalog.FindTopic("old", Soon());
      EXPECT_EQ((*old)->topic.partitions.size(), static_cast<std::size_t>(1 + number));
      if (HasFailure() || !has_died) break;
    }
  }
  alive_->rig.ExpectConsistent();
}

}  // namespace
}  // namespace lanemq::testing
