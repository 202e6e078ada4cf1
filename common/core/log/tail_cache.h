#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "common/core/store/message_store.h"
#include "common/core/types/record.h"

namespace lanemq::core {

/// The newest records of many partitions, bounded in bytes over all of them: readers at the tail
/// cost no SQL.
///
/// What it holds of a partition is dense and ends where the last Append() ended, so what it returns
/// is the log. Records are durable before they are put here. When full, the records that came first
/// go first, whatever their partition. Not thread-safe; one owner.
class TailCache {
 public:
  explicit TailCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Adds rows with consecutive offsets. Those it has already are skipped; when there is a gap to
  /// what it has, the old are dropped.
  void Append(const PartitionKey& key, std::span<const RecordPtr> rows);
  /// Records from `from` on: at least one, up to `limits`. Empty: not here.
  [[nodiscard]] std::vector<RecordPtr> Read(const PartitionKey& key, Offset from,
                                            ReadLimits limits) const;
  /// Forgets a partition: its data changed below us, or it is gone.
  void Drop(const PartitionKey& key);

  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Partition {
    std::deque<RecordPtr> records;  // Dense.
  };
  // What one Append() added: the unit of eviction.
  struct Chunk {
    PartitionKey key;
    Offset until;  // One past its last record.
  };

  void Evict();
  void PopFront(Partition& partition);

  const std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::unordered_map<PartitionKey, Partition> partitions_;
  std::deque<Chunk> chunks_;  // Oldest first; may speak of records that are gone.
};

}  // namespace lanemq::core
