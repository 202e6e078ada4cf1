#pragma once

#include <functional>
#include <thread>
#include <vector>

#include "common/base/mutex.h"

namespace lanemq {

/// Runs the application's callbacks, in order, on one thread that is no I/O thread. What waits here
/// is bounded by those who post: a producer posts one result per accepted record.
/// Thread safety: every method from any thread; Stop() not from a callback.
class CallbackThread {
 public:
  CallbackThread() : thread_([this] { Run(); }) {}
  ~CallbackThread() { Stop(); }

  void Post(std::function<void()> callback) {
    {
      MutexLock lock(mutex_);
      waiting_.push_back(std::move(callback));
      if (waiting_.size() > 1) return;  // Woken already.
    }
    wake_.NotifyOne();
  }

  /// Runs what waits, then ends. Idempotent.
  void Stop() {
    {
      MutexLock lock(mutex_);
      is_stopping_ = true;
    }
    wake_.NotifyOne();
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] bool IsThisThread() const { return thread_.get_id() == std::this_thread::get_id(); }

 private:
  void Run() {
    for (;;) {
      std::vector<std::function<void()>> batch;
      {
        MutexLock lock(mutex_);
        while (waiting_.empty() && !is_stopping_) wake_.Wait(mutex_);
        if (waiting_.empty()) return;
        batch.swap(waiting_);
      }
      for (auto& callback : batch) callback();
    }
  }

  Mutex mutex_;
  CondVar wake_;
  std::vector<std::function<void()>> waiting_ LANEMQ_GUARDED_BY(mutex_);
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace lanemq
