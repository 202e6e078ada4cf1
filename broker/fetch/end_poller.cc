#include "broker/fetch/end_poller.h"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

namespace lanemq::broker {

EndPoller::EndPoller(EndPollerOptions options, core::MessageStore& store, LogView& view,
                     LogReader& reader, ParkedFetches& parked, NodeWorkers& workers, Timer& timer,
                     Metrics& metrics, const Clock& clock, std::chrono::nanoseconds sql_timeout)
    : options_(options),
      store_(store),
      view_(view),
      reader_(reader),
      parked_(parked),
      workers_(workers),
      timer_(timer),
      metrics_(metrics),
      clock_(clock),
      sql_timeout_(sql_timeout) {}

void EndPoller::Watch(core::NodeId node) {
  {
    MutexLock lock(mutex_);
    if (!active_.try_emplace(node, Node{options_.interval_min}).second) return;
  }
  ScheduleNext(node, options_.interval_min);
}

void EndPoller::ScheduleNext(core::NodeId node, std::chrono::nanoseconds wait) {
  timer_.Schedule(clock_.Now() + wait, [weak = weak_from_this(), node] {
    const auto self = weak.lock();
    if (!self) return;
    const bool is_posted =
        self->workers_.Of(node).reads.TryPost([self, node] { self->Poll(node); });
    if (!is_posted) self->ScheduleNext(node, self->options_.interval_max);
  });
}

void EndPoller::Poll(core::NodeId node) {
  const std::vector<core::PartitionLocation> partitions = parked_.PartitionsOf(node);
  if (partitions.empty()) {
    MutexLock lock(mutex_);
    active_.erase(node);
  }
  if (partitions.empty()) {
    // A fetch parked just now may have seen us active still.
    if (!parked_.PartitionsOf(node).empty()) Watch(node);
    return;
  }
  const bool has_news = Ask(partitions);
  std::chrono::nanoseconds wait{};
  {
    MutexLock lock(mutex_);
    Node& entry = active_[node];
    entry.interval =
        has_news ? options_.interval_min : std::min(entry.interval * 3 / 2, options_.interval_max);
    wait = entry.interval;
  }
  ScheduleNext(node, wait);
}

bool EndPoller::Ask(std::span<const core::PartitionLocation> partitions) {
  metrics_.end_polls.Increment();
  struct Known {
    const core::PartitionLocation* location = nullptr;
    core::Offset end;
  };
  std::unordered_map<core::PartitionKey, Known> known;
  for (const auto& location : partitions) {
    const auto ends = view_.EndsOf(location.key);
    known[location.key] = {&location, ends ? ends->end : core::Offset{0}};
  }
  const MonotonicTime asked_at = clock_.Now();
  const auto found = store_.ReadEnds(partitions, Deadline::After(clock_, sql_timeout_));
  if (!found.ok()) return false;
  bool has_news = false;
  for (const core::PartitionEnd& end : *found) {
    const auto it = known.find(end.key);
    if (it == known.end()) continue;
    has_news = has_news || end.end > it->second.end;
    if (end.end < it->second.end) {
      (void)reader_.ReadEnds(*it->second.location);  // Raises the alarm if it is so.
    } else {
      view_.AdvanceEnd(end.key, end.end, asked_at);
    }
  }
  return has_news;
}

}  // namespace lanemq::broker
