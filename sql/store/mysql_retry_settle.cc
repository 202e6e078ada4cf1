#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "common/core/retry/error_text.h"
#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/failed_rows.h"
#include "sql/store/mysql_retry_store.h"
#include "sql/store/offset_rows.h"
#include "sql/store/on_node.h"
#include "sql/store/owned_offset.h"

namespace lanemq::sql {
namespace {

using core::Offset;
using core::OffsetOwner;
using core::PartitionKey;
using core::PartitionSettled;
using core::PartitionSettlement;

/// What is written of one partition, by where it goes.
struct Plan {
  std::vector<FailedRow> to_retry;
  std::vector<FailedRow> to_dead;
  std::vector<Offset> done;           ///< Retries that worked.
  std::vector<FailedRow> reschedule;  ///< Retries that failed again.
  std::vector<FailedRow> bury;        ///< Retries that failed for the last time.
};

FailedRow ToRow(Offset offset, std::int32_t attempts, const core::FailureFate& fate,
                const core::FailureNote& note) {
  return {offset, attempts, std::max<std::int64_t>(fate.due_in.count(), 0), note.reason,
          core::CutErrorText(note.error)};
}

std::vector<Offset> OffsetsOf(std::span<const FailedRow> rows) {
  std::vector<Offset> offsets;
  for (const FailedRow& row : rows) offsets.push_back(row.offset);
  return offsets;
}

Status Check(const PartitionSettlement& asked) {
  const auto invalid = [](std::string why) { return Error{ErrorCode::kInvalidRequest, why}; };
  Offset before{0};
  for (const core::LogFailure& failure : asked.failures) {
    if (!asked.commit) return invalid("failures without a commit that passes them");
    if (failure.offset <= before || failure.offset >= asked.commit->offset) {
      return invalid(fmt::format("a failure at {} is not between {} and the commit's {}",
                                 failure.offset.value, before.value, asked.commit->offset.value));
    }
    if (failure.note.reason.size() > core::kFailureReasonBytesMax) {
      return invalid("a reason is too long");
    }
    before = failure.offset;
  }
  for (const core::RetryOutcome& outcome : asked.retries) {
    if (outcome.note.reason.size() > core::kFailureReasonBytesMax) {
      return invalid("a reason is too long");
    }
  }
  if (asked.commit && asked.commit->key != asked.location.key) {
    return invalid("the commit is of another partition");
  }
  return {};
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

/// One settlement of one partition, whose offset row is locked.
class Settlement {
 public:
  Settlement(Connection& connection, std::string_view prefix, std::string_view group,
             const PartitionSettlement& asked)
      : connection_(connection),
        log_(prefix, asked.location),
        rows_(group, asked.location.key),
        asked_(asked) {}

  /// Reads what the decision needs: kNotFound when a record is no longer in the log. Changes
  /// nothing.
  Status Prepare(const core::CommittedOffset& stored, PartitionSettled& answer) {
    // A commit that goes back passes its failures anew. Otherwise what is below the stored offset
    // was written when that was.
    const bool is_back = asked_.commit && asked_.commit->offset < stored.offset;
    for (const core::LogFailure& failure : asked_.failures) {
      if (failure.offset < stored.offset && !is_back) continue;
      (failure.fate.is_dead ? plan_.to_dead : plan_.to_retry)
          .push_back(ToRow(failure.offset, failure.attempts, failure.fate, failure.note));
    }
    LANEMQ_RETURN_IF_ERROR(InParts(plan_.to_retry, [&](auto rows) { return FindInLog(rows); }));
    LANEMQ_RETURN_IF_ERROR(InParts(plan_.to_dead, [&](auto rows) { return FindInLog(rows); }));
    LANEMQ_RETURN_IF_ERROR(SortOutcomes(answer.stale));
    answer.retried = static_cast<std::int32_t>(plan_.to_retry.size() + plan_.reschedule.size());
    answer.dead = static_cast<std::int32_t>(plan_.to_dead.size() + plan_.bury.size());
    return {};
  }

  /// Outcomes first: a failure may be of a record that was a retry until now.
  Status Write() {
    LANEMQ_RETURN_IF_ERROR(
        InParts(plan_.done, [&](auto offsets) { return Delete(FailedTable::kRetry, offsets); }));
    LANEMQ_RETURN_IF_ERROR(InParts(plan_.reschedule, [&](auto rows) -> Status {
      rows_.Reschedule(rows, connection_.Text());
      return ToStatus(connection_.UpdateText("reschedule_retries"));
    }));
    LANEMQ_RETURN_IF_ERROR(InParts(plan_.bury, [&](auto rows) -> Status {
      rows_.CopyToDead(rows, connection_.Text());
      LANEMQ_RETURN_IF_ERROR(connection_.UpdateText("bury_retries"));
      return Delete(FailedTable::kRetry, OffsetsOf(rows));
    }));
    LANEMQ_RETURN_IF_ERROR(InParts(plan_.to_retry, [&](auto rows) -> Status {
      LANEMQ_RETURN_IF_ERROR(Copy(FailedTable::kRetry, rows));
      return Delete(FailedTable::kDead, OffsetsOf(rows));
    }));
    return InParts(plan_.to_dead, [&](auto rows) -> Status {
      LANEMQ_RETURN_IF_ERROR(Copy(FailedTable::kDead, rows));
      return Delete(FailedTable::kRetry, OffsetsOf(rows));
    });
  }

 private:
  Status FindInLog(std::span<const FailedRow> rows) {
    std::size_t found = 0;
    FailedRows::CountInLog(log_, rows, connection_.Text());
    LANEMQ_RETURN_IF_ERROR(connection_.QueryText("count_in_log", [&](const Row& row) {
      found = static_cast<std::size_t>(row.Int64(0));
      return false;
    }));
    if (found == rows.size()) return {};
    return Error{ErrorCode::kNotFound,
                 fmt::format("{} of {} failed records from offset {} on are not in the log",
                             rows.size() - found, rows.size(), rows.front().offset.value)};
  }

  /// Locks the retries that have outcomes and tells those of deliveries that are ours from stale
  /// ones.
  Status SortOutcomes(std::vector<Offset>& stale) {
    std::vector<Offset> offsets;
    for (const core::RetryOutcome& outcome : asked_.retries) offsets.push_back(outcome.offset);
    std::map<std::int64_t, std::int64_t> attempts;
    LANEMQ_RETURN_IF_ERROR(InParts(offsets, [&](auto part) -> Status {
      rows_.LockRetries(part, connection_.Text());
      return connection_.QueryText("lock_retries", [&](const Row& row) {
        attempts[row.Int64(0)] = row.Int64(1);
        return true;
      });
    }));
    for (const core::RetryOutcome& outcome : asked_.retries) {
      const auto found = attempts.find(outcome.offset.value);
      if (found == attempts.end() || found->second != outcome.attempt) {
        stale.push_back(outcome.offset);
        continue;
      }
      attempts.erase(found);  // Told twice: the first counts.
      if (outcome.is_ok) {
        plan_.done.push_back(outcome.offset);
      } else {
        (outcome.fate.is_dead ? plan_.bury : plan_.reschedule)
            .push_back(ToRow(outcome.offset, outcome.attempt, outcome.fate, outcome.note));
      }
    }
    return {};
  }

  Status Copy(FailedTable to, std::span<const FailedRow> rows) {
    rows_.CopyFromLog(log_, to, rows, connection_.Text());
    LANEMQ_ASSIGN_OR_RETURN(
        const std::int64_t affected,
        connection_.UpdateText(to == FailedTable::kDead ? "copy_to_dead" : "copy_to_retries"));
    if (affected >= static_cast<std::int64_t>(rows.size())) return {};
    return Error{ErrorCode::kConflict, "records left the log while their failures were written"};
  }

  Status Delete(FailedTable from, std::span<const Offset> offsets) {
    rows_.Delete(from, offsets, connection_.Text());
    return ToStatus(connection_.UpdateText(from == FailedTable::kDead ? "delete_dead_letters"
                                                                      : "delete_retries"));
  }

  Connection& connection_;
  const MessageTable log_;
  const FailedRows rows_;
  const PartitionSettlement& asked_;
  Plan plan_;
};

/// Counts the attempt at the record that is about to be handled.
Status Mark(Connection& connection, std::string_view group, const PartitionSettlement& asked,
            const core::CommittedOffset& stored, PartitionSettled& answer) {
  if (!asked.begins) return {};
  const Offset begins = *asked.begins;
  const bool has_moved = asked.commit && asked.commit->offset != stored.offset;
  answer.attempts = 1 + (!has_moved && stored.attempt_offset == begins ? stored.attempts : 0);
  return ToStatus(connection.Update(
      statements::kMarkAttempt, {begins.value, begins.value, group, asked.location.key.topic.value,
                                 std::int64_t{asked.location.key.partition}}));
}

/// The Status is for the whole call; the partition's is in `answer`.
Status SettleOne(Connection& connection, std::string_view prefix, std::string_view group,
                 const OffsetOwner& owner, const PartitionSettlement& asked,
                 PartitionSettled& answer) {
  answer.status = Check(asked);
  if (!answer.status.ok()) return {};
  const PartitionKey& key = asked.location.key;
  const std::int64_t epoch = asked.commit ? asked.commit->reset_epoch.value_or(0) : 0;
  LANEMQ_ASSIGN_OR_RETURN(const OwnedOffset owned, LockOwned(connection, group, key, owner, epoch));
  answer.status = asked.commit ? JudgeCommit(owned.stored, owner, *asked.commit)
                               : JudgeOwner(owned.stored, owner);
  const Offset floor = asked.commit ? asked.commit->offset : owned.stored.offset;
  if (answer.status.ok() && asked.begins && *asked.begins < floor) {
    answer.status = Error{ErrorCode::kInvalidRequest, "what begins is below the committed offset"};
  }
  Settlement settlement(connection, prefix, group, asked);
  if (answer.status.ok()) {
    const Status prepared = settlement.Prepare(owned.stored, answer);
    if (!prepared.ok()) {
      const ErrorCode code = prepared.error().code;
      if (code != ErrorCode::kNotFound && code != ErrorCode::kUnknownTopicOrPartition) {
        return prepared;
      }
      answer = {.status = prepared};
    }
  }
  if (!answer.status.ok()) return Forget(connection, group, owned);
  LANEMQ_RETURN_IF_ERROR(settlement.Write());
  if (asked.commit) {
    LANEMQ_ASSIGN_OR_RETURN(answer.status, CommitOffset(connection, group, owner, *asked.commit));
    // The row is locked, and was judged.
    if (!answer.status.ok()) return answer.status;
  }
  return Mark(connection, group, asked, owned.stored, answer);
}

}  // namespace

Result<std::vector<PartitionSettled>> MySqlRetryStore::Settle(
    std::string_view group, const OffsetOwner& owner,
    std::span<const PartitionSettlement> partitions, Deadline deadline) {
  std::vector<PartitionSettled> answers(partitions.size());
  if (partitions.empty()) return answers;
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  const auto order =
      InLockOrder(partitions, [](const auto& partition) { return partition.location.key; });
  LANEMQ_RETURN_IF_ERROR(
      RunInTransaction(node->pool, deadline, [&](Connection& connection) -> Status {
        for (const std::size_t i : order) {
          answers[i] = {};
          LANEMQ_RETURN_IF_ERROR(SettleOne(connection, node->node.schema_prefix, group, owner,
                                           partitions[i], answers[i]));
        }
        return {};
      }));
  return answers;
}

}  // namespace lanemq::sql
