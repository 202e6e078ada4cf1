#pragma once

#include <chrono>
#include <cstdint>

#include "common/core/retention/retention_types.h"

namespace lanemq::core {

/// Bounds of what one step does, and of the segments of a partition.
struct RetentionLimits {
  /// A segment is a sixteenth of what retention keeps, within these. It is also the room ahead of
  /// the writers, so the least is what a sudden burst may append between two looks.
  std::int64_t segment_rows_min = 100'000;
  std::int64_t segment_rows_max = 5'000'000;
  std::int32_t segments_max = 32;  ///< With p_tail. From segments_wide on each is twice as big.
  std::int32_t segments_wide = 24;
  std::chrono::seconds room_ahead{600};  ///< At the rate of late.
  std::int32_t drops_per_step = 1;
  /// What a late split may copy, while inserts wait.
  std::int64_t split_rows_max = 20'000;
  std::int64_t split_bytes_max = 16 << 20;
  std::int64_t delete_rows_max = 1'000;
  std::int64_t delete_bytes_max = 16 << 20;
  std::chrono::microseconds grace{std::chrono::minutes{2}};  ///< As in RetentionLook.
  /// For a while nothing more is condemned; what was goes, and splits go on.
  bool is_start_held = false;
  bool are_removals_held = false;  ///< No drop and no delete. With is_start_held: splits alone.
};

/// How long expired rows wait for the rest of their segment, to go with it by DROP; then they go by
/// DELETE. An eighth: a segment holds about a sixteenth.
[[nodiscard]] constexpr std::chrono::milliseconds OverdueSlack(std::chrono::milliseconds keep_for) {
  return keep_for / 8;
}

/// What is to be done next on a partition; kNone with the reason when nothing is. In this order:
/// the log start moves; segments below it are dropped; the tail is split ahead of the writers; what
/// is left below the log start is deleted. Never planned: the removal of the newest row, of a row
/// within the grace, or of one at or above the committed log start. Pure.
[[nodiscard]] RetentionStep PlanRetention(const RetentionFacts& facts,
                                          const RetentionPolicy& policy,
                                          const RetentionLimits& limits = {});

/// Rows in p_tail. 0 when the split came in time.
[[nodiscard]] std::int64_t TailRows(const RetentionFacts& facts);

/// Whether p_tail holds more than a split may copy: only `lanemq topic split`, or the age of its
/// rows, helps. For lanemq_retention_unsplit_partitions.
[[nodiscard]] bool IsTailOversize(const RetentionFacts& facts, const RetentionLimits& limits = {});

/// The rows that a new segment should have.
[[nodiscard]] std::int64_t SegmentRows(const RetentionFacts& facts, const RetentionPolicy& policy,
                                       const RetentionLimits& limits = {});

}  // namespace lanemq::core
