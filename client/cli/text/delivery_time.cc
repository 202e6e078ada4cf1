#include "client/cli/text/delivery_time.h"

#include <fmt/format.h>

#include "client/cli/text/time_text.h"

namespace lanemq::cli {

Result<DeliveryTime> ParseDeliveryTime(const std::string& delay, const std::string& deliver_at,
                                       WallTime now) {
  DeliveryTime out;
  if (!delay.empty()) {
    const auto parsed = ParseDuration(delay);
    if (!parsed.ok()) return parsed.error().Wrap("--delay");
    out.delay = std::chrono::ceil<std::chrono::milliseconds>(*parsed);
  }
  if (deliver_at.empty()) return out;
  // An age counts from `now`; a point in time does not care. "now" itself is fine.
  const auto parsed = ParseTime(deliver_at, now);
  const auto later = ParseTime(deliver_at, WallTime{now.micros + 1});
  if (!parsed.ok()) return parsed.error().Wrap("--deliver-at");
  if (deliver_at != "now" && later.ok() && *later != *parsed) {
    return Error{ErrorCode::kInvalidRequest,
                 fmt::format("--deliver-at {} is an age, not a point in time; for \"so long from "
                             "now\" there is --delay",
                             deliver_at)};
  }
  if (parsed->micros < 0) {
    return Error{ErrorCode::kInvalidRequest, "--deliver-at is before 1970"};
  }
  out.deliver_at_us = parsed->micros;
  return out;
}

}  // namespace lanemq::cli
