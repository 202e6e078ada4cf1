// The background jobs: one runner at a time, fenced, and careful about whom it declares dead.
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include <gmock/gmock.h>

#include "metaserver/discovery/broker_registry.h"
#include "metaserver/jobs/job_runner.h"
#include "tests/integration/meta/meta_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using core::BrokerState;
using metaserver::BrokerRegistry;
using metaserver::JobRunner;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kSession{1'500};

core::Broker MakeBroker(int id) {
  core::Broker broker;
  broker.id = core::BrokerId{id};
  broker.incarnation = 100 + id;
  broker.host = "127.0.0.1";
  broker.port = 9'000 + id;
  return broker;
}

/// Sends the heartbeats of the brokers in a set, several times a second.
class Brokers {
 public:
  explicit Brokers(BrokerRegistry& registry) : registry_(registry) {
    thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  }
  ~Brokers() {
    thread_.request_stop();
    thread_.join();
  }
  void SetAlive(std::set<int> alive) {
    MutexLock lock(mutex_);
    alive_ = std::move(alive);
  }

 private:
  void Run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::set<int> alive;
      {
        MutexLock lock(mutex_);
        alive = alive_;
        wake_.WaitFor(mutex_, milliseconds{100});
      }
      for (const int id : alive) {
        const Status beat = registry_.Heartbeat(MakeBroker(id));
        EXPECT_TRUE(beat.ok()) << beat.error().ToString();
      }
    }
  }
  BrokerRegistry& registry_;
  Mutex mutex_;
  CondVar wake_;
  std::set<int> alive_;
  std::jthread thread_;
};

class JobsTest : public MetaTest {
 protected:
  static JobRunner::Options JobOptions(const std::string& owner) {
    JobRunner::Options options;
    options.owner = owner;
    options.self = {owner, 1};
    options.tick = milliseconds{50};
    options.lease = {.ttl = milliseconds{1'500}, .margin = milliseconds{300}};
    options.eviction = {.session_timeout = kSession, .one_in = 3, .window = milliseconds{100}};
    options.finish_every = milliseconds{100};
    options.expire_audit_every = milliseconds{100};
    return options;
  }
  static std::unique_ptr<JobRunner> Start(MetaRig& rig, const std::string& owner) {
    auto runner =
        std::make_unique<JobRunner>(JobOptions(owner), rig.leases, rig.catalog_store, rig.audit,
                                    rig.catalog, rig.cache, SystemClock::Instance());
    runner->Start();
    return runner;
  }
  static BrokerRegistry::Options RegistryOptions() { return {.session_timeout = kSession}; }
  static std::map<int, BrokerState> States(MetaRig& rig) {
    std::map<int, BrokerState> states;
    const auto brokers = rig.real_catalog.LoadBrokers(MetaRig::Soon());
    EXPECT_TRUE(brokers.ok());
    if (brokers.ok()) {
      for (const auto& record : *brokers) {
        states[record.broker.id.value] = record.broker.state;
      }
    }
    return states;
  }
};
INSTANTIATE_TEST_SUITE_P(On, JobsTest, ::testing::ValuesIn(Engines()), EngineName);

TEST_P(JobsTest, OneLeadsAndAnotherTakesOverWhenItStops) {
  MetaRig a(*server_, prefix_);
  MetaRig b(*server_, prefix_);
  auto first = Start(a, "a");
  ASSERT_TRUE(WaitFor([&] { return first->Stats().token.has_value(); }, seconds{20}, "a leads"));
  auto second = Start(b, "b");
  ASSERT_TRUE(WaitFor([&] { return b.cache.Current()->metaservers.size() == 2; }, seconds{20},
                      "both are announced"));
  EXPECT_FALSE(second->Stats().token.has_value());
  const std::int64_t old_token = *first->Stats().token;
  first->Stop();
  ASSERT_TRUE(WaitFor([&] { return second->Stats().token.has_value(); }, seconds{20}, "b leads"));
  EXPECT_GT(*second->Stats().token, old_token);
}

TEST_P(JobsTest, AHalfMadeTopicIsFinishedWithoutAnybodyAsking) {
  MetaRig rig(*server_, prefix_);
  rig.AddNode("one");
  const auto begun = rig.real_catalog.BeginCreateTopic(
      {"orders", 2, {}, ""},
      [](std::span<const core::NodeUsage> usage) {
        return core::PlanPlacement(usage, {2, {}, {}});
      },
      Note(), MetaRig::Soon());
  ASSERT_TRUE(begun.ok());
  const auto runner = Start(rig, "a");
  ASSERT_TRUE(
      WaitFor([&] { return runner->Stats().finished_topics == 1; }, seconds{20}, "finished"));
  rig.ExpectConsistent();
  EXPECT_EQ(rig.cache.Current()->topics.at(0).state, core::TopicState::kActive);
}

TEST_P(JobsTest, ADeletedTopicIsPurgedWhenItsTimeHasComeAndNotBefore) {
  MetaRig rig(*server_, prefix_, {}, milliseconds{1});
  MetaRig patient(*server_, prefix_, {}, std::chrono::hours{1});
  rig.AddNode("one");
  for (const char* const name : {"short-lived", "again", "kept"}) {
    ASSERT_TRUE(rig.Create(name, 2).ok());
  }
  ASSERT_TRUE(patient.catalog.Delete("kept", Note()).ok());
  ASSERT_TRUE(rig.catalog.Delete("short-lived", Note())->has_value());
  ASSERT_TRUE(rig.catalog.Delete("again", Note())->has_value());
  EXPECT_EQ(rig.Tables().size(), 6u);
  const auto runner = Start(rig, "a");
  ASSERT_TRUE(
      WaitFor([&] { return rig.Tables().size() == 2; }, seconds{20}, "the tables are gone"));
  ASSERT_TRUE(WaitFor([&] { return rig.cache.Current()->topics.size() == 1; }, seconds{20},
                      "so are the topics"));
  EXPECT_EQ(runner->Stats().purged_topics, 2);
  EXPECT_EQ(rig.cache.Current()->topics.at(0).name, "kept");
  rig.ExpectConsistent();
  ASSERT_TRUE(rig.catalog.Undelete("kept", Note()).ok());
  EXPECT_EQ(rig.catalog.Undelete("again", Note()).error().code,
            ErrorCode::kUnknownTopicOrPartition);
}

TEST_P(JobsTest, ALeaderThatWasPausedBetweenDecisionAndDeedEvictsNobody) {
  std::atomic<bool> is_paused{false};
  std::atomic<bool> may_go_on{false};
  MetaRig a(*server_, prefix_, [&](std::string_view call, bool is_after) {
    if (call == "EvictBrokers" && !is_after && !may_go_on) {
      is_paused = true;  // As a SIGSTOP would: no renewal, no nothing.
      EXPECT_TRUE(WaitFor([&] { return may_go_on.load(); }, seconds{40}, "resume"));
    }
    return Status{};
  });
  // The second judge holds its hand, so that an eviction could only be the first one's.
  MetaRig b(*server_, prefix_, [](std::string_view call, bool) {
    if (call != "EvictBrokers") return Status{};
    return Status{Error{ErrorCode::kMetadataUnavailable, "not this one"}};
  });
  BrokerRegistry registry(RegistryOptions(), b.real_catalog, b.cache, SystemClock::Instance());
  Brokers brokers(registry);
  brokers.SetAlive({1, 2, 3});
  const auto first = Start(a, "a");
  ASSERT_TRUE(WaitFor([&] { return States(b).size() == 3; }, seconds{20}, "registered"));
  ASSERT_TRUE(WaitFor([&] { return first->Stats().token.has_value(); }, seconds{20}, "a leads"));
  brokers.SetAlive({1, 2});
  ASSERT_TRUE(WaitFor([&] { return is_paused.load(); }, seconds{30}, "a wants to evict 3"));
  const auto second = Start(b, "b");
  ASSERT_TRUE(WaitFor([&] { return second->Stats().token.has_value(); }, seconds{30}, "b leads"));
  may_go_on = true;
  ASSERT_TRUE(
      WaitFor([&] { return !first->Stats().token.has_value(); }, seconds{30}, "a knows it lost"));
  first->Stop();
  EXPECT_EQ(first->Stats().evicted, 0);
  EXPECT_EQ(States(b).at(3), BrokerState::kActive);
}

TEST_P(JobsTest, OneSilentBrokerDiesButWhenAllFallSilentNobodyDoes) {
  MetaRig rig(*server_, prefix_);
  BrokerRegistry registry(RegistryOptions(), rig.real_catalog, rig.cache, SystemClock::Instance());
  Brokers brokers(registry);
  brokers.SetAlive({1, 2, 3, 4});
  const auto runner = Start(rig, "a");
  ASSERT_TRUE(WaitFor([&] { return States(rig).size() == 4; }, seconds{20}, "registered"));
  brokers.SetAlive({1, 2, 3});
  ASSERT_TRUE(WaitFor([&] { return States(rig).at(4) == BrokerState::kDead; }, seconds{30},
                      "broker 4 is dead"));
  for (const int id : {1, 2, 3}) EXPECT_EQ(States(rig).at(id), BrokerState::kActive) << id;

  brokers.SetAlive({});
  ASSERT_TRUE(WaitFor([&] { return runner->Stats().suspects_itself; }, seconds{30}, "suspicion"));
  ASSERT_TRUE(WaitFor([&] { return runner->Stats().held_back == 3; }, seconds{30}, "all silent"));
  for (const int id : {1, 2, 3}) EXPECT_EQ(States(rig).at(id), BrokerState::kActive) << id;

  brokers.SetAlive({1, 2, 3, 4});
  ASSERT_TRUE(WaitFor([&] { return States(rig).at(4) == BrokerState::kActive; }, seconds{30},
                      "broker 4 is back"));
  ASSERT_TRUE(WaitFor([&] { return runner->Stats().held_back == 0; }, seconds{30}, "all speak"));
  EXPECT_EQ(runner->Stats().evicted, 1);
}

TEST_P(JobsTest, AJudgeThatWasBlindGivesEverybodyAFullSession) {
  std::atomic<bool> is_blind{false};
  MetaRig rig(*server_, prefix_, [&](std::string_view, bool) {
    return is_blind ? Status{Error{ErrorCode::kMetadataUnavailable, "down"}} : Status{};
  });
  // Heartbeats go the same way: while the database is down they are accepted in memory.
  BrokerRegistry registry(RegistryOptions(), rig.catalog_store, rig.cache, SystemClock::Instance());
  Brokers brokers(registry);
  brokers.SetAlive({1, 2, 3});
  const auto runner = Start(rig, "a");
  ASSERT_TRUE(WaitFor([&] { return States(rig).size() == 3; }, seconds{20}, "registered"));
  ASSERT_TRUE(WaitFor([&] { return runner->Stats().token.has_value(); }, seconds{20}, "leads"));
  is_blind = true;
  const auto silent_for = [&] {
    const auto records = rig.real_catalog.LoadBrokers(MetaRig::Soon());
    return records.ok() && !records->empty() ? records->front().silent_for
                                             : std::chrono::microseconds{0};
  };
  ASSERT_TRUE(WaitFor([&] { return silent_for() > kSession * 3 / 2; }, seconds{30}, "an outage"));
  const std::int64_t version = *rig.real_catalog.LoadVersion(MetaRig::Soon());
  is_blind = false;
  ASSERT_TRUE(WaitFor([&] { return silent_for() < kSession / 2; }, seconds{30}, "written again"));
  EXPECT_EQ(runner->Stats().evicted, 0);
  EXPECT_EQ(*rig.real_catalog.LoadVersion(MetaRig::Soon()), version);
}

TEST_P(JobsTest, WhatTheAuditLogHasKeptForFourHundredDaysIsForgotten) {
  MetaRig rig(*server_, prefix_);
  for (const char* name : {"old", "young"}) {
    core::AuditNote note;
    note.action = "deleteTopic";
    ASSERT_TRUE(
        rig.audit.AppendDenied(note, {.object_kind = "topic", .object_name = name}, MetaRig::Soon())
            .ok());
  }
  for (const auto& [name, days] : {std::pair("old", 401), std::pair("young", 399)}) {
    ASSERT_TRUE(server_
                    ->Query(fmt::format("UPDATE {}.audit_events SET at = UTC_TIMESTAMP(6) - "
                                        "INTERVAL {} DAY WHERE object_name = '{}'",
                                        sql::MetaSchema(prefix_), days, name))
                    .ok());
  }
  const auto runner = Start(rig, "a");
  ASSERT_TRUE(WaitFor([&] { return runner->Stats().audit_expired == 1; }, seconds{20}, "expired"));
  const auto left = rig.audit.Search({}, MetaRig::Soon());
  ASSERT_TRUE(left.ok()) << left.error().ToString();
  ASSERT_EQ(left->events.size(), 1u);
  EXPECT_EQ(left->events[0].change.object_name, "young");
}

}  // namespace
}  // namespace lanemq::testing
