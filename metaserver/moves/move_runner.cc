#include "metaserver/moves/move_runner.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/base/log.h"

namespace lanemq::metaserver {
namespace {

/// Of one transaction.
constexpr std::size_t kExpiredMax = 1'000;
constexpr int kDoublingsMax = 10;

}  // namespace

MoveRunner::MoveRunner(Options options, Stores stores, std::function<void()> on_switched,
                       const Clock& clock)
    : options_(std::move(options)),
      stores_(stores),
      on_switched_(std::move(on_switched)),
      clock_(clock),
      lease_({std::string(kLeaseName), options_.owner, options_.lease, options_.call_timeout},
             stores.leases, clock) {}

void MoveRunner::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void MoveRunner::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void MoveRunner::Wake() {
  MutexLock lock(mutex_);
  is_woken_ = true;
  wake_.NotifyAll();
}

MoveFacts MoveRunner::Facts() const {
  MutexLock lock(mutex_);
  MoveFacts facts = facts_;
  facts.bytes_copied = counters_.bytes_copied;
  facts.failures = counters_.failures;
  facts.done = counters_.done;
  facts.taken_back = counters_.taken_back;
  facts.last_pause_us = counters_.last_pause_us;
  facts.longest_pause_us = counters_.longest_pause_us;
  if (shut_since_) {
    // It goes on while the metadata database does not answer.
    facts.shut_us =
        std::chrono::duration_cast<std::chrono::microseconds>(clock_.Now() - *shut_since_).count();
  }
  return facts;
}

std::optional<core::Fence> MoveRunner::CurrentFence() const {
  const auto token = lease_.Token();
  if (!token) return std::nullopt;
  return core::Fence{std::string(kLeaseName), *token};
}

void MoveRunner::Run() {
  while (true) {
    {
      MutexLock lock(mutex_);
      if (is_stopping_) break;
    }
    Tick();
    MutexLock lock(mutex_);
    if (!is_stopping_ && !is_woken_) wake_.WaitFor(mutex_, options_.tick);
    if (is_woken_) look_due_ = clock_.Now();
    is_woken_ = false;
  }
  StopWorkers();
  Collect(true);
  lease_.Release();
}

void MoveRunner::Tick() {
  const LeaseHolder::Step step = lease_.Tick();
  if (step.failure) {
    LANEMQ_LOG(DEBUG, "move.lease_failed", {"error", step.failure->ToString()});
  }
  Collect(false);
  if (!step.token) {
    StopWorkers();
    waiting_.clear();
    MutexLock lock(mutex_);
    facts_ = {};
    shut_since_.reset();
    return;
  }
  const MonotonicTime now = clock_.Now();
  if (step.is_new) look_due_ = now;
  if (now >= look_due_) {
    look_due_ = now + options_.look_every;
    Look();
  }
  if (now >= expire_due_) {
    expire_due_ = now + options_.expire_every;
    Expire();
  }
}

void MoveRunner::Look() {
  const auto unfinished = stores_.moves.LoadUnfinished(ForCall());
  if (!unfinished.ok()) {
    LANEMQ_LOG(DEBUG, "move.look_failed", {"error", unfinished.error().ToString()});
    return;
  }
  const MonotonicTime now = clock_.Now();
  core::MoveTurns turns;
  for (const auto& [id, one] : running_) turns.running.insert(id);
  for (const core::MoveRecord& record : *unfinished) {
    const auto found = waiting_.find(record.move.id);
    if (found == waiting_.end()) continue;
    const Waiting& one = found->second;
    // What was learnt of it when its partition could be used counts no more.
    const MonotonicTime until =
        record.IsShut() ? std::min(one.until, one.since + options_.wait_shut) : one.until;
    if (until > now) turns.waiting.insert(record.move.id);
    if (one.is_soon) turns.soon.insert(record.move.id);
  }
  const auto picked = core::PickMoves(*unfinished, turns, options_.slots);
  std::map<std::string, std::int64_t> by_state;
  std::int64_t shut = 0;
  std::optional<MonotonicTime> shut_since;
  for (const core::MoveRecord& record : *unfinished) {
    ++by_state[std::string(core::ToString(record.state))];
    if (record.IsShut()) {
      ++shut;
      const MonotonicTime since = now - std::chrono::microseconds{record.paused_us};
      shut_since = std::min(shut_since.value_or(since), since);
    }
    if (std::find(picked.begin(), picked.end(), record.move.id) != picked.end()) Begin(record);
  }
  MutexLock lock(mutex_);
  facts_.is_runner = true;
  facts_.by_state = std::move(by_state);
  facts_.running = static_cast<std::int64_t>(running_.size());
  facts_.shut = shut;
  shut_since_ = shut_since;
}

void MoveRunner::Begin(const core::MoveRecord& record) {
  auto& running = running_[record.move.id];
  running = std::make_unique<Running>();
  running->worker = std::make_unique<MoveWorker>(
      options_.worker,
      MoveWorker::Parts{stores_.moves, stores_.mover, stores_.messages, counters_,
                        [this] { return CurrentFence(); }, on_switched_},
      record, clock_);
  running->thread = std::jthread([this, one = running.get()] {
    one->end = one->worker->Run();
    one->has_ended = true;
    Wake();
  });
}

void MoveRunner::Collect(bool all) {
  for (auto it = running_.begin(); it != running_.end();) {
    Running& one = *it->second;
    if (!all && !one.has_ended) {
      ++it;
      continue;
    }
    one.thread.join();
    if (one.end.is_waiting || one.end.is_reload) {
      Waiting& waiting = waiting_[it->first];
      const MonotonicTime now = clock_.Now();
      waiting.is_soon = one.end.is_about_to_seal;
      const int doublings = waiting.is_soon ? 0 : std::min(waiting.times, kDoublingsMax);
      const auto pause = std::min(options_.wait_min * (1 << doublings), options_.wait_max);
      // Somebody waits for what was asked to go back; but it must not go round and round.
      const bool is_at_once = one.end.is_reload && waiting.times == 0;
      waiting.since = now;
      waiting.until = is_at_once ? now : now + pause;
      if (!waiting.is_soon) ++waiting.times;
    } else {
      waiting_.erase(it->first);
    }
    it = running_.erase(it);
  }
}

void MoveRunner::StopWorkers() {
  for (const auto& [id, one] : running_) one->worker->Stop();
}

void MoveRunner::Expire() {
  const auto fence = CurrentFence();
  if (!fence) return;
  const auto expired = stores_.moves.Expire(options_.keep_finished, kExpiredMax, *fence, ForCall());
  if (!expired.ok()) {
    LANEMQ_LOG(DEBUG, "move.expire_failed", {"error", expired.error().ToString()});
  } else if (*expired == static_cast<std::int64_t>(kExpiredMax)) {
    expire_due_ = clock_.Now();  // There is more.
  }
}

}  // namespace lanemq::metaserver
