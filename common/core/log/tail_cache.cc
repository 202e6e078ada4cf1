#include "common/core/log/tail_cache.h"

#include <algorithm>

namespace lanemq::core {

void TailCache::Append(const PartitionKey& key, std::span<const RecordPtr> rows) {
  if (rows.empty()) return;
  Partition& partition = partitions_[key];
  if (!partition.records.empty()) {
    const std::int64_t end = partition.records.back()->offset.value + 1;
    const std::int64_t known = end - rows.front()->offset.value;
    if (known < 0) {
      while (!partition.records.empty()) PopFront(partition);
    } else if (known >= static_cast<std::int64_t>(rows.size())) {
      return;
    } else {
      rows = rows.subspan(static_cast<std::size_t>(known));
    }
  }
  for (const RecordPtr& row : rows) {
    bytes_ += SizeOf(*row);
    partition.records.push_back(row);
  }
  chunks_.push_back({key, Offset{rows.back()->offset.value + 1}});
  Evict();
}

std::vector<RecordPtr> TailCache::Read(const PartitionKey& key, Offset from,
                                       ReadLimits limits) const {
  std::vector<RecordPtr> out;
  const auto it = partitions_.find(key);
  if (it == partitions_.end() || it->second.records.empty()) return out;
  const std::deque<RecordPtr>& records = it->second.records;
  const std::int64_t index = from.value - records.front()->offset.value;
  const auto size = static_cast<std::int64_t>(records.size());
  if (index < 0 || index >= size) return out;
  const auto count = static_cast<std::size_t>(
      std::min<std::int64_t>(size - index, std::max<std::int32_t>(limits.records_max, 1)));
  out.reserve(count);
  std::size_t bytes = 0;
  for (std::size_t i = static_cast<std::size_t>(index); out.size() < count; ++i) {
    bytes += SizeOf(*records[i]);
    if (bytes > limits.bytes_max && !out.empty()) break;
    out.push_back(records[i]);
  }
  return out;
}

void TailCache::Drop(const PartitionKey& key) {
  const auto it = partitions_.find(key);
  if (it == partitions_.end()) return;
  while (!it->second.records.empty()) PopFront(it->second);
  partitions_.erase(it);
}

void TailCache::PopFront(Partition& partition) {
  bytes_ -= SizeOf(*partition.records.front());
  partition.records.pop_front();
}

void TailCache::Evict() {
  while (bytes_ > bytes_max_ && !chunks_.empty()) {
    const Chunk chunk = chunks_.front();
    chunks_.pop_front();
    const auto it = partitions_.find(chunk.key);
    if (it == partitions_.end()) continue;
    auto& records = it->second.records;
    while (!records.empty() && records.front()->offset < chunk.until) PopFront(it->second);
    if (records.empty()) partitions_.erase(it);
  }
}

}  // namespace lanemq::core
