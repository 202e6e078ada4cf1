#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/log/tail_cache.h"

namespace lanemq::broker {

/// The two ends of a partition, as this broker knows them. The real end may be beyond.
struct LogEnds {
  core::Offset start;  ///< 0: not known yet.
  core::Offset end;
  MonotonicTime learnt_at;
};

enum class LogChange {
  kGrown,
  kReset,  ///< Rows that were there are not, or are others.
};

/// What this broker knows of every partition's log: its ends and its newest records.
///
/// Writers and readers put in what they learn; readers take from it. It tells its listener when a
/// partition has grown. Thread safety: every method from any thread. Copies pointers, not payloads.
class LogView {
 public:
  using Listener = std::function<void(const core::PartitionKey&, LogChange)>;

  explicit LogView(std::size_t cache_bytes_max) : cache_(cache_bytes_max) {}

  /// Called after a partition has changed, on the thread that learnt of it. Set once, before use.
  void SetListener(Listener listener) { listener_ = std::move(listener); }

  [[nodiscard]] std::optional<LogEnds> EndsOf(const core::PartitionKey& key) const;
  /// Cached records from `from` on; empty when they are not in memory.
  [[nodiscard]] std::vector<core::RecordPtr> Read(const core::PartitionKey& key, core::Offset from,
                                                  core::ReadLimits limits) const;

  /// Rows that are durable and were the newest: cached, and the end moves on.
  void AddRows(const core::PartitionKey& key, std::span<const core::RecordPtr> rows,
               MonotonicTime now);
  /// The log was seen to end at `end` or beyond; never moves it back.
  void AdvanceEnd(const core::PartitionKey& key, core::Offset end, MonotonicTime now);
  void SetStart(const core::PartitionKey& key, core::Offset start);
  /// The data changed below us: drops what is cached; the log ends at `end`.
  void Reset(const core::PartitionKey& key, core::Offset end, MonotonicTime now);
  /// The partition is gone.
  void Remove(const core::PartitionKey& key);

  [[nodiscard]] std::size_t cache_bytes() const;

 private:
  Listener listener_;
  mutable Mutex mutex_;
  core::TailCache cache_ LANEMQ_GUARDED_BY(mutex_);
  std::unordered_map<core::PartitionKey, LogEnds> ends_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::broker
