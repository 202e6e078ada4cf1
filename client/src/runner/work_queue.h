#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lanemq/consumer.h"
#include "lanemq/runner.h"

namespace lanemq::client {

/// A record that a handler thread is to handle, or handles.
struct WorkItem {
  std::shared_ptr<const ConsumedRecord> record;
  std::uint64_t lane = 0;   ///< Items of one lane run one after the other.
  std::uint64_t epoch = 0;  ///< Of the assignment it belongs to.
};

/// Which record may be handled next, and how far each partition may be committed.
///
/// A record goes into a lane: its partition's, its key's within the partition, or one of its own,
/// by HandlingOrder. A lane hands out one record at a time. The low-water mark of a partition is
/// the first offset whose record is not finished: everything below it is, so committing it skips
/// nothing, whatever finished out of order above it.
///
/// Pure. Not thread-safe; one owner.
class WorkQueue {
 public:
  explicit WorkQueue(HandlingOrder order) : order_(order) {}

  /// Records as Poll() returned them. An offset that does not follow the one before means that the
  /// position was moved: the partition begins anew there, as after Remove(). Retries go into the
  /// lanes of their keys, and no mark depends on them.
  void Add(std::vector<ConsumedRecord> records);
  /// The next record that may be handled; nullopt: none, or only in lanes that are busy.
  std::optional<WorkItem> Take();
  /// `item` has been handled. Ignored when its partition was removed since.
  void Finish(const WorkItem& item);
  /// Its partition was not removed since it was taken.
  [[nodiscard]] bool IsCurrent(const WorkItem& item) { return Find(item) != nullptr; }
  /// `item` was taken and not handled: its partition's mark stays below it for good.
  void Abandon(const WorkItem& item);

  /// Drops what waits of these partitions and forgets their marks.
  void Remove(const std::vector<TopicPartition>& partitions);
  /// Drops what waits and keeps the marks, so that what was finished can still be committed.
  /// Remove() must follow: the marks do not pass what was dropped.
  void DropWaiting(const std::vector<TopicPartition>& partitions);

  /// Low-water marks that were not yet taken by MarkCommitted().
  [[nodiscard]] Offsets Uncommitted() const;
  /// The same, of these partitions only.
  [[nodiscard]] Offsets UncommittedOf(const std::vector<TopicPartition>& partitions) const;
  void MarkCommitted(const Offsets& offsets);

  /// Records added and not finished, dropped or removed.
  [[nodiscard]] std::size_t unfinished() const { return waiting_ + running_; }
  [[nodiscard]] std::size_t running() const { return running_; }
  /// Handed out and not finished, of these partitions.
  [[nodiscard]] std::size_t RunningOf(const std::vector<TopicPartition>& partitions) const;

 private:
  struct Partition {
    std::uint64_t epoch = 0;
    bool has_log = false;  ///< Something of the log was added.
    /// Offsets added and not yet below the mark; true: finished.
    std::deque<std::pair<std::int64_t, bool>> open;
    std::int64_t next = 0;  ///< One past the newest added.
    std::int64_t committed = 0;
    std::size_t running = 0;

    [[nodiscard]] std::int64_t LowWater() const { return open.empty() ? next : open.front().first; }
  };
  struct Lane {
    std::deque<std::shared_ptr<const ConsumedRecord>> waiting;
    bool is_busy = false;
  };
  [[nodiscard]] std::uint64_t LaneOf(const ConsumedRecord& record);
  Partition* Find(const WorkItem& item);
  void Release(const WorkItem& item);

  const HandlingOrder order_;
  std::map<TopicPartition, Partition> partitions_;
  std::map<std::uint64_t, Lane> lanes_;
  std::deque<std::uint64_t> ready_;  ///< Lanes with something waiting that are not busy.
  std::map<TopicPartition, std::uint64_t> partition_lanes_;
  std::uint64_t next_lane_ = 1;
  std::uint64_t next_epoch_ = 1;
  std::size_t waiting_ = 0;
  std::size_t running_ = 0;
};

}  // namespace lanemq::client
