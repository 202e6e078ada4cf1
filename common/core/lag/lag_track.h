#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/lag/lag_verdict.h"

namespace lanemq::core {

/// What Judge() remembers of one group on one partition. Times are microseconds of the partition's
/// node; 0: never. A value without behaviour, of fixed size: ten thousand of them are 2 MB.
///
/// The window of points is kept as what its questions need of it, and not as points:
/// `caught_up_at`, and the run of points of which none ended with less lag than the one before.
///
/// Drop a track when a round that succeeded has no row for it: a row that comes back is another
/// one.
struct LagTrack {
  std::int64_t first_seen = 0;  ///< 0: nothing was judged yet.
  std::int64_t last_at = 0;     ///< Of the newest sample.
  LagStatus status = LagStatus::kOk;
  std::int64_t status_since = 0;
  std::int64_t committed = -1;
  std::int64_t highest = -1;  ///< The highest commit at this reset epoch.
  std::int64_t reset_epoch = 0;
  std::int64_t generation = 0;
  std::int64_t moved_at = 0;  ///< When `committed` changed, as seen; at first `first_seen`.
  std::int64_t rose_at = 0;   ///< When it grew.
  std::int64_t rewound_at = 0;
  std::int64_t first_end = 0;
  std::int64_t grown_at = 0;  ///< When the log was first seen to be longer than `first_end`.
  std::int64_t slow_since =
      0;  ///< Since when the oldest unread message is older than the objective.
  /// After a pause, a reset or a gap in sampling the group gets time: SLOW, STALL and STOP do not
  /// begin before.
  std::int64_t excused_until = 0;
  bool is_paused = false;
  std::int64_t lost_commit = -1;  ///< A commit beyond the log's end; -1: there was none.
  std::int64_t caught_up_at = 0;  ///< When the lag was last within what is allowed.
  std::int64_t point = -1;        ///< Number of the current point: time / its length.
  std::int64_t point_lag = 0;     ///< Last lag of the current point.
  std::int64_t run_begin = -1;    ///< First point of the run; -1: no point has ended.
  std::int64_t run_lag = 0;       ///< Last lag of the newest point that ended.
  /// Points of the run that rose, one bit each; bit 0: the newest that ended.
  std::int64_t run_rises = 0;
  bool operator==(const LagTrack&) const = default;
};

/// One line of text without a line end: what a metaserver that takes over goes on from.
[[nodiscard]] std::string SaveTrack(const LagTrack& track);
/// nullopt: this is no line of SaveTrack(), or of another version of it.
[[nodiscard]] std::optional<LagTrack> LoadTrack(std::string_view text);

/// Tracks by partition index.
using PartitionTracks = std::vector<std::pair<std::int32_t, LagTrack>>;
/// A line per partition, "INDEX TRACK": for LagHistoryRow::partitions.
[[nodiscard]] std::string SaveTracks(const PartitionTracks& tracks);
/// Lines that are damaged are left out: those partitions are new.
[[nodiscard]] PartitionTracks LoadTracks(std::string_view text);

}  // namespace lanemq::core
