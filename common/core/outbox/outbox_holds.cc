#include "common/core/outbox/outbox_holds.h"

#include <algorithm>
#include <utility>

namespace lanemq::core {

OutboxHoldKey HoldKeyOf(const OutboxMessage& message) {
  OutboxHoldKey key{.bucket = message.bucket, .topic = message.topic};
  if (message.record->key) {
    key.key = message.record->key;
  } else {
    key.id = message.id;
  }
  return key;
}

void OutboxHolds::Load(std::span<const std::int32_t> buckets, std::vector<OutboxHold> holds,
                       MonotonicTime now) {
  const std::set<std::int32_t> loaded(buckets.begin(), buckets.end());
  std::erase_if(entries_, [&](const auto& entry) {
    return loaded.contains(entry.first.bucket) && !changed_.contains(entry.first) &&
           std::none_of(holds.begin(), holds.end(),
                        [&](const OutboxHold& hold) { return hold.key == entry.first; });
  });
  for (OutboxHold& hold : holds) {
    if (changed_.contains(hold.key)) continue;
    const auto [at, is_new] = entries_.try_emplace(hold.key);
    Entry& entry = at->second;
    // What is known to be due here stays due.
    const MonotonicTime due = now + hold.due_in;
    entry.due = is_new ? due : std::min(entry.due, due);
    entry.hold = std::move(hold);
  }
}

void OutboxHolds::Forget(std::span<const std::int32_t> buckets) {
  const std::set<std::int32_t> gone(buckets.begin(), buckets.end());
  std::erase_if(entries_, [&](const auto& entry) { return gone.contains(entry.first.bucket); });
  std::erase_if(changed_, [&](const OutboxHoldKey& key) { return gone.contains(key.bucket); });
}

OutboxHolds::Entry* OutboxHolds::Find(const OutboxHoldKey& key) {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second;
}

OutboxHolds::Entry* OutboxHolds::FindTopic(std::int32_t bucket, const std::string& topic) {
  if (entries_.empty()) return nullptr;
  return Find({.bucket = bucket, .topic = topic});
}

OutboxHolds::Entry* OutboxHolds::FindPartition(std::int32_t bucket, const std::string& topic,
                                               std::int32_t partition) {
  if (entries_.empty()) return nullptr;
  OutboxHoldKey key{.bucket = bucket, .topic = topic};
  key.partition = partition;
  return Find(key);
}

OutboxHolds::Entry* OutboxHolds::FindOne(const OutboxMessage& message) {
  return entries_.empty() ? nullptr : Find(HoldKeyOf(message));
}

OutboxHolds::Entry& OutboxHolds::Fail(const OutboxHoldKey& key, const std::string& error,
                                      MonotonicTime now) {
  Entry& entry = entries_[key];
  entry.hold.key = key;
  ++entry.hold.attempts;
  entry.hold.last_error = error;
  entry.is_draining = false;
  entry.is_ending = false;
  Postpone(entry, now);
  return entry;
}

void OutboxHolds::Postpone(Entry& entry, MonotonicTime now) {
  entry.due = now + BackoffDelay(backoff_, std::max(entry.hold.attempts, 1), random_);
  changed_.insert(entry.hold.key);
}

void OutboxHolds::StartOver(Entry& entry, MonotonicTime now) {
  entry.hold.attempts = 0;
  entry.due = now;
  changed_.insert(entry.hold.key);
}

void OutboxHolds::PartitionWorks(const std::string& topic, std::int32_t partition,
                                 MonotonicTime now) {
  for (auto& [key, entry] : entries_) {
    const bool is_topic = !key.key && !key.id && !key.partition;
    if (key.topic == topic && (is_topic || key.partition == partition)) {
      entry.due = std::min(entry.due, now);
    }
  }
}

std::vector<OutboxHoldKey> OutboxHolds::Due(MonotonicTime now, std::size_t max) const {
  // The longest due first: with more than `max` due, all get their turn.
  std::vector<std::pair<MonotonicTime, const OutboxHoldKey*>> due;
  for (const auto& [key, entry] : entries_) {
    if (entry.due <= now) due.emplace_back(entry.due, &key);
  }
  const std::size_t count = std::min(max, due.size());
  std::partial_sort(due.begin(), due.begin() + static_cast<std::ptrdiff_t>(count), due.end(),
                    [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<OutboxHoldKey> keys;
  for (std::size_t i = 0; i < count; ++i) keys.push_back(*due[i].second);
  return keys;
}

std::optional<MonotonicTime> OutboxHolds::NextDue() const {
  std::optional<MonotonicTime> next;
  for (const auto& [key, entry] : entries_) {
    if (!next || entry.due < *next) next = entry.due;
  }
  return next;
}

void OutboxHolds::TakeChanges(OutboxChange& change, MonotonicTime now) {
  Ended(change);
  for (const OutboxHoldKey& key : changed_) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) continue;
    OutboxHold hold = found->second.hold;
    hold.due_in = std::chrono::duration_cast<std::chrono::microseconds>(found->second.due - now);
    change.holds.push_back(std::move(hold));
  }
  changed_.clear();
}

void OutboxHolds::Ended(OutboxChange& change) {
  for (auto it = entries_.begin(); it != entries_.end();) {
    Entry& entry = it->second;
    const bool has_ended = entry.is_ending && !entry.has_new_rows;
    entry.is_ending = false;
    entry.has_new_rows = false;
    if (has_ended) {
      change.ended_holds.push_back(it->first);
      changed_.erase(it->first);
      it = entries_.erase(it);
    } else {
      ++it;
    }
  }
}

}  // namespace lanemq::core
