#pragma once

#include <chrono>

#include "common/base/time.h"

namespace lanemq::core {

/// Lets so much through a second, on average, and up to one second's worth at once.
///
/// Whatever its size, an amount passes while the level is above zero and is taken off as a whole:
/// the level may go below zero, and nothing passes until the debt is paid back. So a batch that is
/// larger than the burst is not shut out by smaller ones, and over any window no more passes than
/// `rate * window + burst`, and the last amount. Who keeps to rate and burst is never refused.
///
/// Of what is paid for afterwards, TakeLate(), many may have passed together: their debt ends at
/// kLateDebtMax, and what goes beyond is forgiven. So over a long window more may pass than the
/// rate, each time by what was forgiven.
/// Pure: told the time. Not thread-safe; one owner.
class TokenBucket {
 public:
  /// Longest hint of Wait(): who waits is to hear of a larger quota soon.
  static constexpr std::chrono::nanoseconds kWaitMax = std::chrono::seconds{5};

  /// The largest debt that TakeLate() makes, as time at the rate: long enough that some bursts at
  /// once are paid for whole, short enough that nobody is shut out for minutes by one moment.
  static constexpr std::chrono::duration<double> kLateDebtMax = std::chrono::seconds{10};

  /// Full. `per_s`: from 0, which lets nothing through.
  TokenBucket(double per_s, MonotonicTime now) : per_s_(per_s), level_(per_s), at_(now) {}

  /// Keeps the level, as far as it fits into the new burst, and the debt.
  void SetRate(double per_s, MonotonicTime now);

  /// Zero: an amount may pass now. Otherwise how long to wait: until the debt is paid back and
  /// `amount`, or the burst, would be there, so that those who wait do not come back all at once
  /// for the first byte. At most kWaitMax.
  [[nodiscard]] std::chrono::nanoseconds Wait(double amount, MonotonicTime now) const;
  /// Wait() for one of many: whoever is refused is told to come after those who were told before,
  /// so that they come one by one, and not all at once with a part of them for nothing. Zero: an
  /// amount may pass now, and nothing is promised. Who comes earlier than told takes another's
  /// turn, who does not come at all leaves room for a burst.
  [[nodiscard]] std::chrono::nanoseconds WaitInLine(double amount, MonotonicTime now);
  void Take(double amount, MonotonicTime now);
  /// The same of what has passed already, perhaps with others that all saw a level above zero. The
  /// debt becomes no larger than kLateDebtMax at the rate.
  void TakeLate(double amount, MonotonicTime now);
  /// What was taken came to nothing. The level does not exceed the burst.
  void GiveBack(double amount, MonotonicTime now);

  [[nodiscard]] double rate() const { return per_s_; }
  /// Below zero: the debt.
  [[nodiscard]] double LevelAt(MonotonicTime now) const;

 private:
  double per_s_;
  double level_;  ///< At `at_`.
  MonotonicTime at_;
  MonotonicTime line_ends_;  ///< Until then all that passes is promised.
};

}  // namespace lanemq::core
