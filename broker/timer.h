#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <thread>
#include <utility>

#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace lanemq::broker {

using TimerId = std::uint64_t;

/// One thread that calls functions at their times. Functions must be quick and must not block.
///
/// Thread safety: every method from any thread, also from a function. The destructor stops.
class Timer {
 public:
  explicit Timer(const Clock& clock);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Calls `task` once, at `at` or a little later; never after Stop().
  TimerId Schedule(MonotonicTime at, std::function<void()> task);
  /// Forgets a task that has not begun. It may be running on the timer's thread when this returns.
  void Cancel(MonotonicTime at, TimerId id);
  /// Forgets everything and joins. Idempotent; not from a task.
  void Stop();

 private:
  void Run();

  const Clock& clock_;
  Mutex mutex_;
  CondVar changed_;
  std::map<std::pair<MonotonicTime, TimerId>, std::function<void()>> tasks_
      LANEMQ_GUARDED_BY(mutex_);
  TimerId last_id_ LANEMQ_GUARDED_BY(mutex_) = 0;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace lanemq::broker
