#include "broker/handlers/by_node.h"

#include <atomic>
#include <memory>
#include <utility>

#include <fmt/format.h>

namespace lanemq::broker {

std::vector<NodePart> PartsOf(std::map<core::NodeId, NodePart> by_node) {
  std::vector<NodePart> parts;
  for (auto& [node, part] : by_node) parts.push_back(std::move(part));
  return parts;
}

std::vector<NodePart> EveryNode(const CatalogView& view) {
  std::vector<NodePart> parts;
  for (const core::DataNode& node : view.snapshot().nodes) {
    if (node.state != core::NodeState::kDisabled) parts.push_back({node.id, {}, {}});
  }
  return parts;
}

bool MayTellOf(const CatalogView& view, core::NodeId node, const core::PartitionKey& key) {
  const TopicEntry* const topic = view.FindTopic(key.topic);
  if (topic == nullptr) return true;
  const auto found = view.Find(topic->topic->name, key.partition);
  return !found.ok() || found->location.node == node;
}

Error ErrorOf(const CatalogView& view, core::NodeId node, const Error& error) {
  const core::DataNode* found = view.FindNode(node);
  return error.Wrap(
      fmt::format("data node {}", found != nullptr ? found->name : std::to_string(node.value)));
}

Result<core::TopicId> TopicIdOf(const CatalogView& view, const std::string& name) {
  const TopicEntry* topic = view.FindTopic(name);
  if (topic != nullptr && topic->topic->state == core::TopicState::kActive) return topic->topic->id;
  return Error{ErrorCode::kUnknownTopicOrPartition, fmt::format("there is no topic {}", name)};
}

void RunOnNodes(NodeWorkers& workers, std::vector<NodePart> parts,
                std::function<void(const NodePart&)> work,
                std::function<void(const NodePart&, const Error&)> refuse,
                std::function<void()> done) {
  struct Call {
    std::vector<NodePart> parts;
    std::function<void(const NodePart&)> work;
    std::function<void()> done;
    std::atomic<std::size_t> open;
    void End() {
      if (open.fetch_sub(1) == 1) done();
    }
  };
  const auto call = std::make_shared<Call>();
  call->parts = std::move(parts);
  call->work = std::move(work);
  call->done = std::move(done);
  call->open = call->parts.size() + 1;  // One while they are posted.
  for (const NodePart& part : call->parts) {
    const bool is_posted = workers.Of(part.node).reads.TryPost([call, &part] {
      call->work(part);
      call->End();
    });
    if (is_posted) continue;
    refuse(part, {ErrorCode::kThrottled, "too many calls wait for the data node", 100});
    call->End();
  }
  call->End();
}

}  // namespace lanemq::broker
