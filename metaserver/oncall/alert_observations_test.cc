#include "metaserver/oncall/alert_observations.h"

#include <algorithm>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "common/core/catalog/topic_rules.h"

namespace lanemq::metaserver {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""h;
using core::LagStatus;
using core::Truth;

constexpr MonotonicTime kStart{1'000s};

class LagObservationsTest : public ::testing::Test {
 protected:
  LagObservationsTest() {
    auto snapshot = std::make_shared<core::CatalogSnapshot>();
    core::Topic topic;
    topic.id = core::TopicId{7};
    topic.name = "orders";
    topic.partitions = {{.index = 0, .node = core::NodeId{1}},
                        {.index = 1, .node = core::NodeId{2}}};
    snapshot->topics = {topic};
    catalog_ = snapshot;
    for (const int id : {1, 2}) {
      picture_.nodes.push_back({.node = core::NodeId{id},
                                .name = "n" + std::to_string(id),
                                .is_ok = true,
                                .finished = kStart,
                                .began_to_sample = kStart,
                                .rounds = 1});
    }
    core::GroupTopicLag group;
    group.group = "billing";
    group.topic = core::TopicId{7};
    group.topic_name = "orders";
    group.objective.owner = "payments";
    group.lag_messages = 12;
    group.lag = 15min;
    for (const int partition : {0, 1}) {
      core::JudgedPartition judged;
      judged.sample.key = {core::TopicId{7}, partition};
      group.partitions.push_back(judged);
    }
    picture_.groups = {group};
  }

  core::GroupTopicLag& group() { return picture_.groups[0]; }
  void SetStatus(LagStatus status) {
    group().status = status;
    for (auto& partition : group().partitions) partition.verdict.status = status;
  }
  core::AlertObservations Look(std::chrono::nanoseconds after = 1s, bool are_fresh = true) {
    const MonotonicTime now = kStart + after;
    ++picture_.number;
    if (are_fresh) {
      for (NodeRound& round : picture_.nodes) round.finished = now;
    }
    core::AlertObservations seen;
    observations_.Observe({picture_, settings_, memory_, now}, seen);
    return seen;
  }
  static const core::AlertObservation* Find(const core::AlertObservations& seen,
                                            std::string_view kind) {
    const auto at = std::ranges::find(seen.items, kind, &core::AlertObservation::kind);
    return at == seen.items.end() ? nullptr : &*at;
  }
  static Truth TruthOf(const core::AlertObservations& seen, std::string_view kind) {
    if (const auto* found = Find(seen, kind)) return found->truth;
    return seen.complete.contains(kind) ? Truth::kFalse : Truth::kUnknown;
  }

  SnapshotCache::SnapshotPtr catalog_;
  LagObservations observations_{[this] { return catalog_; }};
  LagPicture picture_;
  core::AlertSettings settings_;
  core::AlertMemory memory_;
};

TEST_F(LagObservationsTest, EachTroubleIsItsOwnKind) {
  const std::pair<LagStatus, const char*> kinds[] = {
      {LagStatus::kWarn, "group_falling_behind"}, {LagStatus::kRewind, "group_rewound"},
      {LagStatus::kSlow, "group_slow"},           {LagStatus::kStall, "group_stalled"},
      {LagStatus::kStop, "group_stopped"},        {LagStatus::kLost, "group_lost"}};
  for (const auto& [status, kind] : kinds) {
    SetStatus(status);
    const auto seen = Look();
    ASSERT_NE(Find(seen, kind), nullptr) << kind;
    ASSERT_NE(core::FindAlertKind(kind), nullptr) << kind;
    for (const auto& other : kinds) {
      EXPECT_EQ(TruthOf(seen, other.second), other.first == status ? Truth::kTrue : Truth::kFalse);
    }
    EXPECT_EQ(Find(seen, kind)->subject, core::GroupSubject("billing", "orders"));
    EXPECT_EQ(Find(seen, kind)->owner, "payments");
  }
  for (const LagStatus status : {LagStatus::kOk, LagStatus::kNew, LagStatus::kPaused}) {
    SetStatus(status);
    const auto seen = Look();
    for (const auto& other : kinds) EXPECT_EQ(TruthOf(seen, other.second), Truth::kFalse);
  }
}

TEST_F(LagObservationsTest, TheTierSaysHowUrgentSlowIs) {
  group().objective.tier = "ticket";
  SetStatus(LagStatus::kSlow);
  EXPECT_EQ(Find(Look(), "group_slow")->severity, core::AlertSeverity::kTicket);
  SetStatus(LagStatus::kStop);
  EXPECT_EQ(Find(Look(), "group_stopped")->severity, std::nullopt);
}

TEST_F(LagObservationsTest, AlertsThatAreOffAreFalse) {
  SetStatus(LagStatus::kStop);
  group().objective.alerts_on = false;
  EXPECT_EQ(TruthOf(Look(), "group_stopped"), Truth::kFalse);
}

TEST_F(LagObservationsTest, WhatWasNotReadIsUnknown) {
  SetStatus(LagStatus::kStop);
  Look();
  // The other node is silent: what it had goes on, and nothing of it is false.
  const auto seen = Look(2min, false);
  EXPECT_EQ(TruthOf(seen, "group_stopped"), Truth::kTrue);
  EXPECT_EQ(TruthOf(seen, "group_slow"), Truth::kUnknown);
  EXPECT_EQ(TruthOf(seen, "lag_stale"), Truth::kTrue);
  SetStatus(LagStatus::kOk);
  EXPECT_EQ(TruthOf(Look(2min, false), "group_stopped"), Truth::kUnknown);
  EXPECT_EQ(TruthOf(Look(2min, true), "group_stopped"), Truth::kFalse);
}

TEST_F(LagObservationsTest, BeforeTheFirstRoundNothingIsFalse) {
  for (NodeRound& round : picture_.nodes) round.rounds = 0;
  picture_.groups.clear();
  const auto seen = Look();
  for (const char* kind : {"group_stopped", "group_lost", "near_retention_loss",
                           "group_lost_messages", "topic_not_produced"}) {
    EXPECT_EQ(TruthOf(seen, kind), Truth::kUnknown) << kind;
  }
  EXPECT_EQ(TruthOf(seen, "lag_stale"), Truth::kFalse);
}

TEST_F(LagObservationsTest, ANodeThatIsDownExplainsItsGroups) {
  SetStatus(LagStatus::kStop);
  group().partitions[0].verdict.status = LagStatus::kOk;
  const auto seen = Look();
  const auto& why = Find(seen, "group_stopped")->explained_by;
  EXPECT_TRUE(std::ranges::count(why, core::AlertKey{"node_down", core::NodeSubject("n2")}));
  EXPECT_FALSE(std::ranges::count(why, core::AlertKey{"node_down", core::NodeSubject("n1")}));
}

TEST_F(LagObservationsTest, RetentionNearsWhatIsUnread) {
  group().headroom = 5h;
  EXPECT_EQ(TruthOf(Look(), "near_retention_loss"), Truth::kTrue);
  group().drain = 4h;  // It gets through before.
  EXPECT_EQ(TruthOf(Look(), "near_retention_loss"), Truth::kFalse);
  group().drain = 6h;
  EXPECT_EQ(TruthOf(Look(), "near_retention_loss"), Truth::kTrue);
  group().headroom = 7h;
  EXPECT_EQ(TruthOf(Look(), "near_retention_loss"), Truth::kFalse);
}

TEST_F(LagObservationsTest, LostMessagesAreToldForAWhile) {
  core::JudgedPartition& partition = group().partitions[1];
  group().lost_messages = partition.sample.lost_messages = 5;
  const auto look = [&](std::chrono::microseconds ago) {
    partition.sampled_at = WallTime{1'800'000'000'000'000};
    partition.sample.lost_at = WallTime{partition.sampled_at.micros - ago.count()};
    return TruthOf(Look(), "group_lost_messages");
  };
  EXPECT_EQ(look(16min), Truth::kFalse);  // Long ago.
  EXPECT_EQ(look(14min), Truth::kTrue);   // Perhaps nobody was on call.
  EXPECT_EQ(look(0s), Truth::kTrue);
  observations_.OnTerm();
  EXPECT_EQ(look(10min), Truth::kTrue);  // A successor says the same.
  EXPECT_EQ(look(16min), Truth::kFalse);
  group().objective.alerts_on = false;
  EXPECT_EQ(look(0s), Truth::kFalse);
}

TEST_F(LagObservationsTest, WhereUnreadMessagesMayGoNoLossIsTold) {
  auto snapshot = std::make_shared<core::CatalogSnapshot>(*catalog_);
  snapshot->topics[0].config[std::string(core::kRetentionUnread)] = "allow";
  catalog_ = snapshot;
  core::JudgedPartition& partition = group().partitions[1];
  group().lost_messages = partition.sample.lost_messages = 5;
  partition.sampled_at = WallTime{1'800'000'000'000'000};
  partition.sample.lost_at = partition.sampled_at;
  EXPECT_EQ(TruthOf(Look(), "group_lost_messages"), Truth::kFalse);
}

TEST_F(LagObservationsTest, ASteadyTopicThatIsSilent) {
  picture_.topics = {{.topic = core::TopicId{7},
                      .topic_name = "orders",
                      .produced = 100,
                      .groups = 1,
                      .is_whole = true,
                      .least_hourly = 30}};
  // Nobody has watched for long enough.
  EXPECT_EQ(TruthOf(Look(), "topic_not_produced"), Truth::kUnknown);
  EXPECT_EQ(TruthOf(Look(9min), "topic_not_produced"), Truth::kUnknown);
  EXPECT_EQ(TruthOf(Look(11min), "topic_not_produced"), Truth::kTrue);
  picture_.topics[0].produced = 101;
  EXPECT_EQ(TruthOf(Look(11min), "topic_not_produced"), Truth::kFalse);
  EXPECT_EQ(TruthOf(Look(22min), "topic_not_produced"), Truth::kTrue);
  picture_.topics[0].least_hourly = 29;
  EXPECT_EQ(TruthOf(Look(22min), "topic_not_produced"), Truth::kFalse);
  picture_.topics[0].is_whole = false;
  EXPECT_EQ(TruthOf(Look(22min), "topic_not_produced"), Truth::kUnknown);
}

TEST_F(LagObservationsTest, RowsBeyondTheLimitAreTold) {
  picture_.nodes[1].rows_dropped = 3;
  const auto seen = Look();
  ASSERT_NE(Find(seen, "lag_cut_off"), nullptr);
  EXPECT_EQ(Find(seen, "lag_cut_off")->subject, core::NodeSubject("n2"));
}

TEST_F(LagObservationsTest, DurationsForPeople) {
  EXPECT_EQ(DurationText(45s), "45 s");
  EXPECT_EQ(DurationText(12min), "12 min");
  EXPECT_EQ(DurationText(3h + 30min), "3.5 h");
  EXPECT_EQ(DurationText(72h), "3.0 days");
}

}  // namespace
}  // namespace lanemq::metaserver
