#include "sql/store/mysql_offset_store.h"

#include <map>
#include <set>

#include <fmt/format.h>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/offset_rows.h"
#include "sql/store/on_node.h"

namespace lanemq::sql {
namespace {

using core::CommittedOffset;
using core::OffsetClaim;
using core::OffsetCommit;
using core::OffsetOwner;
using core::OffsetPause;
using core::PartitionKey;

/// More keys than this are read as the group's whole, and filtered.
constexpr std::size_t kKeysOneByOne = 16;

/// Affected rows of commit_offset that can only mean that the row was changed.
constexpr std::int64_t kRowChanged = 2;

/// Whether the row, as it was read after the statement, is `owner`'s.
Status JudgeOwner(const CommittedOffset& stored, const OffsetOwner& owner) {
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

Status Judge(const std::optional<CommittedOffset>& stored, const OffsetOwner& owner,
             const OffsetCommit& commit) {
  if (!stored) return {};  // Stored, and removed since: with its partition, or by the janitor.
  LANEMQ_RETURN_IF_ERROR(JudgeOwner(*stored, owner));
  if (commit.reset_epoch && stored->reset_epoch != *commit.reset_epoch) {
    return Error{ErrorCode::kOffsetReset, fmt::format("reset epoch {} was followed by {}",
                                                      *commit.reset_epoch, stored->reset_epoch)};
  }
  return {};
}

/// Runs the conditional statement; the outer Result fails for the whole call, the inner Status is
/// this partition's answer.
Result<Status> CommitOne(Connection& connection, std::string_view group, const OffsetOwner& owner,
                         const OffsetCommit& commit) {
  const Param epoch = commit.reset_epoch ? Param{*commit.reset_epoch} : Param{SqlNull{}};
  LANEMQ_ASSIGN_OR_RETURN(
      const std::int64_t affected,
      connection.Update(statements::kCommitOffset,
                        {group, commit.key.topic.value, std::int64_t{commit.key.partition},
                         commit.offset.value, owner.generation.value,
                         std::string_view(owner.member_id), commit.reset_epoch.value_or(0),
                         std::string_view(commit.metadata), epoch, epoch, epoch, epoch}));
  if (affected == kRowChanged) return Status{};
  // Inserted or refused: the count does not tell. When autocommitted, a newer owner may have come
  // in between; refusing then is as good, since this one is over.
  LANEMQ_ASSIGN_OR_RETURN(const auto stored,
                          ReadOffset(connection, statements::kReadOffset, group, commit.key));
  return Judge(stored, owner, commit);
}

Status CommitAll(Connection& connection, std::string_view group, const OffsetOwner& owner,
                 std::span<const OffsetCommit> commits, std::vector<Status>& answers) {
  for (const std::size_t i : InLockOrder(commits, [](const auto& commit) { return commit.key; })) {
    LANEMQ_ASSIGN_OR_RETURN(answers[i], CommitOne(connection, group, owner, commits[i]));
  }
  return {};
}

Status ClaimAll(Connection& connection, std::string_view group, const OffsetOwner& owner,
                std::span<const PartitionKey> keys, std::vector<OffsetClaim>& answers) {
  for (const std::size_t i : InLockOrder(keys, [](const auto& key) { return key; })) {
    const PartitionKey& key = keys[i];
    LANEMQ_RETURN_IF_ERROR(connection.Update(
        statements::kClaimOffset, {group, key.topic.value, std::int64_t{key.partition},
                                   owner.generation.value, std::string_view(owner.member_id)}));
    // The row is locked: what is read is what the next owner will find, but for ours.
    LANEMQ_ASSIGN_OR_RETURN(auto stored,
                            ReadOffset(connection, statements::kReadOffset, group, key));
    if (!stored) return Error{ErrorCode::kUnknownServerError, "a claimed row is not there"};
    answers[i] = {JudgeOwner(*stored, owner), *std::move(stored)};
  }
  return {};
}

Result<std::vector<CommittedOffset>> ReadRows(Connection& connection, std::string_view group,
                                              std::span<const PartitionKey> keys) {
  std::vector<CommittedOffset> offsets;
  if (!keys.empty() && keys.size() <= kKeysOneByOne) {
    for (const PartitionKey& key : keys) {
      LANEMQ_ASSIGN_OR_RETURN(auto stored,
                              ReadOffset(connection, statements::kReadOffset, group, key));
      if (stored) offsets.push_back(*std::move(stored));
    }
    return offsets;
  }
  const std::set<PartitionKey> wanted(keys.begin(), keys.end());
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kReadGroupOffsets, {group}, [&](const Row& row) {
        const PartitionKey key{core::TopicId{row.Int64(6)},
                               static_cast<std::int32_t>(row.Int64(7))};
        if (wanted.empty() || wanted.contains(key)) offsets.push_back(ToCommitted(row, key));
        return true;
      }));
  return offsets;
}

Result<std::map<PartitionKey, OffsetPause>> ReadPauses(Connection& connection,
                                                       std::string_view group) {
  std::map<PartitionKey, OffsetPause> pauses;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadPauses, {group}, [&](const Row& row) {
    const PartitionKey key{core::TopicId{row.Int64(0)}, static_cast<std::int32_t>(row.Int64(1))};
    OffsetPause& pause = pauses[key];
    if (!row.IsNull(2)) pause.until = WallTime{row.Int64(2)};
    pause.requested_by = row.String(3);
    pause.reason = row.String(4);
    pause.at = WallTime{row.Int64(5)};
    return true;
  }));
  return pauses;
}

/// Puts the pauses of `keys` (empty: all) to their offsets; those without an offset get a row.
void AddPauses(std::map<PartitionKey, OffsetPause> pauses, std::span<const PartitionKey> keys,
               std::vector<CommittedOffset>& offsets) {
  if (pauses.empty()) return;
  for (CommittedOffset& offset : offsets) {
    if (auto found = pauses.extract(offset.key)) offset.pause = std::move(found.mapped());
  }
  const std::set<PartitionKey> wanted(keys.begin(), keys.end());
  for (auto& [key, pause] : pauses) {
    if (!wanted.empty() && !wanted.contains(key)) continue;
    CommittedOffset& offset = offsets.emplace_back();
    offset.key = key;
    offset.offset = core::Offset{-1};
    offset.pause = std::move(pause);
  }
}

}  // namespace

Result<std::vector<Status>> MySqlOffsetStore::Commit(std::string_view group,
                                                     const OffsetOwner& owner,
                                                     std::span<const OffsetCommit> commits,
                                                     Deadline deadline) {
  std::vector<Status> answers(commits.size());
  if (commits.empty()) return answers;
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  const auto body = [&](Connection& connection) {
    return CommitAll(connection, group, owner, commits, answers);
  };
  // One statement is a transaction of its own.
  const Status status = commits.size() == 1 ? RunAutocommitted(node->pool, deadline, body)
                                            : RunInTransaction(node->pool, deadline, body);
  LANEMQ_RETURN_IF_ERROR(status);
  return answers;
}

Result<std::vector<OffsetClaim>> MySqlOffsetStore::Claim(std::string_view group,
                                                         const OffsetOwner& owner,
                                                         std::span<const PartitionKey> keys,
                                                         Deadline deadline) {
  std::vector<OffsetClaim> answers(keys.size());
  if (keys.empty()) return answers;
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  LANEMQ_RETURN_IF_ERROR(RunInTransaction(node->pool, deadline, [&](Connection& connection) {
    return ClaimAll(connection, group, owner, keys, answers);
  }));
  return answers;
}

Result<std::vector<CommittedOffset>> MySqlOffsetStore::Fetch(std::string_view group,
                                                             std::span<const PartitionKey> keys,
                                                             Deadline deadline) {
  using Offsets = std::vector<CommittedOffset>;
  const auto read = [&](Connection& connection, const core::DataNode&) -> Result<Offsets> {
    LANEMQ_ASSIGN_OR_RETURN(Offsets offsets, ReadRows(connection, group, keys));
    LANEMQ_ASSIGN_OR_RETURN(auto pauses, ReadPauses(connection, group));
    AddPauses(std::move(pauses), keys, offsets);
    return offsets;
  };
  return ReadOn<Offsets>(nodes_, node_, deadline, read);
}

}  // namespace lanemq::sql
