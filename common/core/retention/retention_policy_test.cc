#include "common/core/retention/retention_policy.h"

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

TEST(RetentionPolicyTest, IsWhatTheTopicSays) {
  const RetentionPolicy all = RetentionPolicyOf(
      {{"retention.ms", "5000"}, {"retention.bytes", "7"}, {"retention.unread", "block"}});
  EXPECT_EQ(all.keep_for, std::chrono::milliseconds(5'000));
  EXPECT_EQ(all.keep_bytes, 7);
  EXPECT_EQ(all.unread, UnreadPolicy::kBlock);
  const RetentionPolicy none = RetentionPolicyOf({{"retention.ms", "-1"}});
  EXPECT_EQ(none.keep_for, std::nullopt);
  EXPECT_EQ(none.keep_bytes, std::nullopt);
  EXPECT_EQ(none.unread, UnreadPolicy::kWarn);
}

TEST(RetentionPolicyTest, MoreThanACenturyIsForEver) {
  const RetentionPolicy policy = RetentionPolicyOf(
      {{"retention.ms", "9223372036854775807"}, {"retention.bytes", "9223372036854775807"}});
  EXPECT_FALSE(policy.keep_for) << "in microseconds it would wrap";
  EXPECT_FALSE(policy.keep_bytes);
}

}  // namespace
}  // namespace lanemq::core
