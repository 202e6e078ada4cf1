#include "client/src/producer/due_time.h"

#include <limits>

namespace lanemq::client {

Result<std::optional<std::int64_t>> DueTimeOf(const ProducerRecord& record, WallTime now) {
  if (record.delay && record.deliver_at_us) {
    return Error{ErrorCode::kInvalidRequest, "a record has a delay or a deliver_at_us, not both"};
  }
  if (record.deliver_at_us) {
    if (*record.deliver_at_us < 0) {
      return Error{ErrorCode::kInvalidRequest, "deliver_at_us is negative"};
    }
    return record.deliver_at_us;
  }
  if (!record.delay) return std::optional<std::int64_t>();
  const std::int64_t delay = record.delay->count();
  if (delay < 0) return Error{ErrorCode::kInvalidRequest, "the delay is negative"};
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (delay > (kMax - now.micros) / 1'000) return std::optional(kMax);
  return std::optional(now.micros + delay * 1'000);
}

}  // namespace lanemq::client
