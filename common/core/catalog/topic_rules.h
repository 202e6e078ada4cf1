#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/core/types/catalog.h"
#include "common/core/types/limits.h"

namespace lanemq::core {

/// One setting of a topic: a whole number, or one of a few names.
struct TopicConfigKey {
  std::string_view name;  ///< Kafka's.
  std::int64_t min = 0;   ///< Smallest value but -1.
  std::int64_t max = 0;
  bool may_be_unlimited = false;  ///< -1 is allowed and means without limit.
  std::int64_t fallback = 0;      ///< What a topic without the setting has.
  std::string_view meaning;
  /// The names it may have; empty: it is a number. Its value is then the place in this list.
  std::span<const std::string_view> choices = {};
};

inline constexpr std::string_view kRetentionMs = "retention.ms";
inline constexpr std::string_view kRetentionBytes = "retention.bytes";
inline constexpr std::string_view kRetentionUnread = "retention.unread";
inline constexpr std::string_view kMaxMessageBytes = "max.message.bytes";

inline constexpr std::int32_t kPartitionsPerTopicMax = 1'000;  ///< More than one node holds.
inline constexpr std::size_t kTopicNameBytesMax = 249;
inline constexpr std::size_t kTopicDescriptionBytesMax = 1024;
inline constexpr std::size_t kNodeNameBytesMax = 64;

/// Every setting there is, by name.
[[nodiscard]] std::span<const TopicConfigKey> TopicConfigKeys();

/// The value of `name` in `config`, or its default; of a setting with choices the place in that
/// list (retention.unread: core::UnreadPolicy). `name` must be one of TopicConfigKeys(), and
/// `config` must have passed CheckTopicConfig().
[[nodiscard]] std::int64_t TopicConfigValue(const TopicConfig& config, std::string_view name);

/// Kafka's rules: 1 to 249 of [a-zA-Z0-9._-], and not "." or "..". kInvalidTopic, with the reason.
Status CheckTopicName(std::string_view name);
/// 1 to 1,000. kInvalidPartitions.
Status CheckPartitionCount(std::int32_t partitions);
/// kInvalidConfig for an unknown setting (naming the nearest known one), a value that is no whole
/// number or not one of the choices, or one out of range.
Status CheckTopicConfig(const TopicConfig& config);
/// kInvalidConfig for an unknown setting.
Status CheckTopicConfigName(std::string_view name);
/// At most 1,024 bytes of UTF-8. kInvalidRequest.
Status CheckTopicDescription(std::string_view description);

/// 1 to 64 of [a-zA-Z0-9._-]. kInvalidRequest.
Status CheckNodeName(std::string_view name);
/// A host and a port that could exist, bounds within 1 to 10 schemas and 1 to 99 tables, a prefix
/// of 1 to 48 of [a-z0-9_]. kInvalidRequest. Includes CheckNodeName().
Status CheckDataNode(const DataNode& node);

}  // namespace lanemq::core
