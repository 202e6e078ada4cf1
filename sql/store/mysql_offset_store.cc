#include "sql/store/mysql_offset_store.h"

#include <algorithm>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/on_node.h"

namespace lanemq::sql {
namespace {

using core::CommittedOffset;
using core::Generation;
using core::OffsetCommit;
using core::PartitionKey;

/// More keys than this are read as the group's whole, and filtered.
constexpr std::size_t kKeysOneByOne = 16;

/// Affected rows of commit_offset that can only mean that the row was changed.
constexpr std::int64_t kRowChanged = 2;

CommittedOffset ToCommitted(const Row& row, const PartitionKey& key) {
  return {key,          core::Offset{row.Int64(0)}, row.String(1), Generation{row.Int64(2)},
          row.Int64(3), WallTime{row.Int64(4)}};
}

Result<std::optional<CommittedOffset>> ReadOne(Connection& connection, std::string_view group,
                                               const PartitionKey& key) {
  std::optional<CommittedOffset> found;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadOffset,
                                          {group, key.topic.value, std::int64_t{key.partition}},
                                          [&](const Row& row) {
                                            found = ToCommitted(row, key);
                                            return false;
                                          }));
  return found;
}

/// What the row, read after the statement, says about it.
Status Judge(const std::optional<CommittedOffset>& stored, Generation generation,
             const OffsetCommit& commit) {
  if (!stored) return {};  // Stored, and removed since: with its partition, or by the janitor.
  if (stored->generation > generation) {
    return Error{ErrorCode::kIllegalGeneration,
                 fmt::format("generation {} was followed by {}", generation.value,
                             stored->generation.value)};
  }
  if (commit.reset_epoch && stored->reset_epoch != *commit.reset_epoch) {
    return Error{ErrorCode::kOffsetReset, fmt::format("reset epoch {} was followed by {}",
                                                      *commit.reset_epoch, stored->reset_epoch)};
  }
  return {};
}

/// Runs the conditional statement; the outer Result fails for the whole call, the inner Status is
/// this partition's answer.
Result<Status> CommitOne(Connection& connection, std::string_view group, Generation generation,
                         const OffsetCommit& commit) {
  const Param epoch = commit.reset_epoch ? Param{*commit.reset_epoch} : Param{SqlNull{}};
  LANEMQ_ASSIGN_OR_RETURN(
      const std::int64_t affected,
      connection.Update(statements::kCommitOffset,
                        {group, commit.key.topic.value, std::int64_t{commit.key.partition},
                         commit.offset.value, generation.value, commit.reset_epoch.value_or(0),
                         std::string_view(commit.metadata), epoch, epoch, epoch, epoch}));
  if (affected == kRowChanged) return Status{};
  // Inserted or refused: the count does not tell. When autocommitted, a newer owner may have come
  // in between; refusing then is as good, since this one is over.
  LANEMQ_ASSIGN_OR_RETURN(const auto stored, ReadOne(connection, group, commit.key));
  return Judge(stored, generation, commit);
}

/// All commits on one connection, in the order of their keys, so that two calls lock rows in the
/// same order.
Status CommitAll(Connection& connection, std::string_view group, Generation generation,
                 std::span<const OffsetCommit> commits, std::vector<Status>& answers) {
  std::vector<std::size_t> order(commits.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return commits[a].key < commits[b].key; });
  for (const std::size_t i : order) {
    LANEMQ_ASSIGN_OR_RETURN(answers[i], CommitOne(connection, group, generation, commits[i]));
  }
  return {};
}

}  // namespace

Result<std::vector<Status>> MySqlOffsetStore::Commit(std::string_view group, Generation generation,
                                                     std::span<const OffsetCommit> commits,
                                                     Deadline deadline) {
  std::vector<Status> answers(commits.size());
  if (commits.empty()) return answers;
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  const auto body = [&](Connection& connection) {
    return CommitAll(connection, group, generation, commits, answers);
  };
  // One statement is a transaction of its own.
  const Status status = commits.size() == 1 ? RunAutocommitted(node->pool, deadline, body)
                                            : RunInTransaction(node->pool, deadline, body);
  LANEMQ_RETURN_IF_ERROR(status);
  return answers;
}

Result<std::vector<CommittedOffset>> MySqlOffsetStore::Fetch(std::string_view group,
                                                             std::span<const PartitionKey> keys,
                                                             Deadline deadline) {
  using Offsets = std::vector<CommittedOffset>;
  const auto read = [&](Connection& connection, const core::DataNode&) -> Result<Offsets> {
    Offsets offsets;
    if (!keys.empty() && keys.size() <= kKeysOneByOne) {
      for (const PartitionKey& key : keys) {
        LANEMQ_ASSIGN_OR_RETURN(auto stored, ReadOne(connection, group, key));
        if (stored) offsets.push_back(*std::move(stored));
      }
      return offsets;
    }
    const std::set<PartitionKey> wanted(keys.begin(), keys.end());
    LANEMQ_RETURN_IF_ERROR(
        connection.Query(statements::kReadGroupOffsets, {group}, [&](const Row& row) {
          const PartitionKey key{core::TopicId{row.Int64(5)},
                                 static_cast<std::int32_t>(row.Int64(6))};
          if (wanted.empty() || wanted.contains(key)) offsets.push_back(ToCommitted(row, key));
          return true;
        }));
    return offsets;
  };
  return ReadOn<Offsets>(nodes_, node_, deadline, read);
}

}  // namespace lanemq::sql
