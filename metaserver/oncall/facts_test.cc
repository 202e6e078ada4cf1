// What is observed of nodes, leases, outboxes and canaries, with tables of facts.
#include "metaserver/oncall/facts.h"

#include <algorithm>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "metaserver/oncall/facts_observations.h"

namespace lanemq::metaserver {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using core::Truth;

constexpr MonotonicTime kStart{10'000s};

/// A node that is fine, with the topic "orders" on it; everything was read just now.
class FactsTest : public ::testing::Test {
 protected:
  FactsTest() {
    catalog_.nodes = {{.id = core::NodeId{1}, .name = "n1", .schemas_max = 1}};
    core::Topic topic;
    topic.id = core::TopicId{7};
    topic.name = "orders";
    topic.state = core::TopicState::kActive;
    topic.partitions = {{0, core::NodeId{1}, 0}};
    catalog_.topics = {topic};
    picture_.nodes = {{.node = core::NodeId{1},
                       .name = "n1",
                       .is_ok = true,
                       .finished = kStart,
                       .began_to_sample = kStart,
                       .rounds = 1}};
    view_.nodes = {{.node = core::NodeId{1}}};
    view_.age_max = 48s;
    view_.slow_age_max = 183s;
    view_.outboxes_well_since = kStart - 1h;
    view_.cluster.canaries.well_since = kStart - 1h;
    Read();
  }

  NodeRound& round() { return picture_.nodes[0]; }
  /// Everything is as facts_ and so on say, and was read at `now_`.
  void Read() {
    view_.nodes[0].facts.Take(facts_, now_);
    view_.nodes[0].used_bytes.Take(bytes_, now_);
    view_.nodes[0].health.Take(health_, now_);
    view_.cluster.leases.Take(leases_, now_);
    view_.cluster.canaries.Take(canaries_, now_);
    round().finished = now_;
  }
  core::AlertObservations Look() {
    view_.catalog = std::make_shared<const core::CatalogSnapshot>(catalog_);
    core::AlertObservations seen;
    const ObservationInput input{picture_, settings_, memory_, now_};
    for (ObservationSource* source : sources_) source->Observe(input, seen);
    return seen;
  }
  Truth TruthOf(std::string_view kind) { return TruthOf(Look(), kind); }
  static Truth TruthOf(const core::AlertObservations& seen, std::string_view kind) {
    EXPECT_NE(core::FindAlertKind(kind), nullptr) << kind;
    Truth truth = seen.complete.contains(kind) ? Truth::kFalse : Truth::kUnknown;
    for (const core::AlertObservation& item : seen.items) {
      if (item.kind != kind) continue;
      if (item.truth == Truth::kTrue) return Truth::kTrue;
      truth = item.truth;
    }
    return truth;
  }
  /// The kinds that are true, and that nothing else is.
  void ExpectOnly(std::set<std::string> kinds) {
    std::set<std::string> found;
    for (const core::AlertObservation& item : Look().items) {
      if (item.truth == Truth::kTrue) found.insert(item.kind);
    }
    EXPECT_EQ(found, kinds);
  }
  core::RegisteredOutbox Outbox(std::chrono::milliseconds oldest, std::chrono::microseconds quiet) {
    core::RegisteredOutbox outbox;
    outbox.report.outbox = "shop";
    outbox.report.oldest_age = oldest;
    outbox.silent_for = quiet;
    return outbox;
  }
  core::RegisteredCanary Canary(const std::string& instance, std::chrono::milliseconds last_ok,
                                std::chrono::microseconds quiet = 0s) {
    core::RegisteredCanary canary;
    canary.report.instance = instance;
    canary.report.node = "n1";
    canary.report.last_ok_age = last_ok;
    canary.silent_for = quiet;
    return canary;
  }

  MonotonicTime now_ = kStart;
  core::CatalogSnapshot catalog_;
  LagPicture picture_;
  core::AlertSettings settings_;
  core::AlertMemory memory_;
  FactsView view_;
  core::NodeFacts facts_;
  std::int64_t bytes_ = 1'000;
  core::NodeHealth health_{.flush_log_at_trx_commit = 1, .sync_binlog = 1};
  SlotFacts leases_{.unheld = 0, .has_jobs = true};
  std::vector<core::RegisteredCanary> canaries_;
  NodeObservations nodes_{[this] { return view_; }, 5s};
  ClusterObservations cluster_{[this] { return view_; }};
  CanaryObservations canary_{[this] { return view_; }};
  std::vector<ObservationSource*> sources_{&nodes_, &cluster_, &canary_};
};

constexpr const char* kKinds[] = {"node_down",       "node_slow",        "node_tables_low",
                                  "node_bytes_low",  "node_not_durable", "data_loss",
                                  "delayed_overdue", "no_coordinator",   "no_jobs",
                                  "outbox_stuck",    "canary_lost",      "dead_letters_growing",
                                  "outbox_silent",   "canary_failing",   "canary_silent"};

TEST_F(FactsTest, OfAClusterThatIsFineEverythingIsFalse) {
  for (const char* kind : kKinds) EXPECT_EQ(TruthOf(kind), Truth::kFalse) << kind;
}

TEST_F(FactsTest, WhatWasNeverReadOrNotOfLateIsUnknown) {
  view_.capacities.others = 10'000;
  canaries_ = {Canary("a", 0ms)};
  view_.outboxes = {Outbox(0ms, 0s)};
  Read();
  now_ = now_ + 10min;  // Nothing was read since, but for the picture.
  round().finished = now_;
  view_.outboxes_well_since.reset();
  for (const char* kind : kKinds) {
    const bool is_of_memory =
        std::string_view(kind) == "node_down" || std::string_view(kind) == "node_tables_low";
    EXPECT_EQ(TruthOf(kind), is_of_memory ? Truth::kFalse : Truth::kUnknown) << kind;
  }
  round().rounds = 0;
  round().is_ok = false;
  EXPECT_EQ(TruthOf("node_down"), Truth::kUnknown);
}

TEST_F(FactsTest, ANodeThatDoesNotAnswerIsDown) {
  round().is_ok = false;
  round().failures = 1;
  ExpectOnly({"node_down"});
  EXPECT_EQ(TruthOf("node_slow"), Truth::kUnknown);
  round().has_answered = true;  // Not with what was asked.
  ExpectOnly({});
  round() = {.node = core::NodeId{1}, .name = "n1", .is_ok = true, .finished = now_, .rounds = 1};
  now_ = now_ + 21s;  // No round has ended since.
  ExpectOnly({"node_down"});
  catalog_.nodes[0].state = core::NodeState::kDisabled;
  EXPECT_EQ(TruthOf("node_down"), Truth::kFalse);
}

TEST_F(FactsTest, ANodeIsSlowByItsRoundsOrItsCanaries) {
  round().took = 1s;
  ExpectOnly({});
  round().took = 1'001ms;
  ExpectOnly({"node_slow"});
  round().took = 10ms;
  canaries_ = {Canary("a", 0ms), Canary("b", 0ms)};
  canaries_[0].report.p50 = 2s;
  canaries_[1].report.p50 = 100ms;  // One that is quick will do.
  Read();
  ExpectOnly({});
  canaries_[1].report.p50 = 3s;
  Read();
  ExpectOnly({"node_slow"});
}

TEST_F(FactsTest, RoomIsOfWritableNodesAndDeclaredBytes) {
  auto& partitions = catalog_.topics[0].partitions;
  for (int i = 1; i < 89; ++i) partitions.push_back({i, core::NodeId{1}, 0});
  ExpectOnly({});  // 89 of 99
  partitions.push_back({89, core::NodeId{1}, 0});
  ExpectOnly({"node_tables_low"});
  catalog_.nodes[0].state = core::NodeState::kClosed;
  ExpectOnly({});
  bytes_ = 900;
  Read();
  ExpectOnly({});
  view_.capacities.named["n1"] = 1'000;
  ExpectOnly({"node_bytes_low"});
  view_.capacities.named["n1"] = 1'001;
  ExpectOnly({});
}

TEST_F(FactsTest, DurabilityIsOfLogAndBinlog) {
  const std::tuple<std::int64_t, std::optional<std::int64_t>, bool> cases[] = {
      {1, 1, true},  {1, std::nullopt, true}, {2, 1, false},
      {0, 1, false}, {1, 0, false},           {1, 100, false}};
  for (const auto& [flush, sync, is_durable] : cases) {
    health_ = {.flush_log_at_trx_commit = flush, .sync_binlog = sync};
    Read();
    EXPECT_EQ(TruthOf("node_not_durable"), is_durable ? Truth::kFalse : Truth::kTrue) << flush;
  }
}

TEST_F(FactsTest, DeadLettersAreAddedUpAndBelongToTheGroupsOwner) {
  catalog_.nodes.push_back({.id = core::NodeId{2}, .name = "n2"});
  core::AlertRuleChange change;
  change.kind = "dead_letters_growing";
  change.threshold = 5;
  settings_.rules = {change};
  picture_.nodes.push_back(round());
  picture_.nodes[1].node = core::NodeId{2};
  core::GroupTopicLag group;
  group.group = "billing";
  group.topic = core::TopicId{7};
  group.objective.owner = "payments";
  picture_.groups = {group};
  facts_.dead_letters = {{"billing", core::TopicId{7}, 900, 3}, {"old", core::TopicId{7}, 900, 0}};
  Read();
  ExpectOnly({});
  EXPECT_EQ(TruthOf("dead_letters_growing"), Truth::kUnknown);  // n2 was not read.
  view_.nodes.push_back({.node = core::NodeId{2}});
  view_.nodes[1].facts.Take(facts_, now_);
  const auto seen = Look();
  const auto at =
      std::ranges::find(seen.items, "dead_letters_growing", &core::AlertObservation::kind);
  ASSERT_NE(at, seen.items.end());
  EXPECT_EQ(at->subject, core::GroupSubject("billing", "orders"));
  EXPECT_EQ(at->owner, "payments");
  EXPECT_TRUE(seen.complete.contains("dead_letters_growing"));
  picture_.groups[0].objective.alerts_on = false;
  EXPECT_EQ(TruthOf("dead_letters_growing"), Truth::kFalse);
  facts_.is_whole = false;
  view_.nodes[1].facts.Take(facts_, now_);
  EXPECT_EQ(TruthOf("dead_letters_growing"), Truth::kUnknown);
}

TEST_F(FactsTest, DelayedAndLostMessages) {
  facts_.overdue = 59s;
  facts_.losses = {{{core::TopicId{7}, 0}, 12, 0}};  // Long ago.
  Read();
  ExpectOnly({});
  facts_.overdue = 60s;
  facts_.losses[0].recent = 3;
  Read();
  ExpectOnly({"delayed_overdue", "data_loss"});
}

TEST_F(FactsTest, LeasesThatNobodyHolds) {
  leases_ = {.unheld = 1, .has_jobs = true};
  Read();
  ExpectOnly({"no_coordinator"});
  leases_ = {.unheld = 0, .has_jobs = false};
  Read();
  ExpectOnly({"no_jobs"});
}

TEST_F(FactsTest, OutboxesAreStuckOrSilent) {
  view_.outboxes = {Outbox(299s, 119s)};
  ExpectOnly({});
  view_.outboxes = {Outbox(300s, 119s)};
  ExpectOnly({"outbox_stuck"});
  view_.outboxes = {Outbox(0s, 120s)};
  ExpectOnly({"outbox_silent"});
  EXPECT_EQ(TruthOf("outbox_stuck"), Truth::kUnknown);
  // The metadata database was away, so nobody could report.
  view_.outboxes_well_since = now_ - 119s;
  ExpectOnly({});
  EXPECT_EQ(TruthOf("outbox_silent"), Truth::kUnknown);
}

TEST_F(FactsTest, ACanaryThatIsWellIsEnough) {
  canaries_ = {Canary("a", 70s), Canary("b", 2s)};
  Read();
  ExpectOnly({});
  canaries_[1].report.last_ok_age = 60s;
  Read();
  ExpectOnly({"canary_failing"});
  for (auto& canary : canaries_) canary.silent_for = 119s;
  canaries_[0].report.last_ok_age = 0s;
  Read();
  ExpectOnly({});
  now_ = now_ + 1s;  // By now it is two minutes.
  ExpectOnly({"canary_silent"});
  EXPECT_EQ(TruthOf("canary_failing"), Truth::kUnknown);
  view_.cluster.canaries.well_since = now_ - 1s;
  ExpectOnly({});
  EXPECT_EQ(TruthOf("canary_silent"), Truth::kUnknown);
  catalog_.nodes[0].state = core::NodeState::kClosed;
  EXPECT_EQ(TruthOf("canary_silent"), Truth::kFalse);
}

TEST_F(FactsTest, WhatCanariesLoseIsToldForAWhile) {
  canaries_ = {Canary("a", 0ms)};
  canaries_[0].report.lost = 5;  // Before this metaserver was on call.
  Read();
  ExpectOnly({});
  EXPECT_EQ(TruthOf("canary_lost"), Truth::kUnknown);
  now_ = now_ + 10min;
  Read();
  EXPECT_EQ(TruthOf("canary_lost"), Truth::kFalse);
  canaries_[0].report.lost = 6;
  Read();
  ExpectOnly({"canary_lost"});
  now_ = now_ + 9min;
  Read();
  ExpectOnly({"canary_lost"});
  now_ = now_ + 1min;
  Read();
  ExpectOnly({});
  canaries_.push_back(Canary("new", 0ms));
  canaries_[1].report.lost = 1;
  Read();
  ExpectOnly({"canary_lost"});
}

TEST(Capacities, AreNumbersOfBytes) {
  const auto parsed = ParseCapacities("n1=500000000000,7,n2=3");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->Of("n1"), 500'000'000'000);
  EXPECT_EQ(parsed->Of("n2"), 3);
  EXPECT_EQ(parsed->Of("other"), 7);
  EXPECT_EQ(ParseCapacities("")->Of("n1"), 0);
  for (const char* bad : {"n1=", "=5", "n1=5G", "0", "-1", "n1=1,,n2=2", "x"}) {
    EXPECT_FALSE(ParseCapacities(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace lanemq::metaserver
