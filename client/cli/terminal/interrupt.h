#pragma once

#include <chrono>

namespace lanemq::cli {

/// While one of these lives, the first SIGINT or SIGTERM is noted instead of ending the process, so
/// that the command can finish in order; the second ends it at once with exit code 130.
///
/// One at a time. Thread safety: every method from any thread.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  [[nodiscard]] bool IsInterrupted() const;
  /// Returns once `fd` can be read (or is at its end), a signal came, or `patience` is over. True
  /// in the first case only.
  [[nodiscard]] bool WaitReadable(int fd, std::chrono::milliseconds patience) const;
  /// Sleeps until a signal came or `patience` is over. False when a signal came.
  [[nodiscard]] bool Pause(std::chrono::nanoseconds patience) const;
};

/// Writing to a closed pipe is then an error of write(2), not the end of the process.
void IgnoreBrokenPipes();

}  // namespace lanemq::cli
