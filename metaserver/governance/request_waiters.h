#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/store/governance_store.h"

namespace lanemq::metaserver {

/// Callers that wait until a request is applied, or will not be for now. One thread looks at the
/// rows for all of them, so that it does not matter which metaserver applies.
///
/// Thread safety: every method from any thread; Start() and Stop() from one owner.
class RequestWaiters {
 public:
  struct Options {
    std::chrono::milliseconds look_every{100};
    std::chrono::milliseconds call_timeout{3'000};
    std::size_t waiters_max = 100;
  };
  /// The newest that is known of the request. Called once, on the thread of the waiters.
  using Done = std::function<void(const core::StoredRequest& newest)>;

  /// `refresh` is called, once for all of a look, before those who waited for an end hear of it:
  /// what it changed is known here then.
  RequestWaiters(Options options, core::GovernanceStore& store, const Clock& clock,
                 std::function<void()> refresh);
  ~RequestWaiters() { Stop(); }

  void Start();
  /// Answers all who wait with what is known. Idempotent.
  void Stop();
  /// Calls `done` when `request` has left kApproved and kApplying, or `patience` is over. False:
  /// too many wait; `done` is not called.
  [[nodiscard]] bool Wait(core::StoredRequest request, std::chrono::milliseconds patience,
                          Done done);
  /// Looks now.
  void Wake();

 private:
  struct Waiter {
    core::StoredRequest newest;
    MonotonicTime until;
    Done done;
  };
  void Run();
  void Look();
  void LearnState(core::StoredRequest& newest);

  const Options options_;
  core::GovernanceStore& store_;
  const Clock& clock_;
  const std::function<void()> refresh_;

  Mutex mutex_;
  CondVar wake_;
  std::vector<Waiter> waiters_ LANEMQ_GUARDED_BY(mutex_);
  std::size_t looked_at_ LANEMQ_GUARDED_BY(mutex_) = 0;  ///< By the thread, at the moment.
  bool is_woken_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace lanemq::metaserver
