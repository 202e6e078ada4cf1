#include <gtest/gtest.h>

#include "common/rpc/wire/catalog.h"
#include "common/rpc/wire/errors.h"
#include "common/rpc/wire/messages.h"
#include "common/rpc/wire/retry_policy.h"
#include "lanemq_types.h"

namespace lanemq::wire {
namespace {

TEST(WireTest, ErrorsSurviveTheRoundTrip) {
  const Error error{ErrorCode::kThrottled, "append queue of orders/3 is full", 120};
  EXPECT_EQ(FromWire(ToWire(error)), error);
}

TEST(WireTest, MessagesKeepTheDifferenceBetweenAbsentAndEmpty) {
  core::Record record;
  record.key = "";
  record.headers = {{"a", "1"}, {"a", std::string("\0\xff", 2)}};
  record.codec = 3;
  EXPECT_EQ(FromWire(ToWireMessage(record)), record);
  record.key.reset();
  record.body = std::string("x\0y", 3);
  record.offset = core::Offset{17};
  record.timestamp = WallTime{99};
  idl::StoredMessage stored;
  ToWire(record, stored);
  EXPECT_EQ(FromWire(std::move(stored)), record);
}

TEST(WireTest, CatalogSurvivesTheRoundTrip) {
  core::CatalogSnapshot snapshot;
  snapshot.version = 12;
  snapshot.cluster_id = "c";
  snapshot.nodes = {
      {core::NodeId{1}, "n1", "127.0.0.1", 3306, "p", core::NodeState::kClosed, 3, 7}};
  core::Topic topic{core::TopicId{5}, "orders", core::TopicState::kActive, {}, {}, "d",
                    WallTime{8}};
  topic.partitions = {{0, core::NodeId{1}, 2}, {1, core::NodeId{1}, 0}};
  topic.config = {{"retention.ms", "1000"}};
  snapshot.topics = {topic};
  core::Broker broker;
  broker.id = core::BrokerId{2};
  broker.host = "h";
  broker.port = 9;
  broker.state = core::BrokerState::kDraining;
  broker.version = "v";
  snapshot.brokers = {broker};
  snapshot.metaservers = {{"m", 1}};
  EXPECT_EQ(FromWire(ToWire(snapshot)), snapshot);
}

TEST(WireTest, PoliciesSurviveTheRoundTrip) {
  using std::chrono::milliseconds;
  const core::RetryPolicy policy{.max_attempts = 5,
                                 .first_delay = milliseconds(7),
                                 .max_delay = milliseconds(700),
                                 .multiplier = 1.5,
                                 .delays = {milliseconds(0), milliseconds(90)},
                                 .jitter = 0.75,
                                 .fatal_reasons = {"bad", "worse"},
                                 .retryable_reasons = {"timeout"}};
  EXPECT_EQ(FromWire(ToWire(policy)), policy);
  EXPECT_EQ(FromWire(ToWire(core::RetryPolicy{})), core::RetryPolicy{});
}

TEST(WireTest, WhatAPolicyLeavesOutIsTheDefault) {
  EXPECT_EQ(FromWire(idl::RetryPolicy{}), core::RetryPolicy{});
  idl::RetryPolicy some;
  some.__set_max_attempts(1);
  some.__set_first_delay_ms(0);
  const core::RetryPolicy policy = FromWire(some);
  EXPECT_EQ(policy.max_attempts, 1);
  EXPECT_EQ(policy.first_delay.count(), 0);
  EXPECT_EQ(policy.max_delay, core::RetryPolicy{}.max_delay);
}

}  // namespace
}  // namespace lanemq::wire
