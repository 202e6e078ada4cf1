#include "client/src/consumer/kept_records.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace lanemq::client {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

const MonotonicTime kStart = MonotonicTime() + 100s;

ConsumedRecord Record(std::size_t bytes = 10) {
  ConsumedRecord record;
  record.offset = 7;
  record.body = std::string(bytes, 'x');
  return record;
}

/// How many can be kept at once.
std::size_t RoomIn(KeptRecords& records, MonotonicTime now) {
  std::vector<KeptRecords::Record> all;
  while (auto record = records.Keep(Record(), now)) all.push_back(std::move(record));
  return all.size();
}

TEST(KeptRecordsTest, LeasesHaveAQuarterMoreWithinReason) {
  EXPECT_EQ(LeaseWithSlack(200ms), 300ms);
  EXPECT_EQ(LeaseWithSlack(60s), 75s);
  EXPECT_EQ(LeaseWithSlack(3'600s), 3'630s);
}

TEST(KeptRecordsTest, KeepsWhatPollWillHandOutInTheSlack) {
  KeptRecords records(40s);
  EXPECT_EQ(records.Keep(Record(), kStart), nullptr) << "nothing was polled yet";
  // 1,600 a second, of which an eighth of ten seconds' are retries that are in time.
  for (int i = 0; i < 16; ++i) records.OnPolled(100, kStart + i * 62ms);
  const std::size_t room = RoomIn(records, kStart + 1s);
  EXPECT_GE(room, 900u);
  EXPECT_LE(room, 2'000u);
  EXPECT_EQ(RoomIn(records, kStart + 1s), room) << "what is let go of makes room";
  EXPECT_LT(RoomIn(records, kStart + 1'900ms), room) << "it slows down";
  EXPECT_EQ(RoomIn(records, kStart + 10s), 0u) << "that was long ago";
}

TEST(KeptRecordsTest, RecordsAndBytesAreBounded) {
  KeptRecords records(3'600s);
  records.OnPolled(10'000'000, kStart);
  EXPECT_EQ(RoomIn(records, kStart), KeptRecords::kRecordsMax);
  std::vector<KeptRecords::Record> large;
  while (auto record = records.Keep(Record(1u << 20), kStart)) large.push_back(std::move(record));
  EXPECT_EQ(large.size(), 15u) << "each is a little more than its body";
  EXPECT_NE(records.Keep(Record(1'000), kStart), nullptr);
}

TEST(KeptRecordsTest, WhatItReturnsOutlivesIt) {
  KeptRecords::Record record;
  {
    KeptRecords records(60s);
    records.OnPolled(1'000, kStart);
    record = records.Keep(Record(), kStart);
  }
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->offset, 7);
}

}  // namespace
}  // namespace lanemq::client
