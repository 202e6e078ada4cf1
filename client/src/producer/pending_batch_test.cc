#include "client/src/producer/pending_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::client {
namespace {

ProducerRecord Body(const std::string& body) {
  ProducerRecord record;
  record.topic = "orders";
  record.body = body;
  return record;
}

PendingBatch BatchOfTwo(bool is_delayed) {
  PendingBatch batch({"orders", 3}, is_delayed);
  for (int i = 0; i < 2; ++i) {
    batch.Add(Body(std::to_string(i)), 100 + i);
    batch.completions.emplace_back();
  }
  batch.SetSequence(core::ProducerId{7}, 5);
  return batch;
}

TEST(PendingBatchTest, GoesIntoTheLogAtOnce) {
  PendingBatch batch = BatchOfTwo(/*is_delayed=*/false);
  const auto& request = std::get<idl::ProduceRequest>(batch.request).partitions.front();
  EXPECT_EQ(request.topic, "orders");
  EXPECT_EQ(request.partition, 3);
  EXPECT_EQ(request.producer_id, 7);
  EXPECT_EQ(request.base_sequence, 5);
  EXPECT_EQ(request.messages.at(1).body, "1");
  idl::ProducePartitionResult result;
  result.__set_base_offset(41);
  result.__set_timestamp_us(9);
  EXPECT_EQ(batch.Take(result), std::nullopt);
  const auto second = batch.ResultOf(1);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->offset, 42);
  EXPECT_EQ(second->timestamp_us, 9);
  EXPECT_EQ(second->partition, 3);
  EXPECT_EQ(second->delayed_handle, "");
}

TEST(PendingBatchTest, GoesToTheDelayedOnesWithItsTimes) {
  PendingBatch batch = BatchOfTwo(/*is_delayed=*/true);
  const auto& request = std::get<idl::ScheduleRequest>(batch.request).partitions.front();
  EXPECT_EQ(request.topic, "orders");
  EXPECT_EQ(request.partition, 3);
  EXPECT_EQ(request.producer_id, 7);
  EXPECT_EQ(request.base_sequence, 5);
  EXPECT_EQ(request.messages.at(1).message.body, "1");
  EXPECT_EQ(request.messages.at(0).due_us, 100);
  EXPECT_EQ(request.messages.at(1).due_us, 101);
  idl::SchedulePartitionResult result;
  result.__set_handles({"a", "b"});
  EXPECT_EQ(batch.Take(result), std::nullopt);
  const auto second = batch.ResultOf(1);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->offset, -1);
  EXPECT_EQ(second->timestamp_us, 0);
  EXPECT_EQ(second->partition, 3);
  EXPECT_EQ(second->delayed_handle, "b");
}

TEST(PendingBatchTest, AnErrorOrAReplyWithoutHandlesIsNoSuccess) {
  PendingBatch batch = BatchOfTwo(/*is_delayed=*/true);
  idl::SchedulePartitionResult result;
  result.__set_handles({"a"});
  EXPECT_EQ(batch.Take(result)->code, ErrorCode::kUnknownServerError);
  idl::LaneMqError declared;
  declared.code = idl::ErrorCode::THROTTLED;
  declared.__set_retry_after_ms(20);
  result.__set_error(declared);
  const auto error = batch.Take(result);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::kThrottled);
  EXPECT_EQ(error->retry_after_ms, 20);
  EXPECT_TRUE(batch.handles.empty());
}

}  // namespace
}  // namespace lanemq::client
