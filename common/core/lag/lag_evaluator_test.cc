#include "common/core/lag/lag_evaluator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/lag/lag_rig.h"

namespace lanemq::core {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::Every;
using testing::LagRig;
using enum LagStatus;

class LagEvaluatorTest : public ::testing::Test {
 protected:
  void SetUp() override { rig_.SettleDown(); }
  LagRig rig_;
};

TEST_F(LagEvaluatorTest, AGroupThatStopsIsFirstSlowAndThenStopped) {
  rig_.Produce();  // At 0:00. Older than 60 s at 1:05, for 60 s at 2:05; 10 min after at 10:00.
  EXPECT_THAT(rig_.Run(2min), ElementsAre(kOk));
  EXPECT_THAT(rig_.Run(5s), ElementsAre(kSlow));
  EXPECT_THAT(rig_.Run(7min + 50s), ElementsAre(kSlow));
  EXPECT_THAT(rig_.Run(5s), ElementsAre(kStop));
  const LagVerdict verdict = rig_.Look();
  EXPECT_EQ(verdict.lag, 10min);
  EXPECT_EQ(verdict.lag_messages, 1);
  EXPECT_EQ(verdict.since.micros, rig_.now());
  rig_.CommitAll();
  EXPECT_EQ(rig_.Status(), kOk);
}

TEST_F(LagEvaluatorTest, AGroupThatCommitsTheSameAgainAndAgainIsStalled) {
  rig_.Produce(10);
  const auto commit_same = [&] { rig_.CommitTo(2); };
  EXPECT_THAT(rig_.Run(9min + 55s, commit_same), ElementsAre(kOk, kSlow));
  EXPECT_THAT(rig_.Run(1h, commit_same), ElementsAre(kStall));
}

TEST_F(LagEvaluatorTest, PatienceGrowsWithTheObjective) {
  rig_.objective().objective = 1h;
  rig_.Produce();
  EXPECT_THAT(rig_.Run(1h), ElementsAre(kOk));
  EXPECT_THAT(rig_.Run(5s), ElementsAre(kStop));
}

TEST_F(LagEvaluatorTest, AnObjectiveAboveTheLongestPatienceIsKept) {
  rig_.objective().objective = 25h;
  rig_.Produce();
  EXPECT_THAT(rig_.Run(25h), ElementsAre(kOk));
  EXPECT_THAT(rig_.Run(5s), ElementsAre(kStop));
}

TEST_F(LagEvaluatorTest, WhatIsAllowedIsNotLag) {
  rig_.objective().allowed_messages = 5;
  rig_.Produce(5);
  EXPECT_THAT(rig_.Run(1h), ElementsAre(kOk));
  rig_.Produce(1);
  EXPECT_EQ(rig_.Status(), kStop);
}

TEST_F(LagEvaluatorTest, RowsThatWentUnreadAreLostUntilTheGroupIsBeyond) {
  rig_.Produce(100);
  rig_.TrimTo(50);
  EXPECT_EQ(rig_.Status(), kLost);
  rig_.row().is_paused = true;
  EXPECT_EQ(rig_.Status(), kLost);
  rig_.row().is_paused = false;
  rig_.CommitTo(50);
  EXPECT_EQ(rig_.Status(), kOk);
  rig_.TrimTo(101);
  rig_.AllowUnread();
  EXPECT_EQ(rig_.Status(), kOk);
}

TEST_F(LagEvaluatorTest, ALogThatEndsBeforeTheCommitIsLostAlsoWhenItGrowsAgain) {
  rig_.Produce(99);
  rig_.CommitAll();
  EXPECT_EQ(rig_.Status(), kOk);
  rig_.AllowUnread();  // Nothing that retention does.
  rig_.LoseRowsFrom(90);
  EXPECT_EQ(rig_.Status(), kLost);
  rig_.Produce(50);  // Rows 90 to 100 are others now, and the group skips them.
  EXPECT_EQ(rig_.Status(), kLost);
  rig_.CommitTo(120);
  EXPECT_EQ(rig_.Status(), kOk);

  rig_.CommitAll();
  rig_.LoseRowsFrom(100);
  EXPECT_EQ(rig_.Status(), kLost);
  rig_.ResetTo(100);
  EXPECT_EQ(rig_.Status(), kOk);
}

TEST_F(LagEvaluatorTest, ARowSeenForTheFirstTimeIsNewForFiveMinutesUnlessItStopped) {
  LagRig fresh;
  fresh.Produce(10);
  fresh.CommitTo(2);
  EXPECT_THAT(fresh.Run(5min, [&] { fresh.Consume(1); }), ElementsAre(kNew));
  EXPECT_THAT(fresh.Run(5s, [&] { fresh.Consume(1); }), ElementsAre(kOk));

  LagRig stopped;
  stopped.Produce(10);
  stopped.CommitTo(2);
  stopped.Advance(11min);
  EXPECT_EQ(stopped.Status(), kStop);
}

TEST_F(LagEvaluatorTest, ACommitThatGoesBackIsTellingUntilItIsRegained) {
  rig_.objective().objective = 1h;
  rig_.Produce(100);
  rig_.CommitAll();
  EXPECT_EQ(rig_.Status(), kOk);
  rig_.Run(11min);
  rig_.CommitTo(10);
  LagVerdict verdict = rig_.Look();
  // It was caught up a moment ago and the messages are young enough; still one sees where it was.
  EXPECT_EQ(verdict.status, kOk);
  EXPECT_EQ(verdict.rewound_from, Offset{102});
  EXPECT_THAT(rig_.Run(20min, [&] { rig_.Produce(); }), ElementsAre(kOk, kRewind));
  rig_.CommitTo(102);
  verdict = rig_.Look();
  EXPECT_EQ(verdict.status, kOk);
  EXPECT_EQ(verdict.rewound_from, std::nullopt);
}

TEST_F(LagEvaluatorTest, ARewindThatPagesForLagIsNotHiddenAndIsForgottenAfterADay) {
  rig_.Produce(20'000);
  rig_.CommitAll();
  rig_.Look();
  rig_.Advance(20s);
  rig_.Look();
  rig_.CommitTo(10);
  rig_.Run(2min + 5s, [&] { rig_.Consume(1); });
  const LagVerdict verdict = rig_.Look();
  EXPECT_EQ(verdict.status, kSlow);
  EXPECT_EQ(verdict.rewound_from, Offset{20'002});
  rig_.Run(24h, [&] { rig_.Consume(1); });
  EXPECT_EQ(rig_.Look().rewound_from, std::nullopt);
}

TEST_F(LagEvaluatorTest, AGroupThatWorksAndLosesGroundIsWarnedAboutBeforeItIsSlow) {
  rig_.objective().objective = 30min;
  rig_.Produce(1'000);
  rig_.Run(10min, [&] {
    rig_.Produce(4);
    rig_.Consume(2);
  });
  EXPECT_THAT(rig_.Run(20min,
                       [&] {
                         rig_.Produce(4);
                         rig_.Consume(2);
                       }),
              ElementsAre(kOk, kWarn));
}

TEST_F(LagEvaluatorTest, OnePointWithLessLagEndsAWarning) {
  rig_.objective().objective = 40min;
  rig_.Produce(1'000);
  const auto lose_ground = [&] {
    rig_.Produce(4);
    rig_.Consume(2);
  };
  rig_.Run(21min, lose_ground);
  ASSERT_EQ(rig_.Status(), kWarn);
  rig_.Run(35s, [&] { rig_.Consume(30); });
  EXPECT_EQ(rig_.Status(), kOk);
  EXPECT_THAT(rig_.Run(9min, lose_ground), ElementsAre(kOk));
  EXPECT_THAT(rig_.Run(3min, lose_ground), ElementsAre(kOk, kWarn));
}

TEST_F(LagEvaluatorTest, LagThatStaysTheSameIsNoWarning) {
  rig_.objective().objective = 30min;
  rig_.Produce(1'000);
  rig_.Run(16min);
  rig_.CommitTo(3);
  EXPECT_THAT(rig_.Run(13min,
                       [&] {
                         rig_.Produce(2);
                         rig_.Consume(2);
                       }),
              ElementsAre(kOk));
}

TEST_F(LagEvaluatorTest, AGapVoidsThePointsOfAWarning) {
  rig_.objective().objective = 30min;
  rig_.Produce(1'000);
  const auto lose_ground = [&] {
    rig_.Produce(4);
    rig_.Consume(2);
  };
  rig_.Run(20min - 5s, lose_ground);
  ASSERT_EQ(rig_.Status(), kWarn);
  rig_.Advance(61s);
  EXPECT_THAT(rig_.Run(8min, lose_ground), ElementsAre(kOk));
}

TEST(LagSummaryTest, AGroupIsAsBadAsItsWorstPartitionSinceTheFirstOfThem) {
  const auto partition = [](LagStatus status, std::int64_t since, std::int64_t lag) {
    JudgedPartition judged;
    judged.verdict = {.status = status,
                      .since = WallTime{since},
                      .lag_messages = lag,
                      .lag = std::chrono::microseconds{lag * 10},
                      .moved_at = {},
                      .rewound_from = {}};
    judged.sample.lost_messages = 2;
    return judged;
  };
  GroupTopicLag group;
  group.partitions = {partition(kOk, 1, 5), partition(kSlow, 70, 20), partition(kSlow, 60, 3),
                      partition(kPaused, 2, 0)};
  Summarise(group);
  EXPECT_EQ(group.status, kSlow);
  EXPECT_EQ(group.since.micros, 60);
  EXPECT_EQ(group.lag_messages, 28);
  EXPECT_EQ(group.lag, 200us);
  EXPECT_EQ(group.lost_messages, 8);

  group.partitions.clear();
  Summarise(group);
  EXPECT_EQ(group.status, kOk);
  EXPECT_EQ(group.lag_messages, 0);
}

TEST(RetentionHeadroomTest, IsWhatIsLeftOfTheOldestUnreadMessagesTime) {
  LagSample sample;
  EXPECT_EQ(RetentionHeadroom(sample, WallTime{0}, 1h), std::nullopt);
  sample.oldest_unread = WallTime{1'000'000};
  EXPECT_EQ(RetentionHeadroom(sample, WallTime{61'000'000}, std::nullopt), std::nullopt);
  EXPECT_EQ(RetentionHeadroom(sample, WallTime{61'000'000}, 1h), 59min);
  EXPECT_EQ(RetentionHeadroom(sample, WallTime{4'000'000'000}, 1h), 0ms);
  EXPECT_EQ(RetentionHeadroom(sample, WallTime{0}, 1h), 1h);
}

TEST(LagStatusTest, NamesAreReadBack) {
  for (int i = 0; i < kLagStatuses; ++i) {
    const auto status = static_cast<LagStatus>(i);
    EXPECT_EQ(LagStatusFromString(ToString(status)), status);
  }
  EXPECT_EQ(LagStatusFromString("stop"), std::nullopt);
}

}  // namespace
}  // namespace lanemq::core
