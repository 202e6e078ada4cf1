#include "common/core/log/append_machine.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "common/base/check.h"

namespace lanemq::core {

AppendMachine::AppendMachine(AppendMachineOptions options, ProducerId own_producer,
                             std::uint64_t seed)
    : options_(options), own_producer_(own_producer), random_(seed) {
  LANEMQ_CHECK(own_producer.value < 0);
}

std::vector<AppendEffect> AppendMachine::Apply(AppendEvent event, AppendTimes times) {
  std::visit([&](auto& e) { On(std::move(e), times); }, event);
  return std::exchange(out_, {});
}

std::vector<AppendEffect> AppendMachine::Tick(AppendTimes times) {
  Expire(times.now);
  const bool has_waited = phase_ == Phase::kWaiting && times.now >= *wait_until_;
  if (has_waited) {
    wait_until_.reset();
    phase_ = Phase::kIdle;
  }
  const bool has_gap_passed = gap_until_ && times.now >= *gap_until_;
  if (has_gap_passed) gap_until_.reset();
  if (has_waited || has_gap_passed) Advance(times);
  return std::exchange(out_, {});
}

std::optional<MonotonicTime> AppendMachine::NextDeadline() const {
  std::optional<MonotonicTime> earliest;
  for (const auto& time : {wait_until_, earliest_deadline_, gap_until_}) {
    if (time && (!earliest || *time < *earliest)) earliest = time;
  }
  return earliest;
}

void AppendMachine::On(AppendSubmitted event, AppendTimes times) {
  AppendRequest& request = event.request;
  LANEMQ_CHECK(!request.records.empty());
  queue_bytes_ += request.bytes;
  if (queue_requests() >= options_.queue_requests_max ||
      (queue_bytes_ > options_.queue_bytes_max && queue_bytes_ > request.bytes)) {
    AnswerError(request, {ErrorCode::kThrottled, "the partition's append queue is full",
                          options_.throttle_retry_ms});
    return;
  }
  const bool is_own = request.producer.value <= 0;
  if (is_own) request.producer = own_producer_;
  for (std::size_t i = 0; i < request.records.size(); ++i) {
    Record& record = *request.records[i];
    record.producer = request.producer;
    record.sequence =
        is_own ? own_sequence_++ : request.base_sequence + static_cast<std::int64_t>(i);
  }
  request.submitted_at = times.now;
  earliest_deadline_ = std::min(earliest_deadline_.value_or(request.deadline), request.deadline);
  queue_.push_back(std::move(request));
  Advance(times);
}

// Starts what can be started.
void AppendMachine::Advance(AppendTimes times) {
  while (phase_ == Phase::kIdle && !queue_.empty()) {
    if (!tail_ || !tail_->IsFresh(times.now, options_.tail_age_max)) {
      StartReadTail(times.now);
      return;
    }
    AppendPlan plan = PlanAppend(queue_, *tail_, options_.plan, times);
    gap_until_ = plan.gap_until;
    if (plan.is_idle) {
      if (plan.needs_current_tail) StartReadRows(times.now);
      return;
    }
    TakePlanned(plan);
    if (plan.rows.empty()) continue;
    rows_ = std::make_shared<const std::vector<RecordPtr>>(std::move(plan.rows));
    phase_ = Phase::kAppending;
    call_started_ = times.now;
    out_.emplace_back(InsertRowsEffect{rows_, tail_->server()});
  }
  if (queue_.empty()) earliest_deadline_.reset();
}

void AppendMachine::TakePlanned(AppendPlan& plan) {
  std::vector<AppendRequest> deferred;
  for (PlannedRequest& planned : plan.requests) {
    AppendRequest request = std::move(queue_.front());
    queue_.pop_front();
    if (planned.deferred_until) {
      deferred.push_back(std::move(request));
    } else if (planned.is_decided) {
      Answer(request, std::move(planned.outcome));
    } else {
      batch_.push_back({std::move(request), std::move(planned.outcome)});
    }
  }
  queue_.insert(queue_.begin(), std::make_move_iterator(deferred.begin()),
                std::make_move_iterator(deferred.end()));
}

void AppendMachine::On(AppendRowsInserted event, AppendTimes times) {
  LANEMQ_CHECK(phase_ == Phase::kAppending);
  phase_ = Phase::kIdle;
  if (event.status.ok()) {
    OnStored(times);
    return;
  }
  const Error& error = event.status.error();
  const Offset first = rows_->front()->offset;
  rows_.reset();
  for (Pending& pending : batch_) {
    pending.request.is_attempted = true;
    if (error.code == ErrorCode::kOutcomeUnknown && !pending.request.doubtful_at) {
      pending.request.doubtful_at = first;
    }
  }
  Requeue();
  switch (error.code) {
    case ErrorCode::kAlreadyExists:
      out_.emplace_back(ContentionEffect{++losses_in_a_row_});
      StartReadRows(times.now);
      return;
    case ErrorCode::kOutcomeUnknown:
      tail_->Doubt();
      StartReadTail(times.now);
      return;
    case ErrorCode::kFenced:
      tail_->Doubt();
      WaitAfterFailure(times.now);
      return;
    case ErrorCode::kConflict:
      if (++conflicts_in_a_row_ < options_.conflicts_max) {
        WaitAfterFailure(times.now);
        return;
      }
      conflicts_in_a_row_ = 0;
      break;
    case ErrorCode::kUnknownTopicOrPartition:
      tail_->Doubt();
      break;
    default:  // Every other code means that nothing was stored.
      break;
  }
  FailAll(error, times.now);
}

void AppendMachine::OnStored(AppendTimes times) {
  tail_->AbsorbOwn(*rows_);
  tail_->Confirm(call_started_);
  acknowledged_end_ = tail_->next();
  rows_since_snapshot_ += static_cast<std::int64_t>(rows_->size());
  losses_in_a_row_ = failures_in_a_row_ = conflicts_in_a_row_ = 0;
  out_.emplace_back(StoredEffect{std::exchange(rows_, nullptr)});
  // The next insert starts before the answers are written: the database is the slow part.
  std::vector<Pending> done = std::exchange(batch_, {});
  Advance(times);
  for (Pending& pending : done) Answer(pending.request, std::move(pending.outcome));
  SaveSnapshotIfDue();
}

// Puts the batch back to the front, in order.
void AppendMachine::Requeue() {
  for (auto pending = batch_.rbegin(); pending != batch_.rend(); ++pending) {
    const MonotonicTime deadline = pending->request.deadline;
    earliest_deadline_ = std::min(earliest_deadline_.value_or(deadline), deadline);
    queue_.push_front(std::move(pending->request));
  }
  batch_.clear();
}

void AppendMachine::StartReadTail(MonotonicTime now) {
  phase_ = Phase::kReadingTail;
  call_started_ = now;
  out_.emplace_back(ReadTailEffect{});
}

void AppendMachine::StartReadRows(MonotonicTime now) {
  if (!matching_) matching_.emplace(queue_);
  phase_ = Phase::kReadingRows;
  call_started_ = now;
  out_.emplace_back(ReadIdentitiesEffect{tail_->next(), options_.identities_page});
}

void AppendMachine::Wait(std::chrono::nanoseconds delay, MonotonicTime now) {
  phase_ = Phase::kWaiting;
  wait_until_ = now + delay;
}

void AppendMachine::WaitAfterFailure(MonotonicTime now) {
  Wait(BackoffDelay(options_.failure_backoff, ++failures_in_a_row_, random_), now);
}

void AppendMachine::SaveSnapshotIfDue() {
  if (rows_since_snapshot_ < options_.snapshot_every_rows) return;
  rows_since_snapshot_ = 0;
  out_.emplace_back(SaveSnapshotEffect{tail_->Snapshot()});
}

void AppendMachine::Answer(const AppendRequest& request, AppendOutcome outcome) {
  queue_bytes_ -= request.bytes;
  out_.emplace_back(AnswerEffect{request.id, std::move(outcome)});
}

void AppendMachine::AnswerError(const AppendRequest& request, const Error& error) {
  AppendOutcome outcome;
  outcome.error = error;
  Answer(request, std::move(outcome));
}

void AppendMachine::Expire(MonotonicTime now) {
  if (!earliest_deadline_ || now < *earliest_deadline_) return;
  RemoveFromQueue([&](AppendRequest& request) {
    if (now < request.deadline) return true;
    if (request.doubtful_at) {
      AnswerError(request, {ErrorCode::kOutcomeUnknown,
                            "an insert lost its reply and its effect could not be read back"});
    } else {
      AnswerError(request, {ErrorCode::kRequestTimedOut, "nothing was stored before the deadline"});
    }
    return false;
  });
}

// Nothing can be stored now: fails what is certainly not stored, keeps what is in doubt.
void AppendMachine::FailAll(const Error& error, MonotonicTime now) {
  RemoveFromQueue([&](AppendRequest& request) {
    if (request.doubtful_at) return true;
    AnswerError(request, error);
    return false;
  });
  phase_ = Phase::kIdle;
  if (queue_.empty()) {
    matching_.reset();
  } else {
    WaitAfterFailure(now);
  }
}

}  // namespace lanemq::core
