#include <algorithm>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/meta_access.h"
#include "sql/store/mysql_retention_store.h"
#include "sql/store/node_audit.h"
#include "sql/store/on_node.h"
#include "sql/store/partition_guard.h"
#include "sql/store/retention_rows.h"

namespace lanemq::sql {
namespace {

using core::GroupBelow;
using core::Offset;
using core::StartMove;
using core::StartMoved;
using core::UnreadPolicy;

struct Below {
  std::vector<GroupBelow> groups;
  std::optional<Offset> lowest_live;  ///< Of those that count under kBlock.
};

Result<Offset> LockLogStart(Connection& connection, const core::PartitionKey& key) {
  std::optional<Offset> start;
  bool is_moving = false;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kLockLogStart,
                                          {key.topic.value, std::int64_t{key.partition}},
                                          [&](const Row& row) {
                                            start = Offset{row.Int64(0)};
                                            is_moving = row.Int64(1) != 0;
                                            return false;
                                          }));
  if (is_moving) return MovesAway(key);
  if (start) return *start;
  return Error{ErrorCode::kUnknownTopicOrPartition, "the partition is not on this data node"};
}

Result<Below> ShareGroups(Connection& connection, const StartMove& move, Offset to) {
  const core::PartitionKey& key = move.location.key;
  Below below;
  LANEMQ_RETURN_IF_ERROR(connection.Query(
      statements::kShareGroupsBelow,
      {move.group_idle_max.count(), key.topic.value, std::int64_t{key.partition}, to.value},
      [&](const Row& row) {
        const Offset committed{row.Int64(1)};
        // Who has committed nothing may begin at the end: it stands in the way, and loses nothing.
        if (committed.value > 0 || move.unread == UnreadPolicy::kBlock) {
          below.groups.push_back({row.String(0), committed});
        }
        if (row.Int64(2) != 0) {
          below.lowest_live = std::min(below.lowest_live.value_or(committed), committed);
        }
        return true;
      }));
  return below;
}

Status Blocked(const Below& below, Offset to) {
  constexpr std::size_t kNamed = 5;
  std::string names;
  for (std::size_t i = 0; i < std::min(below.groups.size(), kNamed); ++i) {
    names += (i > 0 ? ", '" : "'") + below.groups[i].group + "' (at " +
             std::to_string(below.groups[i].committed.value) + ")";
  }
  if (below.groups.size() > kNamed) names += ", ...";
  return Error{ErrorCode::kFailedPrecondition, "not read up to offset " + std::to_string(to.value) +
                                                   " and retention.unread is block: " + names};
}

/// Writes what `moved` says.
Status Write(Connection& connection, const StartMove& move, const StartMoved& moved) {
  const core::PartitionKey& key = move.location.key;
  const std::int64_t to = moved.new_start.value;
  LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(
      statements::kMoveLogStart, {to, key.topic.value, std::int64_t{key.partition}})));
  if (moved.lost == 0) return {};
  const std::int64_t from = moved.old_start.value;
  return ToStatus(connection.Update(statements::kRecordLosses,
                                    {from, to, to, from, std::string_view(move.reason),
                                     key.topic.value, std::int64_t{key.partition}, to}));
}

/// In a transaction. `note`: an operator's, who may go to the end, and to whom block says no.
Result<StartMoved> Move(Connection& connection, std::string_view prefix, const StartMove& move,
                        const core::OperatorNote* note, bool is_dry_run) {
  LANEMQ_ASSIGN_OR_RETURN(const Offset old_start, LockLogStart(connection, move.location.key));
  LANEMQ_ASSIGN_OR_RETURN(
      const auto newest,
      ReadNumber(connection, "read_newest", RetentionTable(prefix, move.location).SelectNewest()));
  StartMoved moved{.old_start = old_start, .new_start = old_start, .below = {}};
  const Offset end{std::max(old_start.value, newest.value_or(0) + 1)};
  Offset to = std::min(move.to, note != nullptr ? end : Offset{end.value - 1});
  if (to <= old_start) return moved;
  LANEMQ_ASSIGN_OR_RETURN(Below below, ShareGroups(connection, move, to));
  if (move.unread == UnreadPolicy::kBlock && below.lowest_live) {
    if (note != nullptr) return Blocked(below, to).error();
    to = std::max(old_start, std::min(to, *below.lowest_live));
  }
  moved.new_start = to;
  for (const GroupBelow& group : below.groups) {
    if (group.committed.value <= 0) continue;
    moved.lost += std::max<std::int64_t>(to.value - std::max(group.committed, old_start).value, 0);
  }
  moved.below = std::move(below.groups);
  if (to == old_start || is_dry_run) return moved;
  LANEMQ_RETURN_IF_ERROR(Write(connection, move, moved));
  if (note == nullptr) return moved;
  const core::PartitionKey& key = move.location.key;
  LANEMQ_RETURN_IF_ERROR(ToStatus(
      connection.Update(statements::kRecordTrim,
                        {key.topic.value, std::int64_t{key.partition}, to.value, old_start.value,
                         std::string_view(note->requested_by), std::string_view(note->reason)})));
  const nlohmann::json before = {{"partition", key.partition}, {"start", old_start.value}};
  const nlohmann::json after = {
      {"partition", key.partition}, {"start", to.value}, {"unread_lost", moved.lost}};
  LANEMQ_RETURN_IF_ERROR(AppendNodeAudit(connection, *note, before.dump(), after.dump()));
  return moved;
}

}  // namespace

Result<StartMoved> MySqlRetentionStore::MoveStart(const StartMove& move,
                                                  const std::optional<core::Fence>& fence,
                                                  Deadline deadline) {
  StartMoved moved;
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  LANEMQ_RETURN_IF_ERROR(
      RunInTransaction(node->pool, deadline, [&](Connection& connection) -> Status {
        if (fence) LANEMQ_RETURN_IF_ERROR(CheckFence(connection, *fence));
        LANEMQ_ASSIGN_OR_RETURN(moved,
                                Move(connection, node->node.schema_prefix, move, nullptr, false));
        return {};
      }));
  return moved;
}

Result<StartMoved> MySqlRetentionStore::Trim(const StartMove& move, const core::OperatorNote& note,
                                             bool is_dry_run, Deadline deadline) {
  StartMoved moved;
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  LANEMQ_RETURN_IF_ERROR(
      RunInTransaction(node->pool, deadline, [&](Connection& connection) -> Status {
        LANEMQ_ASSIGN_OR_RETURN(
            moved, Move(connection, node->node.schema_prefix, move, &note, is_dry_run));
        return {};
      }));
  return moved;
}

}  // namespace lanemq::sql
