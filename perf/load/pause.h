#pragma once

#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace lanemq::perf {

/// Waits until `at`: a pause between records is what a fixed rate is made of.
inline void PauseUntil(MonotonicTime at) {
  const Clock& clock = SystemClock::Instance();
  Mutex mutex;
  CondVar never;
  MutexLock lock(mutex);
  for (auto left = at - clock.Now(); left.count() > 0; left = at - clock.Now()) {
    never.WaitFor(mutex, left);
  }
}

}  // namespace lanemq::perf
