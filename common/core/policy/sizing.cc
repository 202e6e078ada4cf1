#include "common/core/policy/sizing.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "common/core/catalog/topic_rules.h"

namespace lanemq::core {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1'000;

/// The setting's value, or its default where it is missing or wrong; -1: without limit.
std::int64_t ValueOf(const TopicConfig& config, std::string_view name) {
  const auto found = config.find(std::string(name));
  if (found == config.end() || !CheckTopicConfig({*found}).ok()) return TopicConfigValue({}, name);
  return TopicConfigValue(config, name);
}

/// bytes_per_day * kept_ms / kDayMs without an overflow on the way.
std::int64_t KeptBytes(std::int64_t bytes_per_day, std::int64_t kept_ms) {
  const std::int64_t days = SaturatedProduct(bytes_per_day, kept_ms / kDayMs);
  const std::int64_t rest_ms = kept_ms % kDayMs;
  const std::int64_t rest = bytes_per_day > kMost / kDayMs ? bytes_per_day / kDayMs * rest_ms
                                                           : bytes_per_day * rest_ms / kDayMs;
  return SaturatedSum(days, rest);
}

}  // namespace

std::int64_t SaturatedSum(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? kMost : sum;
}

std::int64_t SaturatedProduct(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kMost : product;
}

std::int64_t StoredBytes(std::int32_t partitions, const TopicConfig& config,
                         const std::optional<Traffic>& traffic) {
  const std::int64_t per_partition = ValueOf(config, kRetentionBytes);
  const std::int64_t bound =
      per_partition < 0 ? kMost
                        : SaturatedProduct(std::max<std::int64_t>(partitions, 0), per_partition);
  if (!traffic) return bound == kMost ? 0 : bound;
  const std::int64_t retention_ms = ValueOf(config, kRetentionMs);
  const std::int64_t kept_ms = retention_ms < 0 ? kUnlimitedRetentionDays * kDayMs : retention_ms;
  const std::int64_t per_day =
      SaturatedProduct(std::max<std::int64_t>(traffic->messages_per_day, 0),
                       std::max<std::int64_t>(traffic->message_bytes, 0));
  return std::min(bound, KeptBytes(per_day, kept_ms));
}

Sizing ProposeSize(const Traffic& traffic, const TopicConfig& config, const Policy& policy) {
  Sizing sizing;
  const std::int64_t messages = std::max<std::int64_t>(traffic.messages_per_day, 0);
  const std::int64_t lowest = std::max<std::int64_t>(policy.partitions.min.value_or(1), 1);
  const std::int64_t highest = std::max(
      lowest, std::min<std::int64_t>(policy.partitions.max.value_or(kPartitionsPerTopicMax),
                                     kPartitionsPerTopicMax));
  const std::int64_t each = std::max<std::int64_t>(policy.sizing.messages_per_partition_and_day, 1);
  std::int64_t wanted = messages / each + (messages % each == 0 ? 0 : 1);
  if (policy.sizing.partitions) {
    wanted = *policy.sizing.partitions;
    sizing.notes.push_back(fmt::format("topics of this environment have {} partitions", wanted));
  } else if (traffic.ordering == Ordering::kAll) {
    if (wanted > 1) {
      sizing.notes.push_back(fmt::format(
          "{} messages a day want {} partitions, but only one partition keeps all in one order",
          messages, wanted));
    }
    wanted = 1;
  }
  const std::int64_t partitions = std::clamp(wanted, lowest, highest);
  if (partitions < wanted) {
    sizing.notes.push_back(
        fmt::format("{} partitions were right, but {} are allowed", wanted, highest));
  }
  if (traffic.ordering == Ordering::kPerKey && !policy.sizing.partitions) {
    sizing.notes.emplace_back(
        "keys move to other partitions when partitions are added, which breaks their order once: "
        "count the messages of the years to come");
  }
  if (traffic.ordering == Ordering::kAll && partitions > 1) {
    sizing.notes.emplace_back("send every message with the same key: then one partition has all");
  }
  sizing.partitions = static_cast<std::int32_t>(partitions);
  sizing.cost = {partitions, messages, StoredBytes(sizing.partitions, config, traffic)};
  return sizing;
}

}  // namespace lanemq::core
