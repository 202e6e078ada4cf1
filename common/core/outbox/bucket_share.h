#pragma once

#include <cstdint>
#include <vector>

#include "common/core/store/outbox_store.h"

namespace lanemq::core {

/// What one relay does about the buckets now, so that all live ones end up with equal shares.
struct BucketMove {
  std::vector<std::int32_t> take;     ///< Free ones.
  std::vector<std::int32_t> release;  ///< Own ones, when nothing of them is on its way.
  std::vector<std::int64_t> adopt;    ///< Dead sessions, oldest first.
};

/// The share of each of n live relays is 256 / n; the first 256 % n by session id have one more.
/// Pure. Each relay that follows it: at most 256 moves altogether, and none once all are fair.
[[nodiscard]] BucketMove PlanBuckets(const OutboxView& view, std::int64_t own_session);

}  // namespace lanemq::core
