#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/core/policy/changes.h"
#include "common/core/policy/policy_types.h"

namespace lanemq::core {

/// Messages without an end of their keeping are counted as if kept for so long.
inline constexpr std::int64_t kUnlimitedRetentionDays = 365;

/// What a topic, or a bundle, comes to. Of a bundle: more than before; negative: less.
struct Cost {
  std::int64_t partitions = 0;
  std::int64_t messages_per_day = 0;
  std::int64_t stored_bytes = 0;
  bool operator==(const Cost&) const = default;
};

/// What to make for what somebody needs.
struct Sizing {
  std::int32_t partitions = 1;
  Cost cost;
  std::vector<std::string> notes;  ///< Sentences: why, and what to think of.
  bool operator==(const Sizing&) const = default;
};

/// Bytes that a topic will hold: a day's bytes times the days they are kept, and no more than
/// retention.bytes of each partition. 0 when neither is known. `config` passed CheckTopicConfig(),
/// or what is wrong in it counts as not set. Never overflows: the largest number instead.
[[nodiscard]] std::int64_t StoredBytes(std::int32_t partitions, const TopicConfig& config,
                                       const std::optional<Traffic>& traffic);

/// Daily messages / 1,000,000 (SizingRule), rounded up, within what the policy and the cluster
/// allow; test environments have a fixed number. Negative numbers count as 0.
[[nodiscard]] Sizing ProposeSize(const Traffic& traffic, const TopicConfig& config,
                                 const Policy& policy);

/// a + b and a * b of what is not negative; the largest number where that is more.
[[nodiscard]] std::int64_t SaturatedSum(std::int64_t a, std::int64_t b);
[[nodiscard]] std::int64_t SaturatedProduct(std::int64_t a, std::int64_t b);

}  // namespace lanemq::core
