#include "common/core/retention/retention_policy.h"

#include <chrono>
#include <cstdint>

#include "common/core/catalog/topic_rules.h"

namespace lanemq::core {

RetentionPolicy RetentionPolicyOf(const TopicConfig& config) {
  RetentionPolicy policy;
  // Beyond these there is no limit: times are reckoned in microseconds, and sums must not wrap.
  constexpr std::int64_t kForEverMs = 100LL * 366 * 24 * 3'600 * 1'000;
  constexpr std::int64_t kEveryByte = 1LL << 60;
  if (const std::int64_t ms = TopicConfigValue(config, kRetentionMs); ms > 0 && ms < kForEverMs) {
    policy.keep_for = std::chrono::milliseconds(ms);
  }
  if (const std::int64_t bytes = TopicConfigValue(config, kRetentionBytes);
      bytes > 0 && bytes < kEveryByte) {
    policy.keep_bytes = bytes;
  }
  policy.unread = static_cast<UnreadPolicy>(TopicConfigValue(config, kRetentionUnread));
  return policy;
}

}  // namespace lanemq::core
