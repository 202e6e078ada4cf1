#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <thread>
#include <unordered_map>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/store/audit_log.h"

namespace lanemq::metaserver {

/// Refused attempts to change something, on their way to the audit log.
///
/// Of one principal `per_minute` are kept; the rest is counted, and told by one row when the minute
/// is over. While the database does not answer, up to `queue_max` wait; what comes then is lost and
/// counted. One thread writes.
/// Thread safety: Tell() and Stats() from any thread, and they do not block; Start() and Stop()
/// from one owner.
class DenialLog {
 public:
  struct Options {
    std::size_t per_minute = 100;
    std::size_t queue_max = 1'000;
    std::chrono::milliseconds call_timeout{5'000};
    /// From a failed write to the next try.
    std::chrono::milliseconds retry_pause{1'000};
  };
  struct Counts {
    std::int64_t kept = 0;      ///< Written.
    std::int64_t left_out = 0;  ///< Above per_minute.
    std::int64_t lost = 0;      ///< No room in the queue, or perhaps not written.
  };

  DenialLog(Options options, core::AuditLog& log, const Clock& clock)
      : options_(options), log_(log), clock_(clock) {}
  ~DenialLog() { Stop(); }

  void Start();
  /// Tries once more to write what waits. Idempotent.
  void Stop();

  void Tell(core::AuditNote note, core::AuditedChange attempted);
  [[nodiscard]] Counts Stats() const;

 private:
  struct Denial {
    core::AuditNote note;
    core::AuditedChange attempted;
  };
  struct Window {
    std::size_t told = 0;
    std::size_t left_out = 0;
  };

  void Run();
  /// False: there were too many of this principal in this minute.
  bool CountIn(const std::string& actor);
  /// Sums up what was left out when the minute is over.
  void CloseWindow() LANEMQ_REQUIRES(mutex_);
  void Queue(Denial denial) LANEMQ_REQUIRES(mutex_);
  /// False: nothing was written, and it may be tried again.
  bool Write(const Denial& denial);

  const Options options_;
  core::AuditLog& log_;
  const Clock& clock_;

  mutable Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::deque<Denial> queue_ LANEMQ_GUARDED_BY(mutex_);
  /// Of the minute that began at window_began_, by principal.
  std::unordered_map<std::string, Window> windows_ LANEMQ_GUARDED_BY(mutex_);
  MonotonicTime window_began_ LANEMQ_GUARDED_BY(mutex_);
  Counts counts_ LANEMQ_GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace lanemq::metaserver
