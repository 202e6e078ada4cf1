#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "common/core/types/ids.h"

namespace lanemq::sql {

// Statements that ask many message tables at once: one arm of a UNION ALL for each, all of
// constants, so that the engines look at the table partitions that can have the row and at no
// other. `place` is the caller's number of the table, and comes back as the first column. Each
// replaces `out` and takes the first arms only, as many as one statement should have: it answers
// how many, at least one. The prefix must have passed CheckSchemaPrefix().

/// Asks for the newest row at or above `from`.
struct NewestArm {
  std::size_t place = 0;
  core::PartitionLocation location;
  core::Offset from;
};
/// place, newest offset or NULL.
std::size_t NewestText(std::string_view prefix, std::span<const NewestArm> arms, std::string& out);

/// Asks for rows by their offsets; from 1 to kLagOffsetsPerArm of them.
struct RowsArm {
  std::size_t place = 0;
  core::PartitionLocation location;
  std::span<const core::Offset> offsets;
};
/// MariaDB makes a join of lists from 1,000 on.
inline constexpr std::size_t kLagOffsetsPerArm = 256;

/// place, offset, timestamp_us of those that exist.
std::size_t RowTimesText(std::string_view prefix, std::span<const RowsArm> arms, std::string& out);
/// place, offset as asked for, timestamp_us of the first row at or above it, or NULL. Only for the
/// arms' first offset.
std::size_t NextTimesText(std::string_view prefix, std::span<const RowsArm> arms, std::string& out);

}  // namespace lanemq::sql
