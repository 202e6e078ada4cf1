// The copy of the log. How far it has come is in the row of the arrival, which the transaction that
// has the rows changes as well: a lost answer, a second mover and a late one find it changed.
#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "common/base/log.h"
#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/move_clear.h"
#include "sql/store/move_session.h"
#include "sql/store/move_text.h"
#include "sql/store/moving_partition.h"
#include "sql/store/mysql_partition_mover.h"
#include "sql/store/on_node.h"

namespace lanemq::sql {
namespace {

using core::CopyLimits;
using core::LogCopied;
using core::Offset;
using core::PartitionMove;

/// A statement's own bytes and the packet's head.
constexpr std::size_t kPacketReserve = 1'024;

/// What was read of the log behind what is copied.
struct LogPart {
  Offset log_start;
  Offset from;  ///< Where it was to begin.
  Offset end;   ///< After its newest row; `from` without one.
  Offset source_end;
  RowCopy rows;
  std::int64_t holes = 0;
};

/// The table that has the source's log now.
MessageTable SourceTable(const core::DataNode& node, const PartitionMove& move, bool is_sealed) {
  return {node.schema_prefix, move.from, is_sealed ? TableRole::kSealed : TableRole::kOpen};
}

/// How many of the next rows fit into `limits`, the first always.
Result<std::int64_t> RowsThatFit(Connection& connection, const MessageTable& table, Offset from,
                                 const CopyLimits& limits) {
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  connection.Text() = SelectLogSizesText(table, from, std::max<std::int64_t>(limits.rows_max, 1));
  LANEMQ_RETURN_IF_ERROR(connection.QueryText("size_log_rows", [&](const Row& row) {
    bytes += row.Int64(0);
    if (rows > 0 && bytes > limits.bytes_max) return false;
    ++rows;
    return true;
  }));
  return rows;
}

Status ReadRows(Connection& connection, const MessageTable& table, const PartitionMove& move,
                std::int64_t max, std::size_t statement_max, LogPart& part) {
  std::int64_t too_big = 0;
  connection.Text() = SelectLogText(table, part.from, max);
  LANEMQ_RETURN_IF_ERROR(connection.StreamText("read_log_rows", max, [&](const Row& row) {
    if (!part.rows.Add(row, statement_max)) {
      too_big = row.Int64(0);
      return false;
    }
    part.end = Offset{row.Int64(0) + 1};
    return true;
  }));
  // What was read before it is copied first.
  if (too_big == 0 || part.rows.rows() > 0) return {};
  return MoveError(ErrorCode::kMessageTooLarge, move,
                   fmt::format("offset {} exceeds the target's max_allowed_packet", too_big));
}

/// Reads the next part from `table`. kConflict: retention has taken away what was to be read.
Result<LogPart> ReadPart(Connection& connection, const MessageTable& table,
                         const PartitionMove& move, const MovingPartition& partition,
                         Offset copied_end, CopyLimits limits, std::size_t statement_max,
                         const MessageTable& target) {
  const Offset from = std::max(copied_end, partition.log_start);
  LogPart part{.log_start = partition.log_start,
               .from = from,
               .end = from,
               .source_end = from,
               .rows = RowCopy(target)};
  LANEMQ_ASSIGN_OR_RETURN(const std::int64_t max, RowsThatFit(connection, table, from, limits));
  if (max > 0) {
    LANEMQ_RETURN_IF_ERROR(ReadRows(connection, table, move, max, statement_max, part));
  }
  part.holes = part.end.value - from.value - part.rows.rows();
  if (part.holes > 0) {
    LANEMQ_ASSIGN_OR_RETURN(const auto now, NeedMoving(connection, move.from.key));
    if (now.log_start != partition.log_start) {
      return MoveError(ErrorCode::kConflict, move, "retention was quicker than the copy");
    }
  }
  connection.Text() = SelectLogEndsText(table, from);
  LANEMQ_RETURN_IF_ERROR(connection.QueryText("read_log_ends", [&](const Row& row) {
    if (!row.IsNull(1)) part.source_end = Offset{row.Int64(1) + 1};
    return false;
  }));
  part.source_end = std::max(part.source_end, part.end);
  return part;
}

/// The next part, from whichever table has it.
Result<LogPart> ReadSource(const DataNodes& nodes, const PartitionMove& move, Offset copied_end,
                           const CopyLimits& limits, std::size_t statement_max,
                           const MessageTable& target, Deadline deadline) {
  return ReadOn<LogPart>(
      nodes, move.from.node, deadline,
      [&](Connection& connection, const core::DataNode& node) -> Result<LogPart> {
        LANEMQ_ASSIGN_OR_RETURN(const auto partition, NeedMoving(connection, move.from.key));
        LANEMQ_RETURN_IF_ERROR(partition.CheckNotOver(move));
        // A seal, or its end, may be half done: then the table has the other role.
        for (const bool is_sealed : {partition.is_moving, !partition.is_moving}) {
          auto part = ReadPart(connection, SourceTable(node, move, is_sealed), move, partition,
                               copied_end, limits, statement_max, target);
          if (part.ok() || part.error().code != ErrorCode::kUnknownTopicOrPartition) return part;
        }
        // It is there, in a role that it did not have when it was looked for.
        return MoveError(ErrorCode::kConflict, move, "the source is being sealed");
      });
}

/// The arrival with `part`.
Arrival With(Arrival arrival, const LogPart& part) {
  if (part.from > arrival.copied_end) {  // It begins, or retention was ahead: nobody asks for less.
    arrival.first = part.from;
    arrival.rows = 0;
    arrival.holes = 0;
  }
  arrival.copied_end = part.end;
  arrival.rows += part.rows.rows();
  arrival.holes += part.holes;
  return arrival;
}

Status Write(Connection& connection, const PartitionMove& move, const Arrival& before,
             LogPart& part) {
  const Arrival after = With(before, part);
  // First: whoever is too late waits here, and leaves nothing.
  LANEMQ_ASSIGN_OR_RETURN(
      const std::int64_t noted,
      connection.Update(statements::kNoteCopied,
                        {after.first.value, after.copied_end.value, after.rows, after.holes,
                         move.to.key.topic.value, std::int64_t{move.to.key.partition}, move.id,
                         before.copied_end.value}));
  if (noted != 1) {
    LANEMQ_RETURN_IF_ERROR(ToStatus(NeedArriving(connection, move)));
    return MoveError(ErrorCode::kConflict, move, "another process copies it too");
  }
  std::int64_t inserted = 0;
  for (std::string& statement : part.rows.statements()) {
    connection.Text() = std::move(statement);
    const auto rows = connection.UpdateText("insert_log_rows");
    if (!rows.ok()) {
      Error error = rows.error();
      // A row that nobody has noted: a conflict would be repeated for ever.
      if (error.code == ErrorCode::kAlreadyExists) error.code = ErrorCode::kDataLossDetected;
      return error;
    }
    inserted += *rows;
  }
  if (inserted == part.rows.rows()) return {};
  return MoveError(ErrorCode::kDataLossDetected, move, "the target has stored less than it got");
}

}  // namespace

Result<LogCopied> MySqlPartitionMover::CopyLog(const PartitionMove& move, CopyLimits limits,
                                               Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(CheckPlaces(move));
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(move.to.node));
  LANEMQ_ASSIGN_OR_RETURN(PooledConnection connection,
                          node->pool.Checkout(Access::kWrite, deadline));
  LANEMQ_ASSIGN_OR_RETURN(const Arrival arrival, NeedArriving(*connection, move));
  const MessageTable target(node->node.schema_prefix, move.to, TableRole::kArriving);
  const auto statement_max =
      static_cast<std::size_t>(connection->server().max_allowed_packet) - kPacketReserve;
  LANEMQ_ASSIGN_OR_RETURN(LogPart part, ReadSource(nodes_, move, arrival.copied_end, limits,
                                                   statement_max, target, deadline));
  const LogCopied copied{.rows = part.rows.rows(),
                         .bytes = part.rows.bytes(),
                         .copied_end = part.end,
                         .source_end = part.source_end};
  if (part.end == arrival.copied_end) return copied;  // Nothing is new.
  if (part.holes > 0) {
    LANEMQ_LOG(WARN, "move.hole_in_log", {"move", move.id}, {"topic_id", move.from.key.topic.value},
               {"partition", move.from.key.partition}, {"from", part.from.value},
               {"end", part.end.value}, {"missing", part.holes});
  }
  LANEMQ_RETURN_IF_ERROR(WithShortWaits(*connection, nodes_.clock(), [&]() -> Status {
    LANEMQ_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(*connection));
    LANEMQ_RETURN_IF_ERROR(Write(*connection, move, arrival, part));
    return transaction.Commit();
  }));
  return copied;
}

}  // namespace lanemq::sql
