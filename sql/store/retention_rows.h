#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/core/retention/retention_types.h"
#include "sql/driver/connection.h"
#include "sql/store/retention_text.h"

namespace lanemq::sql {

/// Runs `text` and answers its first column; nullopt: NULL, or no row.
Result<std::optional<std::int64_t>> ReadNumber(Connection& connection, std::string_view name,
                                               std::string text);

/// The segments of a message table in order, without sizes and times; the last is p_tail.
/// kUnknownTopicOrPartition: there is no such table.
Result<std::vector<core::LogSegment>> ReadSegments(Connection& connection,
                                                   const RetentionTable& table);

/// The committed log start. kUnknownTopicOrPartition: the partition has no state, or moves.
Result<core::Offset> ReadLogStart(Connection& connection, const core::PartitionKey& key);

}  // namespace lanemq::sql
