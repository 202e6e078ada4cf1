#include "metaserver/oncall/on_call.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "metaserver/coordinator/slot_directory.h"
#include "metaserver/coordinator/test_stores.h"
#include "metaserver/oncall/test_catalog.h"
#include "tests/conformance/fake_lag_history.h"
#include "tests/conformance/fake_lag_source.h"
#include "tests/support/wait_for.h"

namespace lanemq::metaserver {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::WaitFor;

/// Sources die with their samplers; the node they read stays.
class Forward final : public core::LagSource {
 public:
  explicit Forward(core::LagSource& next) : next_(next) {}
  Result<core::LagRound> Sample(const core::LagQuery& query, Deadline deadline) override {
    return next_.Sample(query, deadline);
  }

 private:
  core::LagSource& next_;
};

/// Tells the history of each new term, as one database would know it.
class Leases final : public core::LeaseStore {
 public:
  Leases(core::LeaseStore& next, testing::FakeLagHistory& history)
      : next_(next), history_(history) {}
  Result<core::Lease> Acquire(std::string_view name, std::string_view owner, milliseconds ttl,
                              Deadline deadline) override {
    auto lease = next_.Acquire(name, owner, ttl, deadline);
    if (lease.ok()) history_.SetTerm(lease->name, lease->token);
    return lease;
  }
  Status Renew(const core::Lease& lease, milliseconds ttl, Deadline deadline) override {
    return next_.Renew(lease, ttl, deadline);
  }
  Status Release(const core::Lease& lease, Deadline deadline) override {
    return next_.Release(lease, deadline);
  }
  Result<std::vector<core::Lease>> Running(std::string_view prefix, Deadline deadline) override {
    return next_.Running(prefix, deadline);
  }

 private:
  core::LeaseStore& next_;
  testing::FakeLagHistory& history_;
};

/// What a part was told.
struct Part final : OnCallPart {
  void OnDuty() override { ++begun; }
  void OnEvaluated(const LagPicture& /*picture*/,
                   const std::optional<core::Fence>& fence) override {
    ++pictures;
    fenced_pictures += fence ? 1 : 0;
  }
  void OffDuty() override { ++ended; }
  void AddMetrics(TextMetrics& metrics) override {
    metrics.Family("lanemq_test", TextMetrics::Type::kGauge, "A part's own");
    metrics.Series("", std::int64_t{1});
  }
  std::atomic<int> begun{0}, ended{0}, pictures{0}, fenced_pictures{0};
};

/// A metadata database, one data node with the topic "orders" and the group "g", all in memory, and
/// as many metaservers as the test wants.
class OnCallTest : public ::testing::Test {
 protected:
  struct Server {
    Part part;
    std::unique_ptr<OnCall> on_call;
  };

  OnCallTest() {
    core::CatalogSnapshot catalog;
    catalog.version = 1;
    core::DataNode node;
    node.id = core::NodeId{1};
    node.name = "n1";
    catalog.nodes.push_back(node);
    core::Topic topic;
    topic.id = core::TopicId{7};
    topic.name = "orders";
    topic.state = core::TopicState::kActive;
    topic.partitions.push_back({0, core::NodeId{1}, 0});
    catalog.topics.push_back(topic);
    store_.Set(catalog);
    EXPECT_TRUE(cache_.Load().ok());
    source_.SetNow({1'000'000'000'000});
    source_.Create(kKey);
    const std::vector<WallTime> times(4, WallTime{1'000'000'000'000 - 5'000'000});
    source_.Append(kKey, times);
    source_.Commit("g", kKey, core::Offset{2});
  }

  Server& Start(int port) {
    Server& server = *servers_.emplace_back(std::make_unique<Server>());
    OnCall::Options options;
    options.self = {"127.0.0.1", port};
    options.owner = LeaseOwner(options.self, port);
    options.lease = {.ttl = milliseconds{400}, .margin = milliseconds{100}};
    options.tick = milliseconds{10};
    options.sampler.interval = milliseconds{20};
    options.groups.every = milliseconds{20};
    options.history.write_every = milliseconds{20};
    options.history.uses_every = milliseconds{20};
    options.load_timeout = milliseconds{200};
    OnCall::Stores stores{.leases = leases_,
                          .groups = database_,
                          .alerts = nullptr,
                          .history = &history_,
                          .lag_on = [this](core::NodeId) -> std::unique_ptr<core::LagSource> {
                            return std::make_unique<Forward>(source_);
                          },
                          .describe = {}};
    server.on_call = std::make_unique<OnCall>(options, stores, cache_, clock_);
    server.on_call->AddPart(server.part);
    server.on_call->Start();
    return server;
  }
  static bool IsOnCall(const Server& server) {
    return server.on_call->MetricsText().find("lanemq_oncall_is_holder 1\n") != std::string::npos;
  }
  static bool HasPicture(const Server& server) {
    return server.on_call->board().Current() != nullptr;
  }

  static constexpr core::PartitionKey kKey{core::TopicId{7}, 0};
  const SystemClock& clock_ = SystemClock::Instance();
  testing::TestDatabase database_{clock_};
  testing::FakeLagHistory history_;
  Leases leases_{database_, history_};
  testing::FakeLagSource source_;
  testing::TestCatalog store_;
  SnapshotCache cache_{{}, store_, clock_, [](std::span<const core::DataNode>) {}};
  std::vector<std::unique_ptr<Server>> servers_;
};

TEST_F(OnCallTest, OneIsOnCallAndTheOtherKnowsWho) {
  Server& a = Start(1);
  ASSERT_TRUE(WaitFor([&] { return HasPicture(a); }, seconds{10}, "a picture"));
  Server& b = Start(2);
  ASSERT_TRUE(WaitFor([&] { return b.on_call->FindHolder().ok(); }, seconds{10}, "b knows"));
  EXPECT_EQ(b.on_call->FindHolder()->endpoint.port, 1);
  EXPECT_EQ(a.on_call->FindHolder()->endpoint.port, 1);
  EXPECT_TRUE(IsOnCall(a));
  EXPECT_FALSE(IsOnCall(b));
  EXPECT_FALSE(HasPicture(b));
  const auto picture = a.on_call->board().Current();
  ASSERT_EQ(picture->groups.size(), 1u);
  EXPECT_EQ(picture->groups[0].lag_messages, 3);
  EXPECT_EQ(picture->groups[0].lag, seconds{5});
  ASSERT_TRUE(WaitFor(
      [&] {
        const std::string text = a.on_call->MetricsText();
        return text.find(
                   "lanemq_group_lag_messages{group=\"g\",topic=\"orders\",partition=\"0\"} "
                   "3\n") != std::string::npos &&
               text.find("lanemq_test 1\n") != std::string::npos;
      },
      seconds{10}, "metrics"));
  EXPECT_EQ(b.on_call->MetricsText().find("lanemq_group"), std::string::npos);
}

TEST_F(OnCallTest, TheOtherTakesOverAtOnceWhenOneStops) {
  Server& a = Start(1);
  ASSERT_TRUE(WaitFor([&] { return a.part.pictures > 2; }, seconds{10}, "pictures"));
  Server& b = Start(2);
  a.on_call->Stop();
  EXPECT_FALSE(HasPicture(a));
  EXPECT_EQ(a.part.ended, 1);
  ASSERT_TRUE(WaitFor([&] { return HasPicture(b); }, seconds{10}, "b is on call"));
  EXPECT_EQ(b.on_call->FindHolder()->endpoint.port, 2);
  EXPECT_GT(b.on_call->FindHolder()->epoch, core::FencingToken{1});
}

TEST_F(OnCallTest, WithoutTheMetadataDatabaseTheLastHolderGoesOnWithoutAFence) {
  Server& a = Start(1);
  ASSERT_TRUE(WaitFor([&] { return a.part.fenced_pictures > 2; }, seconds{10}, "pictures"));
  database_.SetDown(true);
  history_.FailWith(ErrorCode::kMetadataUnavailable);
  ASSERT_TRUE(WaitFor([&] { return a.part.pictures > a.part.fenced_pictures + 5; }, seconds{10},
                      "pictures without a fence"));
  EXPECT_TRUE(IsOnCall(a));
  EXPECT_TRUE(HasPicture(a));
  const int before = a.part.fenced_pictures;
  const int without = a.part.pictures;
  ASSERT_TRUE(WaitFor([&] { return a.part.pictures > without + 5; }, seconds{10}, "more"));
  EXPECT_EQ(a.part.fenced_pictures, before);
  // It goes on under a new term when the database is back; its parts are told.
  history_.FailWith(std::nullopt);
  database_.SetDown(false);
  ASSERT_TRUE(WaitFor([&] { return a.part.fenced_pictures > before; }, seconds{10}, "a fence"));
  EXPECT_EQ(a.part.begun, 2);
  EXPECT_EQ(a.part.ended, 0);
}

TEST_F(OnCallTest, ItEndsWhenAnotherOneHasTheLease) {
  Server& a = Start(1);
  ASSERT_TRUE(WaitFor([&] { return HasPicture(a); }, seconds{10}, "a picture"));
  const auto running = leases_.Running("on-call", {});
  ASSERT_TRUE(running.ok() && running->size() == 1);
  ASSERT_TRUE(leases_.Release(running->front(), {}).ok());
  ASSERT_TRUE(leases_.Acquire("on-call", "127.0.0.1:9/1", seconds{60}, {}).ok());
  ASSERT_TRUE(WaitFor([&] { return !IsOnCall(a) && !HasPicture(a); }, seconds{10}, "a gave up"));
  EXPECT_EQ(a.part.ended, 1);
  ASSERT_TRUE(WaitFor(
      [&] {
        const auto holder = a.on_call->FindHolder();
        return holder.ok() && holder->endpoint.port == 9;
      },
      seconds{10}, "a knows who has it"));
}

TEST_F(OnCallTest, WhenTopicsWereLastUsedIsStoredAndNotTakenForUseAgainByASuccessor) {
  Server& a = Start(1);
  const auto uses = [&] {
    const auto stored = history_.LastUses(10, {});
    return stored.ok() ? *stored : std::vector<core::LastUse>{};
  };
  ASSERT_TRUE(WaitFor([&] { return uses().size() == 1; }, seconds{10}, "a row"));
  const core::LastUse first = uses().front();
  EXPECT_EQ(first.topic, core::TopicId{7});
  EXPECT_EQ(first.produced, 4);
  EXPECT_EQ(first.consumed, 2);
  EXPECT_EQ(first.produced_at, first.watched_since);
  a.on_call->Stop();
  Server& b = Start(2);
  ASSERT_TRUE(WaitFor([&] { return b.part.fenced_pictures > 5; }, seconds{10}, "b looks"));
  EXPECT_EQ(uses(), (std::vector<core::LastUse>{first}));
}

TEST_F(OnCallTest, TheHistoryIsWrittenAndASuccessorGoesOnFromIt) {
  Server& a = Start(1);
  ASSERT_TRUE(WaitFor([&] { return history_.size() > 0; }, seconds{10}, "rows"));
  ASSERT_TRUE(WaitFor(
      [&] {
        const auto rows = history_.Newest(seconds{3'600}, 10, {});
        return rows.ok() && rows->size() == 2 && !rows->back().partitions.empty();
      },
      seconds{10}, "a row of the group and one of the topic"));
  const WallTime since = a.on_call->board().Current()->groups[0].since;
  a.on_call->Stop();
  source_.SetNow({1'000'000'000'000 + 3'000'000});
  Server& b = Start(2);
  ASSERT_TRUE(WaitFor([&] { return HasPicture(b); }, seconds{10}, "b is on call"));
  EXPECT_EQ(b.on_call->board().Current()->groups[0].since, since);
}

TEST_F(OnCallTest, ANodeThatFailsKeepsItsLastValues) {
  Server& a = Start(1);
  ASSERT_TRUE(WaitFor([&] { return HasPicture(a); }, seconds{10}, "a picture"));
  for (int i = 0; i < 1'000; ++i) source_.FailNext(ErrorCode::kDataNodeUnavailable);
  ASSERT_TRUE(WaitFor([&] { return a.on_call->board().Current()->nodes[0].failures_in_a_row > 3; },
                      seconds{10}, "failures"));
  const auto picture = a.on_call->board().Current();
  EXPECT_FALSE(picture->nodes[0].is_ok);
  EXPECT_NE(picture->nodes[0].error, "");
  ASSERT_EQ(picture->groups.size(), 1u);
  EXPECT_EQ(picture->groups[0].lag_messages, 3);
}

}  // namespace
}  // namespace lanemq::metaserver
