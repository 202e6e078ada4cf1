#include "client/src/spool/spool_queue.h"

#include <algorithm>

#include "common/core/partition/partitioner.h"

namespace lanemq::client {

void SpoolQueue::Add(const core::OutboxMessage& message, const JournalPlace& place) {
  const auto [at, is_new_topic] =
      topic_index_.try_emplace(message.topic, static_cast<std::int32_t>(topics_.size()));
  if (is_new_topic) topics_.emplace_back().name = message.topic;
  Entry entry{.place = place, .topic = at->second};
  entry.is_delayed = message.due.has_value();
  if (message.partition) entry.partition = *message.partition;
  if (message.record->key) {
    entry.has_key = true;
    entry.hash = static_cast<std::uint32_t>(core::Murmur2(*message.record->key));
  }
  const auto [added, is_new] = entries_.emplace(message.id, entry);
  if (!is_new) return Move(message.id, place);
  bytes_in_[place.segment] += place.length;
  Topic& topic = topics_[static_cast<std::size_t>(entry.topic)];
  ++topic.records;
  if (topic.partitions > 0) LineOf(topic, entry).push_back(message.id);
}

void SpoolQueue::Move(std::int64_t id, const JournalPlace& place) {
  Entry& entry = entries_.at(id);
  if ((bytes_in_[entry.place.segment] -= entry.place.length) == 0) {
    bytes_in_.erase(entry.place.segment);
  }
  bytes_in_[place.segment] += place.length;
  entry.place = place;
}

void SpoolQueue::Remove(std::int64_t id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  const Entry& entry = found->second;
  Topic& topic = topics_[static_cast<std::size_t>(entry.topic)];
  if (topic.partitions > 0) {
    std::deque<std::int64_t>& line = LineOf(topic, entry);
    // It is among the first.
    if (const auto at = std::find(line.begin(), line.end(), id); at != line.end()) line.erase(at);
  }
  --topic.records;
  if ((bytes_in_[entry.place.segment] -= entry.place.length) == 0) {
    bytes_in_.erase(entry.place.segment);
  }
  entries_.erase(found);
}

std::optional<std::int64_t> SpoolQueue::Oldest() const {
  if (entries_.empty()) return std::nullopt;
  return entries_.begin()->first;
}

std::optional<std::uint32_t> SpoolQueue::OldestSegment() const {
  if (bytes_in_.empty()) return std::nullopt;
  return bytes_in_.begin()->first;
}

std::uint64_t SpoolQueue::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [segment, bytes] : bytes_in_) sum += bytes;
  return sum;
}

std::uint64_t SpoolQueue::BytesIn(std::uint32_t segment) const {
  const auto found = bytes_in_.find(segment);
  return found == bytes_in_.end() ? 0 : found->second;
}

std::vector<std::int64_t> SpoolQueue::IdsIn(std::uint32_t segment) const {
  std::vector<std::int64_t> ids;
  for (const auto& [id, entry] : entries_) {
    if (entry.place.segment == segment) ids.push_back(id);
  }
  return ids;
}

const SpoolQueue::Topic* SpoolQueue::FindTopic(const std::string& name) const {
  const auto found = topic_index_.find(name);
  if (found == topic_index_.end()) return nullptr;
  return &topics_[static_cast<std::size_t>(found->second)];
}

std::vector<std::string> SpoolQueue::Topics() const {
  std::vector<std::string> names;
  for (const Topic& topic : topics_) {
    if (topic.records > 0) names.push_back(topic.name);
  }
  return names;
}

std::vector<std::int64_t> SpoolQueue::IdsOf(const std::string& topic) const {
  std::vector<std::int64_t> ids;
  const auto wanted = topic_index_.find(topic);
  if (wanted == topic_index_.end()) return ids;
  for (const auto& [id, entry] : entries_) {
    if (entry.topic == wanted->second) ids.push_back(id);
  }
  return ids;
}

std::optional<std::int32_t> SpoolQueue::PartitionsOf(const std::string& topic) const {
  const Topic* known = FindTopic(topic);
  if (known == nullptr || known->partitions == 0) return std::nullopt;
  return known->partitions;
}

std::int32_t SpoolQueue::PartitionFor(const Topic& topic, const Entry& entry) const {
  if (entry.partition >= 0) return entry.partition;
  if (!entry.has_key) return -1;
  return static_cast<std::int32_t>(entry.hash & 0x7fffffff) % topic.partitions;
}

std::deque<std::int64_t>& SpoolQueue::LineOf(Topic& topic, const Entry& entry) {
  const std::int32_t partition = PartitionFor(topic, entry);
  if (partition >= topic.partitions) return topic.misplaced;
  Line& line = topic.lines[{partition, entry.is_delayed}];
  line.key = {topic.name, partition, entry.is_delayed};
  return line.ids;
}

void SpoolQueue::SetPartitions(const std::string& name, std::int32_t count) {
  const auto found = topic_index_.find(name);
  if (found == topic_index_.end()) return;
  Topic& topic = topics_[static_cast<std::size_t>(found->second)];
  if (topic.partitions == count) return;
  topic.partitions = count;
  topic.lines.clear();
  topic.misplaced.clear();
  for (const auto& [id, entry] : entries_) {
    if (entry.topic == found->second) LineOf(topic, entry).push_back(id);
  }
}

std::vector<std::int64_t> SpoolQueue::Misplaced() const {
  std::vector<std::int64_t> ids;
  for (const Topic& topic : topics_) {
    ids.insert(ids.end(), topic.misplaced.begin(), topic.misplaced.end());
  }
  return ids;
}

bool SpoolQueue::IsReady(const Line& line, const core::OutboxStreams& streams) {
  if (line.ids.empty()) return false;
  if (line.key.partition < 0) return true;
  // The first one may be on its way to the partition it had before the topic got more.
  if (streams.IsOutstanding(line.ids.front())) return false;
  const core::OutboxStreams::Stream* stream = streams.Find(line.key);
  return stream == nullptr || !stream->group;
}

std::vector<std::int64_t> SpoolQueue::Next(const core::OutboxStreams& streams,
                                           const std::unordered_set<std::int64_t>& done,
                                           const Limits& limits, bool* was_cut) {
  std::vector<const Line*> ready;
  for (const Topic& topic : topics_) {
    for (const auto& [key, line] : topic.lines) {
      if (IsReady(line, streams)) ready.push_back(&line);
    }
  }
  if (ready.empty()) return {};
  std::vector<std::int64_t> ids;
  std::size_t bytes = 0;
  const std::size_t first = turn_++ % ready.size();
  for (std::size_t i = 0; i < ready.size(); ++i) {
    std::size_t rows = 0;
    const Line& line = *ready[(first + i) % ready.size()];
    for (const std::int64_t id : line.ids) {
      if (rows == limits.rows_max) break;
      if (done.contains(id)) continue;
      if (streams.IsOutstanding(id)) {
        // Of a partition, it is on its way to the one it had before: others may be of its key.
        if (line.key.partition >= 0) break;
        continue;
      }
      bytes += entries_.at(id).place.length;
      if (bytes > limits.bytes_max && !ids.empty()) {
        *was_cut = true;
        return ids;
      }
      ++rows;
      ids.push_back(id);
    }
  }
  return ids;
}

}  // namespace lanemq::client
