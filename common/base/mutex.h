#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define LANEMQ_TS(x) __attribute__((x))
#else
#define LANEMQ_TS(x)
#endif
/// Clang's thread safety analysis; nothing under GCC.
#define LANEMQ_GUARDED_BY(m) LANEMQ_TS(guarded_by(m))
#define LANEMQ_REQUIRES(...) LANEMQ_TS(requires_capability(__VA_ARGS__))
#define LANEMQ_EXCLUDES(...) LANEMQ_TS(locks_excluded(__VA_ARGS__))

namespace lanemq {

/// std::mutex that the thread safety analysis understands. No lock is held across I/O.
class LANEMQ_TS(capability("mutex")) Mutex {
 public:
  void lock() LANEMQ_TS(acquire_capability()) { mutex_.lock(); }
  void unlock() LANEMQ_TS(release_capability()) { mutex_.unlock(); }
  /// Tells the analysis, in a lambda that runs under the lock, that it does. Checks nothing.
  void AssertHeld() const LANEMQ_TS(assert_capability(this)) {}

 private:
  friend class CondVar;
  std::mutex mutex_;
};

/// Holds a Mutex for a scope.
class LANEMQ_TS(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) LANEMQ_TS(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() LANEMQ_TS(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

/// A condition variable for Mutex. Waits may wake spuriously: loop over the condition.
class CondVar {
 public:
  void NotifyOne() { cv_.notify_one(); }
  void NotifyAll() { cv_.notify_all(); }
  void Wait(Mutex& mutex) LANEMQ_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    cv_.wait(lock);
    lock.release();
  }
  /// False when `timeout` passed without a notification.
  bool WaitFor(Mutex& mutex, std::chrono::nanoseconds timeout) LANEMQ_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    const bool woken = cv_.wait_for(lock, timeout) == std::cv_status::no_timeout;
    lock.release();
    return woken;
  }

 private:
  std::condition_variable cv_;
};

}  // namespace lanemq
