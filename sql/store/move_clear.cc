#include "sql/store/move_clear.h"

#include <iterator>

#include "sql/store/move_text.h"
#include "sql/store/moving_partition.h"

namespace lanemq::sql {
namespace {

constexpr std::int64_t kRowsPerDelete = 1'000;
constexpr int kStatementsPerLook = 16;

}  // namespace

Status CheckPlaces(const core::PartitionMove& move) {
  if (move.id > 0 && move.from.node != move.to.node && move.from.key == move.to.key) return {};
  return MoveError(ErrorCode::kInvalidRequest, move,
                   "it needs a number and two places on different data nodes");
}

Result<bool> ClearSome(Connection& connection, const core::PartitionKey& key, int statements_max) {
  int statements = 0;
  for (const StateTable& table : StateTables()) {
    for (std::int64_t rows = kRowsPerDelete; rows >= kRowsPerDelete; ++statements) {
      if (statements >= statements_max + std::ssize(StateTables())) return false;
      connection.Text() = DeleteText(table, key, kRowsPerDelete);
      LANEMQ_ASSIGN_OR_RETURN(rows, connection.UpdateText("delete_moved_rows"));
    }
  }
  return true;
}

Status ClearAll(Connection& connection, const core::PartitionMove& move,
                const MoveDeadline& deadline) {
  while (true) {
    LANEMQ_ASSIGN_OR_RETURN(const bool is_clear,
                            ClearSome(connection, move.to.key, kStatementsPerLook));
    if (is_clear) return {};
    if (deadline.HasPassed()) {
      return MoveError(ErrorCode::kThrottled, move, "rows are left at the target: repeat the step");
    }
  }
}

}  // namespace lanemq::sql
