#include "broker/timer.h"

#include <pthread.h>

namespace lanemq::broker {

Timer::Timer(const Clock& clock) : clock_(clock), thread_([this] { Run(); }) {
  pthread_setname_np(thread_.native_handle(), "timer");
}

Timer::~Timer() { Stop(); }

TimerId Timer::Schedule(MonotonicTime at, std::function<void()> task) {
  MutexLock lock(mutex_);
  const TimerId id = ++last_id_;
  if (is_stopping_) return id;
  const auto [it, is_new] = tasks_.emplace(std::pair(at, id), std::move(task));
  if (it == tasks_.begin()) changed_.NotifyOne();
  return id;
}

void Timer::Cancel(MonotonicTime at, TimerId id) {
  MutexLock lock(mutex_);
  tasks_.erase({at, id});
}

void Timer::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
  }
  changed_.NotifyAll();
  if (thread_.joinable()) thread_.join();
  MutexLock lock(mutex_);
  tasks_.clear();
}

void Timer::Run() {
  for (;;) {
    std::function<void()> task;
    {
      MutexLock lock(mutex_);
      while (!is_stopping_) {
        if (tasks_.empty()) {
          changed_.Wait(mutex_);
          continue;
        }
        const auto left = tasks_.begin()->first.first - clock_.Now();
        if (left.count() <= 0) break;
        changed_.WaitFor(mutex_, left);
      }
      if (is_stopping_) return;
      task = std::move(tasks_.begin()->second);
      tasks_.erase(tasks_.begin());
    }
    task();
  }
}

}  // namespace lanemq::broker
