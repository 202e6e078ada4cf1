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

/// Ids of unfinished moves.
struct MoveTurns {
  std::set<std::int64_t> running;
  std::set<std::int64_t> waiting;  ///< For their next attempt: they take no slot.
  std::set<std::int64_t> soon;     ///< Have let others pass just before the seal.
};

/// Which moves are to begin now beside those that run. What has shut its partition begins at once,
/// whatever runs: it may have to wait for hours otherwise, and others with it. They are few, since
/// only what has a slot seals. Then, as far as there are slots, comes what is being taken back,
/// what is to seal soon, and the oldest. One whose nodes are busy lets younger ones pass.
///
/// `unfinished` by id. Pure. Cost: moves times logarithm.
[[nodiscard]] std::vector<std::int64_t> PickMoves(std::span<const MoveRecord> unfinished,
                                                  const MoveTurns& turns, MoveSlots slots);

}  // namespace lanemq::core
