#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "common/core/move/move_machine.h"
#include "common/core/move/test_move_nodes.h"

namespace lanemq::core {

/// The metadata database: the partition's place, moves, who may write.
class MoveBook {
 public:
  std::int64_t place = 1;
  bool is_topic_active = true;
  std::int64_t term = 1;
  std::int64_t disabled = 0;  ///< A data node; 0: none.
  std::map<std::int64_t, MoveRecord> moves;

  MoveRecord* Unfinished() {
    for (auto& [id, record] : moves) {
      if (record.IsFinished()) continue;
      record.is_source_disabled = record.move.from.node.value == disabled;
      record.is_target_disabled = record.move.to.node.value == disabled;
      return &record;
    }
    return nullptr;
  }
  void Begin(std::int64_t id) {
    MoveRecord record;
    const PartitionKey key{TopicId{7}, 0};
    record.move = {id, {key, NodeId{place}, 0}, {key, NodeId{3 - place}, 0}};
    record.topic = "orders";
    record.bytes_per_second = 1'000'000;
    moves[id] = record;
  }
  Status Advance(std::int64_t id, std::int64_t by_term, MoveState expected,
                 const MoveOrder& order) {
    if (by_term != term) return Error{ErrorCode::kFenced, "another term"};
    MoveRecord& record = moves.at(id);
    if (record.state != expected) return Error{ErrorCode::kConflict, "another state"};
    if (record.state == MoveState::kOpening && order.next == MoveState::kCancelling &&
        is_topic_active) {
      return Error{ErrorCode::kFailedPrecondition, "no way back"};
    }
    if (order.next == MoveState::kSealing && record.state != order.next) record.is_paused = true;
    if (order.next == MoveState::kCopying || order.ends_pause) record.is_paused = false;
    record.state = order.next;
    record.error = order.error;
    return {};
  }
  Status Switch(std::int64_t id, std::int64_t by_term) {
    if (by_term != term) return Error{ErrorCode::kFenced, "another term"};
    MoveRecord& record = moves.at(id);
    if (record.state == MoveState::kCleaning) return {};
    if (record.state != MoveState::kOpening) return Error{ErrorCode::kConflict, "another state"};
    if (!is_topic_active) return Error{ErrorCode::kFailedPrecondition, "being deleted"};
    place = record.move.to.node.value;
    record.is_paused = false;
    record.state = MoveState::kCleaning;
    return {};
  }
  void Cancel() {
    MoveRecord* const record = Unfinished();
    if (record == nullptr) return;
    if (record->state != MoveState::kCopying && record->state != MoveState::kSealing &&
        record->state != MoveState::kHandingOver) {
      return;
    }
    record->state = MoveState::kCancelling;
    record->error.clear();
  }
};

}  // namespace lanemq::core
