#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "broker/fetch/fetch_call.h"
#include "broker/timer.h"
#include "common/base/mutex.h"

namespace lanemq::broker {

using FetchId = std::uint64_t;

/// Fetches that wait for messages: memory, no threads. Bounded.
/// Thread safety: every method from any thread. Whoever takes a call out owns it.
class ParkedFetches {
 public:
  explicit ParkedFetches(std::size_t calls_max) : calls_max_(calls_max) {}

  /// An id for a call, before it is parked for the first time.
  FetchId NewId();
  /// Takes the call in, unless there are too many (false, the call is untouched).
  [[nodiscard]] bool Park(FetchId id, std::unique_ptr<FetchCall>& call);
  /// Takes it out; null when it is not here.
  std::unique_ptr<FetchCall> Take(FetchId id);
  /// Takes it out if the caller may not read what it waits for any more; null otherwise.
  std::unique_ptr<FetchCall> TakeForbidden(FetchId id);
  /// Takes it out if one of the places that it waits at is not `is_current`; null otherwise.
  std::unique_ptr<FetchCall> TakeUnless(
      FetchId id, const std::function<bool(const core::PartitionLocation&)>& is_current);

  struct Taken {
    FetchId id = 0;
    std::unique_ptr<FetchCall> call;
  };
  /// Takes out every call that waits on the partition.
  std::vector<Taken> TakeWaitingOn(const core::PartitionKey& key);
  std::vector<Taken> TakeAll();

  /// The partitions of one node that calls wait on.
  [[nodiscard]] std::vector<core::PartitionLocation> PartitionsOf(core::NodeId node) const;
  [[nodiscard]] std::vector<FetchId> Ids() const;
  [[nodiscard]] std::size_t size() const;

 private:
  struct Waiters {
    core::PartitionLocation location;
    std::unordered_set<FetchId> calls;
  };

  std::unique_ptr<FetchCall> TakeLocked(FetchId id) LANEMQ_REQUIRES(mutex_);

  const std::size_t calls_max_;
  mutable Mutex mutex_;
  FetchId last_id_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::unordered_map<FetchId, std::unique_ptr<FetchCall>> calls_ LANEMQ_GUARDED_BY(mutex_);
  std::unordered_map<core::PartitionKey, Waiters> waiters_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::broker
