// What may be millions of rows is copied while everybody works on: the pause costs what has changed
// since, and a look at the rest.
//
// Who is late must not write after the seal what he has read before it: CopyState() may have gone
// by. So each transaction looks at the source once more when it has the arrival's row, which
// CopyState() waits for. A server that was demoted does not know of the seal: it is not asked.
#include <utility>

#include "sql/store/move_walk.h"
#include "sql/store/moving_partition.h"
#include "sql/store/mysql_partition_mover.h"
#include "sql/store/on_node.h"

namespace lanemq::sql {
namespace {

using core::CopyLimits;
using core::PartitionMove;
using core::StateCopied;
using core::StatePlace;

/// Whether the source is sealed. kFenced: the move is over there.
Result<bool> IsSealed(Connection& source, const PartitionMove& move) {
  LANEMQ_ASSIGN_OR_RETURN(const auto partition, NeedMoving(source, move.from.key));
  LANEMQ_RETURN_IF_ERROR(partition.CheckNotOver(move));
  return partition.is_moving;
}

Result<StateCopied> Ahead(const MoveEnds& ends, const PartitionMove& move, const StatePlace& after,
                          const CopyLimits& limits) {
  LANEMQ_RETURN_IF_ERROR(ToStatus(NeedArriving(ends.target, move)));
  bool is_sealed = false;
  const auto check = [&]() -> Status {
    LANEMQ_ASSIGN_OR_RETURN(is_sealed, IsSealed(ends.source, move));
    if (!is_sealed) return {};
    return MoveError(ErrorCode::kFailedPrecondition, move, "the source is sealed");
  };
  Status may_begin = check();
  if (may_begin.ok()) {
    StateWalk walk(ends, move, limits, check);
    auto copied = walk.Run(after, true);
    if (copied.ok() || !is_sealed) return copied;
  }
  if (!is_sealed) return may_begin.error();
  return StateCopied{.is_whole = true};
}

}  // namespace

Result<StateCopied> MySqlPartitionMover::CopyAhead(const PartitionMove& move,
                                                   const StatePlace& after, CopyLimits limits,
                                                   Deadline deadline) {
  return OnBothEnds(nodes_, move, deadline,
                    [&](const MoveEnds& ends) { return Ahead(ends, move, after, limits); });
}

}  // namespace lanemq::sql
