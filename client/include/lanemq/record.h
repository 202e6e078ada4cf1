#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lanemq {

/// A name and a value that travel with a message. Names may repeat; order is kept.
struct RecordHeader {
  std::string name;
  std::string value;
  bool operator==(const RecordHeader&) const = default;
};

/// A partition of a topic.
struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
};

/// A message to send. The producer owns what it is given.
struct ProducerRecord {
  std::string topic;
  /// Absent: no key, which is not the empty key. Messages with equal keys go to one partition and
  /// keep their order. At most 1 KiB by default.
  std::optional<std::string> key;
  /// Absent: a null body. At most 1 MiB by default.
  std::optional<std::string> body;
  std::vector<RecordHeader> headers;
  /// Overrides the partitioner.
  std::optional<std::int32_t> partition;
  /// For the applications at both ends; brokers do not look. 0 = as is.
  std::int16_t codec = 0;
};

/// Where a message was stored.
struct RecordMetadata {
  std::int32_t partition = 0;
  /// -1: stored by an earlier attempt, so long ago that the broker no longer knows where.
  std::int64_t offset = -1;
  /// Assigned by the broker; microseconds since 1970-01-01 UTC. 0 when the offset is unknown.
  std::int64_t timestamp_us = 0;
};

/// A message as it was read.
struct ConsumedRecord {
  /// Shared by all records of the partition; never null.
  std::shared_ptr<const TopicPartition> source;
  std::int64_t offset = 0;
  std::int64_t timestamp_us = 0;  ///< Microseconds since 1970-01-01 UTC, by the broker's clock.
  std::optional<std::string> key;
  std::optional<std::string> body;
  std::vector<RecordHeader> headers;
  std::int16_t codec = 0;

  [[nodiscard]] const std::string& topic() const { return source->topic; }
  [[nodiscard]] std::int32_t partition() const { return source->partition; }
};

}  // namespace lanemq
