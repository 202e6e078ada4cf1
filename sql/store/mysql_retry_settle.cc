#include <algorithm>

#include <fmt/format.h>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/mysql_retry_store.h"
#include "sql/store/offset_rows.h"
#include "sql/store/on_node.h"
#include "sql/store/owned_offset.h"
#include "sql/store/partition_guard.h"
#include "sql/store/settlement.h"

namespace lanemq::sql {
namespace {

using core::Offset;
using core::OffsetOwner;
using core::PartitionKey;
using core::PartitionSettled;
using core::PartitionSettlement;

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

Status Judge(const core::CommittedOffset& stored, const OffsetOwner& owner,
             const PartitionSettlement& asked) {
  if (asked.commit) return JudgeCommit(stored, owner, *asked.commit);
  LANEMQ_RETURN_IF_ERROR(JudgeOwner(stored, owner));
  return JudgeSequence(stored, owner);
}

/// Of a settlement without a commit: those that were told before it are over.
Status NoteSequence(Connection& connection, std::string_view group, const OffsetOwner& owner,
                    const core::CommittedOffset& stored) {
  if (owner.commit_sequence <= stored.commit_sequence) return {};
  if (stored.generation != owner.generation) return {};  // A commit will raise both.
  return ToStatus(connection.Update(
      statements::kNoteSequence,
      {owner.commit_sequence, group, stored.key.topic.value, std::int64_t{stored.key.partition}}));
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
  answer.status = Judge(owned.stored, owner, asked);
  const Offset floor = asked.commit ? asked.commit->offset : owned.stored.offset;
  if (answer.status.ok() && asked.begins && *asked.begins < floor) {
    answer.status = Error{ErrorCode::kInvalidRequest, "what begins is below the committed offset"};
  }
  if (answer.status.ok()) {
    Settlement settlement(connection, prefix, group, owner, asked);
    const Status written = settlement.Write(owned.stored, answer);
    if (!written.ok()) {
      const ErrorCode code = written.error().code;
      if (code != ErrorCode::kNotFound && code != ErrorCode::kUnknownTopicOrPartition) {
        return written;
      }
      answer = {.status = written};
    }
  }
  if (!answer.status.ok()) return Forget(connection, group, owned);
  if (asked.commit) {
    LANEMQ_ASSIGN_OR_RETURN(answer.status, CommitOffset(connection, group, owner, *asked.commit));
    // The row is locked, and was judged.
    if (!answer.status.ok()) return answer.status;
  } else {
    LANEMQ_RETURN_IF_ERROR(NoteSequence(connection, group, owner, owned.stored));
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
  std::vector<PartitionKey> keys;
  for (const PartitionSettlement& asked : partitions) keys.push_back(asked.location.key);
  const auto order =
      InLockOrder(partitions, [](const auto& partition) { return partition.location.key; });
  LANEMQ_RETURN_IF_ERROR(
      RunInTransaction(node->pool, deadline, [&](Connection& connection) -> Status {
        LANEMQ_ASSIGN_OR_RETURN(const auto shared, SharePartitions(connection, keys));
        for (const std::size_t i : order) {
          answers[i] = {.status = shared[i]};
          if (!shared[i].ok()) continue;
          LANEMQ_RETURN_IF_ERROR(SettleOne(connection, node->node.schema_prefix, group, owner,
                                           partitions[i], answers[i]));
        }
        return {};
      }));
  return answers;
}

}  // namespace lanemq::sql
