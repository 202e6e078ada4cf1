#pragma once

#include <cstdint>
#include <optional>

#include "common/base/result.h"
#include "common/base/time.h"
#include "lanemq/record.h"

namespace lanemq::client {

/// When a record shall be delivered, in microseconds since 1970 UTC: what it says itself, or `now`
/// and its delay (a sum beyond the last microsecond is the last one). nullopt: it is for the log
/// at once. kInvalidRequest when it says both or something negative.
Result<std::optional<std::int64_t>> DueTimeOf(const ProducerRecord& record, WallTime now);

}  // namespace lanemq::client
