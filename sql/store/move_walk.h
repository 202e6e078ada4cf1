#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/store/partition_mover.h"
#include "sql/driver/connection.h"
#include "sql/store/data_nodes.h"
#include "sql/store/move_text.h"

namespace lanemq::sql {

/// Both ends of a copy, each with a session of its own.
struct MoveEnds {
  Connection& source;
  Connection& target;
  const Clock& clock;
};

/// Runs `body` on servers that take writes, at both ends.
Result<core::StateCopied> OnBothEnds(
    const DataNodes& nodes, const core::PartitionMove& move, Deadline deadline,
    const std::function<Result<core::StateCopied>(const MoveEnds&)>& body);

/// Runs `body` in a transaction at the target that shares the arrival's row: until its end the
/// arrival stays this move's. kFenced when it is not.
Status WhileArriving(const MoveEnds& ends, const core::PartitionMove& move,
                     const std::function<Status()>& body);

/// How many rows a range of keys has, and their check sum (SelectCheckText).
struct StateCheck {
  std::int64_t rows = 0;
  std::uint64_t sum = 0;
  bool operator==(const StateCheck&) const = default;
};
Result<StateCheck> CheckState(Connection& connection, const StateTable& table,
                              const core::PartitionKey& key, const StateRange& range = {});

/// Goes through the state tables in the order of their keys, and makes the target's rows what the
/// source's are. Ranges of 2,000 rows whose checks are equal are left alone; of one that differs
/// only the parts of 125 that differ are written anew, if most of it is there. What is read of a
/// part, and what the target has of it, is changed in one transaction: whoever comes later, or at
/// the same time, finds the one or the other.
///
/// Not thread-safe; for one step of a walk.
class StateWalk {
 public:
  /// `may_write` is asked in each of those transactions, when nobody can close the arrival any
  /// more, and before anything is written.
  StateWalk(const MoveEnds& ends, const core::PartitionMove& move, const core::CopyLimits& limits,
            std::function<Status()> may_write)
      : ends_(ends), move_(move), limits_(limits), may_write_(std::move(may_write)) {}

  /// Goes on from `place` until the limits are reached (the first part always fits), or 64,000 rows
  /// have been compared. `only_messages`: in tables that have messages.
  Result<core::StateCopied> Run(const core::StatePlace& place, bool only_messages);

 private:
  [[nodiscard]] bool IsSpent() const;
  [[nodiscard]] core::CopyLimits Left() const;
  /// Compares the next range and makes it equal. True: it was the table's last one.
  Result<bool> Step(const StateTable& table);
  /// The next `rows` rows of the source, and what the target has there.
  Result<StateRange> NextRange(const StateTable& table, std::int64_t rows);
  /// Writes the first rows of `range`, as many as fit; `range` ends there afterwards.
  Status Copy(const StateTable& table, const StateCheck& target, StateRange& range);
  Status Write(const StateTable& table, const StateCheck& target, const StateRange& range,
               RowCopy& rows);

  const MoveEnds ends_;
  const core::PartitionMove& move_;
  const core::CopyLimits limits_;
  const std::function<Status()> may_write_;
  core::StateCopied copied_;
  int ranges_ = 0;
  int parts_left_ = 0;  ///< Of a range that differs.
};

}  // namespace lanemq::sql
