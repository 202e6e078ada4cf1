// The half of AppendMachine that learns the tail: reading it, rebuilding the producers, catching up
// with other writers, deciding what became of inserts in doubt, and noticing lost rows.
#include <algorithm>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "common/base/check.h"
#include "common/core/log/append_machine.h"

namespace lanemq::core {

void AppendMachine::On(AppendTailRead event, AppendTimes times) {
  LANEMQ_CHECK(phase_ == Phase::kReadingTail);
  phase_ = Phase::kIdle;
  if (!event.tail.ok()) {
    FailAll(event.tail.error(), times.now);
    return;
  }
  loading_ = std::move(event.tail).value();
  const Offset end = loading_.End();
  if (end < acknowledged_end_) {
    out_.emplace_back(DataLossEffect{
        end, Offset{acknowledged_end_.value - 1},
        fmt::format("server {} has the log up to {} only", loading_.server, end.value - 1)});
    ForgetTail(end);
    acknowledged_end_ = end;
  } else if (tail_ && tail_->server() != loading_.server) {
    ForgetTail(end);
  } else if (tail_ && loading_.log_start > tail_->next()) {
    tail_.reset();  // Retention went past what we know.
  }
  rows_until_ = end;
  if (!tail_) {
    phase_ = Phase::kLoadingSnapshot;
    out_.emplace_back(LoadSnapshotEffect{});
  } else if (tail_->next() == end) {
    tail_->Confirm(call_started_);
    FinishCatchUp(times);
  } else {
    StartReadRows(times.now);
  }
}

void AppendMachine::ForgetTail(Offset end) {
  tail_.reset();
  suspected_hole_.reset();
  out_.emplace_back(ForgetEffect{end});
}

void AppendMachine::On(AppendSnapshotLoaded event, AppendTimes times) {
  LANEMQ_CHECK(phase_ == Phase::kLoadingSnapshot);
  phase_ = Phase::kIdle;
  if (!event.snapshot.ok()) {
    FailAll(event.snapshot.error(), times.now);
    return;
  }
  const Offset end = loading_.End();
  Producers producers(options_.producers);
  Offset through{loading_.log_start.value - 1};
  const auto& snapshot = event.snapshot.value();
  if (snapshot && snapshot->through >= end) {
    // Others may have written since the tail was read. If the tail has not even come as far as an
    // earlier look at the snapshot said, rows are gone: it is written after those it speaks of.
    if (!suspected_snapshot_ || end > *suspected_snapshot_) {
      suspected_snapshot_ = snapshot->through;
      StartReadTail(times.now);
      return;
    }
    out_.emplace_back(DataLossEffect{end, snapshot->through,
                                     "a producer snapshot speaks of rows that are not there"});
  } else if (snapshot && snapshot->through >= through) {
    // One that retention has overtaken would lack what stood between; one that does not decode is
    // no worse than none.
    if (auto decoded = Producers::Decode(snapshot->state, options_.producers); decoded.ok()) {
      producers = std::move(decoded).value();
      through = snapshot->through;
    }
  }
  suspected_snapshot_.reset();
  // Rows of inserts in doubt must be seen even if the snapshot knows them.
  Offset from{through.value + 1};
  for (const AppendRequest& request : queue_) {
    if (request.doubtful_at) from = std::min(from, *request.doubtful_at);
  }
  from = std::max(from, loading_.log_start);
  const WallTime last = loading_.last ? loading_.last->timestamp : WallTime{0};
  tail_.emplace(loading_.server, from, last, std::move(producers), through);
  rows_since_snapshot_ = 0;
  if (from == end) {
    tail_->Confirm(call_started_);
    FinishCatchUp(times);
  } else {
    StartReadRows(times.now);
  }
}

void AppendMachine::On(AppendIdentitiesRead event, AppendTimes times) {
  LANEMQ_CHECK(phase_ == Phase::kReadingRows);
  phase_ = Phase::kIdle;
  if (!event.rows.ok()) {
    tail_->Doubt();
    FailAll(event.rows.error(), times.now);
    return;
  }
  const std::vector<RecordIdentity>& rows = event.rows.value();
  const std::size_t taken = tail_->Absorb(rows);
  rows_since_snapshot_ += static_cast<std::int64_t>(taken);
  matching_->Look(rows);
  ResolveFound();
  if (taken < rows.size() || (rows.empty() && tail_->next() < rows_until_)) {
    OnHole(std::span(rows).subspan(taken), times);
  } else if (rows.size() == static_cast<std::size_t>(options_.identities_page)) {
    StartReadRows(times.now);
  } else {
    tail_->Confirm(call_started_);
    FinishCatchUp(times);
  }
}

// The row at next() is missing and later ones exist. Retention removes rows at the front, so look
// at the log start again before crying wolf.
void AppendMachine::OnHole(std::span<const RecordIdentity> rest, AppendTimes times) {
  if (suspected_hole_ != tail_->next()) {
    suspected_hole_ = tail_->next();
    tail_->Doubt();
    StartReadTail(times.now);
    return;
  }
  suspected_hole_.reset();
  const Offset until = rest.empty() ? rows_until_ : rest.front().offset;
  out_.emplace_back(
      DataLossEffect{tail_->next(), Offset{until.value - 1}, "rows are missing inside the log"});
  tail_->SkipTo(until);
  if (rest.empty()) {
    tail_->Confirm(call_started_);
    FinishCatchUp(times);
  } else {
    StartReadRows(times.now);
  }
}

void AppendMachine::FinishCatchUp(AppendTimes times) {
  if (tail_->next() > acknowledged_end_) {
    acknowledged_end_ = tail_->next();
    out_.emplace_back(EndMovedEffect{acknowledged_end_});
  }
  suspected_hole_.reset();
  matching_.reset();
  rows_until_ = Offset{0};
  ResolveDoubts();
  SaveSnapshotIfDue();
  if (losses_in_a_row_ > 1) {
    Wait(BackoffDelay(options_.contention_backoff, losses_in_a_row_ - 1, random_), times.now);
    return;
  }
  Advance(times);
}

void AppendMachine::ResolveFound() {
  auto found = matching_->TakeFound();
  if (found.empty()) return;
  RemoveFromQueue([&](AppendRequest& request) {
    const auto it = std::find_if(found.begin(), found.end(),
                                 [&](const auto& entry) { return entry.first == request.id; });
    if (it == found.end()) return true;
    // If no insert of ours can have done it, another broker stored the same batch.
    it->second.is_duplicate = !request.doubtful_at;
    Answer(request, std::move(it->second));
    return false;
  });
}

// All rows up to the end have been looked at.
void AppendMachine::ResolveDoubts() {
  const Offset first_seen = loading_.log_start;
  RemoveFromQueue([&](AppendRequest& request) {
    if (!request.doubtful_at || *request.doubtful_at >= tail_->next()) return true;
    if (*request.doubtful_at >= first_seen) {
      request.doubtful_at.reset();  // Another row stands in its place: that insert is dead.
      return true;
    }
    AnswerError(request, {ErrorCode::kOutcomeUnknown,
                          "an insert lost its reply and retention removed the rows since"});
    return false;
  });
}

}  // namespace lanemq::core
