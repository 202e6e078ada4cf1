#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lanemq/record.h"

namespace lanemq {

/// A dead letter is known by its group and where it was in the log.
struct DeadLetterId {
  std::string group;
  TopicPartition partition;
  std::int64_t offset = 0;
  auto operator<=>(const DeadLetterId&) const = default;
};

/// A record that a group has given up. Times are the data node's.
struct DeadLetter {
  std::string group;
  ConsumedRecord record;  ///< As it was in the log; without its body unless that was asked for.
  std::int32_t attempts = 0;
  std::string reason;
  std::string first_error;
  std::string last_error;
  std::int64_t first_failed_at_us = 0;
  std::int64_t last_failed_at_us = 0;
  std::int64_t dead_at_us = 0;

  [[nodiscard]] DeadLetterId id() const { return {group, *record.source, record.offset}; }
};

/// Everything that is set must match.
struct DeadLetterFilter {
  std::string group;  ///< Required.
  std::optional<std::string> topic;
  std::optional<std::int32_t> partition;  ///< Requires `topic`.
  std::optional<std::string> reason;
  std::optional<std::string> key;
  std::optional<std::int64_t> from_us;   ///< Dead from then on.
  std::optional<std::int64_t> until_us;  ///< Dead before then.
  std::vector<DeadLetterId> ids;         ///< Not empty: only these, at most 1,000, of `group`.
};

struct DeadLetterPage {
  std::vector<DeadLetter> letters;
  /// Where to go on; empty: that was all. A page may be empty and have one.
  std::string next;
};

struct RedriveOptions {
  /// The same id again is the same redrive: give one to repeat a call that failed. 0: a new one.
  std::int64_t id = 0;
  /// True: published to the topic again, so that every group gets them. False: to the group, as
  /// retries with attempts counted anew.
  bool is_to_topic = false;
  std::int32_t per_second = 0;  ///< For each data node; 0: without limit.
  std::string note;             ///< Kept in the audit, for people.
};

/// A redrive on one data node; brokers carry it out in the background.
struct Redrive {
  std::int64_t id = 0;
  std::string group;
  std::string data_node;
  std::string state;  ///< running, done, cancelled
  bool is_to_topic = false;
  std::int64_t moved = 0;
  std::int64_t created_at_us = 0;
  std::optional<std::int64_t> finished_at_us;
};

struct DroppedLetters {
  std::int64_t count = 0;
  bool is_complete = true;  ///< False: the call's time was up; repeat it.
};

/// What happens to records that a group's handlers fail.
struct RetryPolicy {
  /// Calls of the handler per record, the first included. Range: [1, 1,000].
  std::int32_t max_attempts = 16;
  /// Exponential: first * multiplier^(failures - 1), at most `max_delay`. Range: [0, 30 d].
  std::chrono::milliseconds first_delay{1'000};
  std::chrono::milliseconds max_delay{3'600'000};
  double multiplier = 2.0;  ///< Range: [1, 100].
  /// Instead: the wait after the first, the second, ... failure; the last one repeats. At most 64.
  std::vector<std::chrono::milliseconds> delays;
  double jitter = 0.2;                         ///< How much of each wait is random. Range: [0, 1].
  std::vector<std::string> fatal_reasons;      ///< Never tried again. At most 64 of 1 to 64 bytes.
  std::vector<std::string> retryable_reasons;  ///< Not empty: only these are tried again.
  bool operator==(const RetryPolicy&) const = default;
};

/// A policy as one data node has it.
struct GroupRetryPolicy {
  std::optional<std::string> topic;  ///< nullopt: for all topics without one of their own.
  RetryPolicy policy;
  std::int64_t node_id = 0;
  std::int64_t at_us = 0;
  std::string requested_by;
};

}  // namespace lanemq
