#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/placement/placement_planner.h"
#include "common/core/types/catalog.h"

namespace lanemq::core {

/// What is known of a data node besides its tables.
struct NodeBytes {
  NodeId node;
  std::optional<std::int64_t> used;      ///< On disk.
  std::optional<std::int64_t> capacity;  ///< What it may use, as an operator declared it.
};

/// What a capacity advice goes by.
struct CapacityQuestion {
  std::int64_t partitions_ahead = 0;  ///< New ones that there is to be room for.
  double tables_share_max = 0.9;      ///< Of the writable nodes' tables; more is too many.
  double bytes_share_max = 0.9;       ///< Of a node's declared bytes; from there on too many.
  /// Of the other nodes' tables, and of their declared bytes, after one was emptied.
  double spare_share_max = 0.5;
};

enum class CapacityVerdict : std::int8_t { kFine = 1, kExpand = 2, kShrink = 3 };

/// Why. All but kNodeToSpare are for kExpand.
enum class CapacityCause : std::int8_t {
  kNoWritableNode = 1,
  kNoRoom = 2,
  kTablesLow = 3,
  kBytesLow = 4,
  kNodeToSpare = 5,
};
/// "no_room".
[[nodiscard]] std::string_view NameOf(CapacityCause cause);

struct NodeRoom {
  std::string node;
  bool is_writable = false;
  std::int64_t used = 0;
  std::int64_t free = 0;  ///< Tables that fit, whether or not it takes any.
  /// What is on it fits on the other writable nodes, with what is to come, within spare_share_max.
  bool can_be_emptied = false;
  std::optional<std::int64_t> used_bytes;
  std::optional<std::int64_t> capacity_bytes;
  bool operator==(const NodeRoom&) const = default;
};

struct CapacityAdvice {
  CapacityVerdict verdict = CapacityVerdict::kFine;
  std::vector<CapacityCause> causes;  ///< In the order above, each once; none with kFine.
  std::vector<NodeRoom> nodes;        ///< By name; disabled ones are left out.
  std::int64_t used = 0;              ///< Tables of the writable nodes.
  std::int64_t free = 0;
};

/// Whether the data nodes are too few for what is to come, or one more than it takes.
///
/// By tables, and by bytes where both figures of a node are known; a node that is to be emptied
/// onto others is judged by bytes only when they are known of all of them. Load is not looked at.
/// What must grow is never advised to shrink. Pure; cost: nodes squared.
[[nodiscard]] CapacityAdvice AdviseCapacity(std::span<const NodeUsage> nodes,
                                            std::span<const NodeBytes> bytes,
                                            const CapacityQuestion& question);

/// Partitions of topics that were made at `since` or later and keep their tables.
[[nodiscard]] std::int64_t PartitionsSince(const CatalogSnapshot& snapshot, WallTime since);

/// Until `free` tables are used up when `recent` come in so many days. nullopt: none come.
[[nodiscard]] std::optional<std::int64_t> DaysLeft(std::int64_t free, std::int64_t recent,
                                                   std::int32_t days);

}  // namespace lanemq::core
