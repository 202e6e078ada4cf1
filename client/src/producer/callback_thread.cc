#include "client/src/producer/callback_thread.h"

#include <utility>

namespace lanemq::client {

CallbackThread::CallbackThread() : thread_([this] { Run(); }) {}

void CallbackThread::Post(std::function<void()> work) {
  MutexLock lock(mutex_);
  queue_.push_back(std::move(work));
  wake_.NotifyOne();
}

void CallbackThread::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyOne();
  }
  if (thread_.joinable()) thread_.join();
}

void CallbackThread::Run() {
  while (true) {
    std::function<void()> work;
    {
      MutexLock lock(mutex_);
      while (queue_.empty() && !is_stopping_) wake_.Wait(mutex_);
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
  }
}

}  // namespace lanemq::client
