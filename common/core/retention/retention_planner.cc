#include "common/core/retention/retention_planner.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"

namespace lanemq::core {
namespace {

using Kind = RetentionStep::Kind;

RetentionStep Nothing(std::string why) { return {.kind = Kind::kNone, .why = std::move(why)}; }

/// Where a segment begins: the bound before it, as far as rows are still there.
Offset LowOf(const RetentionFacts& facts, std::size_t i) {
  if (i == 0) return facts.low_water;
  return std::max(*facts.segments[i - 1].bound, facts.low_water);
}

/// The newest row stays whatever its age: the log's end and its time are read from it.
Offset NewestRow(const RetentionFacts& facts) { return Offset{facts.end.value - 1}; }

bool IsOlder(const std::optional<WallTime>& at, WallTime now, std::chrono::microseconds than) {
  return at && at->micros <= now.micros - than.count();
}

/// Whether every row of the segment is there, or has been, and is older than `age`.
bool HasExpired(const RetentionFacts& facts, const LogSegment& segment,
                std::chrono::microseconds age) {
  if (!segment.bound || *segment.bound > NewestRow(facts)) return false;
  // Rows go in order: when the last one has gone the others have. Above the start none has.
  if (!segment.last_row_at) return *segment.bound <= facts.log_start;
  return IsOlder(segment.last_row_at, facts.now, age);
}

Offset TimeTarget(const RetentionFacts& facts, const RetentionPolicy& policy,
                  const RetentionLimits& limits) {
  Offset target = facts.log_start;
  if (!policy.keep_for) return target;
  const auto age = std::max<std::chrono::microseconds>(*policy.keep_for, limits.grace);
  for (const LogSegment& segment : facts.segments) {
    if (!HasExpired(facts, segment, age)) break;
    target = std::max(target, *segment.bound);
  }
  if (facts.first_young) target = std::max(target, *facts.first_young);
  return target;
}

/// Bytes of the rows of segment `i` that are at or above `start`: those of its file when all are.
std::int64_t LiveBytes(const RetentionFacts& facts, std::size_t i, Offset start) {
  const LogSegment& segment = facts.segments[i];
  const Offset low = std::max(LowOf(facts, i), start);
  const Offset high = std::min(segment.bound.value_or(facts.end), facts.end);
  if (low >= high) return 0;
  const std::int64_t by_rows =
      (high.value - low.value) * std::max<std::int64_t>(facts.row_bytes, 1);
  const bool is_whole =
      i > 0 && segment.bound && low == *facts.segments[i - 1].bound && high == *segment.bound;
  return is_whole ? segment.bytes : std::min(segment.bytes, by_rows);
}

/// How much one row of segment `i` takes. By its file where that says more than the few rows that
/// were measured, which may be small ones: too much a row removes too few of them.
std::int64_t RowBytesOf(const RetentionFacts& facts, std::size_t i) {
  const LogSegment& segment = facts.segments[i];
  const Offset low = i > 0 ? *facts.segments[i - 1].bound : kFirstOffset;
  const Offset high = std::min(segment.bound.value_or(facts.end), facts.end);
  const Offset there = std::max(low, facts.low_water);
  const std::int64_t rows = std::max<std::int64_t>(high.value - there.value, 1);
  return std::max(facts.row_bytes, segment.bytes / rows);
}

Offset SizeTarget(const RetentionFacts& facts, const RetentionPolicy& policy,
                  const RetentionLimits& limits) {
  Offset target = facts.log_start;
  if (!policy.keep_bytes) return target;
  std::int64_t live = 0;
  for (std::size_t i = 0; i < facts.segments.size(); ++i) live += LiveBytes(facts, i, target);
  std::size_t i = 0;
  for (; i + 1 < facts.segments.size(); ++i) {
    const LogSegment& segment = facts.segments[i];
    if (!HasExpired(facts, segment, limits.grace)) break;
    const std::int64_t bytes = LiveBytes(facts, i, facts.log_start);
    if (live - bytes < *policy.keep_bytes) break;
    live -= bytes;
    target = std::max(target, *segment.bound);
  }
  // As with time: what does not fill a segment waits for it, within an eighth.
  if (live > *policy.keep_bytes + *policy.keep_bytes / 8 && facts.row_bytes > 0) {
    const std::int64_t rows = (live - *policy.keep_bytes) / RowBytesOf(facts, i);
    target = Offset{target.value + rows};
    // What lies beyond has rows of another size: it is looked at when its turn has come.
    if (facts.segments[i].bound) target = std::min(target, *facts.segments[i].bound);
    if (facts.first_in_grace) {
      target = std::max(facts.log_start, std::min(target, *facts.first_in_grace));
    }
  }
  return target;
}

RetentionStep PlanStart(const RetentionFacts& facts, const RetentionPolicy& policy,
                        const RetentionLimits& limits) {
  if (limits.is_start_held) return Nothing("the start is held");
  const Offset by_time = TimeTarget(facts, policy, limits);
  const Offset by_size = SizeTarget(facts, policy, limits);
  Offset target = std::min(std::max(by_time, by_size), NewestRow(facts));
  if (target <= facts.log_start) return Nothing("nothing has expired");
  if (policy.unread == UnreadPolicy::kBlock && facts.lowest_commit) {
    target = std::min(target, *facts.lowest_commit);
    if (target <= facts.log_start) return Nothing("a group has not read what has expired");
  }
  return {.kind = Kind::kMoveStart, .offset = target, .why = by_size > by_time ? "size" : "time"};
}

RetentionStep PlanDrop(const RetentionFacts& facts, const RetentionLimits& limits) {
  if (limits.are_removals_held) return Nothing("");
  RetentionStep step{.kind = Kind::kDropSegments, .why = "below the log start"};
  for (const LogSegment& segment : facts.segments) {
    if (std::ssize(step.bounds) == limits.drops_per_step) break;
    if (!HasExpired(facts, segment, limits.grace) || *segment.bound > facts.log_start) break;
    step.bounds.push_back(*segment.bound);
  }
  return step.bounds.empty() ? Nothing("") : step;
}

RetentionStep PlanSplit(const RetentionFacts& facts, const RetentionPolicy& policy,
                        const RetentionLimits& limits) {
  const std::int64_t rows = SegmentRows(facts, policy, limits);
  const std::size_t count = facts.segments.size();
  const Offset last = count > 1 ? *facts.segments[count - 2].bound : facts.low_water;
  if (count > 1 && last.value - facts.end.value >= rows) return Nothing("there is room ahead");
  if (std::ssize(facts.segments) >= limits.segments_max)
    return Nothing("there are too many segments");
  if (IsTailOversize(facts, limits)) return Nothing("the tail is too big to be split");
  return {.kind = Kind::kSplitTail,
          .offset = Offset{std::max(last, facts.end).value + rows},
          .why = TailRows(facts) == 0 ? "ahead of the writers" : "late"};
}

RetentionStep PlanDelete(const RetentionFacts& facts, const RetentionLimits& limits) {
  if (limits.are_removals_held) return Nothing("");
  Offset to = std::min(facts.log_start, NewestRow(facts));
  if (facts.first_in_grace) to = std::min(to, *facts.first_in_grace);
  if (facts.low_water >= to) return Nothing("");
  const std::int64_t by_bytes =
      limits.delete_bytes_max / std::max<std::int64_t>(facts.row_bytes, 1);
  return {.kind = Kind::kDeleteRows,
          .offset = to,
          .rows = std::clamp<std::int64_t>(by_bytes, 1, limits.delete_rows_max),
          .why = "they do not fill a segment"};
}

}  // namespace

std::int64_t TailRows(const RetentionFacts& facts) {
  LANEMQ_CHECK(!facts.segments.empty());
  const Offset low = LowOf(facts, facts.segments.size() - 1);
  return std::max<std::int64_t>(facts.end.value - low.value, 0);
}

bool IsTailOversize(const RetentionFacts& facts, const RetentionLimits& limits) {
  const std::int64_t rows = TailRows(facts);
  return rows > limits.split_rows_max || rows * facts.row_bytes > limits.split_bytes_max;
}

std::int64_t SegmentRows(const RetentionFacts& facts, const RetentionPolicy& policy,
                         const RetentionLimits& limits) {
  const std::int64_t there = std::max<std::int64_t>(facts.end.value - facts.log_start.value, 0);
  double kept = -1;
  if (policy.keep_for && facts.oldest_at) {
    const auto age = std::max<std::int64_t>(facts.now.micros - facts.oldest_at->micros, 1'000'000);
    const auto keep_us = std::chrono::microseconds(*policy.keep_for).count();
    kept = static_cast<double>(there) / static_cast<double>(age) * static_cast<double>(keep_us);
  }
  if (policy.keep_bytes && facts.row_bytes > 0) {
    const double by_bytes =
        static_cast<double>(*policy.keep_bytes) / static_cast<double>(facts.row_bytes);
    kept = kept < 0 ? by_bytes : std::min(kept, by_bytes);
  }
  const bool is_limited = policy.keep_for || policy.keep_bytes;
  // Without a limit nothing is ever dropped: they grow with the log, so that they stay few.
  if (!is_limited) kept = static_cast<double>(there) * 8;
  // Not from a short burst alone.
  const auto most = static_cast<double>(std::max(limits.segment_rows_min, there * 4));
  double rows = std::min(std::max(kept, 0.0) / 16, most);
  rows = std::max(rows, facts.rows_per_second * static_cast<double>(limits.room_ahead.count()));
  const auto least = static_cast<double>(limits.segment_rows_min);
  rows = is_limited ? std::clamp(rows, least, static_cast<double>(limits.segment_rows_max))
                    : std::max(rows, least);
  for (auto i = static_cast<std::int64_t>(limits.segments_wide); i < std::ssize(facts.segments);
       ++i) {
    rows *= 2;
  }
  return static_cast<std::int64_t>(std::min(rows, 1e12));
}

RetentionStep PlanRetention(const RetentionFacts& facts, const RetentionPolicy& policy,
                            const RetentionLimits& limits) {
  LANEMQ_CHECK(!facts.segments.empty() && !facts.segments.back().bound);
  const RetentionStep start = PlanStart(facts, policy, limits);
  if (start.kind != Kind::kNone) return start;
  const RetentionStep drop = PlanDrop(facts, limits);
  if (drop.kind != Kind::kNone) return drop;
  // Before the rows that are deleted one by one, of which there may be many: rows that get into the
  // tail meanwhile are dearer.
  const RetentionStep split = PlanSplit(facts, policy, limits);
  if (split.kind != Kind::kNone) return split;
  const RetentionStep remove = PlanDelete(facts, limits);
  if (remove.kind != Kind::kNone) return remove;
  return Nothing(start.why + "; " + split.why);
}

}  // namespace lanemq::core
