#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "common/core/types/move.h"

namespace lanemq::core {

/// How many moves are carried out at once.
struct MoveSlots {
  std::size_t per_node = 2;  ///< That read from, or write to, one data node.
  std::size_t all = 4;
};

/// Which moves are to begin now beside those that run. What has sealed its partition, or is being
/// taken back, comes first; then the oldest. One whose nodes are busy lets younger ones pass.
///
/// `unfinished` by id; `running` and `waiting` (for their next attempt: they take no slot) are ids
/// of such. Pure. Cost: moves times logarithm.
[[nodiscard]] std::vector<std::int64_t> PickMoves(std::span<const MoveRecord> unfinished,
                                                  const std::set<std::int64_t>& running,
                                                  const std::set<std::int64_t>& waiting,
                                                  MoveSlots slots);

}  // namespace lanemq::core
