// How an arrival begins at the target, and how one that was given up goes. All of it under the
// named lock of the partition at the target: nobody else changes the row or the tables meanwhile,
// but for copies, which look at the row in their transactions.
#include <string>
#include <vector>

#include <fmt/format.h>

#include "sql/statements/statements.h"
#include "sql/store/move_clear.h"
#include "sql/store/move_session.h"
#include "sql/store/moving_partition.h"
#include "sql/store/mysql_partition_mover.h"
#include "sql/store/on_node.h"
#include "sql/store/retention_rows.h"

namespace lanemq::sql {
namespace {

using core::Offset;
using core::PartitionMove;

/// Tombstones that go with each arrival that begins.
constexpr std::int64_t kExpiredMax = 100;

struct Source {
  std::string topic_name;
  std::vector<Offset> bounds;  ///< Of the segments that still have rows to be read.
};

Result<Source> ReadSource(const DataNodes& nodes, const PartitionMove& move, Deadline deadline) {
  return ReadOn<Source>(
      nodes, move.from.node, deadline,
      [&](Connection& connection, const core::DataNode& node) -> Result<Source> {
        LANEMQ_ASSIGN_OR_RETURN(const auto partition, NeedMoving(connection, move.from.key));
        if (partition.move_id >= move.id) {
          return MoveError(ErrorCode::kFenced, move, "the source knows that it is over, or sealed");
        }
        LANEMQ_ASSIGN_OR_RETURN(
            const auto segments,
            ReadSegments(connection, RetentionTable(node.schema_prefix, move.from)));
        Source source{.topic_name = partition.topic_name, .bounds = {}};
        for (const core::LogSegment& segment : segments) {
          if (segment.bound && *segment.bound > partition.log_start) {
            source.bounds.push_back(*segment.bound);
          }
        }
        return source;
      });
}

/// The partition must be unknown at the target.
Status CheckNotThere(const MoveStep& step, const PartitionMove& move) {
  LANEMQ_ASSIGN_OR_RETURN(const auto there, ReadMoving(step.connection, move.to.key));
  if (there) return MoveError(ErrorCode::kFailedPrecondition, move, "the target has the partition");
  const MessageTable open(step.node.schema_prefix, move.to);
  LANEMQ_ASSIGN_OR_RETURN(const bool has_table, HasTable(step.connection, open));
  if (!has_table) return {};
  return MoveError(ErrorCode::kFailedPrecondition, move,
                   "the target has a table " + open.name() + " that belongs to no partition");
}

Status PutArrival(Connection& connection, const PartitionMove& move, ArrivalState state) {
  return ToStatus(connection.Update(statements::kPutArrival,
                                    {move.to.key.topic.value, std::int64_t{move.to.key.partition},
                                     move.id, NameOf(state), std::int64_t{move.to.schema_index}}));
}

Status DropArriving(const MoveStep& step, const PartitionMove& move, std::int32_t schema_index) {
  core::PartitionLocation at = move.to;
  at.schema_index = schema_index;
  return DropTable(step, at, TableRole::kArriving, "drop_arriving_table");
}

/// Whether `move` may begin: an arrival that is over, or newer, may not.
Status CheckMayBegin(const PartitionMove& move, const std::optional<Arrival>& arrival) {
  if (!arrival || arrival->move_id < move.id || arrival->Is(move, ArrivalState::kClearing)) {
    return {};
  }
  return MoveError(
      ErrorCode::kFenced, move,
      fmt::format("at the target, move {} is {}", arrival->move_id, NameOf(arrival->state)));
}

Status Begin(const MoveStep& step, const PartitionMove& move, const Source& source,
             const MoveDeadline& deadline) {
  Connection& connection = step.connection;
  LANEMQ_ASSIGN_OR_RETURN(const auto arrival, ReadArrival(connection, move.to.key));
  if (arrival && arrival->Is(move, ArrivalState::kArriving)) return {};
  LANEMQ_RETURN_IF_ERROR(CheckMayBegin(move, arrival));
  LANEMQ_RETURN_IF_ERROR(CheckNotThere(step, move));
  LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kExpireArrivals, {kExpiredMax})));
  // While the older row is there, a repeated call finds where the older table is.
  if (arrival) LANEMQ_RETURN_IF_ERROR(DropArriving(step, move, arrival->schema_index));
  LANEMQ_RETURN_IF_ERROR(PutArrival(connection, move, ArrivalState::kClearing));
  LANEMQ_RETURN_IF_ERROR(DropArriving(step, move, move.to.schema_index));
  LANEMQ_RETURN_IF_ERROR(ClearAll(connection, move, deadline));
  MessageTable(step.node.schema_prefix, move.to, TableRole::kArriving)
      .Create(source.topic_name, connection.Text(), source.bounds);
  LANEMQ_RETURN_IF_ERROR(ToStatus(connection.UpdateText("create_arriving_table")));
  return ChangeArrival(connection, move, ArrivalState::kClearing, ArrivalState::kArriving);
}

Status Drop(const MoveStep& step, const PartitionMove& move, const MoveDeadline& deadline) {
  Connection& connection = step.connection;
  LANEMQ_ASSIGN_OR_RETURN(const auto arrival, ReadArrival(connection, move.to.key));
  if (arrival && arrival->move_id > move.id) {
    return MoveError(ErrorCode::kFenced, move, fmt::format("move {} arrives", arrival->move_id));
  }
  LANEMQ_ASSIGN_OR_RETURN(const auto there, ReadMoving(connection, move.to.key));
  if (there || (arrival && arrival->Is(move, ArrivalState::kOpened))) {
    return MoveError(ErrorCode::kFailedPrecondition, move, "the target has opened the partition");
  }
  if (arrival) LANEMQ_RETURN_IF_ERROR(DropArriving(step, move, arrival->schema_index));
  // It stays, so that whoever is late does not begin again; and first, so that no copy goes on.
  LANEMQ_RETURN_IF_ERROR(PutArrival(connection, move, ArrivalState::kDropped));
  LANEMQ_RETURN_IF_ERROR(DropArriving(step, move, move.to.schema_index));
  return ClearAll(connection, move, deadline);
}

}  // namespace

Status MySqlPartitionMover::BeginArrival(const PartitionMove& move, Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(CheckPlaces(move));
  LANEMQ_ASSIGN_OR_RETURN(const Source source, ReadSource(nodes_, move, deadline));
  return RunMoveStep(nodes_, move.to, deadline, [&](const MoveStep& step) {
    return Begin(step, move, source, {deadline, nodes_.clock()});
  });
}

Status MySqlPartitionMover::DropArrival(const PartitionMove& move, Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(CheckPlaces(move));
  return RunMoveStep(nodes_, move.to, deadline, [&](const MoveStep& step) {
    return Drop(step, move, {deadline, nodes_.clock()});
  });
}

}  // namespace lanemq::sql
