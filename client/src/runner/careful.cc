#include "client/src/runner/careful.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace lanemq::client {

void CarefulPartitions::Add(ConsumedRecord record, std::int64_t log_end) {
  Partition& partition = partitions_.at(*record.source);
  if (partition.next >= 0 && partition.next != record.offset) {
    partition.waiting.clear();
    partition.running.reset();
  }
  partition.next = record.offset + 1;
  partition.log_end = log_end;
  partition.waiting.push_back(std::move(record));
}

std::vector<TopicPartition> CarefulPartitions::Ready() const {
  std::vector<TopicPartition> ready;
  for (const auto& [id, partition] : partitions_) {
    if (!partition.running && !partition.waiting.empty() && partition.left > 0) ready.push_back(id);
  }
  return ready;
}

ConsumedRecord CarefulPartitions::Begin(const TopicPartition& id) {
  Partition& partition = partitions_.at(id);
  ConsumedRecord record = std::move(partition.waiting.front());
  partition.waiting.pop_front();
  partition.running = record.offset;
  --partition.left;
  return record;
}

void CarefulPartitions::OnEnd(const TopicPartition& id, std::int64_t offset) {
  const auto partition = partitions_.find(id);
  if (partition != partitions_.end() && partition->second.running == offset) {
    partition->second.running.reset();
  }
}

std::vector<ConsumedRecord> CarefulPartitions::TakeFinished() {
  std::vector<ConsumedRecord> records;
  for (auto it = partitions_.begin(); it != partitions_.end();) {
    Partition& partition = it->second;
    const bool is_at_end =
        partition.waiting.empty() && partition.next >= 0 && partition.next >= partition.log_end;
    if (partition.running || (partition.left > 0 && !is_at_end)) {
      ++it;
      continue;
    }
    records.insert(records.end(), std::make_move_iterator(partition.waiting.begin()),
                   std::make_move_iterator(partition.waiting.end()));
    it = partitions_.erase(it);
  }
  return records;
}

void CarefulPartitions::Remove(const std::vector<TopicPartition>& partitions) {
  for (const TopicPartition& id : partitions) partitions_.erase(id);
}

std::size_t CarefulPartitions::size() const {
  std::size_t sum = 0;
  for (const auto& [id, partition] : partitions_) sum += partition.waiting.size();
  return sum;
}

}  // namespace lanemq::client
