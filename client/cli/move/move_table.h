#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <moves_types.h>
#include <string>
#include <vector>

#include "client/cli/output/table.h"

/// How moves of partitions look: pure, from what servers have answered.
namespace lanemq::cli {

/// A row per move, as they came.
[[nodiscard]] Table MovesTable(const std::vector<idl::PartitionMove>& moves);
/// A row per partition that was to move: where to, or why not.
[[nodiscard]] Table BegunTable(const std::vector<idl::BegunMove>& moves);
[[nodiscard]] Table CancelledTable(const std::vector<idl::CancelledMove>& moves);

/// "3.2 GB", "64 kB", "17 B".
[[nodiscard]] std::string FormatBytes(std::int64_t bytes);

/// What became of some moves, together.
struct MoveSum {
  std::int64_t all = 0;
  std::int64_t done = 0;
  std::int64_t taken_back = 0;  ///< Failed or cancelled.
  std::int64_t under_way = 0;   ///< Neither.
  std::int64_t bytes = 0;
  std::int64_t longest_pause_us = 0;
  std::string longest_pause_of;     ///< "orders/3"; empty: none has paused yet.
  std::vector<std::string> faults;  ///< "orders/3: compare: ...", one of each taken back.
};
/// Of the newest state of each, by id.
[[nodiscard]] MoveSum SumUp(const std::map<std::int64_t, idl::PartitionMove>& moves);

/// "12 of 40 partitions moved, 3.2 GB copied, longest pause 412 ms (orders/3)".
[[nodiscard]] std::string ProgressText(const MoveSum& sum);
/// "40 partitions moved in 2 min: 3.2 GB, longest pause 412 ms (orders/3)".
[[nodiscard]] std::string EndText(const MoveSum& sum, std::chrono::microseconds took);

}  // namespace lanemq::cli
