#include "broker/retention/node_janitor.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"

namespace lanemq::broker {
namespace {

constexpr std::string_view kLeaseName = "janitor";

std::chrono::milliseconds ToMs(std::chrono::nanoseconds d) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(d);
}

}  // namespace

NodeJanitor::NodeJanitor(const JanitorContext& context, core::DataNode node)
    : context_(context),
      node_(std::move(node)),
      leases_(context.options.is_on ? context.stores.LeasesOn(node_.id) : nullptr),
      retention_(context.stores.RetentionOn(node_.id)),
      losses_(context.stores.DataLossesOn(node_.id)),
      metrics_(context.metrics.Of(node_.name)),
      trust_(context.options.lease),
      acquiring_(context.options.acquire_every, context.options.slowest),
      writing_losses_(context.options.acquire_every, context.options.slowest),
      expiry_(context.options.expire_every, context.options.expire_steps_max),
      queue_(context.options.queue) {
  thread_ = std::jthread([this] { Run(); });
}

NodeJanitor::~NodeJanitor() { RequestStop(); }

void NodeJanitor::RequestStop() {
  MutexLock lock(mutex_);
  is_stopping_ = true;
  wake_.NotifyAll();
}

bool NodeJanitor::IsStopping() {
  MutexLock lock(mutex_);
  return is_stopping_;
}

void NodeJanitor::SetTasks(std::vector<JanitorTask> tasks) {
  MutexLock lock(mutex_);
  new_tasks_ = std::move(tasks);
  has_news_ = true;
  wake_.NotifyAll();
}

void NodeJanitor::RecordLoss(core::DataLoss loss) {
  MutexLock lock(mutex_);
  if (new_losses_.size() >= context_.options.losses_queued_max) return;
  new_losses_.push_back(std::move(loss));
  has_news_ = true;
  wake_.NotifyAll();
}

void NodeJanitor::Run() {
  while (!IsStopping()) {
    TakeNews();
    if (losses_ && !unwritten_.empty() && writing_losses_.IsDue(context_.clock.Now())) {
      WriteLosses();
    }
    if (leases_ && retention_ && acquiring_.IsDue(context_.clock.Now())) KeepLease();
    if (Term()) {
      const MonotonicTime now = context_.clock.Now();
      const auto task = now >= rests_until_ ? queue_.Next(now) : std::nullopt;
      if (task) Serve(*task);
      if (expiry_.IsDue(context_.clock.Now())) Expire();
    }
    ShowGauges();
    WaitUntil(NextAt());
  }
  Release();
  has_ended_ = true;
}

void NodeJanitor::TakeNews() {
  std::optional<std::vector<JanitorTask>> tasks;
  {
    MutexLock lock(mutex_);
    has_news_ = false;
    tasks = std::exchange(new_tasks_, std::nullopt);
    const std::size_t room = context_.options.losses_queued_max;
    for (core::DataLoss& loss : std::exchange(new_losses_, {})) {
      if (unwritten_.size() < room) unwritten_.push_back(std::move(loss));
    }
  }
  if (!tasks) return;
  std::set<core::PartitionKey> keys;
  for (const JanitorTask& task : *tasks) keys.insert(task.location.key);
  const auto is_gone = [&](const core::PartitionKey& key) { return !keys.contains(key); };
  std::erase_if(seen_, [&](const auto& each) { return is_gone(each.first); });
  std::erase_if(unsplit_, is_gone);
  std::erase_if(blocked_, is_gone);
  // Here they would be refused for good, and hold up the others.
  std::erase_if(unwritten_, [&](const core::DataLoss& loss) {
    if (!is_gone(loss.key)) return false;
    context_.reroute(loss);
    return true;
  });
  queue_.SetTasks(*std::move(tasks), context_.clock.Now());
}

void NodeJanitor::WaitUntil(MonotonicTime at) {
  MutexLock lock(mutex_);
  while (!is_stopping_ && !has_news_) {
    const MonotonicTime now = context_.clock.Now();
    if (now >= at) return;
    wake_.WaitFor(mutex_, at - now);
  }
}

MonotonicTime NodeJanitor::NextAt() const {
  // Without stores there is nothing to ask for; news wake the thread.
  MonotonicTime next =
      leases_ && retention_ ? acquiring_.next() : context_.clock.Now() + context_.options.slowest;
  if (!unwritten_.empty()) next = std::min(next, writing_losses_.next());
  if (!Term()) return next;
  next = std::min(next, expiry_.next());
  if (const auto due = queue_.NextAt()) next = std::min(next, std::max(*due, rests_until_));
  return next;
}

Deadline NodeJanitor::NewDeadline() const {
  return Deadline::After(context_.clock, context_.options.sql_timeout);
}

std::optional<core::Fence> NodeJanitor::Term() const {
  const auto token = trust_.Token(context_.clock.Now());
  if (!token) return std::nullopt;
  return core::Fence{std::string(kLeaseName), *token};
}

bool NodeJanitor::IsCatalogOld() {
  const auto age_max = context_.options.catalog_age_max;
  const auto confirmed = context_.catalog_confirmed_at();
  const bool is_old =
      age_max.count() > 0 && (!confirmed || context_.clock.Now() - *confirmed > age_max);
  if (is_old != std::exchange(was_catalog_old_, is_old)) {
    if (is_old) {
      LANEMQ_LOG(WARN, "retention.catalog_old", {"node", node_.name},
                 {"until_a_metaserver_answers", "nothing more is condemned"});
    } else {
      LANEMQ_LOG(INFO, "retention.catalog_confirmed", {"node", node_.name});
    }
  }
  return is_old;
}

void NodeJanitor::KeepLease() {
  const MonotonicTime started = context_.clock.Now();
  const bool was_held = lease_.has_value();
  if (was_held && IsCatalogOld() && started - term_began_ >= context_.options.old_catalog_turn) {
    Release();
    // Whoever reaches a metaserver asks before it is due again.
    return acquiring_.OnDone(started + context_.options.acquire_every);
  }
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
      OnFailure("lease", "", lease.error());
    }
    return;
  }
  acquiring_.OnDone(now);
  const bool is_new_term = !was_held || lease_->token != lease->token;
  lease_ = *std::move(lease);
  trust_.OnHeld(lease_->token, started);
  if (!is_new_term) return;
  LANEMQ_LOG(INFO, "retention.begun", {"node", node_.name}, {"term", lease_->token.value});
  term_began_ = now;
  seen_.clear();
  queue_.Restart(now);
}

void NodeJanitor::GiveUp() {
  trust_.OnLost();
  if (!lease_) return;
  LANEMQ_LOG(INFO, "retention.ended", {"node", node_.name}, {"term", lease_->token.value});
  lease_.reset();
  seen_.clear();
  unsplit_.clear();
  blocked_.clear();
}

void NodeJanitor::Release() {
  if (lease_) {
    // So that another broker need not wait for its end.
    const Status released = leases_->Release(*lease_, NewDeadline());
    if (!released.ok()) OnFailure("release", "", released.error());
  }
  GiveUp();
  ShowGauges();
}

void NodeJanitor::NoteClock(WallTime node_time) {
  const std::chrono::microseconds apart{node_time.micros - context_.clock.WallNow().micros};
  const bool is_off = std::chrono::abs(apart) > context_.options.clock_off_max;
  metrics_.clock_off.Set(is_off ? 1 : 0);
  if (is_off == std::exchange(is_clock_off_, is_off)) return;
  const auto ahead_s = std::chrono::duration_cast<std::chrono::seconds>(apart).count();
  if (is_off) {
    LANEMQ_LOG(ERROR, "retention.clock_off", {"node", node_.name}, {"node_ahead_s", ahead_s},
               {"until_they_agree", "nothing more is condemned"});
  } else {
    LANEMQ_LOG(INFO, "retention.clock_agrees", {"node", node_.name});
  }
}

void NodeJanitor::Expire() {
  if (is_clock_off_) return;
  const auto expired = expiry_.Run(
      *retention_, context_.clock, [this] { return IsStopping() ? std::nullopt : Term(); },
      [this] { return NewDeadline(); });
  metrics_.expired_rows.Increment(static_cast<double>(expired.rows));
  if (expired.failure) OnFailure("expire", "", *expired.failure);
}

void NodeJanitor::WriteLosses() {
  while (!unwritten_.empty() && !IsStopping()) {
    const Status written = losses_->Record(unwritten_.front(), NewDeadline());
    if (!written.ok()) {
      writing_losses_.OnFailed(context_.clock.Now());
      // The next one may be of a partition that does not move.
      unwritten_.push_back(std::move(unwritten_.front()));
      unwritten_.pop_front();
      return OnFailure("write data loss", "", written.error());
    }
    unwritten_.pop_front();
  }
}

void NodeJanitor::OnFailure(std::string_view step, std::string_view topic, const Error& error) {
  metrics_.failures.Increment();
  LANEMQ_LOG(WARN, "retention.failed", {"node", node_.name}, {"step", step}, {"topic", topic},
             {"error", error.ToString()});
  if (error.code == ErrorCode::kFenced) GiveUp();
}

void NodeJanitor::ShowGauges() {
  const bool is_ours = Term().has_value();
  metrics_.is_holder.Set(is_ours ? 1 : 0);
  metrics_.unsplit_partitions.Set(is_ours ? static_cast<double>(unsplit_.size()) : 0);
}

}  // namespace lanemq::broker
