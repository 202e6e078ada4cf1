#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "client/cli/bench/bench_report.h"
#include "client/cli/terminal/interrupt.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "lanemq/producer.h"

namespace lanemq::cli {

struct LoadOptions {
  std::string topic;
  std::int64_t run = 0;       ///< Marks the bodies of this run.
  std::int64_t messages = 0;  ///< 0: as many as `duration` allows.
  std::chrono::nanoseconds duration{0};
  double rate = 0;           ///< Messages a second; 0: as fast as they are taken.
  std::int64_t size = 1024;  ///< Bytes of a body.
  std::int64_t keys = 0;     ///< Different keys; 0: none.
};

/// Sends messages at an even pace and measures from the time each should have been sent, so that a
/// stall counts for every message it delays.
///
/// Thread safety: Run() once, by one thread; Measured() by any. Outlives the producer's callbacks.
class Load {
 public:
  explicit Load(LoadOptions options) : options_(std::move(options)) {}

  /// Sends everything and waits for the answers. `on_tick` is called a few times a second.
  Status Run(Producer& producer, const InterruptGuard& interrupt,
             const std::function<void()>& on_tick);
  [[nodiscard]] BenchResult Measured() const;
  [[nodiscard]] std::int64_t sent() const;

 private:
  bool IsOver(std::int64_t number, MonotonicTime now) const;
  Status SendOne(Producer& producer, std::int64_t number, MonotonicTime intended);
  void Note(const Result<RecordMetadata>& result, MonotonicTime intended);

  const LoadOptions options_;
  MonotonicTime began_;

  mutable Mutex mutex_;
  BenchResult result_ LANEMQ_GUARDED_BY(mutex_);
  MonotonicTime last_answer_ LANEMQ_GUARDED_BY(mutex_);
  std::int64_t sent_ LANEMQ_GUARDED_BY(mutex_) = 0;
};

}  // namespace lanemq::cli
