#pragma once

#include <cstdint>
#include <string_view>

#include "common/base/result.h"
#include "common/base/time.h"

namespace lanemq::cli {

/// Where in a partition to begin.
struct OffsetSpec {
  enum class Kind {
    kStart,       ///< The first message that is still there.
    kEnd,         ///< The next message to come.
    kAbsolute,    ///< Offset `value`.
    kAfterStart,  ///< `value` messages after the first one.
    kBeforeEnd,   ///< The last `value` messages.
    kTime,        ///< The first message at or after `time`.
  };
  Kind kind = Kind::kStart;
  std::int64_t value = 0;
  WallTime time;
  bool operator==(const OffsetSpec&) const = default;
};

/// Reads "start", "end", "N", "+N", "-N" or "@TIME" (see ParseTime; relative to `now`). Kafka's
/// "earliest", "beginning" and "latest" are understood. kInvalidRequest for anything else.
[[nodiscard]] Result<OffsetSpec> ParseOffsetSpec(std::string_view text, WallTime now);

/// The offset `spec` means in a partition whose messages are [start, end). Inside that range, or
/// `end`. Not for kTime, which needs the log.
[[nodiscard]] std::int64_t ResolveOffset(const OffsetSpec& spec, std::int64_t start,
                                         std::int64_t end);

}  // namespace lanemq::cli
