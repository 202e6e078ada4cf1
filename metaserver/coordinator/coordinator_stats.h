#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace lanemq::metaserver {

/// What the slots of this process have done since its start.
struct CoordinatorCounters {
  std::atomic<std::int64_t> rebalances{0};
  std::atomic<std::int64_t> members_expired{0};
  std::atomic<std::int64_t> members_expelled{0};
  std::atomic<std::int64_t> writes_failed{0};
  std::atomic<std::int64_t> groups_expired{0};
  std::atomic<std::int64_t> groups_deleted{0};
  std::atomic<std::int64_t> expiries_postponed{0};
  std::atomic<std::int64_t> slots_taken{0};
  std::atomic<std::int64_t> slots_handed_over{0};
  std::atomic<std::int64_t> slots_lost{0};
};

/// For /status and metrics.
struct CoordinatorStats {
  int slots_held = 0;  ///< Serving or loading.
  int slots_loading = 0;
  bool is_degraded = false;  ///< The metadata database does not answer.
  /// By core::GroupState, of the slots held.
  std::array<std::int64_t, 5> groups{};
  std::int64_t members = 0;
  std::int64_t parked_calls = 0;
  std::int64_t rebalances = 0;
  std::int64_t members_expired = 0;
  std::int64_t members_expelled = 0;  ///< They may not consume with their group any more.
  std::int64_t writes_failed = 0;
  std::int64_t groups_expired = 0;
  std::int64_t groups_deleted = 0;  ///< Because somebody said so.
  std::int64_t expiries_postponed = 0;
  std::int64_t slots_taken = 0;
  std::int64_t slots_handed_over = 0;
  std::int64_t slots_lost = 0;
};

}  // namespace lanemq::metaserver
