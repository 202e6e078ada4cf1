#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/core/types/catalog.h"

namespace lanemq::core {

/// Which partitions are wanted, and from where on.
struct PlacementWish {
  std::optional<NodeId> node;  ///< Of this one alone.
  std::string topic_prefix;    ///< Of topics whose names begin so.
  std::size_t max = 100;
  std::string cursor;  ///< PlacementPage::next of the page before; empty: the first one.
};

/// A partition where it is. Points into the snapshot.
struct PlacedPartition {
  const Topic* topic = nullptr;
  const Partition* partition = nullptr;
};

struct PlacementPage {
  std::vector<PlacedPartition> partitions;  ///< By topic's name and index.
  std::string next;                         ///< Empty: this was the last one.
};

/// A page of what is where; topics that are deleted and still have tables are among them, those of
/// moves under way are where they come from. kInvalidRequest for a cursor that no page gave. Cost:
/// linear in the partitions of the topics that are looked through, at most of all.
Result<PlacementPage> ListPlacements(const CatalogSnapshot& snapshot, const PlacementWish& wish);

}  // namespace lanemq::core
