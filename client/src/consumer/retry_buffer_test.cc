#include "client/src/consumer/retry_buffer.h"

#include <gtest/gtest.h>

namespace lanemq::client {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

const MonotonicTime kStart = MonotonicTime() + 100s;

std::vector<ConsumedRecord> Records(std::int64_t from, std::int64_t count) {
  std::vector<ConsumedRecord> records;
  for (std::int64_t i = 0; i < count; ++i) records.emplace_back().offset = from + i;
  return records;
}

TEST(RetryBufferTest, TakesOverOnceAndThenWaitsForWhatIsDue) {
  RetryBuffer buffer;
  EXPECT_FALSE(buffer.Wants(kStart)) << "not owned yet";
  buffer.Begin(kStart);
  EXPECT_TRUE(buffer.Wants(kStart));
  EXPECT_TRUE(buffer.must_take_over());
  buffer.OnRow(std::nullopt, kStart);
  EXPECT_TRUE(buffer.Wants(kStart)) << "leases of others are not due, and ours all the same";
  buffer.BeginRequest();
  EXPECT_FALSE(buffer.Wants(kStart + 1s)) << "one request at a time";
  buffer.OnLeased({}, kStart, std::nullopt, kStart);
  EXPECT_FALSE(buffer.must_take_over());
  EXPECT_FALSE(buffer.due());
  buffer.OnRow(500ms, kStart);
  EXPECT_FALSE(buffer.Wants(kStart + 499ms));
  EXPECT_TRUE(buffer.Wants(kStart + 500ms));
  buffer.OnRow(std::nullopt, kStart + 1s);
  EXPECT_FALSE(buffer.Wants(kStart + 2s)) << "an operator took it away";
}

TEST(RetryBufferTest, ATakeOverThatFailsIsRepeated) {
  RetryBuffer buffer;
  buffer.Begin(kStart);
  buffer.BeginRequest();
  buffer.OnFailure(1s, kStart);
  EXPECT_TRUE(buffer.must_take_over());
  EXPECT_FALSE(buffer.Wants(kStart + 999ms));
  EXPECT_TRUE(buffer.Wants(kStart + 1s));
}

TEST(RetryBufferTest, WhatBecomesDueDuringARequestIsNotForgotten) {
  RetryBuffer buffer;
  buffer.Begin(kStart);
  buffer.BeginRequest();
  buffer.OnDue(100ms, kStart);
  EXPECT_FALSE(buffer.due());
  buffer.OnLeased(Records(1, 1), kStart + 10s, 5s, kStart);
  EXPECT_EQ(buffer.due(), kStart + 100ms);
}

TEST(RetryBufferTest, AnEmptyAnswerIsNotAskedForInCircles) {
  RetryBuffer buffer;
  buffer.Begin(kStart);
  buffer.BeginRequest();
  buffer.OnLeased({}, kStart, 0ms, kStart);
  EXPECT_FALSE(buffer.Wants(kStart));
  EXPECT_TRUE(buffer.Wants(kStart + 1s));
}

TEST(RetryBufferTest, WhatWaitedTooLongForItsTurnIsLate) {
  RetryBuffer buffer;
  buffer.OnLeased(Records(1, 2), kStart + 10s, std::nullopt, kStart);
  buffer.OnLeased(Records(7, 3), kStart + 20s, std::nullopt, kStart);
  EXPECT_TRUE(buffer.TakeLate(kStart + 10s).empty());
  std::vector<ConsumedRecord> out;
  buffer.Take(1, out);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].offset, 1);
  const auto late = buffer.TakeLate(kStart + 11s);
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0]->offset, 2);
  buffer.Take(2, out);
  ASSERT_EQ(out.size(), 3u);
  EXPECT_EQ(out[1].offset, 7);
  EXPECT_EQ(buffer.size(), 1u);
  EXPECT_EQ(buffer.TakeLate(kStart + 21s).size(), 1u);
  EXPECT_EQ(buffer.size(), 0u);
}

TEST(RetryBufferTest, KeptAndLeasedOnesTakeTurns) {
  RetryBuffer buffer;
  for (std::int64_t offset : {1, 2, 3}) {
    auto record = std::make_shared<ConsumedRecord>();
    record->offset = offset;
    buffer.Keep(std::move(record), kStart, kStart + 60s);
  }
  buffer.Ripen(kStart);
  buffer.OnLeased(Records(11, 2), kStart + 60s, std::nullopt, kStart);
  EXPECT_EQ(buffer.leased(), 2u) << "what was kept takes no room from what must be asked for";
  std::vector<ConsumedRecord> out;
  buffer.Take(10, out);
  std::vector<std::int64_t> offsets;
  for (const auto& record : out) offsets.push_back(record.offset);
  EXPECT_EQ(offsets, (std::vector<std::int64_t>{1, 11, 2, 12, 3}));
}

TEST(RetryBufferTest, WhatIsKeptIsReadyWhenItIsDueInThatOrder) {
  RetryBuffer buffer;
  const auto keep = [&](std::int64_t offset, std::chrono::milliseconds wait) {
    auto record = std::make_shared<ConsumedRecord>();
    record->offset = offset;
    buffer.Keep(std::move(record), kStart + wait, kStart + 60s);
  };
  keep(3, 300ms);
  keep(1, 100ms);
  keep(2, 200ms);
  EXPECT_EQ(buffer.due(), kStart + 100ms) << "somebody must wake up then";
  EXPECT_FALSE(buffer.Wants(kStart + 1s)) << "there is nothing to ask for";
  buffer.Ripen(kStart + 99ms);
  EXPECT_EQ(buffer.size(), 0u);
  buffer.Ripen(kStart + 200ms);
  std::vector<ConsumedRecord> out;
  EXPECT_TRUE(buffer.TakeLate(kStart + 30s).empty());
  buffer.Take(10, out);
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].offset, 1);
  EXPECT_EQ(out[1].offset, 2);
  EXPECT_EQ(buffer.due(), kStart + 300ms);
  buffer.OnDue(250ms, kStart);
  EXPECT_EQ(buffer.due(), kStart + 250ms) << "what must be asked for is due earlier";
  buffer.Ripen(kStart + 1s);
  EXPECT_EQ(buffer.TakeLate(kStart + 61s).size(), 1u) << "its lease has no time left";
  EXPECT_EQ(buffer.size(), 0u);
}

TEST(RetryShareTest, IsAQuarterAndAtLeastOneInFourPolls) {
  RetryShare share;
  EXPECT_EQ(share.Of(500), 125u);
  EXPECT_EQ(share.Of(3), 1u);
  int retries = 0;
  for (int poll = 0; poll < 400; ++poll) {
    const std::size_t count = share.Of(1);
    retries += static_cast<int>(count);
    share.OnPoll(count > 0);
  }
  EXPECT_EQ(retries, 100);
}

}  // namespace
}  // namespace lanemq::client
