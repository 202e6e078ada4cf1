#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "lanemq/options.h"
#include "lanemq/record.h"

namespace lanemq {

/// Offsets by partition. An offset to commit is the next one to read.
using Offsets = std::map<TopicPartition, std::int64_t>;

/// Reads partitions that the application assigns to it, in offset order, without a gap: a hole in
/// the log, or a record out of order, is an error of Poll(), never skipped.
///
/// Brokers may come and go; the consumer reads on through others. Committed offsets are per group
/// and partition, durable in the partition's own database; this consumer commits under generation
/// 0.
///
/// Thread safety: one thread at a time; a call that overlaps another fails with
/// kFailedPrecondition. Only Wakeup() may be called from any thread.
class Consumer {
 public:
  using CommitCallback = std::function<void(const Status&)>;

  /// kInvalidConfig names every fault of the options. Does not wait for the cluster.
  static Result<std::unique_ptr<Consumer>> Create(ConsumerOptions options);
  /// Does not commit.
  ~Consumer();
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  /// Replaces the assignment. Reading starts at the group's committed offset, else where
  /// `auto_offset_reset` says; Seek() overrides both. Partitions kept keep their position.
  Status Assign(std::vector<TopicPartition> partitions);
  /// All partitions of a topic, now. kUnknownTopicOrPartition, or what kept it from being known.
  Result<std::vector<TopicPartition>> PartitionsOf(const std::string& topic,
                                                   std::chrono::milliseconds timeout);

  /// The next records, up to `max_poll_records`, as soon as there are any; none when `timeout`
  /// passes. Errors:
  /// - kOffsetOutOfRange, kNotFound (no committed offset) with OffsetReset::kError: Seek() first.
  /// - kDataLossDetected: the log has a hole at this position; a person must decide. Seek() goes
  /// on.
  /// - kFailedPrecondition: nothing is assigned, or another thread is inside.
  /// - others that retries cannot mend. Connection trouble is not an error: Poll() returns none.
  Result<std::vector<ConsumedRecord>> Poll(std::chrono::milliseconds timeout);
  /// Makes a running or the next Poll() return at once. Any thread.
  void Wakeup();

  /// Commits the positions of all assigned partitions: what Poll() has returned counts as
  /// processed. Retried until `request_timeout`. Durable when ok. Errors: kIllegalGeneration,
  /// kOffsetReset (an operator moved the group: the position follows at the next Poll()),
  /// kInvalidGroupId without a group.
  Status CommitSync();
  /// Commits exactly these.
  Status CommitSync(const Offsets& offsets);
  /// The same without waiting; `callback` runs inside a later Poll(), CommitSync() or destructor.
  void CommitAsync(CommitCallback callback);
  void CommitAsync(const Offsets& offsets, CommitCallback callback);
  /// What the group has committed; partitions without a commit are left out.
  Result<Offsets> Committed(const std::vector<TopicPartition>& partitions);

  /// The next offset Poll() will return of the partition. Resolves it first when it is not known.
  Result<std::int64_t> Position(const TopicPartition& partition);
  /// Goes on at `offset`. What was fetched ahead is dropped.
  Status Seek(const TopicPartition& partition, std::int64_t offset);
  Status SeekToBeginning(const std::vector<TopicPartition>& partitions);
  Status SeekToEnd(const std::vector<TopicPartition>& partitions);

  /// Log start and log end offsets, and the first offset at or after a time (the log end when every
  /// message is older).
  Result<Offsets> BeginningOffsets(const std::vector<TopicPartition>& partitions);
  Result<Offsets> EndOffsets(const std::vector<TopicPartition>& partitions);
  Result<Offsets> OffsetsForTimes(const std::map<TopicPartition, std::int64_t>& timestamps_us);

  /// Paused partitions stay assigned and are not returned by Poll().
  Status Pause(const std::vector<TopicPartition>& partitions);
  Status Resume(const std::vector<TopicPartition>& partitions);

 private:
  class Impl;
  explicit Consumer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lanemq
