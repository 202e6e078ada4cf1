#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/cli/text/reset_plan.h"
#include "common/base/result.h"
#include "common/base/time.h"

/// What was asked of the commands on groups, before any server is: pure.
namespace lanemq::cli {

/// The flags of `group reset` as typed; empty or absent: not given.
struct ResetFlags {
  std::string group;
  std::vector<std::string> topics;
  bool has_all_topics = false;
  bool is_to_earliest = false;
  bool is_to_latest = false;
  bool is_to_current = false;
  std::optional<std::int64_t> to_offset;
  std::optional<std::int64_t> shift_by;
  std::string to_datetime;
  std::string by_duration;
  std::string from_group;
  std::string from_file;
  std::string reason;
  bool should_execute = false;
};

/// Where a reset goes. At most one of `time_us` and the names is there, and then the target is
/// kFound.
struct ResetOrder {
  ResetTarget target;
  std::optional<std::int64_t> time_us;  ///< The first message at or after it.
  std::string from_group;
  std::string from_file;
};

/// kInvalidRequest, with what to write instead, unless exactly one target and one scope is given.
[[nodiscard]] Result<ResetOrder> ReadResetFlags(const ResetFlags& flags, WallTime now);

/// When a pause ends by itself, from --until and --for; nullopt: never. kInvalidRequest when both
/// are given, or when it would be over already.
[[nodiscard]] Result<std::optional<WallTime>> ReadPauseEnd(const std::string& until,
                                                           const std::string& duration,
                                                           WallTime now);

/// At most 1,024 bytes, as the row has room for. kInvalidRequest otherwise.
[[nodiscard]] Status CheckReason(std::string_view reason);

/// Time between two pictures: 100 ms to 1 h. kInvalidRequest otherwise.
[[nodiscard]] Result<std::chrono::microseconds> ReadWatchInterval(std::string_view text);

}  // namespace lanemq::cli
