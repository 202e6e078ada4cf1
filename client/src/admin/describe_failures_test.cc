#include "client/src/admin/describe_failures.h"

#include <gtest/gtest.h>

namespace lanemq {
namespace {

using std::chrono_literals::operator""ms;

TEST(DescribeFailures, ALetterKeepsEveryField) {
  idl::DeadLetter wire;
  wire.id.__set_group("billing");
  wire.id.__set_topic("orders");
  wire.id.__set_partition(3);
  wire.id.__set_offset(42);
  wire.message.__set_offset(42);
  wire.message.__set_timestamp_us(7);
  wire.message.__set_key("k");
  wire.message.__set_body("b");
  wire.message.__set_codec(2);
  idl::Header header;
  header.__set_name("n");
  header.__set_value("v");
  wire.message.__set_headers({header});
  wire.__set_attempts(5);
  wire.__set_reason("timeout");
  wire.__set_first_error("first");
  wire.__set_last_error("last");
  wire.__set_first_failed_at_us(10);
  wire.__set_last_failed_at_us(20);
  wire.__set_dead_at_us(30);
  const DeadLetter letter = Describe(std::move(wire));
  EXPECT_EQ(letter.id(), (DeadLetterId{"billing", {"orders", 3}, 42}));
  EXPECT_EQ(letter.record.timestamp_us, 7);
  EXPECT_EQ(letter.record.key, "k");
  EXPECT_EQ(letter.record.body, "b");
  EXPECT_EQ(letter.record.codec, 2);
  ASSERT_EQ(letter.record.headers.size(), 1U);
  EXPECT_EQ(letter.record.headers[0].value, "v");
  EXPECT_EQ(letter.attempts, 5);
  EXPECT_EQ(letter.reason + letter.first_error + letter.last_error, "timeoutfirstlast");
  EXPECT_EQ(letter.first_failed_at_us, 10);
  EXPECT_EQ(letter.last_failed_at_us, 20);
  EXPECT_EQ(letter.dead_at_us, 30);
}

TEST(DescribeFailures, NoKeyIsNotAnEmptyKey) {
  idl::DeadLetter wire;
  wire.message.__set_body("");
  const DeadLetter letter = Describe(std::move(wire));
  EXPECT_FALSE(letter.record.key.has_value());
  EXPECT_EQ(letter.record.body, "");
}

TEST(DescribeFailures, FiltersHaveWhatIsSetAndNothingElse) {
  const idl::DeadLetterFilter all = ToWire(DeadLetterFilter{.group = "g"});
  EXPECT_EQ(all.group, "g");
  EXPECT_FALSE(all.__isset.topic || all.__isset.partition || all.__isset.reason ||
               all.__isset.key || all.__isset.from_us || all.__isset.until_us || all.__isset.ids);
  DeadLetterFilter filter{.group = "g"};
  filter.topic = "t";
  filter.partition = 0;
  filter.reason = "r";
  filter.key = "";
  filter.from_us = 1;
  filter.until_us = 2;
  filter.ids = {{"g", {"t", 0}, 9}};
  const idl::DeadLetterFilter wire = ToWire(filter);
  EXPECT_TRUE(wire.__isset.topic && wire.__isset.partition && wire.__isset.reason &&
              wire.__isset.key && wire.__isset.from_us && wire.__isset.until_us);
  ASSERT_EQ(wire.ids.size(), 1U);
  EXPECT_EQ(wire.ids[0].topic, "t");
  EXPECT_EQ(wire.ids[0].offset, 9);
}

TEST(DescribeFailures, PoliciesComeBackAsTheyWere) {
  RetryPolicy policy;
  policy.max_attempts = 3;
  policy.first_delay = 5ms;
  policy.max_delay = 50ms;
  policy.multiplier = 1.5;
  policy.delays = {1ms, 2ms};
  policy.jitter = 0;
  policy.fatal_reasons = {"a"};
  policy.retryable_reasons = {"b"};
  idl::GroupPolicy wire;
  wire.__set_topic("t");
  wire.__set_policy(ToWire(policy));
  wire.__set_node_id(4);
  const GroupRetryPolicy back = Describe(wire);
  EXPECT_EQ(back.policy, policy);
  EXPECT_EQ(back.topic, "t");
  EXPECT_EQ(back.node_id, 4);
  EXPECT_EQ(Describe(idl::GroupPolicy()).policy, RetryPolicy());  // Absent: the default.
}

TEST(DescribeFailures, CancelTellsStateOrError) {
  idl::CancelOne one;
  one.__set_handle("h");
  one.__set_state(idl::CancelState::DELIVERED);
  ASSERT_TRUE(Describe(one).ok());
  EXPECT_EQ(*Describe(one), CancelState::kDelivered);
  idl::LaneMqError error;
  error.__set_code(idl::ErrorCode::DATA_NODE_UNAVAILABLE);
  one.__set_error(error);
  ASSERT_FALSE(Describe(one).ok());
  EXPECT_EQ(Describe(one).error().code, ErrorCode::kDataNodeUnavailable);
}

}  // namespace
}  // namespace lanemq
