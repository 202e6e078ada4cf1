#include "sql/store/settlement.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/core/retry/error_text.h"
#include "sql/store/on_node.h"

namespace lanemq::sql {
namespace {

using core::Offset;
using core::PartitionSettled;
using std::chrono::microseconds;

/// Not before now.
microseconds WaitOf(const core::FailureFate& fate) {
  return std::max(fate.due_in, microseconds{0});
}

FailedRow ToRow(Offset offset, std::int32_t attempts, const core::FailureFate& fate,
                const core::FailureNote& note) {
  const microseconds lease = fate.kept_for.value_or(microseconds{0});
  return {offset,
          attempts + (fate.kept_for ? 1 : 0),
          (WaitOf(fate) + lease).count(),
          fate.kept_for.has_value(),
          note.reason,
          core::CutErrorText(note.error)};
}

std::vector<Offset> OffsetsOf(std::span<const FailedRow> rows) {
  std::vector<Offset> offsets;
  for (const FailedRow& row : rows) offsets.push_back(row.offset);
  return offsets;
}

/// Calls `run` with up to kFailedRowsPerStatement of `rows` at a time.
template <typename T, typename Run>
Status InParts(const std::vector<T>& rows, const Run& run) {
  const std::span<const T> all(rows);
  for (std::size_t i = 0; i < all.size(); i += kFailedRowsPerStatement) {
    const std::size_t count = std::min(kFailedRowsPerStatement, all.size() - i);
    LANEMQ_RETURN_IF_ERROR(run(all.subspan(i, count)));
  }
  return {};
}

}  // namespace

Settlement::Settlement(Connection& connection, std::string_view prefix, std::string_view group,
                       const core::OffsetOwner& owner, const core::PartitionSettlement& asked)
    : connection_(connection),
      log_(prefix, asked.location),
      rows_(group, asked.location.key),
      owner_(owner),
      holder_(HolderOf(owner)),
      asked_(asked) {}

Status Settlement::Write(const core::CommittedOffset& stored, PartitionSettled& answer) {
  if (asked_.failures.empty() && asked_.retries.empty()) return {};
  LANEMQ_RETURN_IF_ERROR(Savepoint());
  const Status written = WriteAll(stored, answer);
  if (written.ok()) return {};
  const ErrorCode code = written.error().code;
  if (code == ErrorCode::kNotFound || code == ErrorCode::kUnknownTopicOrPartition) {
    LANEMQ_RETURN_IF_ERROR(RollBack());
  }
  return written;
}

/// Outcomes first: a failure may be of a record that was a retry until now.
Status Settlement::WriteAll(const core::CommittedOffset& stored, PartitionSettled& answer) {
  LANEMQ_RETURN_IF_ERROR(EndRetries(answer));
  return WriteFailures(stored, answer);
}

Status Settlement::Savepoint() {
  connection_.Text() = "SAVEPOINT settlement";
  return ToStatus(connection_.UpdateText("savepoint"));
}

Status Settlement::RollBack() {
  connection_.Text() = "ROLLBACK TO SAVEPOINT settlement";
  return ToStatus(connection_.UpdateText("rollback_to_savepoint"));
}

Status Settlement::EndRetries(PartitionSettled& answer) {
  if (asked_.retries.empty()) return {};
  LANEMQ_ASSIGN_OR_RETURN(const bool all_done, TryDeletingDone());
  if (all_done) return {};
  std::vector<Offset> offsets;
  for (const core::RetryOutcome& outcome : asked_.retries) offsets.push_back(outcome.offset);
  LANEMQ_RETURN_IF_ERROR(LockRetries(offsets));
  return WriteOutcomes(answer);
}

/// False: one of them failed again, or is stale; nothing is changed.
Result<bool> Settlement::TryDeletingDone() {
  std::map<std::int32_t, std::vector<Offset>> by_attempt;
  for (const core::RetryOutcome& outcome : asked_.retries) {
    if (!outcome.is_ok) return false;
    by_attempt[outcome.attempt].push_back(outcome.offset);
  }
  bool all = true;
  for (const auto& [attempt, offsets] : by_attempt) {
    LANEMQ_RETURN_IF_ERROR(InParts(offsets, [&](auto part) -> Status {
      rows_.DeleteDone(part, attempt, connection_.Text());
      LANEMQ_ASSIGN_OR_RETURN(const std::int64_t deleted, connection_.UpdateText("delete_done"));
      all = all && deleted == static_cast<std::int64_t>(part.size());
      return {};
    }));
    if (all) continue;
    LANEMQ_RETURN_IF_ERROR(RollBack());
    return false;
  }
  return true;
}

Status Settlement::LockRetries(const std::vector<Offset>& offsets) {
  return InParts(offsets, [&](auto part) -> Status {
    rows_.LockRetries(part, connection_.Text());
    return connection_.QueryText("lock_retries", [&](const Row& row) {
      retries_[row.Int64(0)] = {row.Int64(1), IsHeldBy(row.String(2), owner_),
                                microseconds{row.Int64(3)}, WallTime{row.Int64(4)}};
      return true;
    });
  });
}

/// Tells outcomes of deliveries that are ours from stale ones.
Status Settlement::WriteOutcomes(PartitionSettled& answer) {
  std::vector<Offset> done;
  std::vector<FailedRow> reschedule;
  std::vector<FailedRow> bury;
  for (const core::RetryOutcome& outcome : asked_.retries) {
    const auto found = retries_.find(outcome.offset.value);
    if (found == retries_.end() || found->second.attempts != outcome.attempt) {
      const bool is_repeated =
          !outcome.is_ok && AddKeptBefore(outcome.offset, outcome.attempt, outcome.fate, answer);
      if (!is_repeated) answer.stale.push_back(outcome.offset);
      continue;
    }
    const WallTime first_at = found->second.first_at;
    retries_.erase(found);  // Told twice: the first counts.
    if (outcome.is_ok) {
      done.push_back(outcome.offset);
      continue;
    }
    (outcome.fate.is_dead ? bury : reschedule)
        .push_back(ToRow(outcome.offset, outcome.attempt, outcome.fate, outcome.note));
    if (!outcome.fate.kept_for) continue;
    answer.kept.push_back({outcome.offset, outcome.attempt + 1, WaitOf(outcome.fate), first_at});
  }
  answer.retried += static_cast<std::int32_t>(reschedule.size());
  answer.dead += static_cast<std::int32_t>(bury.size());
  LANEMQ_RETURN_IF_ERROR(
      InParts(done, [&](auto offsets) { return Delete(FailedTable::kRetry, offsets); }));
  LANEMQ_RETURN_IF_ERROR(InParts(reschedule, [&](auto rows) -> Status {
    rows_.Reschedule(rows, holder_, connection_.Text());
    return ToStatus(connection_.UpdateText("reschedule_retries"));
  }));
  return InParts(bury, [&](auto rows) -> Status {
    rows_.CopyToDead(rows, connection_.Text());
    LANEMQ_RETURN_IF_ERROR(connection_.UpdateText("bury_retries"));
    return Delete(FailedTable::kRetry, OffsetsOf(rows));
  });
}

Status Settlement::WriteFailures(const core::CommittedOffset& stored, PartitionSettled& answer) {
  // A commit that goes back passes its failures anew. Otherwise what is below the stored offset
  // was written when that was.
  const bool is_back = asked_.commit && asked_.commit->offset < stored.offset;
  std::vector<FailedRow> to_retry;
  std::vector<FailedRow> to_dead;
  std::vector<Offset> repeated;
  for (const core::LogFailure& failure : asked_.failures) {
    if (failure.offset < stored.offset && !is_back) {
      if (failure.fate.kept_for) repeated.push_back(failure.offset);
      continue;
    }
    (failure.fate.is_dead ? to_dead : to_retry)
        .push_back(ToRow(failure.offset, failure.attempts, failure.fate, failure.note));
  }
  LANEMQ_RETURN_IF_ERROR(LockRetries(repeated));
  if (!to_retry.empty() || !to_dead.empty()) LANEMQ_RETURN_IF_ERROR(ReadTimeAndDead(to_retry));
  for (const core::LogFailure& failure : asked_.failures) {
    if (!failure.fate.kept_for) continue;
    if (failure.offset < stored.offset && !is_back) {
      (void)AddKeptBefore(failure.offset, failure.attempts, failure.fate, answer);
    } else {
      answer.kept.push_back(
          {failure.offset, failure.attempts + 1, WaitOf(failure.fate), WallTime{failed_at_us_}});
    }
  }
  answer.retried += static_cast<std::int32_t>(to_retry.size());
  answer.dead += static_cast<std::int32_t>(to_dead.size());
  LANEMQ_RETURN_IF_ERROR(InParts(to_retry, [&](auto rows) -> Status {
    LANEMQ_RETURN_IF_ERROR(Copy(FailedTable::kRetry, rows));
    return has_dead_ ? Delete(FailedTable::kDead, OffsetsOf(rows)) : Status();
  }));
  return InParts(to_dead, [&](auto rows) -> Status {
    LANEMQ_RETURN_IF_ERROR(Copy(FailedTable::kDead, rows));
    return Delete(FailedTable::kRetry, OffsetsOf(rows));
  });
}

bool Settlement::AddKeptBefore(Offset offset, std::int32_t attempts, const core::FailureFate& fate,
                               PartitionSettled& answer) const {
  const auto row = retries_.find(offset.value);
  if (row == retries_.end() || !fate.kept_for) return false;
  const Stored& stored = row->second;
  if (!stored.is_ours || stored.attempts != attempts + 1) return false;
  if (stored.due_in <= microseconds{0}) return false;  // The lease is over.
  answer.kept.push_back({offset, attempts + 1, stored.due_in - *fate.kept_for, stored.first_at});
  return true;
}

Status Settlement::ReadTimeAndDead(const std::vector<FailedRow>& rows) {
  rows_.FindDead(rows, connection_.Text());
  return connection_.QueryText("find_dead_letters", [&](const Row& row) {
    failed_at_us_ = row.Int64(0);
    has_dead_ = row.Int64(1) != 0;
    return false;
  });
}

Status Settlement::Copy(FailedTable to, std::span<const FailedRow> rows) {
  rows_.CopyFromLog(log_, {to, /*is_over=*/false, holder_, failed_at_us_}, rows,
                    connection_.Text());
  const auto copied =
      connection_.UpdateText(to == FailedTable::kDead ? "copy_to_dead" : "copy_to_retries");
  // The group was moved back: it has failed before.
  if (!copied.ok() && copied.error().code == ErrorCode::kAlreadyExists) return CopyOver(to, rows);
  LANEMQ_RETURN_IF_ERROR(copied);
  const auto missing = static_cast<std::int64_t>(rows.size()) - *copied;
  if (missing == 0) return {};
  return Error{ErrorCode::kNotFound,
               fmt::format("{} of {} failed records from offset {} on are not in the log", missing,
                           rows.size(), rows.front().offset.value)};
}

/// Rows that are replaced count twice, so the log is asked first.
Status Settlement::CopyOver(FailedTable to, std::span<const FailedRow> rows) {
  std::size_t found = 0;
  FailedRows::CountInLog(log_, rows, connection_.Text());
  LANEMQ_RETURN_IF_ERROR(connection_.QueryText("count_in_log", [&](const Row& row) {
    found = static_cast<std::size_t>(row.Int64(0));
    return false;
  }));
  if (found < rows.size()) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("{} of {} failed records from offset {} on are not in the log",
                             rows.size() - found, rows.size(), rows.front().offset.value)};
  }
  rows_.CopyFromLog(log_, {to, /*is_over=*/true, holder_, failed_at_us_}, rows, connection_.Text());
  LANEMQ_ASSIGN_OR_RETURN(
      const std::int64_t affected,
      connection_.UpdateText(to == FailedTable::kDead ? "copy_over_dead" : "copy_over_retries"));
  if (affected >= static_cast<std::int64_t>(rows.size())) return {};
  return Error{ErrorCode::kConflict, "records left the log while their failures were written"};
}

Status Settlement::Delete(FailedTable from, std::span<const Offset> offsets) {
  rows_.Delete(from, offsets, connection_.Text());
  return ToStatus(connection_.UpdateText(from == FailedTable::kDead ? "delete_dead_letters"
                                                                    : "delete_retries"));
}

}  // namespace lanemq::sql
