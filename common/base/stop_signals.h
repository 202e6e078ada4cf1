#pragma once

#include <csignal>

namespace lanemq {

/// SIGTERM and SIGINT of a server: asked to stop, not ended. SIGPIPE is ignored.
///
/// Made on the main thread before any other is started, since those inherit what is blocked.
/// Thread safety: Wait() and Release() from one thread.
class StopSignals {
 public:
  /// Blocks them in this thread and in all that start from here on.
  StopSignals();
  /// Until one comes; its number.
  int Wait();
  /// The next one ends the process at once.
  void Release();

 private:
  sigset_t signals_;
};

}  // namespace lanemq
