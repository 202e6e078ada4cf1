// The lease's side of a slot: taking, loading, timers, handing over.
#include <algorithm>

#include <fmt/format.h>

#include "common/base/log.h"
#include "metaserver/coordinator/group_slot.h"

namespace lanemq::metaserver {
namespace {

/// How often trust is looked at while nothing else happens.
constexpr std::chrono::milliseconds kTrustCheck{200};
/// Between two attempts to load.
constexpr std::chrono::seconds kLoadPause{1};

}  // namespace

void GroupSlot::Take(const core::Lease& lease, MonotonicTime attempt) {
  MutexLock lock(mutex_);
  state_ = State::kLoading;
  lease_ = lease;
  trust_.OnHeld(lease.token, attempt);
  ++term_;
  is_loading_ = false;
  load_due_ = attempt;
  with_.wake_timer(attempt + kTrustCheck);
}

void GroupSlot::Renewed(MonotonicTime attempt) {
  MutexLock lock(mutex_);
  if (state_ != State::kNotMine) trust_.OnHeld(lease_.token, attempt);
}

void GroupSlot::Load() {
  MutexLock lock(mutex_);
  // A write of a former term may have the same token, when this metaserver took the lease again
  // before it ran out: what it writes must be there before the rows are read.
  const MonotonicTime now = with_.clock.Now();
  if (state_ != State::kLoading || is_loading_ || writes_ > 0 || now < load_due_) return;
  load_due_ = now + kLoadPause;
  is_loading_ = with_.workers.TryPost([this, term = term_] {
    Install(term, with_.store.LoadSlot(slot_, Deadline::After(with_.clock, options_.load_timeout)));
  });
}

void GroupSlot::Install(std::uint64_t term, Result<std::vector<core::StoredGroup>> loaded) {
  MutexLock lock(mutex_);
  if (term != term_ || state_ != State::kLoading) return;
  is_loading_ = false;
  if (!loaded.ok()) {
    LANEMQ_LOG(WARN, "slot.load_failed", {"slot", slot_}, {"error", loaded.error().ToString()});
    return;
  }
  const MonotonicTime now = with_.clock.Now();
  std::size_t members = 0;
  for (core::StoredGroup& stored : *loaded) {
    const std::string id = stored.group_id;
    members += stored.members.size();
    GroupWatch watch(with_.counters);
    watch.OnLoaded(stored);
    Group group{core::GroupMachine(std::move(stored), options_.limits, MemberIds(), now),
                std::move(watch)};
    const auto entry = groups_.emplace(id, std::move(group)).first;
    Settle(id, entry->second);
  }
  state_ = State::kServing;
  LANEMQ_LOG(INFO, "slot.serving", {"slot", slot_}, {"epoch", lease_.token.value},
             {"groups", groups_.size()}, {"members", members});
}

bool GroupSlot::Drain(Deadline deadline) {
  MutexLock lock(mutex_);
  if (state_ == State::kNotMine) return true;
  state_ = State::kDraining;
  while (writes_ > 0 && !deadline.HasPassed(with_.clock)) {
    changed_.WaitFor(mutex_, deadline.Left(with_.clock));
  }
  return writes_ == 0;
}

void GroupSlot::End(const std::string& why) {
  Replies replies;
  MutexLock lock(mutex_);
  EndLocked(why, replies);
}

void GroupSlot::Lose(const std::string& why) {
  Replies replies;
  MutexLock lock(mutex_);
  LoseLocked(why, replies);
}

void GroupSlot::LoseLocked(const std::string& why, Replies& replies) {
  if (state_ == State::kNotMine) return;
  ++with_.counters.slots_lost;
  LANEMQ_LOG(WARN, "slot.lost", {"slot", slot_}, {"epoch", lease_.token.value}, {"why", why});
  EndLocked(why, replies);
}

void GroupSlot::EndLocked(const std::string& why, Replies& replies) {
  if (state_ == State::kNotMine) return;
  const Error error{ErrorCode::kNotCoordinator, fmt::format("slot {}: {}", slot_, why)};
  for (auto& [id, group] : groups_) {
    core::GroupEffects effects = group.machine.Retire(error);
    // No write is begun any more.
    std::erase_if(effects, [](const core::GroupEffect& effect) {
      return std::holds_alternative<core::PersistGroup>(effect);
    });
    Handle(id, group, std::move(effects), replies);
  }
  groups_.clear();
  timers_.clear();
  deleting_.clear();
  trust_.OnLost();
  state_ = State::kNotMine;
  ++term_;
  changed_.NotifyAll();
}

void GroupSlot::SetOutage(std::optional<Error> outage) {
  MutexLock lock(mutex_);
  outage_ = std::move(outage);
}

GroupSlot::State GroupSlot::state() const {
  MutexLock lock(mutex_);
  return state_;
}

std::optional<core::Lease> GroupSlot::lease() const {
  MutexLock lock(mutex_);
  if (state_ == State::kNotMine || !trust_.Token(with_.clock.Now())) return std::nullopt;
  return lease_;
}

bool GroupSlot::ShouldRenew() const {
  MutexLock lock(mutex_);
  return trust_.ShouldRenew(with_.clock.Now());
}

bool GroupSlot::is_degraded() const {
  MutexLock lock(mutex_);
  return outage_.has_value();
}

std::optional<MonotonicTime> GroupSlot::OnTime() {
  Replies replies;
  MutexLock lock(mutex_);
  if (state_ == State::kNotMine) return std::nullopt;
  const MonotonicTime now = with_.clock.Now();
  if (!trust_.Token(now)) {
    LoseLocked(outage_ ? "metadata database does not answer: " + outage_->message
                       : "the lease was not renewed in time",
               replies);
    return std::nullopt;
  }
  MonotonicTime next = now + kTrustCheck;
  // What could not be written must not be decided: a member is not expired in an outage.
  if (state_ != State::kServing || outage_) return next;
  FireTimers(now, replies);
  if (!timers_.empty()) next = std::min(next, timers_.begin()->first);
  return next;
}

void GroupSlot::FireTimers(MonotonicTime now, Replies& replies) {
  constexpr int kAtOnce = 200;  // The lock is held meanwhile; the rest comes with the next call.
  for (int i = 0; i < kAtOnce && !timers_.empty() && timers_.begin()->first <= now; ++i) {
    const std::string id = timers_.begin()->second;
    timers_.erase(timers_.begin());
    const auto found = groups_.find(id);
    if (found == groups_.end()) continue;
    found->second.armed.reset();
    if (deleting_.contains(id)) continue;  // A write now would bring it back.
    Handle(id, found->second, found->second.machine.OnTime(now), replies);
    Settle(id, found->second);
  }
}

void GroupSlot::AddTo(CoordinatorStats& stats) const {
  MutexLock lock(mutex_);
  if (outage_) stats.is_degraded = true;
  if (state_ == State::kNotMine) return;
  ++stats.slots_held;
  if (state_ == State::kLoading) ++stats.slots_loading;
  stats.parked_calls += static_cast<std::int64_t>(calls_.size());
  for (const auto& [id, group] : groups_) {
    ++stats.groups[static_cast<std::size_t>(group.machine.state())];
    stats.members += static_cast<std::int64_t>(group.watch.members());
  }
}

}  // namespace lanemq::metaserver
