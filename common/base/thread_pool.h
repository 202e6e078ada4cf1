#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "common/base/mutex.h"

namespace lanemq {

/// A fixed number of threads that run tasks from one bounded queue, in order of arrival.
///
/// Thread safety: every method from any thread. The destructor runs what is queued, then joins.
class ThreadPool {
 public:
  struct Options {
    std::string name = "pool";  ///< Shown by the operating system; at most 15 characters.
    std::size_t threads = 1;
    std::size_t queue_max = 10'000;  ///< Tasks waiting; one more is refused.
  };
  explicit ThreadPool(Options options);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// Queues `task`. False, and nothing is queued, when the queue is full or Stop() was called.
  [[nodiscard]] bool TryPost(std::function<void()> task);
  /// Runs what is queued, refuses more, joins. Idempotent. Not to be called from a task.
  void Stop();
  [[nodiscard]] std::size_t QueueDepth() const;

 private:
  void RunWorker();

  const Options options_;
  mutable Mutex mutex_;
  CondVar wake_;
  std::deque<std::function<void()>> queue_ LANEMQ_GUARDED_BY(mutex_);
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::vector<std::jthread> threads_;
};

}  // namespace lanemq
