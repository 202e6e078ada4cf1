#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/core/types/ids.h"
#include "sql/driver/server_info.h"

namespace lanemq::sql {

/// Statements that retention runs on one message table: made of numbers and of names that our own
/// code allocated, like those of MessageTable.
class RetentionTable {
 public:
  /// `prefix` must have passed CheckSchemaPrefix().
  RetentionTable(std::string_view prefix, const core::PartitionLocation& location);

  /// Name and bound ("MAXVALUE" for the last) of each segment, in order.
  [[nodiscard]] std::string SelectSegments() const;
  /// MAX(`offset`), NULL: no row.
  [[nodiscard]] std::string SelectNewest() const;
  /// MIN(`offset`) from `from` on, NULL: no row.
  [[nodiscard]] std::string SelectOldest(core::Offset from) const;
  /// offset and timestamp_us of those of `offsets` that are there; at least one.
  [[nodiscard]] std::string SelectTimes(std::span<const core::Offset> offsets) const;
  /// Mean bytes of up to `rows` rows from each of `low` and `high` on; NULL: no row.
  [[nodiscard]] std::string SelectRowBytes(core::Offset low, core::Offset high, int rows) const;
  /// How many rows there are from `from` on, counting to `max` at most.
  [[nodiscard]] std::string CountRows(core::Offset from, std::int64_t max) const;
  /// Keeps everybody else out, until UNLOCK TABLES.
  [[nodiscard]] std::string Lock() const;
  /// At least one bound.
  [[nodiscard]] std::string DropSegments(std::span<const core::Offset> bounds) const;
  [[nodiscard]] std::string SplitTail(core::Offset bound) const;
  /// The first `max` rows of [low, to).
  [[nodiscard]] std::string DeleteRows(core::Offset low, core::Offset to, std::int64_t max) const;

  /// How SelectSizes() calls a segment: "<schema>/<table>#p#p_<bound>", or "...#p#p_tail".
  [[nodiscard]] std::string FileOf(std::string_view segment) const;
  /// Name (in lower case, as FileOf()) and bytes of the files of all message tables of a node.
  [[nodiscard]] static std::string SelectSizes(std::string_view prefix, ServerKind kind);

 private:
  std::string schema_;
  std::string table_;
  std::string name_;  ///< Both, quoted.
};

/// "p_<bound>"
[[nodiscard]] std::string SegmentName(core::Offset bound);

}  // namespace lanemq::sql
