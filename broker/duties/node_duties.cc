#include "broker/duties/node_duties.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "common/base/log.h"

namespace lanemq::broker {
namespace {

constexpr std::string_view kLeaseName = "duties";
constexpr std::int64_t kNeverLook = std::numeric_limits<std::int64_t>::min();

std::chrono::milliseconds ToMs(std::chrono::nanoseconds d) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(d);
}

}  // namespace

NodeDuties::NodeDuties(const DutyContext& context, core::DataNode node)
    : context_(context),
      node_(std::move(node)),
      leases_(context.stores.LeasesOn(node_.id)),
      delayed_(context.stores.DelayedOn(node_.id)),
      letters_(context.stores.DeadLettersOn(node_.id)),
      gauges_(context.metrics.Of(node_.name)),
      trust_(context.options.lease),
      acquiring_(context.options.acquire_every, context.options.slowest),
      looking_(context.options.look_every, context.options.slowest),
      finding_redrives_(context.options.redrives_every, context.options.slowest),
      expiring_(context.options.expire_every, context.options.expire_every),
      plan_(context.options.move_retry),
      look_covers_us_(kNeverLook) {
  thread_ = std::jthread([this] { Run(); });
}

NodeDuties::~NodeDuties() { RequestStop(); }

void NodeDuties::RequestStop() {
  MutexLock lock(mutex_);
  is_stopping_ = true;
  wake_.NotifyAll();
}

bool NodeDuties::IsStopping() {
  MutexLock lock(mutex_);
  return is_stopping_;
}

void NodeDuties::OnScheduled(WallTime due) {
  if (due.micros >= look_covers_us_) return;
  MutexLock lock(mutex_);
  is_woken_ = true;
  wake_.NotifyAll();
}

void NodeDuties::Run() {
  while (leases_ && !IsStopping()) {
    if (acquiring_.IsDue(context_.clock.Now())) KeepLease();
    if (Term()) {
      if (looking_.IsDue(context_.clock.Now())) Look();
      MoveDue();
      if (finding_redrives_.IsDue(context_.clock.Now())) LookForRedrives();
      DriveOn();
      if (expiring_.IsDue(context_.clock.Now())) Expire();
    }
    ShowGauges();
    WaitUntil(NextAt(context_.clock.Now()));
  }
  Release();
  has_ended_ = true;
}

void NodeDuties::WaitUntil(MonotonicTime at) {
  MutexLock lock(mutex_);
  while (!is_stopping_ && !is_woken_) {
    const MonotonicTime now = context_.clock.Now();
    if (now >= at) return;
    wake_.WaitFor(mutex_, at - now);
  }
  if (std::exchange(is_woken_, false)) looking_.Hurry(looked_at_ + context_.options.look_pause);
}

MonotonicTime NodeDuties::NextAt(MonotonicTime now) const {
  if (!Term()) return acquiring_.next();
  MonotonicTime next =
      std::min({acquiring_.next(), looking_.next(), finding_redrives_.next(), expiring_.next()});
  if (const auto due = plan_.NextDueAt()) next = std::min(next, *due);
  if (const auto step = pace_.NextAt(now, context_.options.redrive_rows_max)) {
    next = std::min(next, *step);
  }
  return next;
}

Deadline NodeDuties::NewDeadline() const {
  return Deadline::After(context_.clock, context_.options.sql_timeout);
}

std::optional<core::Fence> NodeDuties::Term() const {
  const auto token = trust_.Token(context_.clock.Now());
  if (!token) return std::nullopt;
  return core::Fence{std::string(kLeaseName), *token};
}

void NodeDuties::KeepLease() {
  const MonotonicTime started = context_.clock.Now();
  const bool was_held = lease_.has_value();
  auto lease =
      leases_->Acquire(kLeaseName, context_.owner, ToMs(context_.options.lease.ttl), NewDeadline());
  const MonotonicTime now = context_.clock.Now();
  if (!lease.ok()) {
    // Somebody else's, which is as it should be, or no answer.
    if (lease.error().code == ErrorCode::kConflict) {
      acquiring_.OnDone(now);
      if (was_held) GiveUp();
    } else {
      acquiring_.OnFailed(now);
      OnFailure("lease", lease.error());
    }
    return;
  }
  acquiring_.OnDone(now);
  const bool is_new_term = !was_held || lease_->token != lease->token;
  lease_ = *std::move(lease);
  trust_.OnHeld(lease_->token, started);
  if (!is_new_term) return;
  LANEMQ_LOG(INFO, "duties.begun", {"node", node_.name}, {"term", lease_->token.value});
  plan_.Clear();
  pace_.Clear();
  looking_.Hurry(now);
  finding_redrives_.Hurry(now);
  if (!movers_) {
    movers_ = std::make_unique<ThreadPool>(
        ThreadPool::Options{.name = fmt::format("move-{}", node_.id.value),
                            .threads = context_.options.move_threads,
                            .queue_max = context_.options.move_threads});
  }
}

void NodeDuties::GiveUp() {
  trust_.OnLost();
  if (!lease_) return;
  LANEMQ_LOG(INFO, "duties.ended", {"node", node_.name}, {"term", lease_->token.value});
  lease_.reset();
  plan_.Clear();
  pace_.Clear();
  movers_.reset();
  look_covers_us_ = kNeverLook;
}

void NodeDuties::Release() {
  if (lease_) {
    // So that another broker need not wait for its end.
    const Status released = leases_->Release(*lease_, NewDeadline());
    if (!released.ok()) OnFailure("release", released.error());
  }
  GiveUp();
  ShowGauges();
}

void NodeDuties::OnFailure(std::string_view step, const Error& error) {
  gauges_.failures.Increment();
  LANEMQ_LOG(WARN, "duties.failed", {"node", node_.name}, {"step", step},
             {"error", error.ToString()});
  if (error.code == ErrorCode::kFenced) GiveUp();
}

void NodeDuties::ShowGauges() {
  const bool is_ours = Term().has_value();
  const auto overdue = std::chrono::duration<double>(plan_.Overdue(context_.clock.Now()));
  gauges_.is_holder.Set(is_ours ? 1 : 0);
  gauges_.pending_partitions.Set(is_ours ? static_cast<double>(plan_.pending()) : 0);
  gauges_.overdue_seconds.Set(is_ours ? overdue.count() : 0);
}

}  // namespace lanemq::broker
