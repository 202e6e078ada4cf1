#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/store/outbox_registry.h"

namespace lanemq::metaserver {

/// The registered outboxes as last read, for pages and metrics, which must not wait for a database.
/// One thread reads them again and again; while the database does not answer the last ones stay and
/// their silence grows.
///
/// Thread safety: Start(), Stop() and Tick() from one owner; the rest from any thread.
class OutboxBoard {
 public:
  struct Options {
    std::chrono::milliseconds every{5'000};
    std::chrono::milliseconds read_timeout{3'000};
  };

  /// The registry must outlive it.
  OutboxBoard(Options options, core::OutboxRegistry& registry, const Clock& clock);
  ~OutboxBoard() { Stop(); }

  void Start();
  /// Idempotent.
  void Stop();
  /// Reads once: what the thread does again and again. For tests.
  void Tick();

  /// At most `max`: those with the oldest rows and the longest silence first.
  [[nodiscard]] std::vector<core::RegisteredOutbox> Worst(std::size_t max) const;
  [[nodiscard]] std::size_t count() const;
  /// Since when every reading has succeeded; nullopt: the last one has not.
  [[nodiscard]] std::optional<MonotonicTime> well_since() const;

 private:
  void Run();

  const Options options_;
  core::OutboxRegistry& registry_;
  const Clock& clock_;

  mutable Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::vector<core::RegisteredOutbox> outboxes_ LANEMQ_GUARDED_BY(mutex_);
  MonotonicTime read_at_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<MonotonicTime> well_since_ LANEMQ_GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace lanemq::metaserver
