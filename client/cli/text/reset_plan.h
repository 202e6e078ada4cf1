#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace lanemq::cli {

/// Topic and partition.
using PartitionName = std::pair<std::string, std::int32_t>;

/// Where a reset goes.
struct ResetTarget {
  enum class Kind {
    kEarliest,  ///< The first message that is still there.
    kLatest,    ///< The next message to come.
    kCurrent,   ///< Where it is; the log's end where nothing was committed, as Kafka has it.
    kOffset,    ///< Offset `value`.
    kShift,     ///< `value` messages on, or back when negative.
    kFound,     ///< An offset of its own for each partition: by time, of another group, of a file.
  };
  Kind kind = Kind::kEarliest;
  std::int64_t value = 0;
};

/// What a plan is made from; the partition's messages are [log_start, log_end).
struct PartitionFacts {
  PartitionName name;
  std::optional<std::int64_t> committed;
  std::int64_t log_start = 1;
  std::int64_t log_end = 1;
  std::optional<std::int64_t> found;  ///< For kFound.
};

struct PlannedReset {
  PartitionName name;
  std::optional<std::int64_t> old_offset;
  std::optional<std::int64_t> new_offset;  ///< Absent: stays as it is, `note` says why.
  std::optional<std::int64_t> old_lag;
  std::optional<std::int64_t> new_lag;
  std::string note;
};

/// The new offset is moved into the log where it would lie outside, and `note` says so.
[[nodiscard]] PlannedReset PlanReset(const ResetTarget& target, const PartitionFacts& facts);

}  // namespace lanemq::cli
