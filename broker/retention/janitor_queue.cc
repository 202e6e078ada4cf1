#include "broker/retention/janitor_queue.h"

#include <algorithm>
#include <utility>

namespace lanemq::broker {

void JanitorQueue::SetTasks(std::vector<JanitorTask> tasks, MonotonicTime now) {
  std::map<core::PartitionKey, Entry> next;
  for (JanitorTask& task : tasks) {
    const core::PartitionKey key = task.location.key;
    const auto known = entries_.find(key);
    Entry& entry = next[key];
    if (known != entries_.end()) {
      entry = std::move(known->second);
    } else {
      entry.due = now;
    }
    entry.task = std::move(task);
  }
  entries_ = std::move(next);
}

std::optional<JanitorTask> JanitorQueue::Next(MonotonicTime now) const {
  const auto first =
      std::ranges::min_element(entries_, {}, [](const auto& each) { return each.second.due; });
  if (first == entries_.end() || first->second.due > now) return std::nullopt;
  return first->second.task;
}

std::optional<MonotonicTime> JanitorQueue::NextAt() const {
  const auto first =
      std::ranges::min_element(entries_, {}, [](const auto& each) { return each.second.due; });
  if (first == entries_.end()) return std::nullopt;
  return first->second.due;
}

void JanitorQueue::OnIdle(const core::PartitionKey& key, MonotonicTime now) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  found->second.last_wait.reset();
  found->second.due = now + options_.every;
}

void JanitorQueue::OnProgress(const core::PartitionKey& key, MonotonicTime now,
                              std::chrono::nanoseconds rest) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  found->second.last_wait.reset();
  found->second.due = now + rest;
}

void JanitorQueue::OnFailed(const core::PartitionKey& key, MonotonicTime now) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  const auto wait =
      entry.last_wait ? std::min(*entry.last_wait * 2, options_.busy_slowest) : options_.busy_first;
  entry.last_wait = wait;
  entry.due = now + wait;
}

void JanitorQueue::Restart(MonotonicTime now) {
  for (auto& [key, entry] : entries_) {
    entry.due = now;
    entry.last_wait.reset();
  }
}

}  // namespace lanemq::broker
