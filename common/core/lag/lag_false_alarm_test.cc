// What made others' evaluators cry wolf, and what nobody may be woken for.
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

class LagFalseAlarmTest : public ::testing::Test {
 protected:
  void SetUp() override { rig_.SettleDown(); }
  LagRig rig_;
};

TEST_F(LagFalseAlarmTest, OneMessageAnHour) {
  Every hour(1h);
  bool is_unread = false;
  EXPECT_THAT(rig_.Run(26h,
                       [&] {
                         if (is_unread) rig_.CommitAll();
                         is_unread = hour();
                         if (is_unread) rig_.Produce();
                       }),
              ElementsAre(kOk));
}

TEST_F(LagFalseAlarmTest, CommitsOnceInFiveMinutes) {
  rig_.objective().objective = 6min;
  Every commits(5min);
  const auto work = [&] {
    rig_.Produce(10);
    if (commits()) rig_.CommitAll(3);
  };
  EXPECT_THAT(rig_.Run(3h, work), ElementsAre(kOk));
}

TEST_F(LagFalseAlarmTest, CommitsOnceInFiveMinutesAreSlowAtWorstWhereTheObjectiveIsAMinute) {
  Every commits(5min);
  const auto statuses = rig_.Run(3h, [&] {
    rig_.Produce(10);
    if (commits()) rig_.CommitAll();
  });
  EXPECT_THAT(statuses, ::testing::Each(::testing::AnyOf(kOk, kSlow)));
}

TEST_F(LagFalseAlarmTest, ACommitPerMessage) {
  EXPECT_THAT(rig_.Run(2h,
                       [&] {
                         rig_.Produce(50);
                         while (rig_.row().Position().value + 1 < rig_.End()) rig_.Consume(1);
                       }),
              ElementsAre(kOk));
}

TEST_F(LagFalseAlarmTest, CommitsThatAreEqual) {
  EXPECT_THAT(rig_.Run(2h, [&] { rig_.CommitAll(); }), ElementsAre(kOk));
  rig_.Produce();
  EXPECT_THAT(rig_.Run(50s, [&] { rig_.CommitAll(1); }), ElementsAre(kOk));
}

TEST_F(LagFalseAlarmTest, ABatchConsumerWithAnObjectiveOfAnHour) {
  rig_.objective().objective = 1h;
  Every batches(55min);
  EXPECT_THAT(rig_.Run(24h,
                       [&] {
                         rig_.Produce(3);
                         if (batches()) rig_.CommitAll();
                       }),
              ElementsAre(kOk));
}

TEST_F(LagFalseAlarmTest, ADailyBatchWithAnObjectiveOfMoreThanADay) {
  rig_.objective().objective = 25h;
  Every batches(24h);
  EXPECT_THAT(rig_.Run(96h,
                       [&] {
                         rig_.Produce();
                         if (batches()) rig_.CommitAll();
                       }),
              ElementsAre(kOk));
}

TEST_F(LagFalseAlarmTest, ARebalanceOfTwoMinutes) {
  const auto busy = [&] {
    rig_.Produce(10);
    rig_.CommitAll(2);
  };
  rig_.Run(20min, busy);
  EXPECT_THAT(rig_.Run(2min, [&] { rig_.Produce(10); }), ElementsAre(kOk));
  EXPECT_THAT(rig_.Run(20min, busy), ElementsAre(kOk));
}

TEST_F(LagFalseAlarmTest, ACoordinatorThatMoves) {
  rig_.row().generation = Generation{7};
  EXPECT_THAT(rig_.Run(1min,
                       [&] {
                         rig_.Produce(10);
                         rig_.CommitAll();
                       }),
              ElementsAre(kOk));
  // Members join again: another owner and generation, and half a minute without commits.
  rig_.row().generation = Generation{8};
  rig_.row().member_id = "other";
  rig_.row().claims = 1;
  EXPECT_THAT(rig_.Run(30s, [&] { rig_.Produce(10); }), ElementsAre(kOk));
  rig_.row().claims = 0;
  EXPECT_THAT(rig_.Run(10min,
                       [&] {
                         rig_.Produce(10);
                         rig_.CommitAll();
                       }),
              ElementsAre(kOk));
}

TEST_F(LagFalseAlarmTest, AProducerThatPausesForADay) {
  EXPECT_THAT(rig_.Run(24h), ElementsAre(kOk));
  rig_.Produce(1'000);
  EXPECT_THAT(rig_.Run(5s), ElementsAre(kOk));
  EXPECT_THAT(rig_.Run(1min, [&] { rig_.Consume(100); }), ElementsAre(kOk));
}

TEST_F(LagFalseAlarmTest, AGroupThatBeginsAtTheEndOfAnOldTopicAndHasCommittedNothing) {
  LagRig latest;
  latest.Produce(10'000);
  latest.Advance(240h);
  latest.row().committed = Offset{-1};
  latest.row().committed_at = WallTime{latest.now()};
  EXPECT_THAT(latest.Run(48h), ElementsAre(kNew));
  latest.Produce();
  EXPECT_THAT(latest.Run(5s), ElementsAre(kNew));
  latest.CommitAll();
  EXPECT_THAT(latest.Run(1h), ElementsAre(kOk));

  LagRig stuck;  // The same, but what is produced then is not committed: ten minutes of patience.
  stuck.Produce(10);
  stuck.Advance(240h);
  EXPECT_THAT(stuck.Run(1h), ElementsAre(kNew));
  stuck.Produce();
  EXPECT_THAT(stuck.Run(11min), ElementsAre(kNew, kStop));
}

TEST_F(LagFalseAlarmTest, AReset) {
  rig_.Produce(200);
  rig_.CommitAll();
  rig_.Run(24h);
  rig_.ResetTo(1);
  EXPECT_THAT(rig_.Run(9min, [&] { rig_.Consume(1); }), ElementsAre(kOk));
  EXPECT_EQ(rig_.Look().rewound_from, std::nullopt);
  // It has not caught up when its time is over: now it is late.
  EXPECT_THAT(rig_.Run(5min), ElementsAre(kOk, kSlow));
  rig_.ResetTo(rig_.End());
  EXPECT_EQ(rig_.Status(), kOk);
}

TEST_F(LagFalseAlarmTest, AResetGivesAStoppedGroupTime) {
  rig_.Produce();
  rig_.Run(1h);
  ASSERT_EQ(rig_.Status(), kStop);
  rig_.ResetTo(1);
  EXPECT_THAT(rig_.Run(9min), ElementsAre(kOk));
  EXPECT_THAT(rig_.Run(5min), ElementsAre(kOk, kStop));
}

TEST_F(LagFalseAlarmTest, AGroupThatWasDeletedAndMadeAgain) {
  rig_.row().generation = Generation{9};
  rig_.Produce(500);
  rig_.CommitAll();
  EXPECT_EQ(rig_.Status(), kOk);
  rig_.Run(1h);
  rig_.row().generation = Generation{1};
  rig_.CommitTo(1);
  const LagVerdict verdict = rig_.Look();
  EXPECT_EQ(verdict.status, kNew);
  EXPECT_EQ(verdict.rewound_from, std::nullopt);

  rig_.CommitAll();
  rig_.Run(10min);
  rig_.row().committed = Offset{-1};
  EXPECT_EQ(rig_.Status(), kNew);
  EXPECT_EQ(rig_.Look().rewound_from, std::nullopt);
}

TEST_F(LagFalseAlarmTest, APauseThatEnds) {
  rig_.row().is_paused = true;
  EXPECT_THAT(rig_.Run(8h, [&] { rig_.Produce(); }), ElementsAre(kPaused));
  rig_.row().is_paused = false;
  EXPECT_THAT(rig_.Run(1min), ElementsAre(kOk));
  EXPECT_THAT(rig_.Run(9min, [&] { rig_.Consume(100); }), ElementsAre(kOk));
}

TEST_F(LagFalseAlarmTest, AGapInSamplingWhileTheNodeIsDown) {
  rig_.Produce(10);
  rig_.Run(10s);
  rig_.Advance(40min);  // Nobody could commit.
  EXPECT_THAT(rig_.Run(2min), ElementsAre(kOk));
  rig_.CommitAll();
  EXPECT_THAT(rig_.Run(20min), ElementsAre(kOk));
}

TEST_F(LagFalseAlarmTest, AGapEndsNoAlarmThatIsRight) {
  rig_.Produce(10);
  rig_.Run(15min);
  const LagVerdict before = rig_.Look();
  ASSERT_EQ(before.status, kStop);
  rig_.Advance(3min);
  EXPECT_THAT(rig_.Run(20min), ElementsAre(kStop));
  EXPECT_EQ(rig_.Look().since, before.since);
}

TEST_F(LagFalseAlarmTest, AFailoverOfTheEvaluator) {
  rig_.Produce(10);
  rig_.Run(15min);
  const LagVerdict before = rig_.Look();
  rig_.track() = LoadTrack(SaveTrack(rig_.track())).value();
  rig_.Advance(25s);
  EXPECT_EQ(rig_.Status(), before.status);
  EXPECT_EQ(rig_.Look().since, before.since);
  EXPECT_EQ(rig_.Look().moved_at, before.moved_at);
}

TEST_F(LagFalseAlarmTest, AClockThatStepsBack) {
  const auto busy = [&] {
    rig_.Produce(10);
    rig_.CommitAll(2);
  };
  rig_.Run(10min, busy);
  rig_.Advance(-1h);
  EXPECT_THAT(rig_.Run(20min, busy), ElementsAre(kOk));
  rig_.Advance(1h);  // And forth again: what was written a moment ago looks an hour old.
  EXPECT_THAT(rig_.Run(20min, busy), ElementsAre(kOk));
}

TEST_F(LagFalseAlarmTest, AClockThatStepsBackHidesNothingForLong) {
  rig_.Run(1min);
  rig_.Advance(-1h);
  rig_.Produce();
  EXPECT_THAT(rig_.Run(2min + 5s), ElementsAre(kOk, kSlow));
}

}  // namespace
}  // namespace lanemq::core
