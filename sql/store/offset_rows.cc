#include "sql/store/offset_rows.h"

#include <fmt/format.h>

#include "sql/statements/statements.h"
#include "sql/store/partition_guard.h"

namespace lanemq::sql {
namespace {

// A claimed row without a commit has offset 0; the first one that can be committed is 1.
core::Offset ToOffset(std::int64_t stored) { return core::Offset{stored == 0 ? -1 : stored}; }

/// Affected rows of commit_offset that can only mean that the row was changed.
constexpr std::int64_t kRowChanged = 2;

}  // namespace

core::CommittedOffset ToCommitted(const Row& row, const core::PartitionKey& key) {
  core::CommittedOffset out;
  out.key = key;
  out.offset = ToOffset(row.Int64(0));
  out.metadata = row.String(1);
  out.generation = core::Generation{row.Int64(2)};
  out.reset_epoch = row.Int64(3);
  out.committed_at = WallTime{row.Int64(4)};
  out.member_id = row.String(5);
  out.claims = static_cast<std::int32_t>(row.Int64(6));
  out.attempt_offset = ToOffset(row.Int64(7));
  out.attempts = static_cast<std::int32_t>(row.Int64(8));
  out.commit_sequence = row.Int64(9);
  return out;
}

Result<std::optional<core::CommittedOffset>> ReadOffset(Connection& connection,
                                                        const Statement& statement,
                                                        std::string_view group,
                                                        const core::PartitionKey& key) {
  std::optional<core::CommittedOffset> found;
  LANEMQ_RETURN_IF_ERROR(connection.Query(
      statement, {group, key.topic.value, std::int64_t{key.partition}}, [&](const Row& row) {
        found = ToCommitted(row, key);
        return false;
      }));
  return found;
}

Status JudgeOwner(const core::CommittedOffset& stored, const core::OffsetOwner& owner) {
  if (stored.generation > owner.generation) {
    return Error{ErrorCode::kIllegalGeneration,
                 fmt::format("generation {} was followed by {}", owner.generation.value,
                             stored.generation.value)};
  }
  if (stored.member_id != owner.member_id) {
    return Error{ErrorCode::kIllegalGeneration,
                 fmt::format("the partition is of member '{}' since generation {}",
                             stored.member_id, stored.generation.value)};
  }
  return {};
}

Status JudgeSequence(const core::CommittedOffset& stored, const core::OffsetOwner& owner) {
  if (owner.commit_sequence == 0 || stored.generation != owner.generation) return {};
  if (owner.commit_sequence >= stored.commit_sequence) return {};
  return Error{ErrorCode::kFenced,
               fmt::format("commit {} of member '{}' was followed by its commit {}",
                           owner.commit_sequence, owner.member_id, stored.commit_sequence)};
}

Status JudgeCommit(const core::CommittedOffset& stored, const core::OffsetOwner& owner,
                   const core::OffsetCommit& commit) {
  LANEMQ_RETURN_IF_ERROR(JudgeOwner(stored, owner));
  if (commit.reset_epoch && stored.reset_epoch != *commit.reset_epoch) {
    return Error{ErrorCode::kOffsetReset, fmt::format("reset epoch {} was followed by {}",
                                                      *commit.reset_epoch, stored.reset_epoch)};
  }
  return JudgeSequence(stored, owner);
}

Result<Status> CommitOffset(Connection& connection, std::string_view group,
                            const core::OffsetOwner& owner, const core::OffsetCommit& commit) {
  const Param epoch = commit.reset_epoch ? Param{*commit.reset_epoch} : Param{SqlNull{}};
  LANEMQ_ASSIGN_OR_RETURN(
      const std::int64_t affected,
      connection.Update(
          statements::kCommitOffset,
          {group, commit.offset.value, owner.generation.value, std::string_view(owner.member_id),
           owner.commit_sequence, commit.reset_epoch.value_or(0), std::string_view(commit.metadata),
           commit.key.topic.value, std::int64_t{commit.key.partition}, epoch, epoch, epoch, epoch,
           epoch, epoch, epoch, epoch}));
  if (affected == kRowChanged) return Status{};
  if (affected == 0) return Status{MovesAway(commit.key)};
  // Inserted or refused: the count does not tell. When autocommitted, a newer owner may have come
  // in between; refusing then is as good, since this one is over.
  LANEMQ_ASSIGN_OR_RETURN(const auto stored,
                          ReadOffset(connection, statements::kReadOffset, group, commit.key));
  // None: removed since, with its partition or by the janitor.
  return stored ? JudgeCommit(*stored, owner, commit) : Status{};
}

}  // namespace lanemq::sql
