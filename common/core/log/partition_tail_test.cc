#include "common/core/log/partition_tail.h"

#include <vector>

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using std::chrono::seconds;

RecordIdentity Row(std::int64_t offset, std::int64_t time, std::int64_t producer,
                   std::int64_t sequence) {
  return {Offset{offset}, WallTime{time}, ProducerId{producer}, sequence};
}

TEST(PartitionTailTest, AbsorbsRowsOfManyProducersInOrder) {
  PartitionTail tail("s", kFirstOffset, WallTime{0});
  const std::vector<RecordIdentity> rows = {Row(1, 5, 9, 0), Row(2, 5, 9, 1), Row(3, 6, -1, 77),
                                            Row(4, 6, 9, 2)};
  EXPECT_EQ(tail.Absorb(rows), 4u);
  EXPECT_EQ(tail.next(), Offset{5});
  EXPECT_EQ(tail.last_timestamp(), WallTime{6});
  EXPECT_EQ(tail.producers().NextSequence(ProducerId{9}), 3);
  EXPECT_EQ(tail.producers().Find(ProducerId{9}, 2)->first_offset, Offset{4});
  EXPECT_EQ(tail.producers().NextSequence(ProducerId{-1}), std::nullopt);
}

TEST(PartitionTailTest, StopsBeforeAHoleAndGoesOnWhenTold) {
  PartitionTail tail("s", kFirstOffset, WallTime{0});
  const std::vector<RecordIdentity> rows = {Row(1, 5, 9, 0), Row(3, 5, 9, 2)};
  EXPECT_EQ(tail.Absorb(rows), 1u);
  EXPECT_EQ(tail.next(), Offset{2});
  tail.SkipTo(Offset{3});
  EXPECT_EQ(tail.Absorb(std::span(rows).subspan(1)), 1u);
  EXPECT_EQ(tail.next(), Offset{4});
}

TEST(PartitionTailTest, RowsThatTheSnapshotCoversDoNotCountTwice) {
  Producers producers;
  producers.Note(ProducerId{9}, {0, 3, Offset{1}});
  const std::string before = producers.Encode();
  PartitionTail tail("s", Offset{2}, WallTime{0}, std::move(producers), Offset{3});
  const std::vector<RecordIdentity> rows = {Row(2, 5, 9, 1), Row(3, 5, 9, 2)};
  EXPECT_EQ(tail.Absorb(rows), 2u);
  EXPECT_EQ(tail.producers().Encode(), before);
  EXPECT_EQ(tail.Snapshot().through, Offset{3});
}

TEST(PartitionTailTest, KnowledgeAges) {
  PartitionTail tail("s", kFirstOffset, WallTime{0});
  EXPECT_FALSE(tail.IsFresh({seconds(1)}, seconds(20)));
  tail.Confirm({seconds(1)});
  EXPECT_TRUE(tail.IsFresh({seconds(20)}, seconds(20)));
  EXPECT_FALSE(tail.IsFresh({seconds(21)}, seconds(20)));
  tail.Doubt();
  EXPECT_FALSE(tail.IsFresh({seconds(2)}, seconds(20)));
}

}  // namespace
}  // namespace lanemq::core
