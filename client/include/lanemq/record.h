#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lanemq/trace.h"

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
  /// Deliver it so long after Send(), by the producer's clock. At least 0, as long as you like.
  /// Delayed records have an order of their own: by due time. Default: into the log at once.
  std::optional<std::chrono::milliseconds> delay;
  /// The same as a point in time: microseconds since 1970-01-01 UTC. One that has passed: at once.
  /// Not together with `delay`.
  std::optional<std::int64_t> deliver_at_us;
};

/// Where a message was stored.
struct RecordMetadata {
  std::int32_t partition = 0;
  /// -1: it is delayed or spooled, or was stored by an earlier attempt, so long ago that the broker
  /// no longer knows where.
  std::int64_t offset = -1;
  /// Assigned by the broker; microseconds since 1970-01-01 UTC. 0 when the offset is unknown.
  std::int64_t timestamp_us = 0;
  /// Of a delayed message: what Producer::Cancel() takes. Letters, digits, '-' and '_'; otherwise
  /// empty.
  std::string delayed_handle;
  /// It is in the producer's spool and will be in the cluster; partition and offset are -1.
  bool is_spooled = false;
};

/// What became of a delayed message that was to be cancelled.
enum class CancelState {
  kCancelled,
  kDelivered,  ///< Its time has come and it is not there: delivered, unless cancelled before.
  kNotFound,   ///< Its time has not come and it is not there: cancelled before, or never known.
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
  std::int32_t attempt = 1;  ///< Calls of the handler for this record, this one included.
  std::int64_t first_failed_at_us = 0;  ///< Of a retry; by the data node's clock.
  std::string last_reason;              ///< Of a retry: why it failed last.
  bool is_from_retries = false;

  /// Its place in a distributed trace; nullopt: it has none, or a damaged one.
  [[nodiscard]] std::optional<TraceContext> Trace() const;
  /// Delivered from the group's retries, not from the log: positions and offsets do not count it.
  [[nodiscard]] bool is_retry() const { return is_from_retries; }
  [[nodiscard]] const std::string& topic() const { return source->topic; }
  [[nodiscard]] std::int32_t partition() const { return source->partition; }
};

/// Why a record could not be handled, and what shall become of it.
struct Failure {
  bool is_fatal = false;  ///< True: a dead letter at once. False: as the group's policy says.
  /// Overrides the policy's wait, not its limit of attempts. At least 0.
  std::optional<std::chrono::milliseconds> delay;
  std::string reason;  ///< A word to search and count by, at most 64 bytes. Empty: "failed".
  std::string error;   ///< For people; cut at 2,048 bytes.
};

}  // namespace lanemq
