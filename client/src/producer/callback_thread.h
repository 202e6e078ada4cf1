#pragma once

#include <deque>
#include <functional>
#include <string>
#include <thread>

#include "common/base/mutex.h"

namespace lanemq::client {

/// The one thread on which an application's callbacks run, in the order they are posted.
/// What is queued is bounded by those who post (a producer's buffer).
/// Thread safety: every method from any thread.
class CallbackThread {
 public:
  CallbackThread();
  ~CallbackThread() { Stop(); }
  CallbackThread(const CallbackThread&) = delete;
  CallbackThread& operator=(const CallbackThread&) = delete;

  void Post(std::function<void()> work);
  /// Runs what is queued, then joins. What is posted later never runs. Idempotent.
  void Stop();
  /// True on the thread itself.
  [[nodiscard]] bool IsCurrent() const { return std::this_thread::get_id() == thread_.get_id(); }

 private:
  void Run();

  Mutex mutex_;
  CondVar wake_;
  std::deque<std::function<void()>> queue_ LANEMQ_GUARDED_BY(mutex_);
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace lanemq::client
