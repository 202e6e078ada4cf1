#include "common/core/partition/partitioner.h"

#include <set>

#include <gtest/gtest.h>

#include "common/core/partition/sticky_partitioner.h"

namespace lanemq::core {
namespace {

using std::chrono_literals::operator""s;

// Vectors of Kafka's own UtilsTest.testMurmur2.
TEST(Murmur2Test, AgreesWithKafka) {
  EXPECT_EQ(Murmur2("21"), -973932308);
  EXPECT_EQ(Murmur2("foobar"), -790332482);
  EXPECT_EQ(Murmur2("a-little-bit-long-string"), -985981536);
  EXPECT_EQ(Murmur2("a-little-bit-longer-string"), -1486304829);
  EXPECT_EQ(Murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58897971);
  EXPECT_EQ(Murmur2("abc"), 479470107);
}

TEST(PartitionForKeyTest, StaysInRangeForEveryKey) {
  for (int i = 0; i < 10'000; ++i) {
    const auto partition = PartitionForKey(std::to_string(i) + std::string(1, '\xff'), 7);
    ASSERT_GE(partition, 0);
    ASSERT_LT(partition, 7);
  }
}

TEST(StickyPartitionerTest, SticksForABatchThenMovesOn) {
  StickyPartitioner sticky({.batch_bytes = 100}, Random(1));
  const MonotonicTime now{};
  const auto first = sticky.Next(4, 60, now);
  EXPECT_EQ(sticky.Next(4, 60, now), first);
  EXPECT_NE(sticky.Next(4, 60, now), first);
}

TEST(StickyPartitionerTest, AvoidsFailingPartitionsForAWhile) {
  StickyPartitioner sticky({.batch_bytes = 1, .avoid_for = 5s}, Random(2));
  MonotonicTime now{100s};
  sticky.MarkFailed(0, now);
  sticky.MarkFailed(1, now);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(sticky.Next(3, 1, now), 2);
  std::set<std::int32_t> seen;
  for (int i = 0; i < 100; ++i) seen.insert(sticky.Next(3, 1, now + 5s));
  EXPECT_EQ(seen.size(), 3u);
}

TEST(StickyPartitionerTest, AFailedPartitionGetsOneTrialBatchUntilItIsAnswered) {
  StickyPartitioner sticky({.batch_bytes = 2, .avoid_for = 5s}, Random(4));
  MonotonicTime now{100s};
  sticky.MarkFailed(0, now);
  now = now + 5s;
  int trials = 0;
  for (int i = 0; i < 100; ++i) trials += sticky.Next(2, 1, now) == 0 ? 1 : 0;
  EXPECT_EQ(trials, 2) << "one batch of two messages";
  sticky.MarkWorking(0);
  trials = 0;
  for (int i = 0; i < 100; ++i) trials += sticky.Next(2, 1, now) == 0 ? 1 : 0;
  EXPECT_GT(trials, 30);
}

TEST(StickyPartitionerTest, WhenAllFailAllAreEligible) {
  StickyPartitioner sticky({.batch_bytes = 1}, Random(3));
  const MonotonicTime now{1s};
  sticky.MarkFailed(0, now);
  sticky.MarkFailed(1, now);
  std::set<std::int32_t> seen;
  for (int i = 0; i < 100; ++i) seen.insert(sticky.Next(2, 1, now));
  EXPECT_EQ(seen.size(), 2u);
  sticky.MarkWorking(1);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(sticky.Next(2, 1, now), 1);
}

}  // namespace
}  // namespace lanemq::core
