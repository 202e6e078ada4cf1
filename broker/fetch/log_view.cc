#include "broker/fetch/log_view.h"

namespace lanemq::broker {

std::optional<LogEnds> LogView::EndsOf(const core::PartitionKey& key) const {
  MutexLock lock(mutex_);
  const auto it = ends_.find(key);
  return it == ends_.end() ? std::nullopt : std::optional(it->second);
}

std::vector<core::RecordPtr> LogView::Read(const core::PartitionKey& key, core::Offset from,
                                           core::ReadLimits limits) const {
  MutexLock lock(mutex_);
  // What retention has taken away may be cached still, but is no part of the log.
  if (const auto it = ends_.find(key); it != ends_.end() && from < it->second.start) return {};
  return cache_.Read(key, from, limits);
}

void LogView::AddRows(const core::PartitionKey& key, std::span<const core::RecordPtr> rows,
                      MonotonicTime now) {
  if (rows.empty()) return;
  {
    MutexLock lock(mutex_);
    cache_.Append(key, rows);
  }
  AdvanceEnd(key, core::Offset{rows.back()->offset.value + 1}, now);
}

void LogView::AdvanceEnd(const core::PartitionKey& key, core::Offset end, MonotonicTime now) {
  bool has_grown = false;
  {
    MutexLock lock(mutex_);
    LogEnds& ends = ends_[key];
    has_grown = end > ends.end;
    if (has_grown) ends.end = end;
    if (end >= ends.end) ends.learnt_at = now;
  }
  if (has_grown && listener_) listener_(key, LogChange::kGrown);
}

void LogView::SetStart(const core::PartitionKey& key, core::Offset start) {
  MutexLock lock(mutex_);
  LogEnds& ends = ends_[key];
  if (start > ends.start) ends.start = start;
}

void LogView::Reset(const core::PartitionKey& key, core::Offset end, MonotonicTime now) {
  {
    MutexLock lock(mutex_);
    cache_.Drop(key);
    LogEnds& ends = ends_[key];
    ends.end = end;
    ends.learnt_at = now;
  }
  // Readers that wait beyond the new end must learn of it.
  if (listener_) listener_(key, LogChange::kReset);
}

void LogView::Remove(const core::PartitionKey& key) {
  {
    MutexLock lock(mutex_);
    cache_.Drop(key);
    ends_.erase(key);
  }
  if (listener_) listener_(key, LogChange::kReset);
}

std::size_t LogView::cache_bytes() const {
  MutexLock lock(mutex_);
  return cache_.bytes();
}

}  // namespace lanemq::broker
