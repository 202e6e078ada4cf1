// From here on only forward: the target becomes the partition, and the source's rows go.
#include <functional>
#include <utility>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/move_clear.h"
#include "sql/store/move_session.h"
#include "sql/store/moving_partition.h"
#include "sql/store/mysql_partition_mover.h"
#include "sql/store/on_node.h"

namespace lanemq::sql {
namespace {

using core::PartitionMove;

/// Of the source, in one call.
constexpr int kDeletesPerCall = 20;

Result<MovingPartition> ReadSealed(const DataNodes& nodes, const PartitionMove& move,
                                   Deadline deadline) {
  return ReadOn<MovingPartition>(
      nodes, move.from.node, deadline,
      [&](Connection& connection, const core::DataNode& node) -> Result<MovingPartition> {
        LANEMQ_ASSIGN_OR_RETURN(auto partition, NeedMoving(connection, move.from.key));
        LANEMQ_RETURN_IF_ERROR(partition.CheckSealedBy(move));
        // A replica that took over may have the row's change and not yet the table's.
        LANEMQ_ASSIGN_OR_RETURN(
            const bool is_sealed,
            HasTable(connection, MessageTable(node.schema_prefix, move.from, TableRole::kSealed)));
        if (is_sealed) return partition;
        return MoveError(ErrorCode::kFailedPrecondition, move, "the source's table is not sealed");
      },
      Access::kWrite);
}

/// What the target says of the arrival.
Result<std::optional<Arrival>> ReadTarget(const DataNodes& nodes, const PartitionMove& move,
                                          Deadline deadline) {
  using Found = std::optional<Arrival>;
  return ReadOn<Found>(
      nodes, move.to.node, deadline,
      [&](Connection& connection, const core::DataNode&) -> Result<Found> {
        return ReadArrival(connection, move.to.key);
      },
      Access::kWrite);
}

/// kFailedPrecondition unless the target has the partition.
Status CheckTargetHasIt(const DataNodes& nodes, const PartitionMove& move, Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const auto arrival, ReadTarget(nodes, move, deadline));
  // Not there: the target is not the server that it was (a replica that lags, a restored backup).
  // Dropped: with its topic, after it was opened.
  const bool is_there = arrival && !arrival->Is(move, ArrivalState::kClearing) &&
                        !arrival->Is(move, ArrivalState::kArriving) && arrival->move_id >= move.id;
  if (is_there) return {};
  return MoveError(ErrorCode::kFailedPrecondition, move,
                   "the target does not have the partition: nothing is dropped");
}

/// The table has its role when the partition begins to be there.
Status OpenStep(const MoveStep& step, const PartitionMove& move, const MovingPartition& source) {
  Connection& connection = step.connection;
  LANEMQ_RETURN_IF_ERROR(ToStatus(NeedArriving(connection, move)));
  LANEMQ_RETURN_IF_ERROR(ChangeRole(step, move.to, TableRole::kArriving, TableRole::kOpen));
  LANEMQ_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection));
  LANEMQ_RETURN_IF_ERROR(
      ChangeArrival(connection, move, ArrivalState::kArriving, ArrivalState::kOpened));
  LANEMQ_RETURN_IF_ERROR(ToStatus(
      connection.Update(statements::kOpenPartitionState,
                        {move.to.key.topic.value, std::int64_t{move.to.key.partition},
                         std::string_view(source.topic_name), std::int64_t{move.to.schema_index},
                         source.log_start.value, std::string_view(source.state_before), move.id})));
  return transaction.Commit();
}

/// `is_done`: nothing is left.
Status DropStep(const MoveStep& step, const PartitionMove& move,
                const std::function<Status()>& check_target, bool& is_done) {
  Connection& connection = step.connection;
  const core::PartitionKey& key = move.from.key;
  LANEMQ_ASSIGN_OR_RETURN(const auto partition, ReadMoving(connection, key));
  is_done = !partition;
  if (is_done) return {};
  LANEMQ_RETURN_IF_ERROR(partition->CheckSealedBy(move));
  LANEMQ_ASSIGN_OR_RETURN(const bool is_clear, ClearSome(connection, key, kDeletesPerCall));
  if (!is_clear) return {};
  LANEMQ_RETURN_IF_ERROR(check_target());  // Immediately before what cannot be taken back.
  LANEMQ_RETURN_IF_ERROR(DropTable(step, move.from, TableRole::kSealed, "drop_sealed_table"));
  // The row of the state last: while it is there, a repeated call finds what is left to do.
  const std::int64_t partition_index = key.partition;
  LANEMQ_RETURN_IF_ERROR(ToStatus(
      connection.Update(statements::kEndStay, {move.id, key.topic.value, partition_index})));
  LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kDeleteMovedPartition,
                                                    {key.topic.value, partition_index, move.id})));
  is_done = true;
  return {};
}

}  // namespace

Status MySqlPartitionMover::Open(const PartitionMove& move, Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(CheckPlaces(move));
  LANEMQ_ASSIGN_OR_RETURN(const auto arrival, ReadTarget(nodes_, move, deadline));
  if (arrival && arrival->Is(move, ArrivalState::kOpened)) return {};
  LANEMQ_ASSIGN_OR_RETURN(const MovingPartition source, ReadSealed(nodes_, move, deadline));
  return RunMoveStep(nodes_, move.to, deadline,
                     [&](const MoveStep& step) { return OpenStep(step, move, source); });
}

Result<bool> MySqlPartitionMover::DropSource(const PartitionMove& move, Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(CheckPlaces(move));
  const auto check_target = [&] { return CheckTargetHasIt(nodes_, move, deadline); };
  LANEMQ_RETURN_IF_ERROR(check_target());
  bool is_done = false;
  LANEMQ_RETURN_IF_ERROR(RunMoveStep(nodes_, move.from, deadline, [&](const MoveStep& step) {
    return DropStep(step, move, check_target, is_done);
  }));
  return is_done;
}

}  // namespace lanemq::sql
