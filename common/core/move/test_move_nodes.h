#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/core/move/test_move_sabotage.h"
#include "common/core/store/partition_mover.h"

namespace lanemq::core {

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
    std::map<int, int> letters;           ///< By number; their content changes, and they go.
    Arrival arrival = Arrival::kNone;
    std::int64_t arrival_id = 0;
    std::vector<int> arriving;
    std::vector<std::int64_t> arriving_committed;
    std::map<int, int> arriving_letters;
    bool has_state_copy = false;
  };
  /// What whoever copies ahead has read, and will write: the letters of numbers from `from` on,
  /// below `to`.
  struct AheadPart {
    int from = 0;
    int to = 0;
    std::map<int, int> letters;
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

  /// `content` 0: it goes.
  bool PutLetter(std::int64_t node, int number, int content) {
    Side& side = Of(node);
    if (side.state != State::kWritable) return false;
    if (content == 0) {
      side.letters.erase(number);
    } else {
      side.letters[number] = content;
    }
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
    to.arriving_letters.clear();
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
  /// The first half of a copy ahead; the walk goes on at `to`, and ends at kLettersEnd.
  Result<AheadPart> ReadAhead(const PartitionMove& m, int from, int count) {
    const Side& side = Of(m.from.node.value);
    if (side.state == State::kNone) return Gone().error();
    AheadPart part{from, std::min(from + count, kLettersEnd), {}};
    part.letters.insert(side.letters.lower_bound(part.from), side.letters.lower_bound(part.to));
    return part;
  }
  /// The second one, perhaps much later.
  Result<StateCopied> WriteAhead(const PartitionMove& m, const AheadPart& part) {
    const Side& from = Of(m.from.node.value);
    Side& to = Of(m.to.node.value);
    if (from.state == State::kNone) return Gone().error();
    if (!IsArriving(to, m)) return Fenced().error();
    if (from.state == State::kMoving && sabotage_ != Sabotage::kLateAhead) {
      return StateCopied{.is_whole = true};
    }
    to.arriving_letters.erase(to.arriving_letters.lower_bound(part.from),
                              to.arriving_letters.lower_bound(part.to));
    to.arriving_letters.insert(part.letters.begin(), part.letters.end());
    return StateCopied{.rows = static_cast<std::int64_t>(part.letters.size()),
                       .bytes = static_cast<std::int64_t>(part.letters.size()) * 10,
                       .is_whole = part.to >= kLettersEnd,
                       .next = {0, {std::to_string(part.to)}}};
  }
  /// Both at once.
  Result<StateCopied> CopyAhead(const PartitionMove& m, const StatePlace& after, int count) {
    auto part = ReadAhead(m, NumberOf(after), count);
    if (!part.ok()) return part.error();
    return WriteAhead(m, *part);
  }
  static int NumberOf(const StatePlace& place) {
    return place.after.empty() ? 0 : std::stoi(place.after.front());
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
      if (sabotage_ == Sabotage::kNoDiff) {  // Those that are there count as copied.
        to.arriving_letters.insert(from.letters.begin(), from.letters.end());
      } else {
        to.arriving_letters = from.letters;
      }
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
    to.letters = to.arriving_letters;
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
    side.letters.clear();
    side.arriving.clear();
    if (side.arrival == Arrival::kArriving) side.arrival = Arrival::kDropped;
  }

 private:
  [[nodiscard]] bool is_source_dropped_first() const { return sabotage_ == Sabotage::kDropFirst; }
  static bool IsArriving(const Side& to, const PartitionMove& m) {
    return to.arrival == Arrival::kArriving && to.arrival_id == m.id;
  }
  static constexpr int kLettersEnd = 6;  ///< Their numbers are below.
  static Status Fenced() { return Error{ErrorCode::kFenced, "a newer move, or further"}; }
  static Status Gone() { return Error{ErrorCode::kUnknownTopicOrPartition, "not there"}; }

  const Sabotage sabotage_;
  std::vector<Side> sides_{2};
};

}  // namespace lanemq::core
