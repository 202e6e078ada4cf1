#include "broker/duties/duties.h"

#include <utility>

#include "common/base/log.h"

namespace lanemq::broker {
namespace {

/// Whether the threads of `a` can serve `b`: the same server, known under the same name.
bool IsSamePlace(const core::DataNode& a, const core::DataNode& b) {
  return a.host == b.host && a.port == b.port && a.schema_prefix == b.schema_prefix &&
         a.name == b.name;
}

}  // namespace

Duties::Duties(
    Stores& stores, prometheus::Registry& registry, DutyOptions options, std::string owner,
    const Clock& clock,
    std::function<std::optional<core::PartitionLocation>(const core::PartitionKey&)> locate,
    std::function<void(const core::PartitionKey&, core::Offset end)> on_appended)
    : metrics_(registry),
      context_{stores, std::move(locate), std::move(on_appended), metrics_, clock, std::move(owner),
               options} {}

Duties::~Duties() { Stop(); }

void Duties::UpdateNodes(std::span<const core::DataNode> nodes) {
  std::vector<std::shared_ptr<NodeDuties>> ended;  // Joined without the lock.
  MutexLock lock(mutex_);
  if (is_stopped_) return;
  std::map<core::NodeId, std::shared_ptr<NodeDuties>> next;
  for (const core::DataNode& node : nodes) {
    if (node.state == core::NodeState::kDisabled) continue;
    const auto known = nodes_.find(node.id);
    if (known != nodes_.end() && IsSamePlace(known->second->node(), node)) {
      next[node.id] = known->second;
      nodes_.erase(known);
    } else if (next.size() + ending_.size() < context_.options.nodes_max) {
      next[node.id] = std::make_shared<NodeDuties>(context_, node);
    } else {
      LANEMQ_LOG(ERROR, "duties.too_many_nodes", {"node", node.name},
                 {"max", context_.options.nodes_max});
    }
  }
  for (auto& [id, gone] : nodes_) {
    gone->RequestStop();
    ending_.push_back(std::move(gone));
  }
  nodes_ = std::move(next);
  std::erase_if(ending_, [&](auto& one) {
    if (!one->has_ended()) return false;
    ended.push_back(std::move(one));
    return true;
  });
}

void Duties::OnScheduled(core::NodeId node, WallTime earliest_due) {
  std::shared_ptr<NodeDuties> duties;
  {
    MutexLock lock(mutex_);
    const auto found = nodes_.find(node);
    if (found != nodes_.end()) duties = found->second;
  }
  if (duties) duties->OnScheduled(earliest_due);
}

void Duties::Stop() {
  std::vector<std::shared_ptr<NodeDuties>> all;
  {
    MutexLock lock(mutex_);
    is_stopped_ = true;
    for (auto& [id, one] : nodes_) all.push_back(std::move(one));
    nodes_.clear();
    for (auto& one : ending_) all.push_back(std::move(one));
    ending_.clear();
  }
  // All at the same time: they may each wait for a database.
  for (const auto& one : all) one->RequestStop();
  all.clear();
}

}  // namespace lanemq::broker
