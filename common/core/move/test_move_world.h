#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/core/move/move_machine.h"

namespace lanemq::core {

/// What is left out of the protocol, to show that it is missed.
enum class Sabotage : std::int8_t {
  kNone,
  kNoRename,         ///< Seal() leaves the table its name.
  kNoStateCheck,     ///< Commits of offsets do not look at the state.
  kNoTombstone,      ///< Unseal() does not keep a late Seal() of the same move out.
  kNoStateCopy,      ///< The new place is opened before it is whole.
  kSwitchFirst,      ///< The catalogue says the new place before it is opened.
  kDropFirst,        ///< The source is dropped before "opening" is written down.
  kForwardOnCancel,  ///< A cancelled move is opened all the same.
};

/// One partition on two data nodes, their databases as a move sees them: each method is what one
/// transaction or one DDL statement does.
class TwoNodes {
 public:
  enum class State : std::int8_t { kNone, kWritable, kMoving };
  enum class Table : std::int8_t { kNone, kMessages, kSealed };
  enum class Arrival : std::int8_t { kNone, kArriving, kOpened, kDropped };
  struct Side {
    Table table = Table::kNone;
    std::vector<int> log;  ///< Row i has offset i + 1.
    State state = State::kNone;
    std::int64_t move_id = 0;
    std::vector<std::int64_t> committed;  ///< One of each group: a lost one is not made up for.
    Arrival arrival = Arrival::kNone;
    std::int64_t arrival_id = 0;
    std::vector<int> arriving;
    std::vector<std::int64_t> arriving_committed;
    bool has_state_copy = false;
  };

  explicit TwoNodes(Sabotage sabotage) : sabotage_(sabotage) {
    Of(1).table = Table::kMessages;
    Of(1).state = State::kWritable;
  }
  Side& Of(std::int64_t node) { return sides_.at(static_cast<std::size_t>(node - 1)); }

  /// An INSERT of a broker that believes the partition to be there.
  bool Append(std::int64_t node, int row) {
    Side& side = Of(node);
    if (side.table != Table::kMessages) return false;
    side.log.push_back(row);
    return true;
  }
  bool Commit(std::int64_t node, std::int64_t group) {
    Side& side = Of(node);
    const bool may = side.state == State::kWritable ||
                     (sabotage_ == Sabotage::kNoStateCheck && side.state == State::kMoving);
    if (!may) return false;
    side.committed.push_back(group);
    return true;
  }

  Status BeginArrival(const PartitionMove& m) {
    Side& to = Of(m.to.node.value);
    if (Of(m.from.node.value).state == State::kNone) return Gone();
    if (to.arrival_id > m.id) return Fenced();
    if (to.arrival_id == m.id) return to.arrival == Arrival::kArriving ? Status{} : Fenced();
    to.arrival = Arrival::kArriving;
    to.arrival_id = m.id;
    to.arriving.clear();
    to.arriving_committed.clear();
    to.has_state_copy = false;
    return {};
  }
  Result<LogCopied> CopyLog(const PartitionMove& m, std::size_t rows_max) {
    Side& from = Of(m.from.node.value);
    Side& to = Of(m.to.node.value);
    if (from.table == Table::kNone) return Gone().error();
    if (!IsArriving(to, m)) return Fenced().error();
    LogCopied copied;
    while (to.arriving.size() < from.log.size() &&
           copied.rows < static_cast<std::int64_t>(rows_max)) {
      to.arriving.push_back(from.log[to.arriving.size()]);
      ++copied.rows;
    }
    copied.bytes = copied.rows * 10;
    copied.copied_end = Offset{static_cast<std::int64_t>(to.arriving.size()) + 1};
    copied.source_end = Offset{static_cast<std::int64_t>(from.log.size()) + 1};
    return copied;
  }
  /// `is_cut`: the mover dies between its two statements.
  Status Seal(const PartitionMove& m, bool is_cut) {
    Side& from = Of(m.from.node.value);
    if (from.state == State::kNone) return Gone();
    const bool is_over = from.state == State::kMoving ? from.move_id > m.id : from.move_id >= m.id;
    if (is_over && sabotage_ != Sabotage::kNoTombstone) return Fenced();
    from.state = State::kMoving;
    from.move_id = m.id;
    if (is_cut) return Error{ErrorCode::kOutcomeUnknown, "cut"};
    if (sabotage_ != Sabotage::kNoRename) from.table = Table::kSealed;
    return {};
  }
  Status Unseal(const PartitionMove& m) {
    Side& from = Of(m.from.node.value);
    if (from.state == State::kNone) return {};
    if (from.state == State::kMoving && from.move_id == m.id) {
      from.table = Table::kMessages;
      from.state = State::kWritable;
    }
    from.move_id = std::max(from.move_id, m.id);
    return {};
  }
  Result<StateCopied> CopyState(const PartitionMove& m) {
    Side& from = Of(m.from.node.value);
    Side& to = Of(m.to.node.value);
    if (from.state != State::kMoving || from.move_id != m.id) {
      return Error{ErrorCode::kFailedPrecondition, "not sealed"};
    }
    if (!IsArriving(to, m)) return Fenced().error();
    if (sabotage_ != Sabotage::kNoStateCopy) {
      to.arriving_committed = from.committed;
      to.has_state_copy = true;
    }
    return StateCopied{1, 10, true};
  }
  Result<std::vector<MoveCount>> Compare(const PartitionMove& m) {
    const Side& from = Of(m.from.node.value);
    const Side& to = Of(m.to.node.value);
    if (from.state != State::kMoving || from.move_id != m.id) {
      return Error{ErrorCode::kFailedPrecondition, "not sealed"};
    }
    return std::vector<MoveCount>{{"log rows", static_cast<std::int64_t>(from.log.size()),
                                   static_cast<std::int64_t>(to.arriving.size())}};
  }
  Status Open(const PartitionMove& m) {
    Side& to = Of(m.to.node.value);
    if (to.arrival_id == m.id && to.arrival == Arrival::kOpened) return {};
    if (Of(m.from.node.value).state == State::kNone && !is_source_dropped_first()) return Gone();
    if (!IsArriving(to, m)) return Fenced();
    to.table = Table::kMessages;
    to.log = to.arriving;
    to.committed = to.arriving_committed;
    to.state = State::kWritable;
    to.move_id = m.id;
    to.arriving.clear();
    to.arrival = Arrival::kOpened;
    return {};
  }
  Status DropArrival(const PartitionMove& m) {
    Side& to = Of(m.to.node.value);
    if (to.arrival_id > m.id) return {};
    if (to.arrival_id == m.id && to.arrival == Arrival::kOpened) {
      return Error{ErrorCode::kFailedPrecondition, "it was opened"};
    }
    to.arrival_id = m.id;
    to.arrival = Arrival::kDropped;
    to.arriving.clear();
    return {};
  }
  Result<bool> DropSource(const PartitionMove& m) {
    Side& from = Of(m.from.node.value);
    if (from.state == State::kNone) return true;
    if (from.state != State::kMoving || from.move_id != m.id) return Fenced().error();
    DropPartition(m.from.node.value);
    return true;
  }
  void DropPartition(std::int64_t node) {
    Side& side = Of(node);
    side.table = Table::kNone;
    side.log.clear();
    side.state = State::kNone;
    side.move_id = 0;
    side.committed.clear();
    side.arriving.clear();
    if (side.arrival == Arrival::kArriving) side.arrival = Arrival::kDropped;
  }

 private:
  [[nodiscard]] bool is_source_dropped_first() const { return sabotage_ == Sabotage::kDropFirst; }
  static bool IsArriving(const Side& to, const PartitionMove& m) {
    return to.arrival == Arrival::kArriving && to.arrival_id == m.id;
  }
  static Status Fenced() { return Error{ErrorCode::kFenced, "a newer move, or further"}; }
  static Status Gone() { return Error{ErrorCode::kUnknownTopicOrPartition, "not there"}; }

  const Sabotage sabotage_;
  std::vector<Side> sides_{2};
};

/// The metadata database: the partition's place, moves, who may write.
class MoveBook {
 public:
  std::int64_t place = 1;
  bool is_topic_active = true;
  std::int64_t term = 1;
  std::map<std::int64_t, MoveRecord> moves;

  MoveRecord* Unfinished() {
    for (auto& [id, record] : moves) {
      if (!record.IsFinished()) return &record;
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
