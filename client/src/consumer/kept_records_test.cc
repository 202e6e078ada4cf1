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

/// Polls `count` records in all, steadily over half a second from `begin` on. When it ends.
MonotonicTime PollFor(KeptRecords& records, std::size_t count, MonotonicTime begin) {
  for (int i = 0; i <= 50; ++i) records.OnPolled(count / 50, begin + i * 10ms);
  return begin + 500ms;
}

TEST(KeptRecordsTest, KeepsWhatPollWillHandOutInTheSlack) {
  KeptRecords records(40s);  // Ten of slack.
  EXPECT_EQ(records.Keep(Record(), kStart), nullptr) << "nothing was polled yet";
  // 800 in 10.5 s, of which an eighth of ten seconds' are retries that are in time.
  const MonotonicTime now = PollFor(records, 800, kStart);
  const std::size_t room = RoomIn(records, now);
  EXPECT_GE(room, 90u);
  EXPECT_LE(room, 100u);
  EXPECT_EQ(RoomIn(records, now), room) << "what is let go of makes room";
  EXPECT_LT(RoomIn(records, now + 2s), room) << "it slows down";
}

TEST(KeptRecordsTest, KeepsNothingWhilePollIsNotSteady) {
  KeptRecords records(40s);
  records.OnPolled(1'000, kStart);
  records.OnPolled(1'000, kStart + 200ms);
  EXPECT_EQ(RoomIn(records, kStart + 201ms), 0u) << "a burst: full queues may follow";
  const MonotonicTime now = PollFor(records, 1'000, kStart + 300ms);
  EXPECT_GT(RoomIn(records, now), 0u);
  EXPECT_GT(RoomIn(records, now + 2'500ms), 0u);
  EXPECT_EQ(RoomIn(records, now + 2'501ms), 0u) << "a quarter of the slack has passed";
  records.OnPolled(1'000, now + 3s);
  EXPECT_EQ(RoomIn(records, now + 3s), 0u);
}

TEST(KeptRecordsTest, RecordsAndBytesAreBounded) {
  KeptRecords records(3'600s);
  const MonotonicTime now = PollFor(records, 100'000'000, kStart);
  EXPECT_EQ(RoomIn(records, now), KeptRecords::kRecordsMax);
  std::vector<KeptRecords::Record> large;
  while (auto record = records.Keep(Record(1u << 20), now)) large.push_back(std::move(record));
  EXPECT_EQ(large.size(), 15u) << "each is a little more than its body";
  EXPECT_NE(records.Keep(Record(1'000), now), nullptr);
}

TEST(KeptRecordsTest, WhatItReturnsOutlivesIt) {
  KeptRecords::Record record;
  {
    KeptRecords records(60s);
    record = records.Keep(Record(), PollFor(records, 1'000, kStart));
  }
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->offset, 7);
}

}  // namespace
}  // namespace lanemq::client
