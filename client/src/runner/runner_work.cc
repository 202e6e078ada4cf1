#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "client/src/runner/runner_impl.h"
#include "common/core/retry/retry_policy.h"
#include "common/core/types/failure.h"

// The handlers' threads and what becomes of records; see runner_impl.h.
namespace lanemq {

using client::WorkItem;
using std::chrono::milliseconds;

Outcome Outcome::Retry(std::string reason, std::optional<milliseconds> delay, std::string error) {
  Outcome outcome;
  outcome.failure_ = Failure{false, delay, std::move(reason), std::move(error)};
  return outcome;
}

Outcome Outcome::Dead(std::string reason, std::string error) {
  Outcome outcome;
  outcome.failure_ = Failure{true, std::nullopt, std::move(reason), std::move(error)};
  return outcome;
}

Outcome::Outcome(const Status& status) {
  if (!status.ok()) *this = Outcome(status.error());
}

Outcome::Outcome(const Error& error)
    : failure_(Failure{false, std::nullopt, std::string(NameOf(error.code)), error.message}) {}

Outcome Runner::Impl::Handle(const Handler& handler, const ConsumedRecord& record) {
  const TraceScope scope(record.Trace());
  try {
    return handler(record);
  } catch (const std::exception& e) {
    return Outcome::Retry("exception", std::nullopt, e.what());
  } catch (...) {
    return Outcome::Retry("exception", std::nullopt, "not a std::exception");
  }
}

void Runner::Impl::StartThread() {
  const int thread = ++threads_started_;
  threads_[thread] = std::thread([this, thread] { Work(thread); });
}

std::optional<WorkItem> Runner::Impl::NextItem() {
  if (is_stopping_) return std::nullopt;
  const MonotonicTime now = clock_.Now();
  const auto due = std::find_if(deferred_.begin(), deferred_.end(),
                                [&](const Deferred& deferred) { return deferred.due <= now; });
  if (due == deferred_.end()) return queue_.Take();
  WorkItem item = std::move(due->item);
  auto record = std::make_shared<ConsumedRecord>(*item.record);
  ++record->attempt;
  record->last_reason = due->failure.reason;
  item.record = std::move(record);
  deferred_.erase(due);
  return item;
}

void Runner::Impl::WaitForItems() {
  if (deferred_.empty() || is_stopping_) return work_.Wait(mutex_);
  const auto next =
      std::min_element(deferred_.begin(), deferred_.end(),
                       [](const Deferred& a, const Deferred& b) { return a.due < b.due; });
  const MonotonicTime now = clock_.Now();
  if (next->due > now) work_.WaitFor(mutex_, next->due - now);
}

void Runner::Impl::Work(int thread) {
  const std::shared_ptr<const Handler> handler = handler_;
  mutex_.lock();
  while (!is_over_) {
    auto item = NextItem();
    if (!item) {
      WaitForItems();
      continue;
    }
    if (lost_.erase({*item->record->source, item->record->offset}) > 0) {
      Record(*item, Failure{true, std::nullopt, "lost",
                            "attempts at it ended without an answer: the process died"});
      continue;
    }
    const auto call = std::make_shared<Call>();
    call->item = *item;
    call->began = clock_.Now();
    call->thread = thread;
    calls_.insert(call);
    mutex_.unlock();
    const Outcome outcome = Handle(*handler, *call->item.record);
    auto state = Call::State::kRunning;
    // Given up: another thread has taken its place, and the runner may be gone.
    if (!call->state.compare_exchange_strong(state, Call::State::kReturned)) return;
    mutex_.lock();
    calls_.erase(call);
    Conclude(*item, outcome);
  }
  mutex_.unlock();
}

void Runner::Impl::Conclude(const WorkItem& item, const Outcome& outcome) {
  if (!outcome.ok()) {
    OnFailed(item, *outcome.failure());
  } else {
    ++stats_.handled;
    // Its lease has ended when this fails: it is delivered again.
    if (item.record->is_retry() && queue_.IsCurrent(item)) (void)consumer_->Done(*item.record);
    End(item, /*is_finished=*/true);
  }
}

void Runner::Impl::OnFailed(const WorkItem& item, Failure failure) {
  if (!queue_.IsCurrent(item)) return End(item, /*is_finished=*/false);
  failure.reason.resize(std::min<std::size_t>(failure.reason.size(), core::kFailureReasonBytesMax));
  if (failure.delay) failure.delay = std::max(*failure.delay, milliseconds(0));
  // A retry's lease would end while its lane waits.
  if (options_.on_failure == OnFailure::kBlock && !item.record->is_retry() && !failure.is_fatal &&
      Defer(item, failure, clock_.Now())) {
    return;
  }
  Record(item, std::move(failure));
}

bool Runner::Impl::Defer(const WorkItem& item, Failure& failure, MonotonicTime failed_at) {
  const core::RetryPolicy policy = PolicyOf(item.record->topic());
  policies_[item.record->topic()] = policy;
  const core::RetryDecision decision =
      core::DecideRetry(policy, item.record->attempt, failure.reason, random_);
  if (decision.is_dead) {
    failure.is_fatal = true;
    return false;
  }
  deferred_.push_back(
      {item, failure, failed_at, failed_at + failure.delay.value_or(decision.delay)});
  work_.NotifyAll();  // Somebody must wait for just so long.
  return true;
}

void Runner::Impl::Record(const WorkItem& item, Failure failure) {
  const Status status = consumer_->Fail(*item.record, failure);
  if (!status.ok() && status.error().code == ErrorCode::kQueueFull) {
    unrecorded_.push_back({item, std::move(failure), {}, {}});
    return;
  }
  if (status.ok()) ++stats_.failed;
  // Otherwise it is delivered again: its partition was given up, or its lease has ended.
  End(item, status.ok() || item.record->is_retry());
}

void Runner::Impl::End(const WorkItem& item, bool is_finished) {
  if (is_finished) {
    queue_.Finish(item);
  } else {
    queue_.Abandon(item);
  }
  if (careful_.Has(*item.record->source) && !item.record->is_retry()) {
    careful_.OnEnd(*item.record->source, item.record->offset);
    consumer_->Wakeup();
  }
  work_.NotifyOne();  // Its lane may have more.
  finished_.NotifyAll();
}

core::RetryPolicy Runner::Impl::PolicyOf(const std::string& topic) {
  return consumer_impl().PolicyOf(topic).value_or(core::RetryPolicy());
}

void Runner::Impl::LookAfter() {
  const MonotonicTime now = clock_.Now();
  if (options_.handler_timeout.count() > 0) {
    const std::set<std::shared_ptr<Call>> calls = calls_;
    for (const auto& call : calls) {
      if (now - call->began >= options_.handler_timeout) GiveUp(call);
    }
  }
  std::list<Deferred> unrecorded;
  unrecorded.swap(unrecorded_);
  for (Deferred& record : unrecorded) Record(record.item, std::move(record.failure));
  Redecide();
}

void Runner::Impl::GiveUp(const std::shared_ptr<Call>& call) {
  auto state = Call::State::kRunning;
  if (!call->state.compare_exchange_strong(state, Call::State::kGivenUp)) return;
  calls_.erase(call);
  ++stats_.timeouts;
  if (const auto thread = threads_.extract(call->thread)) thread.mapped().detach();
  if (is_over_) {
    // Nothing more is to be handled.
  } else if (stats_.timeouts <= options_.threads) {
    StartThread();
  } else {
    const ConsumedRecord& record = *call->item.record;
    Fail(Error{ErrorCode::kFailedPrecondition,
               fmt::format("{} handlers took longer than {} ms, the last one with {}-{}, offset "
                           "{}: as many threads were replaced as there may be",
                           stats_.timeouts, options_.handler_timeout.count(), record.topic(),
                           record.partition(), record.offset)});
  }
  OnFailed(call->item, Failure{false, std::nullopt, "timeout",
                               fmt::format("the handler took longer than {} ms",
                                           options_.handler_timeout.count())});
}

// What waits in place waits as the policy says now.
void Runner::Impl::Redecide() {
  std::set<std::string> changed;
  for (const auto& [topic, policy] : policies_) {
    if (PolicyOf(topic) != policy) changed.insert(topic);
  }
  if (changed.empty()) return;
  std::list<Deferred> again;
  for (auto deferred = deferred_.begin(); deferred != deferred_.end();) {
    const auto next = std::next(deferred);
    if (changed.contains(deferred->item.record->topic())) {
      again.splice(again.end(), deferred_, deferred);
    }
    deferred = next;
  }
  for (const std::string& topic : changed) policies_[topic] = PolicyOf(topic);
  for (Deferred& deferred : again) {
    if (!Defer(deferred.item, deferred.failure, deferred.failed_at)) {
      Record(deferred.item, std::move(deferred.failure));
    }
  }
}

}  // namespace lanemq
