// The steps of NodeDuties: what is done while the lease is held.
#include <latch>
#include <optional>
#include <vector>

#include "broker/duties/node_duties.h"
#include "common/base/log.h"

namespace lanemq::broker {

void NodeDuties::Look() {
  if (!delayed_) return looking_.OnDone(context_.clock.Now());
  const MonotonicTime begun = context_.clock.Now();
  const auto fronts = delayed_->ReadFronts(NewDeadline());
  looked_at_ = context_.clock.Now();
  if (!fronts.ok()) {
    looking_.OnFailed(looked_at_);
    OnFailure("look", fronts.error());
    return;
  }
  // A look passes rows that were moved and are not purged yet. When that takes long, most of the
  // time must be left for moves, whose answers tell what is next without a look.
  constexpr int kRest = 9;
  const std::chrono::nanoseconds rest = (looked_at_ - begun) * kRest;
  looking_.OnDone(looked_at_ + rest);
  plan_.OnFronts(*fronts, looked_at_);
  const auto covered =
      std::chrono::duration_cast<std::chrono::microseconds>(context_.options.look_every + rest);
  look_covers_us_ = fronts->now.micros + covered.count();
}

// A batch of each of the most overdue partitions; Run() comes again when more is due.
void NodeDuties::MoveDue() {
  const auto term = Term();
  if (!delayed_ || !term || !movers_) return;
  const auto due = plan_.TakeDue(context_.clock.Now(), context_.options.move_threads);
  if (due.empty()) return;
  using Moved = Result<core::DelayedMove>;
  std::vector<Moved> moved(due.size(), Moved(core::DelayedMove{}));
  std::latch open(static_cast<std::ptrdiff_t>(due.size()));
  for (std::size_t i = 0; i < due.size(); ++i) {
    const auto move = [&, i] {
      moved[i] = MoveOne(due[i], *term);
      open.count_down();
    };
    // The last one here: this thread would only wait.
    if (i + 1 == due.size() || !movers_->TryPost(move)) move();
  }
  open.wait();
  for (std::size_t i = 0; i < due.size(); ++i) OnMoved(due[i], moved[i]);
}

std::optional<core::PartitionLocation> NodeDuties::PlaceOf(const core::PartitionKey& key) const {
  const auto location = context_.locate(key);
  return location && location->node == node_.id ? location : std::nullopt;
}

Result<core::DelayedMove> NodeDuties::MoveOne(const core::DelayedFront& front,
                                              const core::Fence& fence) {
  const auto location = PlaceOf(front.key);
  if (!location) {
    return Error{ErrorCode::kUnknownTopicOrPartition,
                 "delayed messages of a partition that the catalogue does not have here"};
  }
  const DutyOptions& options = context_.options;
  return delayed_->Move(*location, front.due, options.move_rows_max, options.move_bytes_max, fence,
                        NewDeadline());
}

void NodeDuties::OnMoved(const core::DelayedFront& front, const Result<core::DelayedMove>& move) {
  const MonotonicTime now = context_.clock.Now();
  if (!move.ok() && !PlaceOf(front.key)) {
    // It is coming, or has gone, or its topic is being deleted: nothing that anybody should mend.
    LANEMQ_LOG(DEBUG, "duties.elsewhere", {"node", node_.name}, {"topic_id", front.key.topic.value},
               {"partition", front.key.partition});
    return plan_.OnElsewhere(front, now);
  }
  if (!move.ok()) {
    plan_.OnFailed(front, now);
    OnFailure("move", move.error());
    return;
  }
  plan_.OnMoved(front.key, *move, now);
  if (move->moved == 0) return;
  context_.metrics.delayed_moved.Increment(move->moved);
  for (const std::int64_t late : move->late_us) {
    context_.metrics.delayed_lateness.Observe(static_cast<double>(late) / 1e6);
  }
  context_.on_appended(front.key, core::Offset{move->first_offset.value + move->moved});
}

void NodeDuties::LookForRedrives() {
  constexpr std::int32_t kJobsMax = 100;
  if (!letters_) return finding_redrives_.OnDone(context_.clock.Now());
  const auto jobs = letters_->ListRedrives("", true, kJobsMax, NewDeadline());
  const MonotonicTime now = context_.clock.Now();
  if (!jobs.ok()) {
    finding_redrives_.OnFailed(now);
    OnFailure("list redrives", jobs.error());
    return;
  }
  finding_redrives_.OnDone(now);
  pace_.OnJobs(*jobs, now);
}

// One step of each redrive that may go on.
void NodeDuties::DriveOn() {
  if (!letters_) return;
  const auto ready = pace_.Ready(context_.clock.Now(), context_.options.redrive_rows_max);
  for (const RedrivePace::Step& step : ready) {
    const auto term = Term();
    if (!term || IsStopping()) return;
    const auto job = letters_->StepRedrive(step.id, step.max, *term, NewDeadline());
    const MonotonicTime now = context_.clock.Now();
    if (!job.ok()) {
      pace_.OnFailed(step.id, now + context_.options.redrives_every);
      OnFailure("redrive", job.error());
      continue;
    }
    const bool is_over = job->state != core::RedriveState::kRunning;
    const std::int64_t moved = pace_.OnStep(step.id, job->moved, is_over, now);
    context_.metrics.letters_redriven.Increment(static_cast<double>(moved));
    if (is_over) {
      LANEMQ_LOG(INFO, "duties.redrive_ended", {"node", node_.name}, {"job", step.id},
                 {"moved", job->moved});
    }
  }
}

void NodeDuties::Expire() {
  const DutyOptions& options = context_.options;
  expiring_.OnDone(context_.clock.Now());
  // A bounded number of bounded transactions; what is left waits for the next round.
  const auto run = [&](std::string_view step, const auto& expire) {
    std::int64_t total = 0;
    for (int i = 0; i < options.expire_steps_max && !IsStopping(); ++i) {
      const auto term = Term();
      if (!term) break;
      const Result<std::int64_t> expired = expire(*term);
      if (!expired.ok()) {
        OnFailure(step, expired.error());
        break;
      }
      total += *expired;
      if (*expired < options.expire_rows_max) break;
    }
    return total;
  };
  if (letters_ && options.dead_letter_retention.count() > 0) {
    const std::int64_t expired = run("expire letters", [&](const core::Fence& term) {
      return letters_->Expire(options.dead_letter_retention, options.expire_rows_max, term,
                              NewDeadline());
    });
    context_.metrics.letters_expired.Increment(static_cast<double>(expired));
  }
  if (delayed_) {
    run("expire producers", [&](const core::Fence& term) {
      return delayed_->ExpireProducers(options.producer_retention, options.expire_rows_max, term,
                                       NewDeadline());
    });
  }
}

}  // namespace lanemq::broker
