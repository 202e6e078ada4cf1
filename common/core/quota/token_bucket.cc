#include "common/core/quota/token_bucket.h"

#include <algorithm>

namespace lanemq::core {

double TokenBucket::LevelAt(MonotonicTime now) const {
  // Callers read the clock before they come here: they may be late for each other.
  if (now <= at_) return level_;
  const double seconds = std::chrono::duration<double>(now - at_).count();
  return std::min(level_ + per_s_ * seconds, per_s_);
}

void TokenBucket::SetRate(double per_s, MonotonicTime now) {
  level_ = std::min(LevelAt(now), per_s);
  if (per_s != per_s_) line_ends_ = now;  // What was told before was of another rate.
  at_ = std::max(at_, now);
  per_s_ = per_s;
}

std::chrono::nanoseconds TokenBucket::Wait(double amount, MonotonicTime now) const {
  const double level = LevelAt(now);
  if (level > 0) return {};
  if (per_s_ <= 0) return kWaitMax;
  const double seconds = (std::min(amount, per_s_) - level) / per_s_;
  const auto longest = std::chrono::duration<double>(kWaitMax);
  if (seconds >= longest.count()) return kWaitMax;
  const auto wait =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds));
  return std::max(wait, std::chrono::nanoseconds{1});
}

std::chrono::nanoseconds TokenBucket::WaitInLine(double amount, MonotonicTime now) {
  const std::chrono::nanoseconds alone = Wait(amount, now);
  if (alone.count() == 0 || per_s_ <= 0) return alone;
  const auto own = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(std::min(amount / per_s_, 1.0)));
  const std::chrono::nanoseconds behind = line_ends_ - now + own;
  const std::chrono::nanoseconds wait = std::min(std::max(alone, behind), kWaitMax);
  line_ends_ = now + wait;
  return wait;
}

void TokenBucket::Take(double amount, MonotonicTime now) {
  level_ = LevelAt(now) - amount;
  at_ = std::max(at_, now);
}

void TokenBucket::TakeLate(double amount, MonotonicTime now) {
  const double before = LevelAt(now);
  level_ = std::max(before - amount, std::min(before, -per_s_ * kLateDebtMax.count()));
  at_ = std::max(at_, now);
}

void TokenBucket::GiveBack(double amount, MonotonicTime now) {
  level_ = std::min(LevelAt(now) + amount, per_s_);
  at_ = std::max(at_, now);
}

}  // namespace lanemq::core
