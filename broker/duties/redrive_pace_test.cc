#include "broker/duties/redrive_pace.h"

#include <gtest/gtest.h>

namespace lanemq::broker {
namespace {

using std::chrono::milliseconds;

constexpr std::int32_t kMax = 500;

MonotonicTime At(int ms) { return MonotonicTime{} + milliseconds(ms); }

core::RedriveJob Job(std::int64_t id, std::int32_t per_second, std::int64_t moved = 0) {
  core::RedriveJob job;
  job.id = id;
  job.per_second = per_second;
  job.moved = moved;
  return job;
}

class RedrivePaceTest : public ::testing::Test {
 protected:
  void Jobs(int ms, const std::vector<core::RedriveJob>& jobs) { pace_.OnJobs(jobs, At(ms)); }
  /// Steps as a driver does for `ms`, each moving all it may: how many letters, counted from 0.
  std::int64_t Drive(std::int64_t id, int from_ms, int to_ms) {
    std::int64_t moved = 0;
    MonotonicTime now = At(from_ms);
    while (now <= At(to_ms)) {
      for (const auto& step : pace_.Ready(now, kMax)) {
        if (step.id != id) continue;
        EXPECT_GE(step.max, 1);
        EXPECT_LE(step.max, kMax);
        moved += step.max;
        EXPECT_EQ(pace_.OnStep(id, moved, false, now), step.max);
      }
      now = std::max(*pace_.NextAt(now, kMax), now + milliseconds(1));
    }
    return moved;
  }
  RedrivePace pace_;
};

TEST_F(RedrivePaceTest, OneWithoutLimitMayAlwaysGoOn) {
  EXPECT_EQ(pace_.NextAt(At(0), kMax), std::nullopt);
  Jobs(0, {Job(7, 0)});
  ASSERT_EQ(pace_.Ready(At(0), kMax).size(), 1u);
  EXPECT_EQ(pace_.Ready(At(0), kMax)[0].max, kMax);
  EXPECT_EQ(pace_.OnStep(7, 500, false, At(0)), 500);
  EXPECT_EQ(pace_.NextAt(At(0), kMax), At(0));
  EXPECT_EQ(pace_.OnStep(7, 600, true, At(0)), 100);
  EXPECT_EQ(pace_.NextAt(At(0), kMax), std::nullopt);
}

TEST_F(RedrivePaceTest, TheRateIsKeptWhateverItIs) {
  for (const int per_second : {1, 3, 10, 999, 20'000}) {
    SCOPED_TRACE(per_second);
    pace_.Clear();
    Jobs(0, {Job(7, per_second)});
    const std::int64_t moved = Drive(7, 0, 20'000);
    EXPECT_LE(moved, std::int64_t{per_second} * 20 + 1);
    EXPECT_GE(moved, std::int64_t{per_second} * 19);
  }
}

TEST_F(RedrivePaceTest, NoMoreThanASecondsWorthIsSavedUp) {
  Jobs(0, {Job(7, 100)});
  EXPECT_EQ(pace_.Ready(At(60'000), kMax)[0].max, 100);
}

TEST_F(RedrivePaceTest, LookingAgainChangesNothingButForJobsThatEndedOrChanged) {
  Jobs(0, {Job(7, 10), Job(8, 0)});
  pace_.OnStep(7, 1, false, At(0));
  Jobs(10, {Job(7, 10, 1)});
  EXPECT_TRUE(pace_.Ready(At(20), kMax).empty()) << "nothing is saved up yet";
  EXPECT_EQ(pace_.NextAt(At(20), kMax), At(100));
  Jobs(30, {Job(7, 0, 1)});
  EXPECT_EQ(pace_.Ready(At(30), kMax).size(), 1u);
}

TEST_F(RedrivePaceTest, OneThatFailedWaitsAndTheOthersDoNot) {
  Jobs(0, {Job(7, 0), Job(8, 0)});
  pace_.OnFailed(7, At(1'000));
  ASSERT_EQ(pace_.Ready(At(500), kMax).size(), 1u);
  EXPECT_EQ(pace_.Ready(At(500), kMax)[0].id, 8);
  EXPECT_EQ(pace_.Ready(At(1'000), kMax).size(), 2u);
}

}  // namespace
}  // namespace lanemq::broker
