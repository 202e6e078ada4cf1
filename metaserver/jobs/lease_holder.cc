#include "metaserver/jobs/lease_holder.h"

#include <utility>

#include "common/base/log.h"

namespace lanemq::metaserver {

LeaseHolder::Step LeaseHolder::Tick() {
  Step step;
  const MonotonicTime started = clock_.Now();
  const bool is_due = [&] {
    MutexLock lock(mutex_);
    return trust_.ShouldRenew(started);
  }();
  if (is_due) {
    if (held_) {
      Renew(started, step);
    } else {
      Acquire(started, step);
    }
  }
  step.token = Token();
  // Trust ran out before the database answered: the next attempt begins a new term.
  if (held_ && !step.token) Lose({ErrorCode::kFenced, "not renewed in time"});
  return step;
}

void LeaseHolder::Renew(MonotonicTime started, Step& step) {
  const auto ttl = std::chrono::duration_cast<std::chrono::milliseconds>(options_.lease.ttl);
  const Status renewed = leases_.Renew(*held_, ttl, ForCall());
  if (renewed.ok()) {
    MutexLock lock(mutex_);
    trust_.OnHeld(held_->token, started);
  } else if (renewed.error().code == ErrorCode::kFenced) {
    Lose(renewed.error());
  } else {
    step.failure = renewed.error();
  }
}

void LeaseHolder::Acquire(MonotonicTime started, Step& step) {
  const auto ttl = std::chrono::duration_cast<std::chrono::milliseconds>(options_.lease.ttl);
  auto acquired = leases_.Acquire(options_.name, options_.owner, ttl, ForCall());
  if (acquired.ok()) {
    held_ = *std::move(acquired);
    step.is_new = true;
    LANEMQ_LOG(INFO, "lease.acquired", {"lease", options_.name}, {"owner", options_.owner},
               {"token", held_->token.value});
    MutexLock lock(mutex_);
    trust_.OnHeld(held_->token, started);
    ++terms_;
  } else if (acquired.error().code == ErrorCode::kConflict) {
    step.is_elsewhere = true;
  } else {
    step.failure = acquired.error();
  }
}

void LeaseHolder::Lose(const Error& why) {
  if (!held_) return;
  LANEMQ_LOG(WARN, "lease.lost", {"lease", options_.name}, {"owner", options_.owner},
             {"why", why.message});
  held_.reset();
  MutexLock lock(mutex_);
  trust_.OnLost();
}

void LeaseHolder::Release() {
  const auto held = std::exchange(held_, std::nullopt);
  {
    MutexLock lock(mutex_);
    trust_.OnLost();
  }
  if (!held) return;
  const Status released = leases_.Release(*held, ForCall());
  if (!released.ok()) {
    LANEMQ_LOG(INFO, "lease.not_released", {"lease", options_.name},
               {"error", released.error().ToString()});
  }
}

std::optional<core::FencingToken> LeaseHolder::Token() const {
  MutexLock lock(mutex_);
  return trust_.Token(clock_.Now());
}

std::int64_t LeaseHolder::terms() const {
  MutexLock lock(mutex_);
  return terms_;
}

}  // namespace lanemq::metaserver
