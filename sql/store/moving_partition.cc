#include "sql/store/moving_partition.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "sql/statements/statements.h"

namespace lanemq::sql {
namespace {

constexpr std::array kStates = {ArrivalState::kClearing, ArrivalState::kArriving,
                                ArrivalState::kOpened, ArrivalState::kDropped};

std::optional<ArrivalState> ArrivalStateOf(std::string_view name) {
  for (const ArrivalState state : kStates) {
    if (NameOf(state) == name) return state;
  }
  return std::nullopt;
}

Result<std::optional<Arrival>> FindArrival(Connection& connection, const Statement& statement,
                                           const core::PartitionKey& key) {
  std::optional<Arrival> arrival;
  std::string unknown;
  LANEMQ_RETURN_IF_ERROR(connection.Query(
      statement, {key.topic.value, std::int64_t{key.partition}}, [&](const Row& row) {
        const auto state = ArrivalStateOf(row.String(1));
        if (!state) {
          unknown = row.String(1);
          return false;
        }
        arrival = Arrival{.move_id = row.Int64(0),
                          .state = *state,
                          .schema_index = static_cast<std::int32_t>(row.Int64(2)),
                          .first = core::Offset{row.Int64(3)},
                          .copied_end = core::Offset{row.Int64(4)},
                          .rows = row.Int64(5),
                          .holes = row.Int64(6)};
        return false;
      }));
  if (unknown.empty()) return arrival;
  return Error{ErrorCode::kFailedPrecondition, "partition_arrivals: unknown state '" + unknown +
                                                   "': a newer program has written it"};
}

}  // namespace

std::string_view NameOf(ArrivalState state) {
  switch (state) {
    case ArrivalState::kClearing:
      return "clearing";
    case ArrivalState::kArriving:
      return "arriving";
    case ArrivalState::kOpened:
      return "opened";
    case ArrivalState::kDropped:
      return "dropped";
  }
  return "";
}

Status MovingPartition::CheckSealedBy(const core::PartitionMove& move) const {
  if (move_id > move.id) {
    return MoveError(ErrorCode::kFenced, move, fmt::format("move {} has taken over", move_id));
  }
  if (is_moving && move_id == move.id) return {};
  return MoveError(ErrorCode::kFailedPrecondition, move, "the source is not sealed");
}

Status MovingPartition::CheckNotOver(const core::PartitionMove& move) const {
  if (move_id < move.id || (is_moving && move_id == move.id)) return {};
  return MoveError(ErrorCode::kFenced, move, "the source knows that it is over");
}

Result<std::optional<MovingPartition>> ReadMoving(Connection& connection,
                                                  const core::PartitionKey& key, bool lock) {
  std::optional<MovingPartition> found;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(lock ? statements::kLockMovingPartition : statements::kReadMovingPartition,
                       {key.topic.value, std::int64_t{key.partition}}, [&](const Row& row) {
                         found = MovingPartition{.topic_name = row.String(0),
                                                 .log_start = core::Offset{row.Int64(1)},
                                                 .is_moving = row.String(2) == "moving",
                                                 .state_before = row.String(3),
                                                 .move_id = row.Int64(4)};
                         return false;
                       }));
  return found;
}

Result<MovingPartition> NeedMoving(Connection& connection, const core::PartitionKey& key,
                                   bool lock) {
  LANEMQ_ASSIGN_OR_RETURN(auto found, ReadMoving(connection, key, lock));
  if (found) return *std::move(found);
  return Error{ErrorCode::kUnknownTopicOrPartition,
               fmt::format("topic {} partition {} is not on {}", key.topic.value, key.partition,
                           connection.server_name())};
}

Result<std::optional<Arrival>> ReadArrival(Connection& connection, const core::PartitionKey& key) {
  return FindArrival(connection, statements::kReadArrival, key);
}

Result<Arrival> NeedArriving(Connection& connection, const core::PartitionMove& move, bool share) {
  LANEMQ_ASSIGN_OR_RETURN(
      const auto arrival,
      FindArrival(connection, share ? statements::kShareArrival : statements::kReadArrival,
                  move.to.key));
  if (arrival && arrival->Is(move, ArrivalState::kArriving)) return *arrival;
  if (!arrival) return MoveError(ErrorCode::kFenced, move, "the target knows nothing of it");
  return MoveError(
      ErrorCode::kFenced, move,
      fmt::format("at the target, move {} is {}", arrival->move_id, NameOf(arrival->state)));
}

Status ChangeArrival(Connection& connection, const core::PartitionMove& move, ArrivalState from,
                     ArrivalState to) {
  LANEMQ_ASSIGN_OR_RETURN(
      const std::int64_t rows,
      connection.Update(statements::kChangeArrival,
                        {NameOf(to), move.to.key.topic.value, std::int64_t{move.to.key.partition},
                         move.id, NameOf(from)}));
  if (rows == 1) return {};
  return MoveError(ErrorCode::kFenced, move, "the target has begun something else");
}

Error MoveError(ErrorCode code, const core::PartitionMove& move, std::string_view what) {
  return Error{code, fmt::format("move {} of topic {} partition {}: {}", move.id,
                                 move.from.key.topic.value, move.from.key.partition, what)};
}

}  // namespace lanemq::sql
