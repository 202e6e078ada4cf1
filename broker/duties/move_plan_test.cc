#include "broker/duties/move_plan.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::broker {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The database's clock begins somewhere else than ours.
constexpr std::int64_t kDatabase = 1'700'000'000'000'000;

MonotonicTime At(int s) { return MonotonicTime{} + seconds(s); }
WallTime Db(int s) { return {kDatabase + std::int64_t{s} * 1'000'000}; }
core::PartitionKey Key(int partition) { return {core::TopicId{1}, partition}; }

class MovePlanTest : public ::testing::Test {
 protected:
  /// Both clocks at `s`; front of partition i at due[i] seconds.
  void Look(int s, const std::vector<int>& due) {
    core::DelayedStore::Fronts fronts;
    fronts.now = Db(s);
    for (std::size_t i = 0; i < due.size(); ++i) {
      fronts.fronts.push_back({Key(static_cast<int>(i)), Db(due[i])});
    }
    plan_.OnFronts(fronts, At(s));
  }
  std::vector<int> Take(int s, std::size_t max = 10) {
    std::vector<int> partitions;
    taken_ = plan_.TakeDue(At(s), max);
    for (const auto& front : taken_) partitions.push_back(front.key.partition);
    return partitions;
  }
  static core::DelayedMove Moved(int s, std::optional<int> next) {
    core::DelayedMove move;
    move.moved = 1;
    move.now = Db(s);
    if (next) move.next_due = Db(*next);
    return move;
  }

  MovePlan plan_{{.retry_first = seconds(2), .retry_slowest = seconds(5)}};
  std::vector<core::DelayedFront> taken_;
};

TEST_F(MovePlanTest, NothingIsKnownBeforeTheFirstLook) {
  EXPECT_THAT(Take(100), IsEmpty());
  EXPECT_EQ(plan_.NextDueAt(), std::nullopt);
  EXPECT_EQ(plan_.DatabaseTime(At(0)), std::nullopt);
  EXPECT_EQ(plan_.Overdue(At(0)), seconds(0));
}

TEST_F(MovePlanTest, TheMostOverdueOnesAreTakenFirst) {
  Look(10, {8, 30, 5, 9});
  EXPECT_EQ(plan_.pending(), 4u);
  EXPECT_EQ(plan_.Overdue(At(10)), seconds(5));
  EXPECT_THAT(Take(10, 2), ElementsAre(2, 0));
  EXPECT_EQ(taken_[0].due, Db(5));
  EXPECT_THAT(Take(10), ElementsAre(3));
  EXPECT_THAT(Take(10), IsEmpty()) << "each is with its mover";
  EXPECT_EQ(plan_.NextDueAt(), At(30));
}

TEST_F(MovePlanTest, ItIsInTimeForWhatBecomesDue) {
  Look(10, {12, 40});
  EXPECT_EQ(plan_.NextDueAt(), At(12));
  EXPECT_THAT(Take(11), IsEmpty());
  EXPECT_THAT(Take(12), ElementsAre(0));
  plan_.OnMoved(Key(0), Moved(13, 20), At(13));
  EXPECT_EQ(plan_.NextDueAt(), At(20));
}

TEST_F(MovePlanTest, ADatabaseWhoseClockIsOffIsBelievedAtEachAnswer) {
  Look(10, {100});
  EXPECT_EQ(plan_.NextDueAt(), At(100));
  // Its clock was set forward by 60 s.
  core::DelayedStore::Fronts fronts{{{Key(0), Db(100)}}, Db(71)};
  plan_.OnFronts(fronts, At(11));
  EXPECT_EQ(plan_.NextDueAt(), At(40));
}

TEST_F(MovePlanTest, APartitionIsForgottenWhenItIsEmptyAndComesBackWithALook) {
  Look(10, {5});
  EXPECT_THAT(Take(10), ElementsAre(0));
  plan_.OnMoved(Key(0), Moved(10, std::nullopt), At(10));
  EXPECT_EQ(plan_.pending(), 0u);
  EXPECT_EQ(plan_.NextDueAt(), std::nullopt);
  Look(11, {11});
  EXPECT_THAT(Take(11), ElementsAre(0));
}

TEST_F(MovePlanTest, APartitionThatFailsWaitsLongerEachTimeAndTheOthersDoNot) {
  Look(10, {5, 9});
  EXPECT_THAT(Take(10, 1), ElementsAre(0));
  plan_.OnFailed(taken_[0], At(10));
  EXPECT_THAT(Take(10), ElementsAre(1));
  Look(11, {5, 9});  // A look does not forgive.
  EXPECT_THAT(Take(11), ElementsAre(1));
  EXPECT_THAT(Take(12), ElementsAre(0));
  plan_.OnFailed(taken_[0], At(12));
  EXPECT_THAT(Take(15), IsEmpty());
  EXPECT_EQ(plan_.NextDueAt(), At(16));
  EXPECT_THAT(Take(16), ElementsAre(0));
  plan_.OnMoved(Key(0), Moved(16, 16), At(16));
  EXPECT_THAT(Take(16), ElementsAre(0)) << "it works again";
  EXPECT_EQ(plan_.Overdue(At(30)), seconds(0)) << "it is taken";
}

TEST_F(MovePlanTest, APartitionThatIsElsewhereIsAskedForAgainSoonHoweverOften) {
  Look(10, {5});
  EXPECT_THAT(Take(10), ElementsAre(0));
  const core::DelayedFront front = taken_[0];
  for (int at = 10; at < 30; at += 2) {
    plan_.OnElsewhere(front, At(at));
    EXPECT_THAT(Take(at + 1), IsEmpty()) << "not at once";
    EXPECT_THAT(Take(at + 2), ElementsAre(0)) << "the wait does not grow";
  }
}

TEST_F(MovePlanTest, WhatIsElsewhereIsTakenLastAndNobodyIsLateWithIt) {
  Look(10, {5, 9});
  EXPECT_THAT(Take(10, 1), ElementsAre(0));
  plan_.OnElsewhere(taken_[0], At(10));
  EXPECT_EQ(plan_.Overdue(At(20)), seconds(11)) << "the other one";
  Look(20, {5, 9});
  EXPECT_THAT(Take(20), ElementsAre(1, 0));
  plan_.OnMoved(Key(0), Moved(20, 6), At(20));
  EXPECT_EQ(plan_.Overdue(At(20)), seconds(14)) << "it has come";
}

TEST_F(MovePlanTest, DueTimesAtTheEndsOfTimeDoNotOverflow) {
  core::DelayedStore::Fronts fronts;
  fronts.now = Db(10);
  fronts.fronts = {{Key(0), {std::numeric_limits<std::int64_t>::max() / 2}}, {Key(1), {0}}};
  plan_.OnFronts(fronts, At(10));
  EXPECT_THAT(Take(10), ElementsAre(1));
  EXPECT_GT(*plan_.NextDueAt(), At(1'000'000));
}

TEST_F(MovePlanTest, ItForgetsEverythingWhenSomebodyElseIsTheMover) {
  Look(10, {5, 6});
  plan_.Clear();
  EXPECT_EQ(plan_.pending(), 0u);
  EXPECT_THAT(Take(20), IsEmpty());
}

}  // namespace
}  // namespace lanemq::broker
