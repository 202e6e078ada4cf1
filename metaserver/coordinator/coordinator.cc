#include "metaserver/coordinator/coordinator.h"

#include <algorithm>
#include <utility>

namespace lanemq::metaserver {

Coordinator::Coordinator(Options options, core::GroupStore& store, OffsetNodes offsets,
                         const Clock& clock)
    : clock_(clock),
      offsets_(std::move(offsets)),
      workers_({"group-writes", options.workers, options.queue_max}) {
  for (int i = 0; i < core::kGroupSlots; ++i) {
    slots_[static_cast<std::size_t>(i)] = std::make_unique<GroupSlot>(
        i, options.slot,
        GroupSlot::Surroundings{store, workers_, counters_, clock_, offsets_,
                                [this](MonotonicTime at) { WakeTimer(at); }});
  }
}

void Coordinator::Start() {
  timer_ = std::jthread([this] { RunTimer(); });
}

void Coordinator::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  if (timer_.joinable()) timer_.join();
  for (auto& slot : slots_) slot->End("this metaserver stops");
  workers_.Stop();
}

void Coordinator::WakeTimer(MonotonicTime at) {
  MutexLock lock(mutex_);
  if (due_ && *due_ <= at) return;
  due_ = at;
  wake_.NotifyAll();
}

void Coordinator::RunTimer() {
  constexpr std::chrono::seconds kIdle{1};
  for (;;) {
    {
      MutexLock lock(mutex_);
      for (;;) {
        if (is_stopping_) return;
        const MonotonicTime now = clock_.Now();
        if (due_ && *due_ <= now) break;
        wake_.WaitFor(mutex_, due_ ? *due_ - now : std::chrono::nanoseconds{kIdle});
      }
      due_.reset();
    }
    for (auto& slot : slots_) {
      if (const auto next = slot->OnTime()) WakeTimer(*next);
    }
  }
}

void Coordinator::SetOutage(const std::optional<Error>& outage) {
  for (auto& slot : slots_) slot->SetOutage(outage);
}

CoordinatorStats Coordinator::Stats() const {
  CoordinatorStats stats;
  for (const auto& slot : slots_) slot->AddTo(stats);
  stats.rebalances = counters_.rebalances;
  stats.members_expired = counters_.members_expired;
  stats.members_expelled = counters_.members_expelled;
  stats.writes_failed = counters_.writes_failed;
  stats.groups_expired = counters_.groups_expired;
  stats.groups_deleted = counters_.groups_deleted;
  stats.expiries_postponed = counters_.expiries_postponed;
  stats.slots_taken = counters_.slots_taken;
  stats.slots_handed_over = counters_.slots_handed_over;
  stats.slots_lost = counters_.slots_lost;
  return stats;
}

}  // namespace lanemq::metaserver
