#include "metaserver/governance/request_waiters.h"

#include <utility>

#include "common/core/policy/request_machine.h"

namespace lanemq::metaserver {
namespace {

/// Whether somebody is about to go on with it.
bool IsUnderWay(const core::StoredRequest& stored) {
  return stored.request.state == core::RequestState::kApproved ||
         stored.request.state == core::RequestState::kApplying;
}

}  // namespace

RequestWaiters::RequestWaiters(Options options, core::GovernanceStore& store, const Clock& clock,
                               std::function<void()> refresh)
    : options_(options), store_(store), clock_(clock), refresh_(std::move(refresh)) {}

void RequestWaiters::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void RequestWaiters::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
  std::vector<Waiter> left;
  {
    MutexLock lock(mutex_);
    left.swap(waiters_);
  }
  for (const Waiter& waiter : left) waiter.done(waiter.newest);
}

bool RequestWaiters::Wait(core::StoredRequest request, std::chrono::milliseconds patience,
                          Done done) {
  if (!IsUnderWay(request)) {
    done(request);
    return true;
  }
  MutexLock lock(mutex_);
  if (is_stopping_ || waiters_.size() + looked_at_ >= options_.waiters_max) return false;
  waiters_.push_back({std::move(request), clock_.Now() + patience, std::move(done)});
  is_woken_ = true;
  wake_.NotifyAll();
  return true;
}

void RequestWaiters::Wake() {
  MutexLock lock(mutex_);
  is_woken_ = true;
  wake_.NotifyAll();
}

void RequestWaiters::Run() {
  while (true) {
    {
      MutexLock lock(mutex_);
      while (!is_stopping_ && waiters_.empty()) wake_.Wait(mutex_);
      if (!is_stopping_ && !is_woken_) wake_.WaitFor(mutex_, options_.look_every);
      is_woken_ = false;
      if (is_stopping_) return;
    }
    Look();
  }
}

void RequestWaiters::LearnState(core::StoredRequest& newest) {
  const std::int64_t id = newest.request.id;
  core::RequestFilter only;
  only.before_id = id + 1;
  only.max = 1;
  const auto rows = store_.ListRequests(only, Deadline::After(clock_, options_.call_timeout));
  if (!rows.ok() || rows->empty() || rows->front().request.id != id) return;
  // The bundle, which may be large, is known: it does not change while it is applied.
  core::Bundle bundle = std::move(newest.request.bundle);
  newest = rows->front();
  newest.request.bundle = std::move(bundle);
}

void RequestWaiters::Look() {
  std::vector<Waiter> waiters;
  {
    MutexLock lock(mutex_);
    waiters.swap(waiters_);
    looked_at_ = waiters.size();
  }
  bool is_any_over = false;
  for (Waiter& waiter : waiters) {
    LearnState(waiter.newest);
    is_any_over = is_any_over || !IsUnderWay(waiter.newest);
  }
  if (is_any_over) refresh_();
  std::vector<Waiter> still;
  for (Waiter& waiter : waiters) {
    if (!IsUnderWay(waiter.newest) || clock_.Now() >= waiter.until) {
      waiter.done(waiter.newest);
    } else {
      still.push_back(std::move(waiter));
    }
  }
  MutexLock lock(mutex_);
  looked_at_ = 0;
  for (Waiter& waiter : still) waiters_.push_back(std::move(waiter));
}

}  // namespace lanemq::metaserver
