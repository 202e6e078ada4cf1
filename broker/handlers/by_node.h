#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <vector>

#include "broker/catalog/catalog_view.h"
#include "broker/node_workers.h"
#include "common/base/error.h"
#include "common/core/types/ids.h"

namespace lanemq::broker {

/// The part of a call that one data node has to do.
struct NodePart {
  core::NodeId node;
  std::vector<std::size_t> places;       ///< In the request's list; empty: it has none.
  std::vector<core::PartitionKey> keys;  ///< The same partitions.
};

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
  std::vector<NodePart> out;
  for (auto& [node, part] : parts) out.push_back(std::move(part));
  return out;
}

/// A part without a list for every data node in use.
std::vector<NodePart> EveryNode(const CatalogView& view);

/// Runs `work(part)` on the reader threads of each part's node, side by side; `refuse(part, error)`
/// where too much waits already. Then `done`, once, on the thread that ends last.
void RunOnNodes(NodeWorkers& workers, std::vector<NodePart> parts,
                std::function<void(const NodePart&)> work,
                std::function<void(const NodePart&, const Error&)> refuse,
                std::function<void()> done);

}  // namespace lanemq::broker
