#include "common/core/log/append_planner.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

class AppendPlannerTest : public ::testing::Test {
 protected:
  void Add(std::int64_t producer, std::int64_t base_sequence, int count, std::size_t body = 10) {
    AppendRequest request;
    request.id = AppendRequestId{queue_.size() + 1};
    request.producer = ProducerId{producer};
    request.base_sequence = base_sequence;
    for (int i = 0; i < count; ++i) {
      auto record = std::make_shared<Record>();
      record->producer = request.producer;
      record->sequence = base_sequence + i;
      record->body = std::string(body, 'x');
      request.bytes += SizeOf(*record);
      request.records.push_back(std::move(record));
    }
    queue_.push_back(std::move(request));
  }
  // Long after the requests came, so that gaps are not waited for any more.
  AppendPlan Plan(AppendPlanLimits limits = {}) {
    return PlanAppend(queue_, tail_, limits, {{std::chrono::seconds(1)}, WallTime{1'000}});
  }
  // The tail after the log holds `count` rows of `producer` from `sequence` on.
  void Stored(std::int64_t producer, std::int64_t sequence, int count) {
    for (int i = 0; i < count; ++i) {
      const RecordIdentity row{tail_.next(), WallTime{500}, ProducerId{producer}, sequence + i};
      ASSERT_EQ(tail_.Absorb(std::span(&row, 1)), 1u);
    }
  }

  std::deque<AppendRequest> queue_;
  PartitionTail tail_{"s", kFirstOffset, WallTime{0}};
};

using Runs = std::vector<OffsetRun>;

TEST_F(AppendPlannerTest, RowsGetConsecutiveOffsetsAndOneTime) {
  Stored(5, 0, 3);
  Add(-1, 0, 2);
  Add(7, 0, 3);
  const auto plan = Plan();
  ASSERT_EQ(plan.rows.size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(plan.rows[i]->offset, Offset{static_cast<std::int64_t>(4 + i)});
    EXPECT_EQ(plan.rows[i]->timestamp, WallTime{1'000});
  }
  EXPECT_EQ(plan.requests[1].outcome.offsets, (Runs{{Offset{6}, 3}}));
  EXPECT_FALSE(plan.requests[1].is_decided);
}

TEST_F(AppendPlannerTest, TimeNeverGoesBack) {
  const RecordIdentity row{Offset{1}, WallTime{9'999}, ProducerId{-1}, 0};
  tail_.Absorb(std::span(&row, 1));
  Add(-1, 1, 1);
  EXPECT_EQ(Plan().rows[0]->timestamp, WallTime{9'999});
}

TEST_F(AppendPlannerTest, TakesWholeRequestsUpToTheLimits) {
  Add(-1, 0, 3);
  Add(-1, 3, 3);
  Add(-1, 6, 3);
  EXPECT_EQ(Plan({.records_max = 8}).rows.size(), 6u);
  EXPECT_EQ(Plan({.records_max = 2}).rows.size(), 3u) << "one larger request goes alone";
  EXPECT_EQ(Plan({.bytes_max = 2 * queue_[0].bytes}).rows.size(), 6u);
}

TEST_F(AppendPlannerTest, ARepeatedBatchGetsItsOriginalOffsets) {
  Stored(7, 0, 4);
  Stored(8, 0, 1);
  Stored(7, 4, 2);
  Add(7, 2, 4);
  const auto plan = Plan();
  EXPECT_TRUE(plan.rows.empty());
  EXPECT_TRUE(plan.requests[0].is_decided);
  EXPECT_TRUE(plan.requests[0].outcome.is_duplicate);
  EXPECT_FALSE(plan.requests[0].outcome.error);
  EXPECT_EQ(plan.requests[0].outcome.offsets, (Runs{{Offset{3}, 2}, {Offset{6}, 2}}));
}

TEST_F(AppendPlannerTest, OnlyTheUnknownPartOfABatchIsStored) {
  Stored(7, 0, 4);
  Add(7, 2, 5);
  const auto plan = Plan();
  ASSERT_EQ(plan.rows.size(), 3u);
  EXPECT_EQ(plan.rows[0]->sequence, 4);
  EXPECT_EQ(plan.requests[0].outcome.offsets, (Runs{{Offset{3}, 2}, {Offset{5}, 3}}));
  EXPECT_FALSE(plan.requests[0].outcome.is_duplicate);
}

TEST_F(AppendPlannerTest, GapsAndUnknownProducersAreRefused) {
  Stored(7, 0, 4);
  Add(7, 5, 1);
  Add(9, 1, 1);
  Add(7, 4, 1);
  EXPECT_TRUE(Plan().requests.empty()) << "the missing batch may have gone through another broker";
  tail_.Confirm({std::chrono::seconds(1)});
  const auto plan = Plan();
  EXPECT_EQ(plan.requests[0].outcome.error->code, ErrorCode::kOutOfOrderSequence);
  EXPECT_EQ(plan.requests[1].outcome.error->code, ErrorCode::kUnknownProducerId);
  EXPECT_FALSE(plan.requests[2].is_decided);
  EXPECT_EQ(plan.rows.size(), 1u);
}

TEST_F(AppendPlannerTest, RequestsOfOneProducerFollowEachOtherWithinAPlan) {
  Add(7, 0, 2);
  Add(7, 2, 2);
  Add(7, 5, 1);
  Add(7, 1, 2);
  Add(7, 3, 2);
  EXPECT_EQ(Plan().requests.size(), 2u);
  tail_.Confirm({std::chrono::seconds(1)});
  const auto plan = Plan();
  EXPECT_EQ(plan.rows.size(), 5u);
  EXPECT_EQ(plan.requests[2].outcome.error->code, ErrorCode::kOutOfOrderSequence);
  EXPECT_FALSE(plan.requests[3].is_decided) << "stored only when this plan is";
  EXPECT_TRUE(plan.requests[3].outcome.is_duplicate);
  EXPECT_EQ(plan.requests[3].outcome.offsets, (Runs{{Offset{2}, 1}, {Offset{3}, 1}}));
  EXPECT_EQ(plan.requests[4].outcome.offsets, (Runs{{Offset{4}, 1}, {Offset{5}, 1}}));
}

TEST_F(AppendPlannerTest, ABatchThatOvertookAnotherWaitsForItAWhile) {
  Add(7, 2, 2);
  Add(7, 0, 2);
  Add(-1, 0, 1);
  const auto plan = PlanAppend(queue_, tail_, {}, {{}, WallTime{1'000}});
  ASSERT_EQ(plan.requests.size(), 3u);
  EXPECT_TRUE(plan.requests[0].deferred_until);
  EXPECT_EQ(plan.rows.size(), 3u);
  EXPECT_EQ(plan.gap_until, MonotonicTime{} + std::chrono::milliseconds(20));
  queue_.pop_back();
  queue_.pop_back();
  EXPECT_TRUE(PlanAppend(queue_, tail_, {}, {{}, WallTime{1'000}}).is_idle);
}

TEST_F(AppendPlannerTest, AForgottenDuplicateSaysSo) {
  for (int i = 0; i < 40;
       ++i) {  // Interleaved, so that runs do not merge and old ones are dropped.
    Stored(7, i, 1);
    Stored(8, i, 1);
  }
  Add(7, 0, 1);
  const auto plan = Plan();
  EXPECT_EQ(plan.requests[0].outcome.error->code, ErrorCode::kDuplicateSequence);
  EXPECT_EQ(plan.requests[0].outcome.offsets, (Runs{{kForgottenOffset, 1}}));
  EXPECT_TRUE(plan.rows.empty());
}

TEST_F(AppendPlannerTest, PlanningAgainGivesTheSamePlan) {
  Add(7, 0, 2);
  Add(7, 0, 2);
  const auto one = Plan();
  const auto two = Plan();
  EXPECT_EQ(one.rows, two.rows);
  EXPECT_EQ(one.requests[1].outcome.offsets, two.requests[1].outcome.offsets);
}

}  // namespace
}  // namespace lanemq::core
