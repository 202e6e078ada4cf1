#include "sql/store/move_rows.h"

#include <fmt/format.h>

#include "sql/statements/statements.h"

namespace lanemq::sql {
namespace {

using core::MoveRecord;
using core::MoveState;
using core::NodeId;
using core::Offset;
using core::PartitionLocation;
using core::TopicId;

enum Column : unsigned {
  kId,
  kTopic,
  kPartition,
  kTopicName,
  kFromNode,
  kFromSchema,
  kToNode,
  kToSchema,
  kState,
  kBytesPerSecond,
  kCopiedEnd,
  kSourceEnd,
  kBytesCopied,
  kPausedUs,
  kError,
  kRequestedBy,
  kReason,
  kCreatedAt,
  kFinishedAt,
  kIsTopicActive,
  kIsPaused,
  kIsSourceDisabled,
  kIsTargetDisabled,
};

std::int32_t Int32(const Row& row, unsigned column) {
  return static_cast<std::int32_t>(row.Int64(column));
}

}  // namespace

MoveRecord MoveFromRow(const Row& row) {
  MoveRecord record;
  record.move.id = row.Int64(kId);
  const core::PartitionKey key{TopicId{row.Int64(kTopic)}, Int32(row, kPartition)};
  record.move.from = {key, NodeId{row.Int64(kFromNode)}, Int32(row, kFromSchema)};
  record.move.to = {key, NodeId{row.Int64(kToNode)}, Int32(row, kToSchema)};
  record.topic = row.String(kTopicName);
  record.is_topic_active = row.Int64(kIsTopicActive) != 0;
  record.state = static_cast<MoveState>(row.Int64(kState));
  record.bytes_per_second = row.Int64(kBytesPerSecond);
  record.copied_end = Offset{row.Int64(kCopiedEnd)};
  record.source_end = Offset{row.Int64(kSourceEnd)};
  record.bytes_copied = row.Int64(kBytesCopied);
  record.paused_us = row.Int64(kPausedUs);
  record.is_paused = row.Int64(kIsPaused) != 0;
  record.is_source_disabled = row.Int64(kIsSourceDisabled) != 0;
  record.is_target_disabled = row.Int64(kIsTargetDisabled) != 0;
  record.error = row.String(kError);
  record.requested_by = row.String(kRequestedBy);
  record.reason = row.String(kReason);
  record.created_at = WallTime{row.Int64(kCreatedAt)};
  if (!row.IsNull(kFinishedAt)) record.finished_at = WallTime{row.Int64(kFinishedAt)};
  return record;
}

Result<std::vector<MoveRecord>> ReadOpenMoves(Connection& connection, Param now) {
  std::vector<MoveRecord> records;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadOpenMoves, {now}, [&](const Row& row) {
    records.push_back(MoveFromRow(row));
    return true;
  }));
  return records;
}

Result<std::optional<MoveRecord>> ReadMove(Connection& connection, Param now, std::int64_t id) {
  std::optional<MoveRecord> record;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadMove, {now, id}, [&](const Row& row) {
    record = MoveFromRow(row);
    return false;
  }));
  return record;
}

Result<std::vector<PartitionLocation>> ReadMovingPlaces(Connection& connection) {
  std::vector<PartitionLocation> places;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadMovingPlaces, {}, [&](const Row& row) {
    places.push_back({{TopicId{row.Int64(0)}, Int32(row, 1)}, NodeId{row.Int64(2)}, Int32(row, 3)});
    return true;
  }));
  return places;
}

Result<LockedMove> LockMove(Connection& connection, std::int64_t id) {
  std::optional<LockedMove> locked;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kLockMove, {id}, [&](const Row& row) {
    const core::PartitionKey key{TopicId{row.Int64(1)}, Int32(row, 2)};
    locked = LockedMove{static_cast<MoveState>(row.Int64(0)),
                        {id,
                         {key, NodeId{row.Int64(3)}, Int32(row, 4)},
                         {key, NodeId{row.Int64(5)}, Int32(row, 6)}}};
    return false;
  }));
  if (!locked) return Error{ErrorCode::kNotFound, fmt::format("there is no move {}", id)};
  return *locked;
}

}  // namespace lanemq::sql
