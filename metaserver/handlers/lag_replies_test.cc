#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "metaserver/handlers/group_lag.h"
#include "metaserver/handlers/lag_history.h"
#include "tests/conformance/fake_lag_history.h"

namespace lanemq::metaserver {
namespace {

using core::LagHistoryRow;
using core::LagStatus;
using core::TopicId;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// ---------------------------------------------------------------- groupLag

/// Topic "orders" on the nodes n1 and n2, both read a second ago; group "g" is STOP on both.
class GroupLagTest : public ::testing::Test {
 protected:
  GroupLagTest() {
    core::Topic topic;
    topic.id = TopicId{7};
    topic.name = "orders";
    core::GroupTopicLag& group = picture_.groups.emplace_back();
    group.group = "g";
    group.topic = topic.id;
    group.topic_name = topic.name;
    group.status = LagStatus::kStop;
    group.cause = core::LagCause::kNoMembers;
    group.evidence = "nobody reads";
    for (std::int32_t i = 0; i < 2; ++i) {
      const core::NodeId node{i + 1};
      topic.partitions.push_back({i, node, 0});
      core::JudgedPartition& partition = group.partitions.emplace_back();
      partition.sample.key = {topic.id, i};
      partition.verdict.status = LagStatus::kStop;
      NodeRound& round = picture_.nodes.emplace_back();
      round.node = node;
      round.name = "n" + std::to_string(i + 1);
      round.is_ok = true;
      round.rounds = 1;
      SetAge(static_cast<std::size_t>(i), seconds{1});
    }
    topics_.push_back(topic);
    request_.__set_include_partitions(true);
  }

  void SetAge(std::size_t node, seconds age) { picture_.nodes[node].finished = now_ - age; }
  idl::GroupLagResponse Ask() {
    auto told = TellLag(picture_, topics_, request_, now_);
    EXPECT_TRUE(told.ok());
    return told.ok() ? *std::move(told) : idl::GroupLagResponse{};
  }

  const MonotonicTime now_{hours{1}};
  LagPicture picture_;
  std::vector<core::Topic> topics_;
  idl::GroupLagRequest request_;
};

TEST_F(GroupLagTest, TellsTheVerdictWhileOnePartitionIsKnown) {
  SetAge(0, seconds{61});
  const auto told = Ask();
  ASSERT_EQ(told.topics.size(), 1u);
  EXPECT_EQ(told.topics[0].status, "STOP");
  EXPECT_EQ(told.topics[0].cause, "NO_MEMBERS");
  EXPECT_EQ(told.topics[0].partitions[0].status, "UNKNOWN");
  EXPECT_EQ(told.topics[0].partitions[1].status, "STOP");
  EXPECT_EQ(told.age_ms, 61'000);
}

TEST_F(GroupLagTest, AGroupOfWhichNothingIsKnownForAMinuteIsUnknown) {
  SetAge(0, seconds{61});
  SetAge(1, seconds{60});
  EXPECT_EQ(Ask().topics[0].status, "STOP");
  SetAge(1, seconds{61});
  const idl::TopicLag lag = Ask().topics[0];
  EXPECT_EQ(lag.status, "UNKNOWN");
  EXPECT_FALSE(lag.__isset.cause);
  EXPECT_EQ(lag.evidence, "data node n1 was last read 61 s ago");
}

TEST_F(GroupLagTest, WhatIsUnknownIsNoneOfTheGoodOnes) {
  request_.__set_only_troubled(true);
  picture_.groups[0].status = LagStatus::kOk;
  EXPECT_TRUE(Ask().topics.empty());
  picture_.nodes[0].rounds = picture_.nodes[1].rounds = 0;
  const auto told = Ask();
  ASSERT_EQ(told.topics.size(), 1u);
  EXPECT_EQ(told.topics[0].status, "UNKNOWN");
  EXPECT_EQ(told.topics[0].evidence, "data node n1 was not read yet");
}

TEST_F(GroupLagTest, AsksForWhatIsThere) {
  request_.__set_group("other");
  EXPECT_EQ(Ask().total, 0);
  request_.__set_group("g");
  request_.__set_topic("orders");
  EXPECT_EQ(Ask().total, 1);
  request_.__set_max(0);
  EXPECT_EQ(TellLag(picture_, topics_, request_, now_).error().code, ErrorCode::kInvalidRequest);
}

// ---------------------------------------------------------------- lagHistory

class LagHistoryTest : public ::testing::Test {
 protected:
  LagHistoryTest() { history_.SetTerm(fence_.lease, fence_.token); }

  WallTime Now() { return *history_.Now({}); }
  /// A row for the bucket of half a minute that is now.
  void Write(const std::string& status, std::int64_t consumed) {
    LagHistoryRow row;
    row.group = "g";
    row.topic = TopicId{7};
    row.at = {Now().micros - Now().micros % microseconds{seconds{30}}.count()};
    row.consumed = consumed;
    row.worst_status = status;
    ASSERT_TRUE(history_.Write(std::span<const LagHistoryRow>(&row, 1), fence_, {}).ok());
  }
  void RollUp() {
    for (std::int32_t tier = 0; tier < 2; ++tier) {
      ASSERT_TRUE(history_.RollUp(tier, {0}, Now(), fence_, {}).ok());
    }
  }
  idl::LagHistoryResponse Ask(microseconds back, std::int32_t points) {
    auto told = TellHistory(
        history_, {"g", TopicId{7}, {Now().micros - back.count()}, {Now().micros + 1}, points}, {});
    EXPECT_TRUE(told.ok());
    return told.ok() ? *std::move(told) : idl::LagHistoryResponse{};
  }

  const core::Fence fence_{"on-call", core::FencingToken{1}};
  testing::FakeLagHistory history_;
};

TEST_F(LagHistoryTest, WhoAsksForTheLastHourGetsHalfMinutes) {
  Write("STOP", 1);
  EXPECT_EQ(Ask(hours{1}, 300).step_ms, 30'000);
  // The request took a moment.
  EXPECT_EQ(Ask(hours{1} + milliseconds{80}, 300).step_ms, 30'000);
  EXPECT_EQ(Ask(hours{1} + seconds{31}, 300).step_ms, 300'000);
}

TEST_F(LagHistoryTest, WhatHasJustHappenedIsInEveryResolution) {
  Write("STOP", 3);
  for (const auto& [back, step] :
       {std::pair{hours{1}, seconds{30}}, {hours{24}, seconds{300}}, {hours{840}, hours{3}}}) {
    const auto told = Ask(back, 300);
    EXPECT_EQ(told.step_ms, milliseconds{step}.count());
    ASSERT_EQ(told.points.size(), 1u) << back.count();
    EXPECT_EQ(told.points[0].worst_status, "STOP");
    EXPECT_EQ(told.points[0].consumed, 3);
  }
}

TEST_F(LagHistoryTest, NothingIsTwiceAndNothingIsLeftOut) {
  // Three hours and a little, a row each half minute, summed up now and then.
  std::int64_t consumed = 0;
  for (int i = 0; i < 2 * 185; ++i) {
    Write(i == 0 ? "STOP" : "OK", ++consumed);
    history_.Advance(seconds{30});
    if (i % 17 == 0) RollUp();
  }
  const std::int64_t all = consumed * (consumed + 1) / 2;
  for (const std::int32_t points : {300, 60, 7, 1}) {
    const auto told = Ask(hours{20}, points);
    std::int64_t sum = 0;
    for (const idl::LagPoint& point : told.points) sum += point.consumed;
    EXPECT_EQ(sum, all) << points;
    EXPECT_LE(std::ssize(told.points), points + 1);
    EXPECT_EQ(told.points.front().worst_status, "STOP") << points;
  }
}

TEST_F(LagHistoryTest, FailsAsTheHistoryDoes) {
  history_.FailWith(ErrorCode::kMetadataUnavailable);
  const auto told = TellHistory(history_, {"g", TopicId{7}, {1}, {2}, 300}, {});
  EXPECT_EQ(told.error().code, ErrorCode::kMetadataUnavailable);
}

}  // namespace
}  // namespace lanemq::metaserver
