// The source's side: nobody changes anything of the partition any more, and the way back.
//
// Two fences. partition_state.state is `moving`: every write but the append shares the lock of that
// row and looks at it. The message table has another name: an append finds none, and one that waits
// for the rename fails after it. partition_state.move_id is the newest move that sealed the
// partition or was given up: no older one seals it, and none a second time after it was given up.
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

/// Somebody has a transaction open on the table. Until the next attempt everybody may go on; if
/// this fails, the next attempt goes on from there.
Status TakeBack(const MoveStep& step, const PartitionMove& move, const MovingPartition& before,
                const Clock& clock) {
  step.connection.SetDeadline(Deadline::After(clock, std::chrono::seconds{2}));
  LANEMQ_ASSIGN_OR_RETURN(
      const bool is_open,
      HasTable(step.connection, MessageTable(step.node.schema_prefix, move.from)));
  if (!is_open) return {};  // An earlier attempt has renamed it: it is sealed.
  // After such an attempt every older move is over, and this one is not.
  return SetState(step.connection, statements::kUnsealPartition, move,
                  before.is_moving ? move.id - 1 : before.move_id);
}

Status SealStep(const MoveStep& step, const PartitionMove& move, const Clock& clock) {
  LANEMQ_ASSIGN_OR_RETURN(const MovingPartition before, SealRow(step.connection, move));
  Status renamed =
      RenameTable(step.connection, MessageTable(step.node.schema_prefix, move.from),
                  MessageTable(step.node.schema_prefix, move.from, TableRole::kSealed));
  if (renamed.ok() || renamed.error().code != ErrorCode::kConflict) return renamed;
  const Status undone = TakeBack(step, move, before, clock);
  if (!undone.ok()) {
    LANEMQ_LOG(WARN, "move.seal_half_done", {"move", move.id},
               {"error", undone.error().ToString()});
  }
  return renamed;
}

Status UnsealStep(const MoveStep& step, const PartitionMove& move) {
  LANEMQ_ASSIGN_OR_RETURN(const auto partition, ReadMoving(step.connection, move.from.key));
  if (!partition) return {};  // It was deleted with its topic.
  if (partition->move_id > move.id) return Fenced(move, *partition);
  if (partition->is_moving) {
    LANEMQ_RETURN_IF_ERROR(RenameTable(
        step.connection, MessageTable(step.node.schema_prefix, move.from, TableRole::kSealed),
        MessageTable(step.node.schema_prefix, move.from)));
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
  return RunMoveStep(nodes_, move.from, deadline,
                     [&](const MoveStep& step) { return UnsealStep(step, move); });
}

}  // namespace lanemq::sql
