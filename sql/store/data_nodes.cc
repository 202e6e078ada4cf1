#include "sql/store/data_nodes.h"

#include <utility>

#include "common/base/log.h"
#include "sql/migrate/migrator.h"

namespace lanemq::sql {

DataNodes::DataNodes(DataNodeOptions options, const Clock& clock)
    : options_(std::move(options)), clock_(clock) {}

void DataNodes::Update(std::span<const core::DataNode> nodes) {
  std::map<core::NodeId, std::shared_ptr<NodeConnections>> next;
  std::map<core::NodeId, std::shared_ptr<NodeConnections>> old;
  {
    MutexLock lock(mutex_);
    old = nodes_;
  }
  for (const core::DataNode& node : nodes) {
    if (const Status valid = CheckSchemaPrefix(node.schema_prefix); !valid.ok()) {
      LANEMQ_LOG(ERROR, "sql.data_node_refused", {"node", node.name},
                 {"error", valid.error().message});
      continue;
    }
    std::shared_ptr<NodeConnections>& handle = next[node.id];
    const auto known = old.find(node.id);
    if (known != old.end() && known->second->node.host == node.host &&
        known->second->node.port == node.port &&
        known->second->node.schema_prefix == node.schema_prefix) {
      handle = known->second;
    } else {
      ConnectionOptions connection{.host = node.host,
                                   .port = node.port,
                                   .socket = {},
                                   .user = options_.user,
                                   .password = options_.password,
                                   .schema = NodeSchema(node.schema_prefix),
                                   .connect_timeout = options_.connect_timeout,
                                   .io_timeout = options_.io_timeout};
      handle = std::make_shared<NodeConnections>(node, std::move(connection), options_.pool,
                                                 options_.slow_log, clock_);
    }
    handle->pool.SetEnabled(node.state != core::NodeState::kDisabled);
  }
  MutexLock lock(mutex_);
  nodes_ = std::move(next);
}

Result<std::shared_ptr<NodeConnections>> DataNodes::Find(core::NodeId id) const {
  MutexLock lock(mutex_);
  const auto found = nodes_.find(id);
  if (found == nodes_.end()) {
    return Error{ErrorCode::kDataNodeUnavailable,
                 "data node " + std::to_string(id.value) + " is not in the catalogue", 1'000};
  }
  return found->second;
}

std::vector<std::shared_ptr<NodeConnections>> DataNodes::All() const {
  MutexLock lock(mutex_);
  std::vector<std::shared_ptr<NodeConnections>> all;
  for (const auto& [id, handle] : nodes_) all.push_back(handle);
  return all;
}

}  // namespace lanemq::sql
