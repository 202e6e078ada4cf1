#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/time.h"

namespace lanemq::cli {

/// A point in time as people write it: RFC 3339 ("2026-11-21T05:08:16Z", fractions and "+02:00"
/// allowed), a date ("2026-11-21", UTC), seconds, milliseconds or microseconds since 1970 (told
/// apart by magnitude), "now", or an age ("-30m", "2h": so long before `now`).
/// kInvalidRequest, with examples, for anything else.
[[nodiscard]] Result<WallTime> ParseTime(std::string_view text, WallTime now);

/// A positive duration with its unit: "500ms", "30s", "5m", "2h", "7d", also "1.5h" and "1h30m".
/// A bare number means seconds. kInvalidRequest for anything else, and above 100 years.
[[nodiscard]] Result<std::chrono::microseconds> ParseDuration(std::string_view text);

/// RFC 3339 in UTC with microseconds: "2026-11-21T05:08:16.123456Z".
[[nodiscard]] std::string FormatTime(WallTime time);

/// Short, for people: "412 ms", "3.2 s", "5 min", "2.5 h".
[[nodiscard]] std::string FormatDuration(std::chrono::microseconds duration);

/// With thousands separators: "1,234,567".
[[nodiscard]] std::string FormatCount(std::int64_t count);

}  // namespace lanemq::cli
