#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "client/canary/canary_ledger.h"
#include "client/canary/canary_line.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace lanemq::client {

/// How one data node does, by its canary's messages.
struct NodePicture {
  std::string node;
  bool is_open = false;  ///< Messages are sent and read.
  CanaryCounts counts;
  std::int64_t on_their_way = 0;
  std::chrono::nanoseconds p50{0};  ///< Of the last minute.
  std::chrono::nanoseconds p99{0};
  std::chrono::nanoseconds silent_for{0};  ///< Since a message came back.
  std::optional<Error> last_error;         ///< Since the last message that came back in time.
};

/// Sends to one data node and reads back, on a thread of its own, again and again.
///
/// Nothing is sent before the reading has begun, so that whatever is acknowledged would be read.
/// Thread safety: Picture() from any thread; the rest from one owner.
class NodeProbe {
 public:
  struct Options {
    std::string node;
    std::string run;  ///< Of this canary and this start of it; without blanks.
    std::chrono::milliseconds every{1'000};
    std::chrono::milliseconds open_pause{1'000};  ///< After a failure to begin.
    CanaryTimes times;
    /// Told of each first copy that came back in time to count. Must be fast.
    std::function<void(std::chrono::nanoseconds took)> on_back;
  };

  NodeProbe(Options options, std::unique_ptr<CanaryLine> line, const Clock& clock);
  ~NodeProbe() { Stop(); }
  NodeProbe(const NodeProbe&) = delete;
  NodeProbe& operator=(const NodeProbe&) = delete;

  void Start();
  /// Waits for the call that is running, some seconds at most. Idempotent.
  void Stop();
  [[nodiscard]] NodePicture Picture() const;

 private:
  void Run();
  void Open();
  void SendOne();
  void ReadSome(std::chrono::milliseconds timeout);
  /// Reading has failed: goes on where it can.
  void Mend(const Error& error);
  /// Decides what has waited too long. True while the line is open.
  bool Advance();
  void Note(const char* what, const Error& error);
  void Pause(std::chrono::nanoseconds time);
  [[nodiscard]] bool IsStopping() const;

  const Options options_;
  const Clock& clock_;
  mutable Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_open_ LANEMQ_GUARDED_BY(mutex_) = false;
  CanaryLedger ledger_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<Error> last_error_ LANEMQ_GUARDED_BY(mutex_);
  std::unique_ptr<CanaryLine> line_;  // After what its answers use.
  std::jthread thread_;
};

}  // namespace lanemq::client
