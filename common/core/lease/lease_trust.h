#pragma once

#include <chrono>
#include <optional>

#include "common/base/time.h"
#include "common/core/types/ids.h"

namespace lanemq::core {

/// How long the holder of a lease may believe that it holds it, without asking.
///
/// The database judges expiry by its own clock and starts counting when the statement runs, which
/// is never before the attempt started here. So trust ends at `attempt_started + ttl - margin`: the
/// margin covers the difference in speed of the two clocks and the time from a look at trust to the
/// work done on it. A write to the database carries the fencing token anyway; trust protects what
/// cannot carry one and stops a paused process from working on for nothing.
/// Pure: told the time. Not thread-safe; one owner.
class LeaseTrust {
 public:
  struct Options {
    std::chrono::nanoseconds ttl = std::chrono::seconds{10};
    std::chrono::nanoseconds margin = std::chrono::seconds{2};
  };

  explicit LeaseTrust(Options options) : options_(options) {}

  /// The lease was acquired or renewed by an attempt that started at `attempt_started`, before the
  /// call to the database.
  void OnHeld(FencingToken token, MonotonicTime attempt_started);
  /// Another owner holds it, or the answer was lost.
  void OnLost() { held_.reset(); }

  /// The token to put into writes; nullopt when trust has ended.
  [[nodiscard]] std::optional<FencingToken> Token(MonotonicTime now) const;
  /// When to renew (a third of the ttl after the last attempt), or at once when not held.
  [[nodiscard]] bool ShouldRenew(MonotonicTime now) const;

 private:
  struct Held {
    FencingToken token;
    MonotonicTime since;
  };
  Options options_;
  std::optional<Held> held_;
};

}  // namespace lanemq::core
