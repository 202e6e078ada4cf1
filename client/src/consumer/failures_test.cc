#include "client/src/consumer/failures.h"

#include <memory>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace lanemq::client {
namespace {

const auto kP0 = std::make_shared<const TopicPartition>(TopicPartition{"t", 0});

ConsumedRecord Record(std::int64_t offset, std::int32_t attempt = 0) {
  ConsumedRecord record;
  record.source = kP0;
  record.offset = offset;
  record.is_from_retries = attempt > 0;
  record.attempt = std::max(attempt, 1);
  return record;
}

Failure Because(const std::string& reason) {
  Failure failure;
  failure.reason = reason;
  return failure;
}

TEST(FailuresTest, ChecksAndCuts) {
  Failure failure = Because(std::string(65, 'r'));
  EXPECT_EQ(Failures::Check(failure).error().code, ErrorCode::kInvalidRequest);
  failure = Because("");
  failure.error = std::string(2'047, 'x') + "\u00e9tail";
  ASSERT_TRUE(Failures::Check(failure).ok());
  EXPECT_EQ(failure.reason, "failed");
  EXPECT_EQ(failure.error, std::string(2'047, 'x')) << "cut at a character";
  failure.delay = std::chrono::milliseconds(-1);
  EXPECT_FALSE(Failures::Check(failure).ok());
}

TEST(FailuresTest, ACommitCarriesWhatItPassesUntilThatIsWritten) {
  Failures failures;
  ASSERT_TRUE(failures.Fail(Record(5), Because("a")).ok());
  ASSERT_TRUE(failures.Fail(Record(9), Because("b")).ok());
  EXPECT_FALSE(failures.IsPassedBy(5));
  EXPECT_TRUE(failures.IsPassedBy(6));
  EXPECT_EQ(failures.Collect(5, true, 100).size(), 0u);
  const auto batch = failures.Collect(9, true, 100);
  ASSERT_EQ(batch.log.size(), 1u);
  EXPECT_EQ(batch.log.at(5).failure.reason, "a");
  EXPECT_EQ(failures.Collect(9, true, 100).size(), 1u) << "not written yet";
  failures.Acknowledge(batch);
  EXPECT_EQ(failures.Collect(9, true, 100).size(), 0u);
  EXPECT_EQ(failures.Collect(10, true, 100).log.count(9), 1u);
}

TEST(FailuresTest, ARecordThatIsKeptIsTakenOnceAsItsNextAttempt) {
  Failures failures;
  const auto copy = [](const ConsumedRecord& record) {
    return std::make_shared<ConsumedRecord>(record);
  };
  ASSERT_TRUE(failures.Fail(Record(5), Because("a"), copy(Record(5))).ok());
  ASSERT_TRUE(failures.Fail(Record(6), Because("b")).ok());
  failures.OnRetry(3, 4);
  ASSERT_TRUE(failures.Fail(Record(3, 4), Because("c"), copy(Record(3, 4))).ok());
  const auto batch = failures.Collect(9, true, 100);
  EXPECT_EQ(failures.TakeKept(batch, 5, 3), nullptr) << "another attempt than the next one";
  const auto fifth = failures.TakeKept(batch, 5, 2);
  ASSERT_NE(fifth, nullptr);
  EXPECT_EQ(fifth->attempt, 2);
  EXPECT_EQ(fifth->last_reason, "a");
  EXPECT_TRUE(fifth->is_retry());
  EXPECT_EQ(failures.TakeKept(batch, 5, 2), nullptr) << "a second answer to the same";
  EXPECT_EQ(failures.TakeKept(batch, 6, 2), nullptr) << "it was never at hand";
  const auto third = failures.TakeKept(batch, 3, 5);
  ASSERT_NE(third, nullptr);
  EXPECT_EQ(third->attempt, 5);
  EXPECT_EQ(third->last_reason, "c");
}

TEST(FailuresTest, WhatNobodyHandsOutIsGivenBackAtOnce) {
  Failures failures;
  ConsumedRecord late = Record(5, 3);
  late.last_reason = "timeout";
  failures.GiveBack(late);
  const auto batch = failures.Collect(std::nullopt, true, 100);
  ASSERT_EQ(batch.retries.size(), 1u);
  EXPECT_EQ(batch.retries.at(5).attempt, 3);
  ASSERT_TRUE(batch.retries.at(5).failure);
  EXPECT_EQ(batch.retries.at(5).failure->reason, "timeout");
  EXPECT_EQ(batch.retries.at(5).failure->delay, std::chrono::milliseconds(0));
  EXPECT_FALSE(batch.retries.at(5).failure->is_fatal);
  EXPECT_EQ(batch.retries.at(5).record, nullptr);
}

TEST(FailuresTest, WhatWasDeliveredAgainOrAcknowledgedIsNotKept) {
  Failures failures;
  const auto kept = std::make_shared<ConsumedRecord>(Record(5));
  ASSERT_TRUE(failures.Fail(Record(5), Because("a"), kept).ok());
  const auto batch = failures.Collect(6, true, 100);
  failures.OnRecords(5, 1);
  EXPECT_EQ(failures.TakeKept(batch, 5, 2), nullptr) << "it is in the handler's hands again";
  ASSERT_TRUE(failures.Fail(Record(5), Because("again"), kept).ok());
  EXPECT_EQ(failures.TakeKept(batch, 5, 2), nullptr) << "that failure is another one";
  const auto second = failures.Collect(6, true, 100);
  failures.Acknowledge(second);
  EXPECT_EQ(failures.TakeKept(second, 5, 2), nullptr);
}

TEST(FailuresTest, WhatIsDeliveredAgainHasNotFailedAndAnOldAcknowledgementIsNotItsOwn) {
  Failures failures;
  ASSERT_TRUE(failures.Fail(Record(5), Because("a")).ok());
  const auto old = failures.Collect(6, true, 100);
  failures.OnRecords(3, 2);
  EXPECT_TRUE(failures.IsPassedBy(6));
  failures.OnRecords(3, 3);
  EXPECT_FALSE(failures.IsPassedBy(6));
  EXPECT_EQ(failures.forgotten(), 1u);
  ASSERT_TRUE(failures.Fail(Record(5), Because("b")).ok());
  failures.Acknowledge(old);
  EXPECT_TRUE(failures.IsPassedBy(6));
}

TEST(FailuresTest, OnlyTheLastDeliveryOfARetryHasAnOutcome) {
  Failures failures;
  EXPECT_EQ(failures.Done(Record(5, 2)).error().code, ErrorCode::kFailedPrecondition);
  failures.OnRetry(5, 2);
  failures.OnRetry(6, 2);
  EXPECT_EQ(failures.Fail(Record(5, 1), Because("a")).error().code, ErrorCode::kFailedPrecondition);
  ASSERT_TRUE(failures.Fail(Record(5, 2), Because("a")).ok());
  EXPECT_FALSE(failures.Done(Record(5, 2)).ok()) << "it has failed already";
  EXPECT_FALSE(failures.Collect(std::nullopt, false, 100).size());
  failures.FinishRetries();
  const auto batch = failures.Collect(std::nullopt, true, 100);
  ASSERT_EQ(batch.retries.size(), 2u);
  EXPECT_TRUE(batch.retries.at(5).failure);
  EXPECT_FALSE(batch.retries.at(6).failure);
  failures.OnRetry(5, 3);
  failures.Acknowledge(batch);
  EXPECT_FALSE(failures.HasOutcomes());
  EXPECT_EQ(failures.retries(), 1u) << "the third delivery of 5 is open";
}

TEST(FailuresTest, IsBounded) {
  Failures failures;
  for (std::size_t i = 0; i < Failures::kLogMax; ++i) {
    ASSERT_TRUE(failures.Fail(Record(static_cast<std::int64_t>(i)), {}).ok());
  }
  EXPECT_EQ(failures.Fail(Record(1'000'000), {}).error().code, ErrorCode::kQueueFull);
  EXPECT_TRUE(failures.Fail(Record(7), {}).ok()) << "it is known";
  EXPECT_EQ(failures.DropBelow(100).size(), 100u);
  EXPECT_TRUE(failures.Fail(Record(1'000'000), {}).ok());
}

// Commits in portions of any size, whose replies may be lost, never pass a failure unwritten.
TEST(FailuresTest, RandomPortions) {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    std::mt19937 random(seed);
    Failures failures;
    std::set<std::int64_t> unwritten;
    std::set<std::int64_t> retries;
    for (std::int64_t offset = 1; offset <= 200; ++offset) {
      if (random() % 3 == 0) {
        ASSERT_TRUE(failures.Fail(Record(offset), {}).ok());
        unwritten.insert(offset);
      } else if (random() % 3 == 0) {
        failures.OnRetry(1'000 + offset, 2);
        retries.insert(1'000 + offset);
        ASSERT_TRUE(failures.Done(Record(1'000 + offset, 2)).ok());
      }
    }
    std::int64_t row = 0;
    while (row < 201) {
      const auto batch = failures.Collect(201, random() % 2 == 0, random() % 20);
      if (!batch.commit) continue;
      for (const auto& [offset, entry] : batch.log) unwritten.erase(offset);
      for (const auto& [offset, entry] : batch.retries) retries.erase(offset);
      row = *batch.commit;
      ASSERT_TRUE(unwritten.empty() || *unwritten.begin() >= row) << "seed " << seed;
      if (random() % 4 == 0) {
        row = 0;  // The reply is lost: again.
      } else {
        failures.Acknowledge(batch);
      }
    }
    EXPECT_FALSE(failures.IsPassedBy(201)) << "seed " << seed;
    while (failures.HasOutcomes()) {
      const auto batch = failures.Collect(std::nullopt, true, 3);
      ASSERT_EQ(batch.size(), std::min<std::size_t>(3, failures.retries()));
      for (const auto& [offset, entry] : batch.retries) retries.erase(offset);
      failures.Acknowledge(batch);
    }
    EXPECT_TRUE(retries.empty()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace lanemq::client
