#include "broker/quota/turn_pool.h"

#include <pthread.h>
#include <utility>

namespace lanemq::broker {

TurnPool::TurnPool(Options options) : options_(std::move(options)), queue_(options_.quantum) {
  threads_.reserve(options_.threads);
  for (std::size_t i = 0; i < options_.threads; ++i) {
    threads_.emplace_back([this] { RunWorker(); });
    pthread_setname_np(threads_.back().native_handle(), options_.name.substr(0, 15).c_str());
  }
}

TurnPool::~TurnPool() { Stop(); }

bool TurnPool::TryPost(std::uint64_t party, std::size_t cost, std::function<void()> task) {
  {
    MutexLock lock(mutex_);
    if (is_stopping_ || queue_.size() >= options_.queue_max) return false;
    queue_.Push(party, cost, std::move(task));
  }
  wake_.NotifyOne();
  return true;
}

void TurnPool::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
  }
  wake_.NotifyAll();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

std::size_t TurnPool::QueueDepth() const {
  MutexLock lock(mutex_);
  return queue_.size();
}

void TurnPool::RunWorker() {
  for (;;) {
    std::function<void()> task;
    {
      MutexLock lock(mutex_);
      while (queue_.empty() && !is_stopping_) wake_.Wait(mutex_);
      if (queue_.empty()) return;
      task = queue_.Pop();
    }
    task();
  }
}

}  // namespace lanemq::broker
