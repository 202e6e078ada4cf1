#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "common/core/types/ids.h"

namespace lanemq::core {

/// What to do when retention reaches messages that a group has not read: setting
/// `retention.unread`.
enum class UnreadPolicy : std::int8_t {
  kBlock = 0,  ///< Nothing goes that a live group has not read.
  kWarn = 1,   ///< It goes; counted, and alerted before and after. The default.
  kAllow = 2,  ///< It goes; counted.
};

/// What a topic keeps.
struct RetentionPolicy {
  std::optional<std::chrono::milliseconds> keep_for;  ///< nullopt: without limit.
  std::optional<std::int64_t> keep_bytes;             ///< Of a partition; nullopt: without limit.
  UnreadPolicy unread = UnreadPolicy::kWarn;
  bool operator==(const RetentionPolicy&) const = default;
};

/// A part of a message table (a MySQL table partition): rows with offsets below `bound` and not
/// below the bound before it. Bounds grow and are never used twice, so a name `p_<bound>` means the
/// same rows for ever.
struct LogSegment {
  std::optional<Offset> bound;  ///< nullopt: the last one, `p_tail`, without bound.
  std::int64_t bytes = 0;       ///< Of its file, an estimate; 0 unless bytes are limited.
  /// When row `bound` - 1 was appended; nullopt: there is no such row (not yet, or no longer).
  std::optional<WallTime> last_row_at;
  bool operator==(const LogSegment&) const = default;
};

/// What to find out about a partition; what a policy does not need is not asked for.
struct RetentionLook {
  RetentionPolicy policy;
  /// Rows younger than this are never removed: a hung broker's INSERT must find its offset taken.
  std::chrono::microseconds grace{std::chrono::minutes{2}};
  /// As in StartMove.
  std::chrono::microseconds group_idle_max{std::chrono::hours{168}};
  /// Rows below are known to be gone: RetentionFacts::low_water of the last look, or 1.
  Offset low_water{1};
};

/// What the janitor knows of one partition before it plans a step.
struct RetentionFacts {
  PartitionLocation location;
  WallTime now;  ///< The data node's clock.
  Offset log_start{1};
  Offset low_water{1};  ///< First row that is still there; `end` when there is none.
  Offset end{1};
  std::vector<LogSegment> segments;   ///< In order; the last is p_tail.
  std::optional<WallTime> oldest_at;  ///< Of the row at the log start; nullopt: there is none.
  /// The first row that is not older than the policy keeps. Only looked for when the segments do
  /// not say enough: when what has expired in the segment that is partly expired is due to be
  /// deleted (see OverdueSlack()).
  std::optional<Offset> first_young;
  /// The first row within the grace; nullopt: none is, or nothing that is to go comes near.
  std::optional<Offset> first_in_grace;
  /// Under kBlock: the lowest commit of the groups that count; nullopt: there is none.
  std::optional<Offset> lowest_commit;
  std::int64_t row_bytes = 0;  ///< Mean of some rows; 0: not asked for.
  /// Of late. The store leaves it 0; the janitor fills it in from two looks.
  double rows_per_second = 0;
};

struct GroupBelow {
  std::string group;
  Offset committed{-1};
  bool operator==(const GroupBelow&) const = default;
};

/// One step, bounded. The next is planned from facts read again.
struct RetentionStep {
  enum class Kind : std::int8_t {
    kNone = 0,
    kMoveStart,     ///< log_start_offset = offset, and losses recorded. Before any row goes.
    kDropSegments,  ///< DROP PARTITION of `bounds`, which are <= the committed log start.
    kSplitTail,     ///< REORGANIZE p_tail at `offset`. It is empty, or holds little.
    kDeleteRows,    ///< DELETE of at most `rows` rows from low_water on and below `offset`.
  };
  Kind kind = Kind::kNone;
  Offset offset{0};
  std::vector<Offset> bounds;  ///< Of the segments that go.
  std::int64_t rows = 0;
  std::string
      why;  ///< For logs and StartMove::reason: "time", "size"...; also why there is nothing.
  bool operator==(const RetentionStep&) const = default;
};

}  // namespace lanemq::core
