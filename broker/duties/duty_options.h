#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "broker/duties/move_plan.h"
#include "common/core/lease/lease_trust.h"

namespace lanemq::broker {

/// How a broker does the duties of data nodes.
struct DutyOptions {
  core::LeaseTrust::Options lease{.ttl = std::chrono::seconds(5),
                                  .margin = std::chrono::milliseconds(1'500)};
  /// Between two attempts to get a node's lease, or to keep it. Well below the ttl.
  std::chrono::nanoseconds acquire_every = std::chrono::milliseconds(1'500);
  /// After failures of the data node, waits grow up to this.
  std::chrono::nanoseconds slowest = std::chrono::seconds(5);
  std::size_t nodes_max = 256;  ///< Each has a thread; further nodes are left to nobody, loudly.

  std::chrono::nanoseconds look_every = std::chrono::milliseconds(100);  ///< For what is due.
  /// At least that long between two looks, however many messages are scheduled for at once.
  std::chrono::nanoseconds look_pause = std::chrono::milliseconds(5);
  std::int32_t move_rows_max = 1'000;
  std::size_t move_bytes_max = 4u << 20;
  std::size_t move_threads = 3;  ///< Partitions that are moved side by side, per node.
  MovePlan::Options move_retry;

  std::chrono::nanoseconds redrives_every = std::chrono::seconds(1);  ///< To look for jobs.
  std::int32_t redrive_rows_max = 500;

  std::chrono::nanoseconds expire_every = std::chrono::minutes(1);
  std::int32_t expire_rows_max = 1'000;  ///< Per transaction.
  int expire_steps_max = 20;             ///< Transactions per round.
  /// How long dead letters are kept; 0: for ever.
  std::chrono::hours dead_letter_retention{720};
  std::chrono::hours producer_retention{168};

  std::chrono::nanoseconds sql_timeout = std::chrono::seconds(10);
};

}  // namespace lanemq::broker
