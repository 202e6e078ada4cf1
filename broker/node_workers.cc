#include "broker/node_workers.h"

#include <vector>

#include <fmt/format.h>

namespace lanemq::broker {

NodeWorkers::Node::Node(core::NodeId node, const Options& options)
    : appends({.name = fmt::format("append-{}", node.value),
               .threads = options.append_threads,
               .queue_max = options.queue_max}),
      reads({.name = fmt::format("read-{}", node.value),
             .threads = options.read_threads,
             .queue_max = options.queue_max}) {}

NodeWorkers::Node& NodeWorkers::Of(core::NodeId node) {
  MutexLock lock(mutex_);
  auto& entry = nodes_[node];
  if (!entry) entry = std::make_unique<Node>(node, options_);
  return *entry;
}

void NodeWorkers::Stop() {
  std::vector<Node*> nodes;
  {
    MutexLock lock(mutex_);
    for (auto& [id, node] : nodes_) nodes.push_back(node.get());
  }
  for (Node* node : nodes) node->appends.Stop();
  for (Node* node : nodes) node->reads.Stop();
}

std::size_t NodeWorkers::QueueDepth() const {
  MutexLock lock(mutex_);
  std::size_t depth = 0;
  for (const auto& [id, node] : nodes_) {
    depth += node->appends.QueueDepth() + node->reads.QueueDepth();
  }
  return depth;
}

}  // namespace lanemq::broker
