#include "common/core/quota/circuit_breaker.h"

#include <algorithm>

namespace lanemq::core {

bool CircuitBreaker::Allow(MonotonicTime now) {
  switch (state_) {
    case State::kClosed:
      return true;
    case State::kHeldOpen:
      return false;
    case State::kOpen:
    case State::kHalfOpen:
      if (now < until_) return false;
      state_ = State::kHalfOpen;
      until_ = now + options_.pause_max;
      return true;
  }
  return false;
}

void CircuitBreaker::OnSuccess() {
  if (state_ == State::kHeldOpen) return;
  state_ = State::kClosed;
  failures_ = 0;
  pause_ = {};
}

void CircuitBreaker::OnFailure(MonotonicTime now) {
  switch (state_) {
    case State::kClosed:
      if (++failures_ >= options_.failures_to_open) Open(now);
      break;
    case State::kHalfOpen:
      Open(now);
      break;
    case State::kOpen:  // Calls that were under way when it opened say nothing new.
    case State::kHeldOpen:
      break;
  }
}

void CircuitBreaker::Open(MonotonicTime now) {
  pause_ = pause_.count() == 0 ? options_.pause_min : std::min(pause_ * 2, options_.pause_max);
  state_ = State::kOpen;
  until_ = now + pause_;
}

void CircuitBreaker::SetHeldOpen(bool held) {
  if (held) {
    state_ = State::kHeldOpen;
  } else if (state_ == State::kHeldOpen) {
    state_ = State::kClosed;
    failures_ = 0;
    pause_ = {};
  }
}

std::chrono::nanoseconds CircuitBreaker::RetryIn(MonotonicTime now) const {
  if (state_ != State::kOpen && state_ != State::kHalfOpen) return {};
  return std::max(until_ - now, std::chrono::nanoseconds{0});
}

}  // namespace lanemq::core
