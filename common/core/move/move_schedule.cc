#include "common/core/move/move_schedule.h"

#include <algorithm>
#include <map>
#include <utility>

namespace lanemq::core {
namespace {

/// The lower, the sooner.
int RankOf(const MoveRecord& record, const MoveTurns& turns) {
  if (record.IsShut()) return 0;
  if (record.state == MoveState::kCancelling) return 1;
  return turns.soon.contains(record.move.id) ? 2 : 3;
}

}  // namespace

std::vector<std::int64_t> PickMoves(std::span<const MoveRecord> unfinished, const MoveTurns& turns,
                                    MoveSlots slots) {
  std::map<NodeId, std::size_t> busy;
  std::size_t all = turns.running.size();
  std::vector<const MoveRecord*> candidates;
  for (const MoveRecord& record : unfinished) {
    if (turns.running.contains(record.move.id)) {
      ++busy[record.move.from.node];
      ++busy[record.move.to.node];
    } else if (!record.IsFinished() && !turns.waiting.contains(record.move.id)) {
      candidates.push_back(&record);
    }
  }
  std::stable_sort(
      candidates.begin(), candidates.end(), [&](const MoveRecord* a, const MoveRecord* b) {
        return std::pair(RankOf(*a, turns), a->move.id) < std::pair(RankOf(*b, turns), b->move.id);
      });
  std::vector<std::int64_t> picked;
  for (const MoveRecord* record : candidates) {
    std::size_t& from = busy[record->move.from.node];
    std::size_t& to = busy[record->move.to.node];
    const bool is_full = all >= slots.all || from >= slots.per_node || to >= slots.per_node;
    if (is_full && !record->IsShut()) continue;
    ++from;
    ++to;
    ++all;
    picked.push_back(record->move.id);
  }
  return picked;
}

}  // namespace lanemq::core
