#include "metaserver/oncall/evaluation.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "metaserver/oncall/history_rows.h"
#include "metaserver/oncall/lag_exposition.h"

namespace lanemq::metaserver {
namespace {

using core::LagCause;
using core::LagStatus;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kSecond = 1'000'000;

/// One node with the topic "orders" (id 7) of two partitions, and a clock that the test moves.
class EvaluationTest : public ::testing::Test {
 protected:
  EvaluationTest() {
    auto catalog = std::make_shared<core::CatalogSnapshot>();
    core::Topic topic;
    topic.id = core::TopicId{7};
    topic.name = "orders";
    topic.state = core::TopicState::kActive;
    for (std::int32_t i = 0; i < 2; ++i) topic.partitions.push_back({i, core::NodeId{1}, 0});
    catalog->topics.push_back(topic);
    input_.catalog = catalog;
    book_.objectives = std::make_shared<core::ObjectiveTable>();
  }

  static core::LagSample Row(const std::string& group, std::int32_t partition,
                             std::int64_t committed, std::int64_t end) {
    core::LagSample row;
    row.group = group;
    row.key = {core::TopicId{7}, partition};
    row.committed = core::Offset{committed};
    row.end = core::Offset{end};
    return row;
  }

  /// A round of `rows`, `after` the last one: what is unread is as old as `oldest`.
  LagPicture Round(std::vector<core::LagSample> rows, seconds after, seconds oldest = seconds{0}) {
    now_ += after;
    input_.now = {now_};
    input_.wall = {std::chrono::duration_cast<std::chrono::microseconds>(now_).count()};
    auto samples = std::make_shared<NodeSamples>();
    samples->node = core::NodeId{1};
    samples->at = {1'000'000 * kSecond + input_.wall.micros};
    for (core::LagSample& row : rows) {
      if (row.LagMessages() > 0)
        row.oldest_unread = {samples->at.micros - oldest.count() * kSecond};
      samples->groups.push_back({row, samples->at});
    }
    for (std::int32_t i = 0; i < 2; ++i) {
      if (unsampled_ == i) continue;
      samples->partitions.push_back(
          {{core::TopicId{7}, i}, core::Offset{starts_[i]}, core::Offset{ends_[i]}});
    }
    Sampler::View view;
    view.round.node = core::NodeId{1};
    view.round.name = "n1";
    view.round.is_ok = true;
    view.round.rounds = 1;
    view.round.took = took_;
    view.samples = samples;
    input_.nodes = {view};
    input_.book = std::make_shared<GroupBook>(book_);
    return evaluation_.Evaluate(input_);
  }

  /// A group that stops: fine for ten minutes, then nothing for twenty.
  LagPicture Stop() {
    core::LagSample row = Row("g", 0, 5, 5);
    for (int i = 0; i < 60; ++i) Round({row}, seconds{10});
    row.end = core::Offset{9};
    ends_[0] = 9;
    LagPicture picture;
    for (int i = 1; i <= 120; ++i) picture = Round({row}, seconds{10}, seconds{10 * i});
    return picture;
  }

  std::chrono::nanoseconds now_{minutes{1}};
  std::int64_t starts_[2] = {1, 1};
  std::int64_t ends_[2] = {5, 5};
  std::optional<std::int32_t> unsampled_;  ///< A partition that the node says nothing about.
  std::chrono::microseconds took_{1'000};
  GroupBook book_;
  Evaluation::Input input_;
  Evaluation evaluation_{Evaluation::Options{}};
};

TEST_F(EvaluationTest, APartitionThatIsNotSampledForAWhileIsAsItWas) {
  const LagPicture stopped = Stop();
  ASSERT_EQ(stopped.groups.at(0).status, LagStatus::kStop);
  unsampled_ = 0;
  for (int i = 0; i < 6; ++i) {
    const LagPicture picture = Round({}, seconds{10});
    ASSERT_EQ(picture.groups.size(), 1u);
    EXPECT_EQ(picture.groups[0].status, LagStatus::kStop);
    EXPECT_EQ(picture.groups[0].lag_messages, 4) << "not 0: nobody knows";
    EXPECT_FALSE(picture.topics.at(0).is_whole);
  }
  unsampled_.reset();
  core::LagSample row = Row("g", 0, 5, 9);
  EXPECT_EQ(Round({row}, seconds{10}, seconds{1'260}).groups.at(0).status, LagStatus::kStop)
      << "and not a new group";
  unsampled_ = 0;
  for (int i = 0; i < 13; ++i) (void)Round({}, seconds{10});
  EXPECT_TRUE(Round({}, seconds{10}).groups.empty()) << "not for ever";
}

TEST_F(EvaluationTest, OfTwoNodesTheOneThatTheCatalogueNamesCounts) {
  for (int i = 0; i < 20; ++i) (void)Round({Row("g", 0, 5, 5)}, seconds{10});
  ends_[0] = 9;
  const LagPicture before = Round({Row("g", 0, 7, 9)}, seconds{10});
  // What another node still says, or says already, of an earlier time.
  Sampler::View other = input_.nodes.front();
  auto samples = std::make_shared<NodeSamples>(*other.samples);
  samples->node = core::NodeId{2};
  samples->groups.front().sample.committed = core::Offset{2};
  samples->partitions.front().end = core::Offset{3};
  other.samples = samples;
  other.round.node = core::NodeId{2};
  input_.nodes.push_back(other);
  const LagPicture picture = evaluation_.Evaluate(input_);
  ASSERT_EQ(picture.groups.size(), 1u);
  ASSERT_EQ(picture.groups[0].partitions.size(), 1u) << "once";
  EXPECT_EQ(picture.groups[0].partitions[0].sample.committed, core::Offset{7});
  EXPECT_EQ(picture.groups[0].status, before.groups.at(0).status);
  EXPECT_NE(picture.groups[0].status, LagStatus::kRewind);
  EXPECT_EQ(picture.topics.at(0).produced, before.topics.at(0).produced);
}

TEST_F(EvaluationTest, AGroupThatReadsIsFine) {
  const LagPicture picture = Round({Row("g", 0, 5, 5), Row("g", 1, 5, 5), Row("h", 0, 5, 5)}, {});
  ASSERT_EQ(picture.groups.size(), 2u);
  EXPECT_EQ(picture.groups[0].group, "g");
  EXPECT_EQ(picture.groups[0].partitions.size(), 2u);
  EXPECT_FALSE(core::IsTrouble(picture.groups[0].status));
  EXPECT_EQ(picture.groups[0].cause, LagCause::kNone);
  ASSERT_EQ(picture.topics.size(), 1u);
  EXPECT_EQ(picture.topics[0].produced, 8);
  EXPECT_EQ(picture.topics[0].groups, 2);
  EXPECT_TRUE(picture.topics[0].is_whole);
  EXPECT_TRUE(picture.is_whole);
}

TEST_F(EvaluationTest, WhatATopicHoldsIsFromItsStartsToItsEnds) {
  const auto first = Round({}, {}).topics.at(0);
  EXPECT_EQ(first.stored, 8);
  EXPECT_FALSE(first.is_rate_known) << "of one reading";
  starts_[0] = 4;
  ends_[1] = 25;
  const auto later = Round({}, seconds{20}).topics.at(0);
  EXPECT_EQ(later.stored, 1 + 24);
  EXPECT_TRUE(later.is_rate_known);
  EXPECT_DOUBLE_EQ(later.rate, 1);
  unsampled_ = 1;
  const auto partial = Round({}, seconds{10}).topics.at(0);
  EXPECT_FALSE(partial.is_rate_known);
  EXPECT_FALSE(partial.is_whole);
}

TEST_F(EvaluationTest, AGroupThatStopsIsStoppedForWantOfMembers) {
  book_.groups["g"] = {0, "Empty", std::nullopt};
  auto picture = Stop();
  ASSERT_EQ(picture.groups.size(), 1u);
  EXPECT_EQ(picture.groups[0].status, LagStatus::kStop);
  EXPECT_EQ(picture.groups[0].lag_messages, 4);
  EXPECT_EQ(picture.groups[0].lag, seconds{1'200});
  ASSERT_EQ(evaluation_.wanted().size(), 1u);
  EXPECT_EQ(evaluation_.wanted()[0].first, "g");
}

TEST_F(EvaluationTest, TheOwnersLastPollIsAsOldAsItIsNow) {
  book_.groups["g"] = {1, "Stable", std::nullopt};
  Stop();
  core::LagSample row = Row("g", 0, 5, 9);
  row.member_id = "m1";
  book_.details["g"].polls["m1"] = seconds{50};
  book_.details["g"].asked = {now_};
  LagPicture picture = Round({row}, seconds{5}, seconds{1'300});
  EXPECT_NE(picture.groups[0].cause, LagCause::kNotPolling);
  picture = Round({row}, seconds{10}, seconds{1'310});
  EXPECT_EQ(picture.groups[0].cause, LagCause::kNotPolling) << picture.groups[0].evidence;
  // A slow node comes before it.
  took_ = std::chrono::milliseconds{1'500};
  picture = Round({row}, seconds{10}, seconds{1'320});
  EXPECT_EQ(picture.groups[0].cause, LagCause::kDataNodeSlow);
  EXPECT_NE(picture.groups[0].evidence.find("n1"), std::string::npos);
}

TEST_F(EvaluationTest, AnotherMetaserverGoesOnWithTheSameVerdictAndSince) {
  const LagPicture before = Stop();
  std::vector<core::LagHistoryRow> rows(1);
  rows[0].group = "g";
  rows[0].topic = core::TopicId{7};
  rows[0].partitions = evaluation_.SavedTracks("g", core::TopicId{7});
  evaluation_.Clear();
  evaluation_.Load(rows, input_.now);
  const LagPicture after = Round({Row("g", 0, 5, 9)}, seconds{12}, seconds{1'212});
  EXPECT_EQ(after.groups[0].status, LagStatus::kStop);
  EXPECT_EQ(after.groups[0].since, before.groups[0].since);
}

TEST_F(EvaluationTest, ARowThatComesBackIsAnotherOne) {
  const LagPicture before = Stop();
  std::vector<core::LagHistoryRow> rows(1);
  rows[0].group = "g";
  rows[0].topic = core::TopicId{7};
  rows[0].partitions = evaluation_.SavedTracks("g", core::TopicId{7});
  evaluation_.Clear();
  evaluation_.Load(rows, input_.now);
  Round({Row("g", 0, 5, 9)}, seconds{5}, seconds{1'205});
  EXPECT_TRUE(Round({}, seconds{5}).groups.empty());
  const LagPicture again = Round({Row("g", 0, 5, 9)}, seconds{5}, seconds{5});
  EXPECT_EQ(again.groups[0].status, LagStatus::kNew);
}

TEST_F(EvaluationTest, ObjectivesCountFromTheRoundInWhichTheyAreKnown) {
  core::ObjectiveRow objective;
  objective.group = "g";
  objective.topic = "*";
  objective.objective = std::chrono::hours{1};
  objective.owner = "payments";
  book_.objectives =
      std::make_shared<core::ObjectiveTable>(std::span<const core::ObjectiveRow>(&objective, 1));
  const LagPicture picture = Stop();
  EXPECT_FALSE(core::IsTrouble(picture.groups[0].status));
  EXPECT_EQ(picture.groups[0].objective.owner, "payments");
}

TEST_F(EvaluationTest, ANodeThatWasNeverReadMakesThePictureLessThanWhole) {
  Round({Row("g", 0, 5, 5)}, seconds{5});
  Sampler::View dumb;
  dumb.round.node = core::NodeId{2};
  input_.nodes.push_back(dumb);
  const LagPicture picture = evaluation_.Evaluate(input_);
  EXPECT_FALSE(picture.is_whole);
  EXPECT_EQ(picture.groups.size(), 1u);
}

// ---------------------------------------------------------------- what is written of it

TEST_F(EvaluationTest, HistoryHasARowForEachBucketWithActivity) {
  HistoryRows history;
  const auto tracks = [](const std::string& group, core::TopicId) { return "tracks of " + group; };
  core::LagSample row = Row("g", 0, 1, 5);
  ends_[0] = 5;
  constexpr std::int64_t kBegin = 1'800'000'000 * kSecond;
  EXPECT_TRUE(history.Add(Round({row}, seconds{5}, seconds{1}), {kBegin}, tracks).empty());
  row.committed = core::Offset{4};
  row.end = core::Offset{8};
  ends_[0] = 8;
  history.Add(Round({row}, seconds{5}, seconds{3}), {kBegin + 5 * kSecond}, tracks);
  const auto rows =
      history.Add(Round({row}, seconds{5}, seconds{1}), {kBegin + 30 * kSecond}, tracks);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].group, "");
  EXPECT_EQ(rows[0].produced, 3);
  EXPECT_EQ(rows[0].partitions, "");
  EXPECT_EQ(rows[1].group, "g");
  EXPECT_EQ(rows[1].at.micros, kBegin);
  EXPECT_EQ(rows[1].produced, 3);
  EXPECT_EQ(rows[1].consumed, 3);
  EXPECT_EQ(rows[1].lag_messages, 4);
  EXPECT_EQ(rows[1].lag_messages_max, 4);
  EXPECT_EQ(rows[1].lag_max, seconds{3});
  EXPECT_EQ(rows[1].partitions, "tracks of g");
}

TEST_F(EvaluationTest, HistoryOfWhatIsIdleIsARowEveryFiveMinutes) {
  HistoryRows history;
  const auto tracks = [](const std::string&, core::TopicId) { return std::string("t"); };
  std::size_t rows = 0;
  for (int i = 0; i < 61; ++i) {
    const WallTime at{1'800'000'000 * kSecond + i * 30 * kSecond};
    for (const auto& row : history.Add(Round({Row("g", 0, 5, 5)}, seconds{30}), at, tracks)) {
      rows += row.group == "g" ? 1 : 0;
    }
  }
  EXPECT_EQ(rows, 6u);  // In half an hour.
}

TEST_F(EvaluationTest, HistoryGoesOnInABucketThatAnotherOneBegan) {
  const auto tracks = [](const std::string&, core::TopicId) { return std::string("t"); };
  const WallTime at{1'800'000'000 * kSecond};
  core::LagHistoryRow before;
  before.group = "g";
  before.topic = core::TopicId{7};
  before.at = at;
  before.consumed = 10;
  before.lag_messages_max = 99;
  before.worst_status = "STOP";
  HistoryRows history;
  history.Load(std::span<const core::LagHistoryRow>(&before, 1));
  history.Add(Round({Row("g", 0, 2, 5)}, seconds{5}), {at.micros + 10 * kSecond}, tracks);
  history.Add(Round({Row("g", 0, 4, 5)}, seconds{5}), {at.micros + 15 * kSecond}, tracks);
  const auto rows = history.Begun(tracks);
  ASSERT_FALSE(rows.empty());
  EXPECT_EQ(rows.back().consumed, 12);
  EXPECT_EQ(rows.back().lag_messages_max, 99);
  EXPECT_EQ(rows.back().worst_status, "STOP");
}

TEST_F(EvaluationTest, MetricsTellTheStatusThatHolds) {
  LagExposition exposition;
  TextMetrics text(1'000);
  exposition.Write(Stop(), input_.now, 0.001, text);
  const std::string all = text.Take();
  for (const std::string_view line :
       {R"(lanemq_group_status{group="g",topic="orders",status="STOP"} 1)",
        R"(lanemq_group_lag_messages{group="g",topic="orders",partition="0"} 4)",
        R"(lanemq_group_lag_seconds{group="g",topic="orders",partition="0"} 1200)",
        R"(lanemq_group_committed_offset{group="g",topic="orders",partition="0"} 5)",
        R"(lanemq_group_info{group="g",topic="orders",team="",tier="page",alerts="on"} 1)",
        R"(lanemq_topic_messages_produced_total{topic="orders"} 12)",
        R"(lanemq_lag_round_seconds{node="n1"} 0.001)"}) {
    EXPECT_NE(all.find(std::string(line) + "\n"), std::string::npos) << line << " in\n" << all;
  }
  EXPECT_EQ(all.find("status=\"OK\""), std::string::npos);
}

TEST_F(EvaluationTest, MetricsTellTheLeastHourOfATopicOnceItIsKnown) {
  LagExposition exposition;
  const auto told = [&] {
    TextMetrics text(1'000);
    exposition.Write(Round({}, seconds{5}), input_.now, 0, text);
    return text.Take();
  };
  EXPECT_EQ(told().find("lanemq_topic_least_hourly_messages"), std::string::npos);
  HourlyNorms norms;
  norms.least_produced[core::TopicId{7}] = 42;
  book_.norms = std::make_shared<const HourlyNorms>(norms);
  EXPECT_EQ(Round({}, seconds{5}).topics[0].least_hourly, 42);
  EXPECT_NE(told().find("lanemq_topic_least_hourly_messages{topic=\"orders\"} 42\n"),
            std::string::npos);
}

TEST_F(EvaluationTest, MetricsOfAPartitionThatComesLaterAreThere) {
  LagExposition exposition;
  TextMetrics text(1'000);
  exposition.Write(Round({Row("g", 0, 5, 5)}, seconds{5}), input_.now, 0, text);
  static_cast<void>(text.Take());
  exposition.Write(Round({Row("g", 0, 5, 5), Row("g", 1, 5, 5)}, seconds{5}), input_.now, 0, text);
  const std::string all = text.Take();
  EXPECT_NE(all.find(R"(lanemq_group_lag_messages{group="g",topic="orders",partition="1"} 0)"),
            std::string::npos);
}

}  // namespace
}  // namespace lanemq::metaserver
