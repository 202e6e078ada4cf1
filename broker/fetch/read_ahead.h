#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <utility>
#include <vector>

#include "broker/fetch/log_reader.h"
#include "common/base/mutex.h"

namespace lanemq::broker {

/// What readers of the backlog will ask for next, read while they work on what they got. Bounded in
/// bytes; the oldest slice that nobody came for goes first. Each slice is handed out once.
///
/// Thread safety: every method from any thread.
class ReadAhead {
 public:
  using Then = std::function<void(LogSlice)>;

  explicit ReadAhead(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// True when the slice that begins at `from` is here or on its way: `then` gets it, at once or
  /// from the thread that brings it.
  [[nodiscard]] bool TryTake(const core::PartitionKey& key, core::Offset from, Then then);
  /// True: read it now, with at most `bytes` of records, and call Finish(). False: somebody does,
  /// or there is no room.
  [[nodiscard]] bool Begin(const core::PartitionKey& key, core::Offset from, std::size_t bytes);
  void Finish(const core::PartitionKey& key, core::Offset from, LogSlice slice);
  /// Forgets what is here of a partition. What is on its way goes to those who wait for it.
  void Drop(const core::PartitionKey& key);

 private:
  using Place = std::pair<core::PartitionKey, core::Offset>;
  struct Entry {
    std::size_t bytes = 0;
    bool is_ready = false;
    LogSlice slice;
    std::vector<Then> waiters;
    std::list<Place>::iterator age;
  };

  void Erase(std::map<Place, Entry>::iterator entry) LANEMQ_REQUIRES(mutex_);

  const std::size_t bytes_max_;
  Mutex mutex_;
  std::map<Place, Entry> entries_ LANEMQ_GUARDED_BY(mutex_);
  std::list<Place> by_age_ LANEMQ_GUARDED_BY(mutex_);  // Oldest first.
  std::size_t bytes_ LANEMQ_GUARDED_BY(mutex_) = 0;
};

}  // namespace lanemq::broker
