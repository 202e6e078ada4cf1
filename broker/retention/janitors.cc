#include "broker/retention/janitors.h"

#include <utility>

#include "common/base/log.h"
#include "common/core/retention/retention_policy.h"

namespace lanemq::broker {
namespace {

/// Whether the thread of `a` can serve `b`: the same server, known under the same name.
bool IsSamePlace(const core::DataNode& a, const core::DataNode& b) {
  return a.host == b.host && a.port == b.port && a.schema_prefix == b.schema_prefix &&
         a.name == b.name;
}

/// The partitions of active topics, by data node.
std::map<core::NodeId, std::vector<JanitorTask>> TasksOf(const core::CatalogSnapshot& catalog) {
  std::map<core::NodeId, std::vector<JanitorTask>> tasks;
  for (const core::Topic& topic : catalog.topics) {
    if (topic.state != core::TopicState::kActive) continue;
    const core::RetentionPolicy policy = core::RetentionPolicyOf(topic.config);
    for (const core::Partition& partition : topic.partitions) {
      tasks[partition.node].push_back({topic.LocationOf(partition), topic.name, policy});
    }
  }
  return tasks;
}

}  // namespace

Janitors::Janitors(Stores& stores, prometheus::Registry& registry, JanitorOptions options,
                   std::string owner, const Clock& clock,
                   std::function<void(const core::PartitionKey&, core::Offset start)> on_start,
                   std::function<std::optional<MonotonicTime>()> confirmed_at)
    : metrics_(registry),
      context_{stores,
               std::move(on_start),
               std::move(confirmed_at),
               metrics_,
               clock,
               std::move(owner),
               options,
               [this](const core::DataLoss& loss) {
                 RecordLoss(loss.key, loss.from, loss.to, loss.broker);
               }} {}

Janitors::~Janitors() { Stop(); }

void Janitors::Update(const core::CatalogSnapshot& catalog) {
  std::vector<std::shared_ptr<NodeJanitor>> ended;  // Joined without the lock.
  auto tasks = TasksOf(catalog);
  MutexLock lock(mutex_);
  if (is_stopped_) return;
  node_of_.clear();
  for (const auto& [node, list] : tasks) {
    for (const JanitorTask& task : list) node_of_[task.location.key] = node;
  }
  std::map<core::NodeId, std::shared_ptr<NodeJanitor>> next;
  for (const core::DataNode& node : catalog.nodes) {
    if (node.state == core::NodeState::kDisabled) continue;
    const auto known = nodes_.find(node.id);
    if (known != nodes_.end() && IsSamePlace(known->second->node(), node)) {
      next[node.id] = known->second;
      nodes_.erase(known);
    } else if (next.size() + ending_.size() < context_.options.nodes_max) {
      next[node.id] = std::make_shared<NodeJanitor>(context_, node);
    } else {
      LANEMQ_LOG(ERROR, "retention.too_many_nodes", {"node", node.name},
                 {"max", context_.options.nodes_max});
      continue;
    }
    next[node.id]->SetTasks(std::move(tasks[node.id]));
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

void Janitors::RecordLoss(const core::PartitionKey& key, core::Offset from, core::Offset to,
                          const std::string& broker) {
  std::shared_ptr<NodeJanitor> janitor;
  {
    MutexLock lock(mutex_);
    const auto node = node_of_.find(key);
    if (node == node_of_.end()) return;
    const auto found = nodes_.find(node->second);
    if (found != nodes_.end()) janitor = found->second;
  }
  if (janitor) janitor->RecordLoss({key, from, to, broker});
}

void Janitors::Stop() {
  std::vector<std::shared_ptr<NodeJanitor>> all;
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
