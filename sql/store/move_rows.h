#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/core/types/move.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

// Reads of moves on one connection. Errors are the driver's.

/// Of a row of read_open_moves and its like.
[[nodiscard]] core::MoveRecord MoveFromRow(const Row& row);

/// Unfinished ones, by id.
Result<std::vector<core::MoveRecord>> ReadOpenMoves(Connection& connection, Param now);
Result<std::optional<core::MoveRecord>> ReadMove(Connection& connection, Param now,
                                                 std::int64_t id);
/// See core::CatalogSnapshot::moving.
Result<std::vector<core::PartitionLocation>> ReadMovingPlaces(Connection& connection);

/// What whoever holds a move's row knows of it.
struct LockedMove {
  core::MoveState state = core::MoveState::kCopying;
  core::PartitionMove move;
};
/// kNotFound when there is none.
Result<LockedMove> LockMove(Connection& connection, std::int64_t id);

}  // namespace lanemq::sql
