#include "broker/duties/rhythm.h"

#include <gtest/gtest.h>

namespace lanemq::broker {
namespace {

using std::chrono::seconds;

MonotonicTime At(int s) { return MonotonicTime{} + seconds(s); }

TEST(RhythmTest, ItIsDueAtOnceAndThenAtEachInterval) {
  Rhythm rhythm(seconds(10), seconds(60));
  EXPECT_TRUE(rhythm.IsDue(At(0)));
  rhythm.OnDone(At(3));
  EXPECT_FALSE(rhythm.IsDue(At(12)));
  EXPECT_TRUE(rhythm.IsDue(At(13)));
}

TEST(RhythmTest, FailuresMakeItSlowerUpToALimitUntilItSucceeds) {
  Rhythm rhythm(seconds(10), seconds(25));
  rhythm.OnFailed(At(0));
  EXPECT_EQ(rhythm.next(), At(10));
  rhythm.OnFailed(At(10));
  EXPECT_EQ(rhythm.next(), At(30));
  rhythm.OnFailed(At(30));
  EXPECT_EQ(rhythm.next(), At(55));
  rhythm.OnFailed(At(55));
  EXPECT_EQ(rhythm.next(), At(80));
  rhythm.OnDone(At(80));
  EXPECT_EQ(rhythm.next(), At(90));
  rhythm.OnFailed(At(90));
  EXPECT_EQ(rhythm.next(), At(100)) << "the first wait after a failure is short again";
}

TEST(RhythmTest, AReasonToHurryShortensTheIntervalButNotTheWaitAfterAFailure) {
  Rhythm rhythm(seconds(10), seconds(60));
  rhythm.OnDone(At(0));
  rhythm.Hurry(At(4));
  EXPECT_EQ(rhythm.next(), At(4));
  rhythm.Hurry(At(8));
  EXPECT_EQ(rhythm.next(), At(4));
  rhythm.OnFailed(At(4));
  rhythm.Hurry(At(5));
  EXPECT_EQ(rhythm.next(), At(14));
}

}  // namespace
}  // namespace lanemq::broker
