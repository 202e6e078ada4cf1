#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "common/base/mutex.h"
#include "common/core/quota/fair_turns.h"

namespace lanemq::broker {

/// A fixed number of threads that run tasks of several parties from one bounded queue. Parties
/// whose tasks wait take turns of the same cost; those of one party run in order of arrival.
///
/// Thread safety: every method from any thread. The destructor runs what is queued, then joins.
class TurnPool {
 public:
  struct Options {
    std::string name = "pool";  ///< Shown by the operating system; at most 15 characters.
    std::size_t threads = 1;
    std::size_t queue_max = 10'000;   ///< Tasks waiting; one more is refused.
    std::size_t quantum = 64u << 10;  ///< What a turn is worth, in the unit of costs.
  };
  explicit TurnPool(Options options);
  ~TurnPool();
  TurnPool(const TurnPool&) = delete;
  TurnPool& operator=(const TurnPool&) = delete;

  /// Queues `task`. False, and nothing is queued, when the queue is full or Stop() was called.
  [[nodiscard]] bool TryPost(std::uint64_t party, std::size_t cost, std::function<void()> task);
  /// Runs what is queued, refuses more, joins. Idempotent. Not to be called from a task.
  void Stop();
  [[nodiscard]] std::size_t QueueDepth() const;

 private:
  void RunWorker();

  const Options options_;
  mutable Mutex mutex_;
  CondVar wake_;
  core::FairTurns<std::function<void()>> queue_ LANEMQ_GUARDED_BY(mutex_);
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::vector<std::jthread> threads_;
};

}  // namespace lanemq::broker
