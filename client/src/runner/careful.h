#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "lanemq/consumer.h"

namespace lanemq::client {

/// Partitions whose former owners may have died of a record: their records are let through one at a
/// time, so that each can be counted before, until past what the former owners can have been
/// handed, or until the log end.
///
/// Pure. Not thread-safe; one owner.
class CarefulPartitions {
 public:
  /// The partition is to be handled carefully for `count` records.
  void Start(const TopicPartition& id, std::size_t count) { partitions_[id].left = count; }
  [[nodiscard]] bool Has(const TopicPartition& id) const { return partitions_.contains(id); }
  /// A record of the log of such a partition. One that does not follow the last one means that the
  /// position was moved: what waited is dropped.
  void Add(ConsumedRecord record, std::int64_t log_end);
  /// Those whose next record may begin: none of theirs is being handled.
  [[nodiscard]] std::vector<TopicPartition> Ready() const;
  /// The next record of a ready partition.
  [[nodiscard]] const ConsumedRecord& Next(const TopicPartition& id) const {
    return partitions_.at(id).waiting.front();
  }
  /// It has begun.
  ConsumedRecord Begin(const TopicPartition& id);
  /// A record is not being handled any more, for good or for bad.
  void OnEnd(const TopicPartition& id, std::int64_t offset);
  /// Those that are through: their waiting records, in order. They are not careful any more.
  std::vector<ConsumedRecord> TakeFinished();
  void Remove(const std::vector<TopicPartition>& partitions);
  /// Records that wait.
  [[nodiscard]] std::size_t size() const;

 private:
  struct Partition {
    std::size_t left = 0;  // Records to be careful with.
    std::deque<ConsumedRecord> waiting;
    std::optional<std::int64_t> running;
    std::int64_t next = -1;  // One past the newest added.
    std::int64_t log_end = 0;
  };
  std::map<TopicPartition, Partition> partitions_;
};

}  // namespace lanemq::client
