#include "common/core/log/tail_cache.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

const PartitionKey kP{TopicId{1}, 0};
const PartitionKey kQ{TopicId{1}, 1};

std::vector<RecordPtr> Rows(std::int64_t first, std::int64_t count, std::size_t bytes = 52) {
  std::vector<RecordPtr> out;
  for (std::int64_t i = 0; i < count; ++i) {
    auto record = std::make_shared<Record>();
    record->offset = Offset{first + i};
    record->body = std::string(bytes, 'x');
    out.push_back(record);
  }
  return out;
}

TEST(TailCacheTest, ReadsFromAnyOffsetItHoldsWithinLimits) {
  TailCache cache(1u << 20);
  cache.Append(kP, Rows(10, 5));
  cache.Append(kP, Rows(15, 5));
  EXPECT_TRUE(cache.Read(kP, Offset{9}, {}).empty());
  EXPECT_TRUE(cache.Read(kP, Offset{20}, {}).empty());
  EXPECT_TRUE(cache.Read(kQ, Offset{10}, {}).empty());
  const auto rows = cache.Read(kP, Offset{13}, {.records_max = 4});
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows.front()->offset, Offset{13});
  EXPECT_EQ(cache.Read(kP, Offset{13}, {.bytes_max = 250}).size(), 2u);
  EXPECT_EQ(cache.Read(kP, Offset{13}, {.bytes_max = 1}).size(), 1u);
}

TEST(TailCacheTest, StaysDense) {
  TailCache cache(1u << 20);
  cache.Append(kP, Rows(1, 5));
  cache.Append(kP, Rows(3, 5));
  EXPECT_EQ(cache.Read(kP, Offset{1}, {}).size(), 7u);
  cache.Append(kP, Rows(1, 2));
  EXPECT_EQ(cache.Read(kP, Offset{1}, {}).size(), 7u);
  cache.Append(kP, Rows(9, 1));
  EXPECT_TRUE(cache.Read(kP, Offset{1}, {}).empty());
  EXPECT_EQ(cache.Read(kP, Offset{9}, {}).size(), 1u);
}

TEST(TailCacheTest, IsBoundedOverAllPartitionsOldestFirst) {
  TailCache cache(1'000);  // Ten records of 100 bytes.
  cache.Append(kP, Rows(1, 4));
  cache.Append(kQ, Rows(1, 4));
  cache.Append(kP, Rows(5, 2));
  EXPECT_EQ(cache.bytes(), 1'000u);
  cache.Append(kQ, Rows(5, 1));
  EXPECT_EQ(cache.bytes(), 700u);
  EXPECT_TRUE(cache.Read(kP, Offset{4}, {}).empty());
  EXPECT_EQ(cache.Read(kP, Offset{5}, {}).size(), 2u);
  EXPECT_EQ(cache.Read(kQ, Offset{1}, {}).size(), 5u);
  cache.Append(kP, Rows(7, 50));
  EXPECT_EQ(cache.bytes(), 0u) << "a chunk larger than everything does not stay";
}

TEST(TailCacheTest, ADroppedPartitionFreesItsBytes) {
  TailCache cache(1'000);
  cache.Append(kP, Rows(1, 4));
  cache.Drop(kP);
  EXPECT_EQ(cache.bytes(), 0u);
  cache.Append(kP, Rows(2, 4));
  EXPECT_EQ(cache.Read(kP, Offset{2}, {}).size(), 4u);
}

}  // namespace
}  // namespace lanemq::core
