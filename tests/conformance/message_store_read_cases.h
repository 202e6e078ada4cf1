#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/conformance/message_store_fixture.h"

namespace lanemq::testing {

TEST_P(MessageStoreSuite, ReadsStartAnywhereAndStopAtTheRecordLimit) {
  AppendOk(Records(1, 20));
  const auto read = store().Read(At(0), core::Offset{5}, {.records_max = 3}, Soon());
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->size(), 3u);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(*(*read)[static_cast<std::size_t>(i)] == *Records(5 + i, 1).front());
  }
  EXPECT_TRUE(store().Read(At(0), core::Offset{21}, {}, Soon())->empty());
}

TEST_P(MessageStoreSuite, ReadsStopAtTheByteLimitButGiveTheFirstRecordAlways) {
  const std::string body(10'000, 'b');
  AppendOk(Records(1, 50, body));
  const std::size_t one = core::SizeOf(*Records(1, 1, body).front());
  for (int round = 0; round < 3; ++round) {  // The store may learn the size of rows.
    EXPECT_EQ(store().Read(At(0), core::Offset{1}, {.bytes_max = 1}, Soon())->size(), 1u);
    EXPECT_EQ(store().Read(At(0), core::Offset{1}, {.bytes_max = one * 7}, Soon())->size(), 7u);
    EXPECT_EQ(store().Read(At(0), core::Offset{1}, {.bytes_max = one * 8 - 1}, Soon())->size(), 7u);
    EXPECT_EQ(store().Read(At(0), core::Offset{1}, {.bytes_max = one * 90}, Soon())->size(), 50u);
  }
}

TEST_P(MessageStoreSuite, ReadsKeepTheirLimitsWhenSmallRowsAreFollowedByBigOnes) {
  AppendOk(Records(1, 300, "tiny"));
  for (int i = 0; i < 5; ++i) AppendOk(Records(301 + i * 4, 4, std::string(300'000, 'x')));
  AppendOk(Records(321, 300, "tiny"));
  std::int64_t next = 1;
  while (next < 621) {
    const auto read = store().Read(At(0), core::Offset{next}, {.records_max = 500}, Soon());
    ASSERT_TRUE(read.ok());
    ASSERT_FALSE(read->empty());
    std::size_t bytes = 0;
    for (const auto& record : *read) {
      ASSERT_EQ(record->offset.value, next++);
      bytes += core::SizeOf(*record);
    }
    EXPECT_LE(bytes, core::ReadLimits{}.bytes_max);
  }
}

TEST_P(MessageStoreSuite, TheFirstRowAtOrAfterATimeIsFound) {
  const auto find = [&](std::int64_t time) -> std::int64_t {
    const auto found = store().FindByTime(At(0), WallTime{time}, Soon());
    EXPECT_TRUE(found.ok());
    return found.ok() && *found ? (*found)->offset.value : 0;
  };
  EXPECT_EQ(find(0), 0);
  AppendOk(Records(1, 37));  // Timestamps 10, 20, ... 370.
  EXPECT_EQ(find(-5), 1);
  EXPECT_EQ(find(10), 1);
  for (std::int64_t offset = 2; offset <= 37; ++offset) {
    EXPECT_EQ(find(offset * 10), offset);
    EXPECT_EQ(find(offset * 10 - 1), offset);
  }
  EXPECT_EQ(find(371), 0);
}

TEST_P(MessageStoreSuite, OfEqualTimesTheFirstRowIsFound) {
  std::vector<core::RecordPtr> records;
  for (int i = 0; i < 30; ++i) {
    auto record = std::make_shared<core::Record>(*Records(i + 1, 1).front());
    record->timestamp = WallTime{i < 10 ? 1 : 2};
    records.push_back(record);
  }
  AppendOk(records);
  const auto found = store().FindByTime(At(0), WallTime{2}, Soon());
  ASSERT_TRUE(found.ok() && *found);
  EXPECT_EQ((*found)->offset.value, 11);
}

TEST_P(MessageStoreSuite, ByTimeToleratesHolesLeftByAnAccident) {
  AppendOk(Records(1, 3));
  AppendOk(Records(100, 3));
  const auto found = store().FindByTime(At(0), WallTime{500}, Soon());
  ASSERT_TRUE(found.ok() && *found);
  EXPECT_EQ((*found)->offset.value, 100);
}

TEST_P(MessageStoreSuite, EndsOfManyPartitionsComeTogether) {
  ASSERT_TRUE(store().CreatePartition(At(1), "orders", Soon()).ok());
  ASSERT_TRUE(store().CreatePartition(At(2), "orders", Soon()).ok());
  AppendOk(Records(1, 4));
  AppendOk(Records(1, 9), 2);
  const std::vector<core::PartitionLocation> all = {At(0), At(1), At(7), At(2)};
  const auto ends = store().ReadEnds(all, Soon());
  ASSERT_TRUE(ends.ok()) << ends.error().ToString();
  std::map<int, std::int64_t> by_index;
  for (const auto& end : *ends) by_index[end.key.partition] = end.end.value;
  EXPECT_THAT(by_index, ::testing::ElementsAre(std::pair(At(0).key.partition, 5),
                                               std::pair(At(1).key.partition, 1),
                                               std::pair(At(2).key.partition, 10)));
  EXPECT_TRUE(store().ReadEnds({}, Soon())->empty());
}

TEST_P(MessageStoreSuite, TheLogStartIsTheEndOfALogWithoutRows) {
  AppendOk(Records(1, 4));
  under_test_->SetLogStart(At(0), core::Offset{5});
  const auto tail = store().ReadTail(At(0), Soon());
  ASSERT_TRUE(tail.ok());
  EXPECT_EQ(tail->log_start, core::Offset{5});
  EXPECT_EQ(tail->End(), core::Offset{5});
  const std::vector<core::PartitionLocation> all = {At(0)};
  EXPECT_EQ(store().ReadEnds(all, Soon())->front().end, core::Offset{5});
}

TEST_P(MessageStoreSuite, ASnapshotIsReplacedByANewerOneOnly) {
  EXPECT_FALSE(store().LoadProducerSnapshot(At(0), Soon())->has_value());
  const std::string bytes("\0\xff'\\", 4);
  ASSERT_TRUE(store().SaveProducerSnapshot(At(0), {core::Offset{10}, bytes}, Soon()).ok());
  ASSERT_TRUE(store().SaveProducerSnapshot(At(0), {core::Offset{9}, "older"}, Soon()).ok());
  auto loaded = store().LoadProducerSnapshot(At(0), Soon());
  ASSERT_TRUE(loaded.ok() && *loaded);
  EXPECT_EQ((*loaded)->through, core::Offset{10});
  EXPECT_EQ((*loaded)->state, bytes);
  ASSERT_TRUE(store().SaveProducerSnapshot(At(0), {core::Offset{11}, "newer"}, Soon()).ok());
  loaded = store().LoadProducerSnapshot(At(0), Soon());
  EXPECT_EQ((*loaded)->state, "newer");
  ASSERT_TRUE(store().DropPartition(At(0), Soon()).ok());
  ASSERT_TRUE(store().CreatePartition(At(0), "orders", Soon()).ok());
  EXPECT_FALSE(store().LoadProducerSnapshot(At(0), Soon())->has_value());
}

}  // namespace lanemq::testing
