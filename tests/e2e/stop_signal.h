#pragma once

#include <chrono>

#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace lanemq::e2e {

/// Tells threads to end, and lets them pause without missing it. Any thread.
class StopSignal {
 public:
  void Set() LANEMQ_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    is_set_ = true;
    changed_.NotifyAll();
  }
  [[nodiscard]] bool IsSet() const LANEMQ_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return is_set_;
  }
  /// True as soon as it is set, false when `pause` has passed without.
  bool WaitFor(std::chrono::nanoseconds pause) LANEMQ_EXCLUDES(mutex_) {
    const SystemClock& clock = SystemClock::Instance();
    const Deadline end = Deadline::After(clock, pause);
    const MutexLock lock(mutex_);
    while (!is_set_ && !end.HasPassed(clock)) changed_.WaitFor(mutex_, end.Left(clock));
    return is_set_;
  }

 private:
  mutable Mutex mutex_;
  CondVar changed_;
  bool is_set_ LANEMQ_GUARDED_BY(mutex_) = false;
};

}  // namespace lanemq::e2e
