#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "client/cli/app/session.h"
#include "client/cli/text/exec_verdict.h"
#include "common/base/mutex.h"
#include "lanemq/record.h"

namespace lanemq::cli {

/// Runs a command of the shell for each message: the body is its stdin, the rest is in its
/// environment (LANEMQ_TOPIC, _PARTITION, _OFFSET, _TIMESTAMP, _ATTEMPT, _KEY, and _MESSAGE: all of
/// it but the body as JSON).
///
/// Thread safety: every method from any thread. While it works, nobody else uses session.out().
class ExecHandler {
 public:
  ExecHandler(Session& session, std::string command, std::chrono::milliseconds timeout)
      : session_(session), command_(std::move(command)), timeout_(timeout) {}

  /// Notes on stderr what failed. kStop also when no process could be made.
  ExecVerdict Handle(const ConsumedRecord& record);
  /// One line to stderr with --verbose.
  void Detail(const std::string& line);
  /// "12 done, 3 failed, 1 became dead letters in 4.20 s".
  [[nodiscard]] std::string Summary(double seconds) const;

 private:
  void Note(const ConsumedRecord& record, const ExecVerdict& verdict);

  Session& session_;
  const std::string command_;
  const std::chrono::milliseconds timeout_;
  mutable Mutex mutex_;
  std::int64_t done_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::int64_t retried_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::int64_t dead_ LANEMQ_GUARDED_BY(mutex_) = 0;
};

}  // namespace lanemq::cli
