#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "common/base/time.h"

namespace lanemq::cli {

/// When messages shall be delivered: as lanemq::ProducerRecord says it. Neither: at once.
struct DeliveryTime {
  std::optional<std::chrono::milliseconds> delay;
  std::optional<std::int64_t> deliver_at_us;
};

/// Of --delay ("5m") and --deliver-at ("2026-12-24T18:00:00Z"); empty: not given. Delays are
/// rounded up to milliseconds. kInvalidRequest for texts that are neither, and for --deliver-at
/// with a duration: elsewhere that is an age, and nobody wants to deliver in the past.
[[nodiscard]] Result<DeliveryTime> ParseDeliveryTime(const std::string& delay,
                                                     const std::string& deliver_at, WallTime now);

}  // namespace lanemq::cli
