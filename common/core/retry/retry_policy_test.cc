#include "common/core/retry/retry_policy.h"

#include <cmath>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

RetryPolicy Steady() {
  RetryPolicy policy;
  policy.jitter = 0;
  return policy;
}

milliseconds DelayAfter(const RetryPolicy& policy, int attempts) {
  Random random(1);
  const RetryDecision decision = DecideRetry(policy, attempts, "", random);
  EXPECT_FALSE(decision.is_dead) << attempts;
  return decision.delay;
}

bool IsDead(const RetryPolicy& policy, int attempts, std::string_view reason = "") {
  Random random(1);
  return DecideRetry(policy, attempts, reason, random).is_dead;
}

TEST(RetryPolicyTest, DelaysGrowToTheCap) {
  RetryPolicy policy = Steady();
  policy.max_attempts = 1'000;
  policy.max_delay = milliseconds{10'000};
  EXPECT_EQ(DelayAfter(policy, 1), milliseconds{1'000});
  EXPECT_EQ(DelayAfter(policy, 2), milliseconds{2'000});
  EXPECT_EQ(DelayAfter(policy, 4), milliseconds{8'000});
  EXPECT_EQ(DelayAfter(policy, 5), milliseconds{10'000});
  policy.multiplier = 100;  // To the power of 998: infinite.
  EXPECT_EQ(DelayAfter(policy, 999), milliseconds{10'000});
  policy.first_delay = milliseconds{0};
  EXPECT_EQ(DelayAfter(policy, 999), milliseconds{0});
}

TEST(RetryPolicyTest, AListOfDelaysGoesFirstAndItsLastOneRepeats) {
  RetryPolicy policy = Steady();
  policy.delays = {milliseconds{5}, milliseconds{70}, milliseconds{6}};
  EXPECT_EQ(DelayAfter(policy, 1), milliseconds{5});
  EXPECT_EQ(DelayAfter(policy, 2), milliseconds{70});
  EXPECT_EQ(DelayAfter(policy, 3), milliseconds{6});
  EXPECT_EQ(DelayAfter(policy, 15), milliseconds{6});
}

TEST(RetryPolicyTest, JitterShortensTheWaitByItsShareAtMost) {
  RetryPolicy policy;
  policy.jitter = 0.5;
  policy.delays = {milliseconds{1'000}};
  Random random(7);
  milliseconds least{1'000};
  milliseconds most{0};
  for (int i = 0; i < 1'000; ++i) {
    const milliseconds delay = DecideRetry(policy, 1, "", random).delay;
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  EXPECT_GE(least, milliseconds{500});
  EXPECT_LT(least, milliseconds{550});
  EXPECT_LE(most, milliseconds{1'000});
  EXPECT_GT(most, milliseconds{950});
}

TEST(RetryPolicyTest, TheLastAttemptAndFatalReasonsAreTheEnd) {
  RetryPolicy policy;
  policy.max_attempts = 3;
  EXPECT_FALSE(IsDead(policy, 2));
  EXPECT_TRUE(IsDead(policy, 3));
  EXPECT_TRUE(IsDead(policy, 4));
  policy.fatal_reasons = {"bad_input"};
  EXPECT_TRUE(IsDead(policy, 1, "bad_input"));
  EXPECT_FALSE(IsDead(policy, 1, "timeout"));
  policy.retryable_reasons = {"timeout", "bad_input"};
  EXPECT_FALSE(IsDead(policy, 1, "timeout"));
  EXPECT_TRUE(IsDead(policy, 1, "other"));
  EXPECT_TRUE(IsDead(policy, 1, "bad_input")) << "fatal wins";
}

TEST(RetryPolicyTest, TextAndBack) {
  RetryPolicy policy;
  policy.max_attempts = 7;
  policy.first_delay = milliseconds{12};
  policy.max_delay = hours{30 * 24};
  policy.multiplier = 1.1;
  policy.delays = {milliseconds{0}, milliseconds{86'400'000}};
  policy.jitter = 1.0 / 3.0;
  policy.fatal_reasons = {"quo\"te", "\u00e9"};
  policy.retryable_reasons = {"timeout"};
  ASSERT_TRUE(CheckRetryPolicy(policy).ok());
  const auto read = RetryPolicyFromText(RetryPolicyToText(policy));
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(*read, policy);
}

TEST(RetryPolicyTest, MissingFieldsAreDefaultsAndUnknownOnesAreIgnored) {
  const auto read = RetryPolicyFromText(R"({"max_attempts": 5, "colour": {"a": [1]}})");
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  RetryPolicy expected;
  expected.max_attempts = 5;
  EXPECT_EQ(*read, expected);
}

TEST(RetryPolicyTest, WhatIsNotAPolicyIsRefused) {
  for (const char* text :
       {"", "{", "[]", "3", R"({"max_attempts": "many"})", R"({"max_attempts": 0})",
        R"({"delays_ms": [1, "x"]})", R"({"fatal_reasons": {"a": 1}})", R"({"jitter": 2})"}) {
    const auto read = RetryPolicyFromText(text);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidConfig);
  }
}

TEST(RetryPolicyTest, EveryFaultIsNamed) {
  EXPECT_TRUE(CheckRetryPolicy({}).ok());
  const std::vector<std::pair<std::string, std::function<void(RetryPolicy&)>>> faults = {
      {"max_attempts", [](RetryPolicy& p) { p.max_attempts = 0; }},
      {"max_attempts", [](RetryPolicy& p) { p.max_attempts = 1'001; }},
      {"first_delay", [](RetryPolicy& p) { p.first_delay = milliseconds{-1}; }},
      {"first_delay is longer", [](RetryPolicy& p) { p.first_delay = hours{2}; }},
      {"max_delay", [](RetryPolicy& p) { p.max_delay = hours{30 * 24} + milliseconds{1}; }},
      {"multiplier", [](RetryPolicy& p) { p.multiplier = 0.99; }},
      {"multiplier", [](RetryPolicy& p) { p.multiplier = std::nan(""); }},
      {"jitter", [](RetryPolicy& p) { p.jitter = 1.01; }},
      {"jitter", [](RetryPolicy& p) { p.jitter = std::nan(""); }},
      {"delays", [](RetryPolicy& p) { p.delays.resize(65); }},
      {"one of delays", [](RetryPolicy& p) { p.delays = {milliseconds{-1}}; }},
      {"fatal_reasons", [](RetryPolicy& p) { p.fatal_reasons = {""}; }},
      {"fatal_reasons", [](RetryPolicy& p) { p.fatal_reasons.assign(65, "x"); }},
      {"not UTF-8", [](RetryPolicy& p) { p.fatal_reasons = {"\xff"}; }},
      {"retryable_reasons", [](RetryPolicy& p) { p.retryable_reasons = {std::string(65, 'x')}; }},
  };
  for (const auto& [name, spoil] : faults) {
    RetryPolicy policy;
    spoil(policy);
    const Status status = CheckRetryPolicy(policy);
    ASSERT_FALSE(status.ok()) << name;
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidConfig);
    EXPECT_THAT(status.error().message, HasSubstr(name));
  }
  RetryPolicy all;
  all.max_attempts = 0;
  all.jitter = 2;
  EXPECT_THAT(CheckRetryPolicy(all).error().message, HasSubstr("max_attempts"));
  EXPECT_THAT(CheckRetryPolicy(all).error().message, HasSubstr("jitter"));
}

}  // namespace
}  // namespace lanemq::core
