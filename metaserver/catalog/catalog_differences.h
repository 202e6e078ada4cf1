#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "common/core/store/catalog_store.h"
#include "common/core/types/node_inventory.h"

namespace lanemq::metaserver {

/// What the metadata database says at one moment.
struct CatalogFacts {
  std::vector<core::DataNode> nodes;
  std::vector<core::TopicRecord> topics;  ///< All of them, finished or not.
  std::set<std::string> groups;
  /// Places that unfinished moves take beside those of `topics`: see CatalogSnapshot::moving.
  std::vector<core::PartitionLocation> moving = {};
};

/// Something that a person should look at.
struct CatalogDifference {
  std::string kind;    ///< See CatalogFinding in the IDL.
  std::string node;    ///< Name of the data node; several with commas.
  std::string object;  ///< "schema.table", "topic/partition", a group.
  std::string detail;  ///< What is so; one sentence.
  std::string advice;  ///< What to do; one sentence.
  std::optional<std::int64_t> rows{};
  std::optional<std::chrono::microseconds> age{};
  std::optional<core::NodeTable> table{};  ///< Whose rows and age are still to be found out.
};

/// A topic that is being made, grown or deleted is finished within seconds by the background job.
inline constexpr std::chrono::microseconds kUnfinishedMax = std::chrono::seconds{60};

/// What is on `node` against what the catalogue says that there is. The catalogue was read before
/// the node and again after it: only what both say is missing, and only what neither knows belongs
/// to nobody; so changes that are under way are no differences. Pure.
[[nodiscard]] std::vector<CatalogDifference> DifferencesOf(const core::DataNode& node,
                                                           const CatalogFacts& before,
                                                           const core::NodeInventory& inventory,
                                                           const CatalogFacts& after);

/// Topics that have been made, grown or deleted for longer than kUnfinishedMax. Pure. `now` is
/// taken for the database's time, to seconds.
[[nodiscard]] std::vector<CatalogDifference> StuckTopics(const CatalogFacts& facts, WallTime now);

}  // namespace lanemq::metaserver
