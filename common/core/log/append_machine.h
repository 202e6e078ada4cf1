#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "common/core/log/append_event.h"
#include "common/core/log/append_matching.h"
#include "common/core/log/append_planner.h"
#include "common/core/log/partition_tail.h"
#include "common/core/retry/backoff.h"

namespace lanemq::core {

struct AppendMachineOptions {
  AppendPlanLimits plan;
  ProducersLimits producers;
  /// Requests and bytes waiting or being written; one more is kThrottled.
  std::size_t queue_requests_max = 10'000;
  std::size_t queue_bytes_max = 32u << 20;
  std::int64_t throttle_retry_ms = 100;  ///< retry_after_ms of kThrottled.
  /// A tail not confirmed for longer is read again before a write. Must stay far below any
  /// retention time.
  std::chrono::nanoseconds tail_age_max = std::chrono::seconds(20);
  std::int32_t identities_page = 2'000;
  std::int64_t snapshot_every_rows = 20'000;
  BackoffPolicy contention_backoff{std::chrono::milliseconds(1), std::chrono::milliseconds(50)};
  BackoffPolicy failure_backoff{std::chrono::milliseconds(50), std::chrono::seconds(1)};
  int conflicts_max = 5;  ///< Lost races inside the database, in a row, before requests fail.
};

/// The writer of one partition: optimistic append with explicit offsets. Decides; a shell does.
///
///   idle --submit--> appending --ok--> idle (answers, next batch)
///                        | duplicate key: somebody else appended
///                        |    -> reading identities from the known tail -> plan again
///                        | outcome unknown, other server
///                        |    -> reading the tail -> (snapshot) -> identities -> plan again
///                        | nothing was done: the requests fail with the reason
///
/// The primary key is the fence. An insert whose reply was lost may still be on its way; it can
/// take effect only while its first offset is free. So a request whose insert is in doubt is
/// `doubtful_at` that offset until a row is seen there: found by (producer, sequence), it is
/// stored; otherwise that insert can never succeed and the request is planned again. When time runs
/// out first the answer is kOutcomeUnknown. Requests without an idempotent producer carry an
/// identity of this machine's own (a negative producer id), so they are recognised the same way,
/// while nobody mistakes them for a producer's.
///
/// A tail may be behind the log. That makes inserts fail, which is noticed; but refusals of
/// idempotent batches (gaps, unknown producers) wait until the tail has been confirmed since.
///
/// Invariants: at most one store call is outstanding; rows are planned only on a tail that was
/// confirmed within tail_age_max on the same server; every request is answered exactly once.
/// Not thread-safe; one owner.
class AppendMachine {
 public:
  /// `own_producer`: negative, and never used by another machine (take 62 random bits).
  AppendMachine(AppendMachineOptions options, ProducerId own_producer, std::uint64_t seed);

  /// Effects are to be carried out in order.
  std::vector<AppendEffect> Apply(AppendEvent event, AppendTimes times);
  std::vector<AppendEffect> Tick(AppendTimes times);
  /// When to call Tick() at the latest; nullopt: no need.
  [[nodiscard]] std::optional<MonotonicTime> NextDeadline() const;

  /// No request waits and no store call is outstanding.
  [[nodiscard]] bool is_idle() const { return phase_ == Phase::kIdle && queue_.empty(); }
  [[nodiscard]] std::size_t queue_requests() const { return queue_.size() + batch_.size(); }
  [[nodiscard]] std::size_t queue_bytes() const { return queue_bytes_; }
  /// The offset the next row will get, as far as known.
  [[nodiscard]] std::optional<Offset> end() const {
    return tail_ ? std::optional(tail_->next()) : std::nullopt;
  }

 private:
  enum class Phase { kIdle, kReadingTail, kLoadingSnapshot, kReadingRows, kAppending, kWaiting };
  struct Pending {
    AppendRequest request;
    AppendOutcome outcome;
  };

  void On(AppendSubmitted event, AppendTimes times);
  void On(AppendTailRead event, AppendTimes times);
  void On(AppendSnapshotLoaded event, AppendTimes times);
  void On(AppendIdentitiesRead event, AppendTimes times);
  void On(AppendRowsInserted event, AppendTimes times);

  void Advance(AppendTimes times);
  void TakePlanned(AppendPlan& plan);
  void StartReadTail(MonotonicTime now);
  void StartReadRows(MonotonicTime now);
  void Wait(std::chrono::nanoseconds delay, MonotonicTime now);
  void WaitAfterFailure(MonotonicTime now);

  void OnStored(AppendTimes times);
  void OnHole(std::span<const RecordIdentity> rest, AppendTimes times);
  void ForgetTail(Offset end);
  void FinishCatchUp(AppendTimes times);
  void ResolveFound();
  void ResolveDoubts();
  void Requeue();
  void FailAll(const Error& error, MonotonicTime now);
  void Expire(MonotonicTime now);
  void Answer(const AppendRequest& request, AppendOutcome outcome);
  void AnswerError(const AppendRequest& request, const Error& error);
  void SaveSnapshotIfDue();
  template <typename Keep>
  void RemoveFromQueue(Keep&& keep);

  const AppendMachineOptions options_;
  const ProducerId own_producer_;
  Random random_;
  std::int64_t own_sequence_ = 0;

  Phase phase_ = Phase::kIdle;
  MonotonicTime call_started_;
  std::optional<MonotonicTime> wait_until_;
  std::optional<MonotonicTime> gap_until_;          // A deferred request is to be looked at again.
  std::optional<MonotonicTime> earliest_deadline_;  // Not later than any in the queue.

  std::deque<AppendRequest> queue_;
  std::vector<Pending> batch_;  // While appending.
  std::shared_ptr<const std::vector<RecordPtr>> rows_;
  std::size_t queue_bytes_ = 0;

  std::optional<PartitionTail> tail_;
  TailInfo loading_;            // While the tail is being rebuilt.
  Offset rows_until_;           // Rows up to here are known to exist; 0: unknown.
  Offset acknowledged_end_{0};  // The highest end ever known.
  std::optional<Offset> suspected_hole_;
  std::optional<Offset> suspected_snapshot_;
  std::optional<AppendMatching> matching_;
  std::int64_t rows_since_snapshot_ = 0;
  int losses_in_a_row_ = 0;
  int failures_in_a_row_ = 0;
  int conflicts_in_a_row_ = 0;

  std::vector<AppendEffect> out_;  // Of the call that is running.
};

// Removes the requests that `keep` declines (and has answered).
template <typename Keep>
void AppendMachine::RemoveFromQueue(Keep&& keep) {
  std::deque<AppendRequest> kept;
  earliest_deadline_.reset();
  for (AppendRequest& request : queue_) {
    if (!keep(request)) continue;
    earliest_deadline_ = std::min(earliest_deadline_.value_or(request.deadline), request.deadline);
    kept.push_back(std::move(request));
  }
  queue_ = std::move(kept);
}

}  // namespace lanemq::core
