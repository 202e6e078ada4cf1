#pragma once

#include <cstdint>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/types/move.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

/// Until when a step goes on.
struct MoveDeadline {
  Deadline deadline;
  const Clock& clock;
  [[nodiscard]] bool HasPassed() const { return deadline.HasPassed(clock); }
};

/// kInvalidRequest unless `move` goes from one data node to another one and has a number.
Status CheckPlaces(const core::PartitionMove& move);

/// Deletes rows of the partition from the state tables, in statements of a thousand. True: none is
/// left. False: `statements_max` statements have deleted something.
Result<bool> ClearSome(Connection& connection, const core::PartitionKey& key, int statements_max);
/// The same until none is left. kThrottled: the deadline has passed; a repeat goes on.
Status ClearAll(Connection& connection, const core::PartitionMove& move,
                const MoveDeadline& deadline);

}  // namespace lanemq::sql
