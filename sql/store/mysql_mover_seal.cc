// The source's side: nobody changes anything of the partition any more, and the way back.
//
// Two fences. partition_state.state is `moving`: every write but the append shares the lock of that
// row and looks at it. The message table has another role (message_table.h): the server refuses
// every append, also one that waited for the change. partition_state.move_id is the newest move
// that sealed the partition or was given up: no older one seals it, and none a second time after it
// was given up.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "common/base/log.h"
#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/move_clear.h"
#include "sql/store/move_session.h"
#include "sql/store/moving_partition.h"
#include "sql/store/mysql_partition_mover.h"
#include "sql/store/on_node.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::PartitionMove;

Error Fenced(const PartitionMove& move, const MovingPartition& partition) {
  return MoveError(ErrorCode::kFenced, move,
                   fmt::format("at the source, move {} {}", partition.move_id,
                               partition.is_moving ? "has taken over" : "is over"));
}

/// Runs `statement` (move, topic, partition) on the partition's row.
Status SetState(Connection& connection, const Statement& statement, const PartitionMove& move,
                std::int64_t move_id) {
  return ToStatus(connection.Update(
      statement, {move_id, move.from.key.topic.value, std::int64_t{move.from.key.partition}}));
}

/// What the row was before.
Result<MovingPartition> SealRow(Connection& connection, const PartitionMove& move) {
  LANEMQ_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection));
  LANEMQ_ASSIGN_OR_RETURN(auto before, NeedMoving(connection, move.from.key, true));
  const bool is_over = before.is_moving ? before.move_id > move.id : before.move_id >= move.id;
  if (is_over) return Fenced(move, before);
  LANEMQ_RETURN_IF_ERROR(SetState(connection, statements::kSealPartition, move, move.id));
  LANEMQ_RETURN_IF_ERROR(transaction.Commit());
  return before;
}

/// Somebody has a transaction open on the table. Until the next attempt everybody may go on. False:
/// an earlier attempt has sealed it.
Result<bool> TakeBack(const MoveStep& step, const PartitionMove& move,
                      const MovingPartition& before, const Clock& clock) {
  step.connection.SetDeadline(Deadline::After(clock, std::chrono::seconds{4}));
  LANEMQ_ASSIGN_OR_RETURN(
      const bool is_open,
      HasTable(step.connection, MessageTable(step.node.schema_prefix, move.from)));
  if (!is_open) return false;
  // After such an attempt every older move is over, and this one is not.
  LANEMQ_RETURN_IF_ERROR(SetState(step.connection, statements::kUnsealPartition, move,
                                  before.is_moving ? move.id - 1 : before.move_id));
  return true;
}

/// As SealRow(); kConflict only where the source is not sealed: the caller then lets everybody go
/// on.
Result<MovingPartition> SealRowOrTell(Connection& connection, const PartitionMove& move) {
  Result<MovingPartition> before = SealRow(connection, move);
  if (before.ok() || before.error().code != ErrorCode::kConflict) return before;
  const auto now = ReadMoving(connection, move.from.key);
  const bool is_free = now.ok() && *now && !((*now)->is_moving && (*now)->move_id == move.id);
  if (is_free) return before;
  return Error{ErrorCode::kOutcomeUnknown, "perhaps sealed: " + before.error().message};
}

Status SealStep(const MoveStep& step, const PartitionMove& move, const Clock& clock) {
  LANEMQ_ASSIGN_OR_RETURN(const MovingPartition before, SealRowOrTell(step.connection, move));
  Status changed = ChangeRole(step, move.from, TableRole::kOpen, TableRole::kSealed);
  if (changed.ok() || changed.error().code != ErrorCode::kConflict) return changed;
  const Result<bool> undone = TakeBack(step, move, before, clock);
  if (undone.ok()) return *undone ? changed : Status{};
  LANEMQ_LOG(WARN, "move.seal_half_done", {"move", move.id}, {"error", undone.error().ToString()});
  return Error{ErrorCode::kOutcomeUnknown, "half sealed: " + undone.error().message};
}

/// Whether the target, as far as it answers, has not opened the partition. It may have where the
/// metadata database has lost its newest rows: then the source must stay as it is.
Status CheckNotOpened(const DataNodes& nodes, const PartitionMove& move, Deadline deadline) {
  const Deadline soon = Deadline::After(nodes.clock(), std::chrono::seconds{1});
  const auto is_opened = ReadOn<bool>(
      nodes, move.to.node, deadline.at < soon.at ? deadline : soon,
      [&](Connection& connection, const core::DataNode&) -> Result<bool> {
        LANEMQ_ASSIGN_OR_RETURN(const auto arrival, ReadArrival(connection, move.to.key));
        return arrival && arrival->Is(move, ArrivalState::kOpened);
      },
      Access::kWrite);
  if (!is_opened.ok() || !*is_opened) return {};
  return MoveError(ErrorCode::kFailedPrecondition, move,
                   "the target has opened the partition: the source stays sealed");
}

Status UnsealStep(const MoveStep& step, const PartitionMove& move) {
  LANEMQ_ASSIGN_OR_RETURN(const auto partition, ReadMoving(step.connection, move.from.key));
  if (!partition) return {};  // It was deleted with its topic.
  if (partition->move_id > move.id) return Fenced(move, *partition);
  if (partition->is_moving) {
    LANEMQ_RETURN_IF_ERROR(ChangeRole(step, move.from, TableRole::kSealed, TableRole::kOpen));
  }
  return SetState(step.connection, statements::kUnsealPartition, move, move.id);
}

}  // namespace

Status MySqlPartitionMover::Seal(const PartitionMove& move, Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(CheckPlaces(move));
  return RunMoveStep(nodes_, move.from, deadline,
                     [&](const MoveStep& step) { return SealStep(step, move, nodes_.clock()); });
}

Status MySqlPartitionMover::Unseal(const PartitionMove& move, Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(CheckPlaces(move));
  LANEMQ_RETURN_IF_ERROR(CheckNotOpened(nodes_, move, deadline));
  return RunMoveStep(nodes_, move.from, deadline,
                     [&](const MoveStep& step) { return UnsealStep(step, move); });
}

}  // namespace lanemq::sql
