#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "broker/catalog/catalog_view.h"
#include "broker/node_workers.h"
#include "common/base/error.h"
#include "common/base/result.h"
#include "common/core/types/ids.h"

namespace lanemq::broker {

/// The part of a call that one data node has to do.
struct NodePart {
  core::NodeId node;
  std::vector<std::size_t> places;       ///< In the request's list; empty: it has none.
  std::vector<core::PartitionKey> keys;  ///< The same partitions.
};

[[nodiscard]] std::vector<NodePart> PartsOf(std::map<core::NodeId, NodePart> by_node);

/// Splits a list of {topic, partition} by data node. `fail(place, error)` for those that are not.
template <typename Partitions, typename Fail>
std::vector<NodePart> SplitByNode(const CatalogView& view, const Partitions& partitions,
                                  const Fail& fail) {
  std::map<core::NodeId, NodePart> parts;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const auto found = view.Find(partitions[i].topic, partitions[i].partition);
    if (!found.ok()) {
      fail(i, found.error());
      continue;
    }
    NodePart& part = parts[found->location.node];
    part.node = found->location.node;
    part.places.push_back(i);
    part.keys.push_back(found->location.key);
  }
  return PartsOf(std::move(parts));
}

/// A part without a list for every data node in use.
std::vector<NodePart> EveryNode(const CatalogView& view);

/// False when the catalogue has the partition at another data node: what `node` says of it is from
/// before it moved, or not complete yet.
[[nodiscard]] bool MayTellOf(const CatalogView& view, core::NodeId node,
                             const core::PartitionKey& key);
/// The error, with the data node's name in front: for calls that a single node can fail.
[[nodiscard]] Error ErrorOf(const CatalogView& view, core::NodeId node, const Error& error);
/// kUnknownTopicOrPartition when there is no active topic of that name.
Result<core::TopicId> TopicIdOf(const CatalogView& view, const std::string& name);

/// Runs `work(part)` on the reader threads of each part's node, side by side; `refuse(part, error)`
/// where too much waits already. Then `done`, once, on the thread that ends last.
void RunOnNodes(NodeWorkers& workers, std::vector<NodePart> parts,
                std::function<void(const NodePart&)> work,
                std::function<void(const NodePart&, const Error&)> refuse,
                std::function<void()> done);

}  // namespace lanemq::broker
