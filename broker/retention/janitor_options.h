#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "broker/retention/daily_window.h"
#include "broker/retention/janitor_queue.h"
#include "common/core/lease/lease_trust.h"
#include "common/core/retention/retention_planner.h"

namespace lanemq::broker {

/// How a broker removes old messages of data nodes.
struct JanitorOptions {
  bool is_on = true;  ///< Off: this broker never asks for the lease.
  core::LeaseTrust::Options lease{.ttl = std::chrono::seconds(15),
                                  .margin = std::chrono::seconds(3)};
  /// Between two attempts to get a node's lease, or to keep it. Well below the ttl.
  std::chrono::nanoseconds acquire_every = std::chrono::seconds(4);
  /// After failures of the data node, waits grow up to this.
  std::chrono::nanoseconds slowest = std::chrono::seconds(15);
  std::size_t nodes_max = 256;  ///< Each has a thread; further nodes are left to nobody, loudly.

  JanitorQueue::Options queue;
  /// After a look or a step it rests so many times as long as that took, at most `rest_max`.
  int rest_factor = 9;
  std::chrono::nanoseconds rest_max = std::chrono::minutes(1);
  /// After a step that makes a table's writers wait (a drop, a split), that partition rests so many
  /// times as long: 1 in 200 messages meets such a step, so the 99th percentile does not.
  int table_rest_factor = 199;
  DailyWindow window;                 ///< For all but splits of tails that are empty.
  std::int32_t steps_per_minute = 0;  ///< 0: without limit. Looks do not count.
  /// Under `block`: groups without a member and a commit for so long are not waited for.
  std::chrono::hours group_idle_max{168};
  /// When no metaserver has confirmed the catalogue for so long, its settings condemn nothing more:
  /// a topic may have been told to keep everything meanwhile. 0: however old it is.
  std::chrono::nanoseconds catalog_age_max = std::chrono::minutes(10);
  /// With such a catalogue the lease is given up so often: for a broker that has a better one.
  std::chrono::nanoseconds old_catalog_turn = std::chrono::minutes(1);
  /// A data node whose clock differs by more from this broker's condemns nothing: a clock that was
  /// stepped makes everything look old, and what is removed does not come back.
  std::chrono::nanoseconds clock_off_max = std::chrono::minutes(1);
  core::RetentionLimits limits;  ///< Of steps and segments. Smaller ones are for tests.

  std::chrono::nanoseconds expire_every = std::chrono::minutes(1);
  int expire_steps_max = 20;  ///< Transactions per rule and round.

  std::size_t losses_queued_max = 1'000;  ///< Per node; further ones are in logs and metrics alone.
  std::chrono::nanoseconds sql_timeout = std::chrono::seconds(10);
};

}  // namespace lanemq::broker
