#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <thread>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/store/outbox_store.h"

namespace lanemq::client {

/// Deletes old published rows of an outbox that archives, in small batches with pauses, so that
/// business transactions notice nothing: at most `share` of the time is spent deleting.
/// Thread safety: every method from any thread. `store` outlives it.
class OutboxJanitor {
 public:
  struct Options {
    std::chrono::seconds keep{7 * 24 * 3600};  ///< After the publishing. Range: from 0.
    std::int32_t batch_rows = 1'000;
    double share = 0.1;  ///< Range: (0, 1].
    std::chrono::milliseconds idle_pause{5'000};
  };
  /// `is_on_duty` says whether this process is the one to do it.
  OutboxJanitor(Options options, core::OutboxStore& store, const Clock& clock,
                std::function<bool()> is_on_duty);
  ~OutboxJanitor();
  OutboxJanitor(const OutboxJanitor&) = delete;
  OutboxJanitor& operator=(const OutboxJanitor&) = delete;

  void Start();
  void Stop();  ///< Idempotent.
  [[nodiscard]] std::int64_t deleted() const;

 private:
  void Run();
  /// How long to wait before the next batch.
  std::chrono::nanoseconds CleanOnce();

  const Options options_;
  core::OutboxStore& store_;
  const Clock& clock_;
  const std::function<bool()> is_on_duty_;
  mutable Mutex mutex_;
  CondVar changed_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::int64_t deleted_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::jthread thread_;
};

}  // namespace lanemq::client
