// What both sides have, before the target is opened. It happens while everybody waits, so no step
// may look at a whole log: the copy went from each row to the next one and counted what it wrote,
// and neither table loses rows above the log start; so the ends and that count say how many rows
// the older part has, and the newest ones, copied last, are counted in both tables.
#include <algorithm>
#include <string>
#include <vector>

#include "sql/statements/statements.h"
#include "sql/store/move_clear.h"
#include "sql/store/move_session.h"
#include "sql/store/move_text.h"
#include "sql/store/move_walk.h"
#include "sql/store/moving_partition.h"
#include "sql/store/mysql_partition_mover.h"
#include "sql/store/on_node.h"
#include "sql/store/retention_rows.h"

namespace lanemq::sql {
namespace {

using core::MoveCount;
using core::Offset;
using core::PartitionMove;

/// How many of the newest offsets are counted one by one.
constexpr std::int64_t kCountedMax = 10'000;

/// Of the rows above the log start; 0: there is none.
struct LogEnds {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

Result<LogEnds> ReadEnds(Connection& connection, const MessageTable& table, Offset log_start) {
  LogEnds ends;
  connection.Text() = SelectLogEndsText(table, log_start);
  LANEMQ_RETURN_IF_ERROR(connection.QueryText("read_log_ends", [&](const Row& row) {
    if (!row.IsNull(0)) ends = {row.Int64(0), row.Int64(1)};
    return false;
  }));
  return ends;
}

Result<std::int64_t> Count(Connection& connection, std::string text) {
  LANEMQ_ASSIGN_OR_RETURN(const auto rows,
                          ReadNumber(connection, "count_moved_rows", std::move(text)));
  return rows.value_or(0);
}

/// One side: its session and its table of the log.
struct Side {
  Connection& connection;
  MessageTable table;
};

/// How many of the copied rows are above the log start. Exact where the log has no holes.
std::int64_t CopiedRows(const Arrival& arrival, Offset log_start) {
  const std::int64_t below = log_start.value - arrival.first.value;
  return std::max<std::int64_t>(0, arrival.rows - std::max<std::int64_t>(0, below));
}

Status CompareLogs(const Side& source, const Side& target, Offset log_start, const Arrival& arrival,
                   std::vector<MoveCount>& counts) {
  LANEMQ_ASSIGN_OR_RETURN(const LogEnds left, ReadEnds(source.connection, source.table, log_start));
  LANEMQ_ASSIGN_OR_RETURN(const LogEnds right,
                          ReadEnds(target.connection, target.table, log_start));
  counts.push_back({"first offset", left.first, right.first});
  counts.push_back({"last offset", left.last, right.last});
  const auto count = [&](std::string what, Offset from) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t here,
                            Count(source.connection, CountLogText(source.table, from)));
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t there,
                            Count(target.connection, CountLogText(target.table, from)));
    counts.push_back({std::move(what), here, there});
    return {};
  };
  if (arrival.holes > 0) return count("log rows", log_start);
  const std::int64_t rows = left.last == 0 ? 0 : left.last - left.first + 1;
  counts.push_back({"log rows", rows, CopiedRows(arrival, log_start)});
  return count("newest log rows", Offset{std::max(log_start.value, left.last - kCountedMax + 1)});
}

/// Rows of every table, and what is in those that are small. What is in the others CopyState() has
/// compared range by range, by the same sums.
Status CompareTables(Connection& source, Connection& target, const core::PartitionKey& key,
                     std::vector<MoveCount>& counts) {
  for (const StateTable& table : StateTables()) {
    const std::string name(table.name);
    if (table.has_messages) {
      LANEMQ_ASSIGN_OR_RETURN(const std::int64_t here, Count(source, CountText(table, key)));
      LANEMQ_ASSIGN_OR_RETURN(const std::int64_t there, Count(target, CountText(table, key)));
      counts.push_back({name, here, there});
      continue;
    }
    LANEMQ_ASSIGN_OR_RETURN(const StateCheck here, CheckState(source, table, key));
    LANEMQ_ASSIGN_OR_RETURN(const StateCheck there, CheckState(target, table, key));
    counts.push_back({name, here.rows, there.rows});
    counts.push_back({name + " (check)", static_cast<std::int64_t>(here.sum),
                      static_cast<std::int64_t>(there.sum)});
  }
  return {};
}

}  // namespace

Result<std::vector<MoveCount>> MySqlPartitionMover::Compare(const PartitionMove& move,
                                                            Deadline deadline) {
  using Counts = std::vector<MoveCount>;
  LANEMQ_RETURN_IF_ERROR(CheckPlaces(move));
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(move.to.node));
  LANEMQ_ASSIGN_OR_RETURN(PooledConnection target, node->pool.Checkout(Access::kRead, deadline));
  LANEMQ_ASSIGN_OR_RETURN(const Arrival arrival, NeedArriving(*target, move));
  return ReadOn<Counts>(
      nodes_, move.from.node, deadline,
      [&](Connection& source, const core::DataNode& from) -> Result<Counts> {
        LANEMQ_ASSIGN_OR_RETURN(const auto partition, NeedMoving(source, move.from.key));
        LANEMQ_RETURN_IF_ERROR(partition.CheckSealedBy(move));
        Counts counts;
        LANEMQ_RETURN_IF_ERROR(CompareLogs(
            {source, MessageTable(from.schema_prefix, move.from, TableRole::kSealed)},
            {*target, MessageTable(node->node.schema_prefix, move.to, TableRole::kArriving)},
            partition.log_start, arrival, counts));
        LANEMQ_RETURN_IF_ERROR(CompareTables(source, *target, move.from.key, counts));
        return counts;
      });
}

}  // namespace lanemq::sql
