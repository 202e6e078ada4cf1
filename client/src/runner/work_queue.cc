#include "client/src/runner/work_queue.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

namespace lanemq::client {
namespace {

// Keys share this many lanes per partition: as good as one each, and bounded.
constexpr std::uint64_t kKeyLanes = 1'024;

}  // namespace

std::uint64_t WorkQueue::LaneOf(const ConsumedRecord& record) {
  if (order_ == HandlingOrder::kNone) return next_lane_++;
  auto& base = partition_lanes_[*record.source];
  if (base == 0) {
    base = next_lane_;
    next_lane_ += kKeyLanes;
  }
  // Records without a key have no order to keep among themselves, but one lane keeps it simple.
  if (order_ == HandlingOrder::kPartition || !record.key) return base;
  return base + std::hash<std::string_view>{}(*record.key) % kKeyLanes;
}

void WorkQueue::Add(std::vector<ConsumedRecord> records) {
  for (ConsumedRecord& record : records) {
    const auto known = partitions_.find(*record.source);
    if (known != partitions_.end() && known->second.has_log && !record.is_retry() &&
        known->second.next != record.offset) {
      // The position was moved, by a reset or a seek: what is above the mark is not ours any more.
      Remove({*record.source});
    }
    Partition& partition = partitions_[*record.source];
    if (partition.epoch == 0) partition.epoch = next_epoch_++;
    if (!record.is_retry()) {
      if (!partition.has_log) partition.committed = record.offset;
      partition.has_log = true;
      partition.open.emplace_back(record.offset, false);
      partition.next = record.offset + 1;
    }
    const std::uint64_t id = LaneOf(record);
    Lane& lane = lanes_[id];
    if (lane.waiting.empty() && !lane.is_busy) ready_.push_back(id);
    lane.waiting.push_back(std::make_shared<const ConsumedRecord>(std::move(record)));
    ++waiting_;
  }
}

std::optional<WorkItem> WorkQueue::Take() {
  if (ready_.empty()) return std::nullopt;
  const std::uint64_t id = ready_.front();
  ready_.pop_front();
  Lane& lane = lanes_[id];
  WorkItem item{std::move(lane.waiting.front()), id, 0};
  lane.waiting.pop_front();
  lane.is_busy = true;
  Partition& partition = partitions_[*item.record->source];
  item.epoch = partition.epoch;
  ++partition.running;
  --waiting_;
  ++running_;
  return item;
}

WorkQueue::Partition* WorkQueue::Find(const WorkItem& item) {
  const auto found = partitions_.find(*item.record->source);
  if (found == partitions_.end() || found->second.epoch != item.epoch) return nullptr;
  return &found->second;
}

void WorkQueue::Release(const WorkItem& item) {
  --running_;
  if (Partition* partition = Find(item)) --partition->running;
  const auto lane = lanes_.find(item.lane);
  if (lane == lanes_.end()) return;
  lane->second.is_busy = false;
  if (lane->second.waiting.empty()) {
    lanes_.erase(lane);
  } else {
    ready_.push_back(item.lane);
  }
}

void WorkQueue::Finish(const WorkItem& item) {
  Release(item);
  Partition* partition = Find(item);
  if (partition == nullptr || item.record->is_retry()) return;
  auto& open = partition->open;
  const auto at =
      std::lower_bound(open.begin(), open.end(), item.record->offset,
                       [](const auto& entry, std::int64_t offset) { return entry.first < offset; });
  if (at != open.end() && at->first == item.record->offset) at->second = true;
  while (!open.empty() && open.front().second) open.pop_front();
}

void WorkQueue::Abandon(const WorkItem& item) { Release(item); }

void WorkQueue::DropWaiting(const std::vector<TopicPartition>& partitions) {
  for (auto lane = lanes_.begin(); lane != lanes_.end();) {
    auto& waiting = lane->second.waiting;
    const auto before = waiting.size();
    std::erase_if(waiting, [&](const auto& record) {
      return std::find(partitions.begin(), partitions.end(), *record->source) != partitions.end();
    });
    waiting_ -= before - waiting.size();
    if (before != 0 && waiting.empty()) std::erase(ready_, lane->first);
    lane = waiting.empty() && !lane->second.is_busy ? lanes_.erase(lane) : std::next(lane);
  }
}

void WorkQueue::Remove(const std::vector<TopicPartition>& partitions) {
  DropWaiting(partitions);
  for (const TopicPartition& partition : partitions) {
    partitions_.erase(partition);
    // A handler may still be inside the old lane; records of a later assignment get new ones.
    partition_lanes_.erase(partition);
  }
}

Offsets WorkQueue::Uncommitted() const {
  Offsets marks;
  for (const auto& [id, partition] : partitions_) {
    if (partition.LowWater() > partition.committed) marks[id] = partition.LowWater();
  }
  return marks;
}

Offsets WorkQueue::UncommittedOf(const std::vector<TopicPartition>& partitions) const {
  Offsets marks = Uncommitted();
  std::erase_if(marks, [&](const auto& mark) {
    return std::find(partitions.begin(), partitions.end(), mark.first) == partitions.end();
  });
  return marks;
}

void WorkQueue::MarkCommitted(const Offsets& offsets) {
  for (const auto& [id, offset] : offsets) {
    const auto found = partitions_.find(id);
    if (found == partitions_.end()) continue;
    // The position was moved back while the commit was under way: it is not of these records.
    if (offset > found->second.LowWater()) continue;
    found->second.committed = std::max(found->second.committed, offset);
  }
}

std::size_t WorkQueue::RunningOf(const std::vector<TopicPartition>& partitions) const {
  std::size_t sum = 0;
  for (const TopicPartition& id : partitions) {
    const auto found = partitions_.find(id);
    if (found != partitions_.end()) sum += found->second.running;
  }
  return sum;
}

}  // namespace lanemq::client
