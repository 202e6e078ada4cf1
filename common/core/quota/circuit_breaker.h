#pragma once

#include <chrono>
#include <cstdint>

#include "common/base/time.h"

namespace lanemq::core {

/// Decides whether something that keeps failing should be asked again.
///
/// Closed: everything passes. After `failures_to_open` failures in a row it opens: nothing passes
/// for a pause that doubles with each failed probe, up to `pause_max`. Then half-open: one probe
/// passes at a time; its success closes the breaker. An operator can hold it open.
/// Pure: told events and the time. Not thread-safe; one owner.
class CircuitBreaker {
 public:
  struct Options {
    int failures_to_open = 3;
    std::chrono::nanoseconds pause_min = std::chrono::milliseconds{200};
    std::chrono::nanoseconds pause_max = std::chrono::seconds{5};
  };
  enum class State : std::uint8_t { kClosed, kOpen, kHalfOpen, kHeldOpen };

  CircuitBreaker() = default;
  explicit CircuitBreaker(Options options) : options_(options) {}

  /// Whether a call may go through now. In half-open, a true answer is the one probe: report its
  /// end with OnSuccess() or OnFailure(); one never reported is given up after `pause_max`.
  [[nodiscard]] bool Allow(MonotonicTime now);
  void OnSuccess();
  void OnFailure(MonotonicTime now);

  /// Holds the breaker open whatever happens, or lets it work again, starting closed.
  void SetHeldOpen(bool held);

  [[nodiscard]] State state() const { return state_; }
  /// How long until Allow() can say yes; zero when it can now. Meaningless while held open.
  [[nodiscard]] std::chrono::nanoseconds RetryIn(MonotonicTime now) const;

 private:
  void Open(MonotonicTime now);

  Options options_;
  State state_ = State::kClosed;
  int failures_ = 0;
  std::chrono::nanoseconds pause_{};
  MonotonicTime until_{};  ///< Open: when to probe. Half-open: when the probe is given up.
};

}  // namespace lanemq::core
