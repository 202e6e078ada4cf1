#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "client/outbox_relay/picture.h"
#include "client/src/cluster/cluster.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/store/outbox_store.h"

namespace lanemq::client {

/// Reads how much is in the outbox, now and then, and tells the cluster's catalogue, so that
/// operators see all outboxes in one place.
///
/// Nothing is reported before servers have said which cluster they are. Failures change nothing for
/// the relay; each row of them is logged once. While the database is away, the last numbers are
/// reported together with the error; the age of the oldest message grows. One thread of its own.
/// Thread safety: every method from any thread. `store` and `cluster` outlive it.
class OutboxReporter {
 public:
  struct Options {
    std::string outbox;
    std::string relay;
    std::string version;
    std::chrono::milliseconds interval{5'000};
    std::chrono::milliseconds timeout{2'000};  ///< Of reading, and of reporting.
  };
  OutboxReporter(Options options, core::OutboxStore& store, Cluster& cluster,
                 std::function<RelayStats()> relay);
  ~OutboxReporter() { Stop(); }
  OutboxReporter(const OutboxReporter&) = delete;
  OutboxReporter& operator=(const OutboxReporter&) = delete;

  void Start();
  /// Idempotent. Waits for a call that is under way; closing the cluster first ends that of
  /// reporting.
  void Stop();
  [[nodiscard]] Backlog Latest() const;

 private:
  void Run();
  [[nodiscard]] bool IsClusterKnown() const;
  void ReadBacklog();
  void Report();
  /// Logs `status` when it differs in its code from the last one.
  void Note(const char* event, const Status& status, std::optional<ErrorCode>& last) const;

  const Options options_;
  core::OutboxStore& store_;
  Cluster& cluster_;
  const Clock& clock_;
  const std::function<RelayStats()> relay_;
  // Of the thread alone.
  std::optional<ErrorCode> read_failed_;
  std::optional<ErrorCode> report_failed_;

  mutable Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::optional<core::OutboxStats> stats_ LANEMQ_GUARDED_BY(mutex_);
  MonotonicTime read_at_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<Error> error_ LANEMQ_GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace lanemq::client
