#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/thread_pool.h"
#include "common/core/store/group_store.h"
#include "metaserver/coordinator/coordinator_stats.h"
#include "metaserver/coordinator/group_slot.h"

namespace lanemq::metaserver {

/// All slots of this process, with what they share: workers for the database, one timer thread.
///
/// Thread safety: every method from any thread; Start() and Stop() from one owner.
class Coordinator {
 public:
  struct Options {
    GroupSlot::Options slot;
    std::size_t workers = 4;         ///< Writes and loads at once.
    std::size_t queue_max = 20'000;  ///< Writes and loads waiting.
  };

  /// `store` must outlive the coordinator.
  Coordinator(Options options, core::GroupStore& store, OffsetNodes offsets, const Clock& clock);
  ~Coordinator() { Stop(); }

  void Start();
  /// Ends every slot, finishes what the workers have begun. Idempotent.
  void Stop();

  [[nodiscard]] GroupSlot& slot(int index) { return *slots_[static_cast<std::size_t>(index)]; }
  [[nodiscard]] GroupSlot& SlotOf(std::string_view group) { return slot(core::GroupSlot(group)); }
  /// Set while the metadata database does not answer.
  void SetOutage(const std::optional<Error>& outage);
  [[nodiscard]] CoordinatorCounters& counters() { return counters_; }
  [[nodiscard]] CoordinatorStats Stats() const;

 private:
  void RunTimer();
  void WakeTimer(MonotonicTime at);

  const Clock& clock_;
  const OffsetNodes offsets_;
  CoordinatorCounters counters_;
  ThreadPool workers_;
  std::array<std::unique_ptr<GroupSlot>, core::kGroupSlots> slots_;

  Mutex mutex_;
  CondVar wake_;
  std::optional<MonotonicTime> due_ LANEMQ_GUARDED_BY(mutex_);
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread timer_;
};

}  // namespace lanemq::metaserver
