#include "sql/store/mysql_offset_store.h"

#include <algorithm>
#include <map>
#include <set>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/offset_rows.h"
#include "sql/store/on_node.h"
#include "sql/store/partition_guard.h"

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

Status CommitAll(Connection& connection, std::string_view group, const OffsetOwner& owner,
                 std::span<const OffsetCommit> commits, std::vector<Status>& answers) {
  if (commits.size() > 1) {
    std::vector<PartitionKey> keys;
    for (const OffsetCommit& commit : commits) keys.push_back(commit.key);
    LANEMQ_ASSIGN_OR_RETURN(answers, SharePartitions(connection, keys));
  }
  for (const std::size_t i : InLockOrder(commits, [](const auto& commit) { return commit.key; })) {
    if (!answers[i].ok()) continue;
    LANEMQ_ASSIGN_OR_RETURN(answers[i], CommitOffset(connection, group, owner, commits[i]));
  }
  return {};
}

Status ClaimAll(Connection& connection, std::string_view group, const OffsetOwner& owner,
                std::span<const PartitionKey> keys, std::vector<OffsetClaim>& answers) {
  // One statement shares the lock by itself.
  if (keys.size() > 1) LANEMQ_RETURN_IF_ERROR(ToStatus(SharePartitions(connection, keys)));
  for (const std::size_t i : InLockOrder(keys, [](const auto& key) { return key; })) {
    const PartitionKey& key = keys[i];
    LANEMQ_ASSIGN_OR_RETURN(
        const std::int64_t affected,
        connection.Update(statements::kClaimOffset,
                          {group, owner.generation.value, std::string_view(owner.member_id),
                           key.topic.value, std::int64_t{key.partition}}));
    if (affected == 0) {
      answers[i].status = MovesAway(key);
      answers[i].stored.key = key;
      continue;
    }
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
        const PartitionKey key{core::TopicId{row.Int64(10)},
                               static_cast<std::int32_t>(row.Int64(11))};
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
    std::ranges::fill(answers, Status());
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

Result<std::vector<PartitionKey>> MySqlOffsetStore::ListHere(Deadline deadline) {
  using Keys = std::vector<PartitionKey>;
  const auto read = [&](Connection& connection, const core::DataNode&) -> Result<Keys> {
    Keys keys;
    LANEMQ_RETURN_IF_ERROR(
        connection.Query(statements::kListPartitionsHere, {}, [&](const Row& row) {
          keys.push_back({core::TopicId{row.Int64(0)}, static_cast<std::int32_t>(row.Int64(1))});
          return true;
        }));
    return keys;
  };
  return ReadOn<Keys>(nodes_, node_, deadline, read);
}

}  // namespace lanemq::sql
