#pragma once

#include <span>
#include <vector>

#include "common/base/result.h"
#include "common/core/types/ids.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

/// What a write answers whose partition moves, or is not on the data node: kDataNodeUnavailable,
/// nothing was done. Whoever tries again finds it, here or where it has gone.
[[nodiscard]] Error MovesAway(const core::PartitionKey& key);

/// Shares the locks of the partitions' rows until the transaction ends: they are here and stay as
/// long. Every transaction that writes rows of a partition does so, by this or in the statement
/// itself. One of several partitions does it for all of them before it locks anything else of them:
/// somebody who waits to take one of them away then holds up nobody who waits for another.
///
/// Answers for each of `keys` (in any order, some twice): MovesAway() where it moves, or is not
/// here. The outer Result fails for the whole transaction.
Result<std::vector<Status>> SharePartitions(Connection& connection,
                                            std::span<const core::PartitionKey> keys);

/// The same for a transaction that does nothing unless all of `keys` are here.
Status RequirePartitions(Connection& connection, std::span<const core::PartitionKey> keys);

/// The same for one that passes over partitions which are not here at all: those that are, in
/// order. Errors: MovesAway() when one of them moves.
Result<std::vector<core::PartitionKey>> ShareThoseHere(Connection& connection,
                                                       std::span<const core::PartitionKey> keys);

}  // namespace lanemq::sql
