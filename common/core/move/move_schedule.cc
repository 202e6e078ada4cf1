#include "common/core/move/move_schedule.h"

#include <algorithm>
#include <map>

namespace lanemq::core {
namespace {

/// Somebody waits for its partition, or soon would.
bool IsUrgent(MoveState state) {
  switch (state) {
    case MoveState::kSealing:
    case MoveState::kHandingOver:
    case MoveState::kOpening:
    case MoveState::kCancelling:
      return true;
    case MoveState::kCopying:
    case MoveState::kCleaning:
    case MoveState::kDone:
    case MoveState::kCancelled:
    case MoveState::kFailed:
      return false;
  }
  return false;
}

}  // namespace

std::vector<std::int64_t> PickMoves(std::span<const MoveRecord> unfinished,
                                    const std::set<std::int64_t>& running,
                                    const std::set<std::int64_t>& waiting, MoveSlots slots) {
  std::map<NodeId, std::size_t> busy;
  std::size_t all = running.size();
  std::vector<const MoveRecord*> candidates;
  for (const MoveRecord& record : unfinished) {
    if (running.contains(record.move.id)) {
      ++busy[record.move.from.node];
      ++busy[record.move.to.node];
    } else if (!record.IsFinished() && !waiting.contains(record.move.id)) {
      candidates.push_back(&record);
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const MoveRecord* a, const MoveRecord* b) {
                     const bool is_urgent = IsUrgent(a->state);
                     if (is_urgent != IsUrgent(b->state)) return is_urgent;
                     return a->move.id < b->move.id;
                   });
  std::vector<std::int64_t> picked;
  for (const MoveRecord* record : candidates) {
    if (all >= slots.all) break;
    std::size_t& from = busy[record->move.from.node];
    std::size_t& to = busy[record->move.to.node];
    if (from >= slots.per_node || to >= slots.per_node) continue;
    ++from;
    ++to;
    ++all;
    picked.push_back(record->move.id);
  }
  return picked;
}

}  // namespace lanemq::core
