#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/delayed_text.h"
#include "sql/store/log_append.h"
#include "sql/store/meta_access.h"
#include "sql/store/mysql_delayed_store.h"
#include "sql/store/on_node.h"
#include "sql/store/partition_guard.h"

namespace lanemq::sql {
namespace {

using core::DelayedId;
using core::DelayedMove;
using core::PartitionLocation;

struct MoveLimits {
  WallTime from;
  std::int32_t rows_max = 0;
  std::size_t bytes_max = 0;
};

/// What is due, in the order of delivery.
Result<std::vector<DelayedId>> ReadDue(Connection& connection, const core::PartitionKey& key,
                                       const MoveLimits& limits) {
  std::vector<DelayedId> due;
  std::size_t bytes = 0;
  LANEMQ_RETURN_IF_ERROR(connection.Query(
      statements::kReadDue,
      {key.topic.value, std::int64_t{key.partition}, limits.from.micros,
       std::int64_t{limits.rows_max}},
      [&](const Row& row) {
        const auto size = static_cast<std::size_t>(row.Int64(3));
        if (!due.empty() && bytes + size > limits.bytes_max) return false;
        bytes += size;
        due.push_back({key, WallTime{row.Int64(0)}, core::ProducerId{row.Int64(1)}, row.Int64(2)});
        return true;
      }));
  return due;
}

Result<WallTime> ReadClock(Connection& connection) {
  WallTime now;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadNodeClock, {}, [&](const Row& row) {
    now.micros = row.Int64(0);
    return false;
  }));
  return now;
}

Status AppendAndDelete(Connection& connection, const MessageTable& table,
                       const std::vector<DelayedId>& due, DelayedMove& move) {
  std::string select;
  SelectDelayedText(due, connection.server().kind, select);
  LANEMQ_ASSIGN_OR_RETURN(move.first_offset,
                          AppendSelected(connection, table, select, move.now.micros));
  DeleteDelayedText(due, connection.Text());
  LANEMQ_ASSIGN_OR_RETURN(const std::int64_t deleted, connection.UpdateText("delete_delayed"));
  // A row was cancelled, or moved by somebody else, after it was read: its offset would be a hole.
  if (deleted != static_cast<std::int64_t>(due.size())) {
    return Error{ErrorCode::kConflict, "a delayed message went away"};
  }
  move.moved = static_cast<std::int32_t>(due.size());
  for (const DelayedId& id : due) move.late_us.push_back(move.now.micros - id.due.micros);
  return {};
}

Result<DelayedMove> MoveOnce(Connection& connection, const MessageTable& table,
                             const PartitionLocation& location, const MoveLimits& limits,
                             const core::Fence& fence) {
  DelayedMove move;
  LANEMQ_RETURN_IF_ERROR(CheckFence(connection, fence));
  LANEMQ_RETURN_IF_ERROR(RequirePartitions(connection, {&location.key, 1}));
  LANEMQ_ASSIGN_OR_RETURN(const auto due, ReadDue(connection, location.key, limits));
  // After they were read: none is later than this.
  LANEMQ_ASSIGN_OR_RETURN(move.now, ReadClock(connection));
  if (!due.empty()) LANEMQ_RETURN_IF_ERROR(AppendAndDelete(connection, table, due, move));
  // From there on, or it would look at everything that was moved lately again.
  const WallTime from = due.empty() ? limits.from : due.back().due;
  LANEMQ_RETURN_IF_ERROR(connection.Query(
      statements::kReadNextDue,
      {location.key.topic.value, std::int64_t{location.key.partition}, from.micros},
      [&](const Row& row) {
        move.next_due = WallTime{row.Int64(0)};
        return false;
      }));
  return move;
}

}  // namespace

Result<DelayedMove> MySqlDelayedStore::Move(const PartitionLocation& location, WallTime from,
                                            std::int32_t max, std::size_t bytes_max,
                                            const core::Fence& fence, Deadline deadline) {
  DelayedMove move;
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  const MessageTable table(node->node.schema_prefix, location);
  const MoveLimits limits{from, std::max(max, 1), bytes_max};
  const auto body = [&](Connection& connection) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(move, MoveOnce(connection, table, location, limits, fence));
    return {};
  };
  // As often as the deadline allows: whoever wins a race has appended.
  LANEMQ_RETURN_IF_ERROR(RunInTransaction(
      node->pool, deadline, body, std::numeric_limits<int>::max(), Isolation::kRepeatableRead));
  return move;
}

Result<std::int64_t> MySqlDelayedStore::ExpireProducers(std::chrono::microseconds idle_for,
                                                        std::int32_t max, const core::Fence& fence,
                                                        Deadline deadline) {
  std::int64_t expired = 0;
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  LANEMQ_RETURN_IF_ERROR(
      RunInTransaction(node->pool, deadline, [&](Connection& connection) -> Status {
        LANEMQ_RETURN_IF_ERROR(CheckFence(connection, fence));
        LANEMQ_ASSIGN_OR_RETURN(expired, connection.Update(statements::kExpireDelayedProducers,
                                                           {idle_for.count(), std::int64_t{max}}));
        return {};
      }));
  return expired;
}

}  // namespace lanemq::sql
