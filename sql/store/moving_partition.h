#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/core/types/ids.h"
#include "common/core/types/move.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

/// A row of partition_state, as a move sees it.
struct MovingPartition {
  std::string topic_name;
  core::Offset log_start;
  bool is_moving = false;
  std::string state_before;  ///< "writable", ...: what it is, or was before it was sealed.
  std::int64_t move_id = 0;  ///< The newest that brought or sealed it, or was given up here.

  /// kFailedPrecondition unless `move` has sealed it; kFenced when a newer one has.
  [[nodiscard]] Status CheckSealedBy(const core::PartitionMove& move) const;
  /// kFenced when a newer move has sealed it, or `move` was given up here.
  [[nodiscard]] Status CheckNotOver(const core::PartitionMove& move) const;
};

/// partition_arrivals.state
enum class ArrivalState : std::uint8_t { kClearing, kArriving, kOpened, kDropped };

[[nodiscard]] std::string_view NameOf(ArrivalState state);

/// A row of partition_arrivals.
struct Arrival {
  std::int64_t move_id = 0;
  ArrivalState state = ArrivalState::kClearing;
  std::int32_t schema_index = 0;
  core::Offset first;       ///< Where the rows begin that were copied without a jump.
  core::Offset copied_end;  ///< The offset the next copied row will have.
  std::int64_t rows = 0;    ///< From `first` on.
  std::int64_t holes = 0;   ///< Offsets in between that the source did not have.

  [[nodiscard]] bool Is(const core::PartitionMove& move, ArrivalState s) const {
    return move_id == move.id && state == s;
  }
};

/// The row of a partition at the node it leaves; nullopt: it is not there. `lock`: in a
/// transaction, until whose end nobody writes anything of the partition.
Result<std::optional<MovingPartition>> ReadMoving(Connection& connection,
                                                  const core::PartitionKey& key, bool lock = false);
/// kUnknownTopicOrPartition when it is not there.
Result<MovingPartition> NeedMoving(Connection& connection, const core::PartitionKey& key,
                                   bool lock = false);

Result<std::optional<Arrival>> ReadArrival(Connection& connection, const core::PartitionKey& key);
/// kFenced unless `move` is arriving there. `share`: in a transaction, until whose end it stays so.
Result<Arrival> NeedArriving(Connection& connection, const core::PartitionMove& move,
                             bool share = false);
/// kFenced when the arrival is not `move`'s, or not `from`.
Status ChangeArrival(Connection& connection, const core::PartitionMove& move, ArrivalState from,
                     ArrivalState to);

/// "move 5 of topic 7 partition 3: " and `what`.
[[nodiscard]] Error MoveError(ErrorCode code, const core::PartitionMove& move,
                              std::string_view what);

}  // namespace lanemq::sql
