#include "sql/store/data_nodes.h"

#include <utility>

#include "common/base/log.h"
#include "sql/migrate/migrator.h"

namespace lanemq::sql {

DataNodes::DataNodes(DataNodeOptions options, const Clock& clock)
    : options_(std::move(options)), clock_(clock) {}

Result<ConnectionOptions> ConnectionTo(const core::DataNode& node, const DataNodeOptions& options) {
  ConnectionOptions connection;
  connection.host = node.host;
  connection.port = node.port;
  connection.user = options.user;
  connection.password = options.password;
  connection.schema = NodeSchema(node.schema_prefix);
  connection.connect_timeout = options.connect_timeout;
  connection.io_timeout = options.io_timeout;
  if (node.sealed_credentials.empty()) return connection;
  if (options.vault == nullptr) {
    return Error{ErrorCode::kInvalidConfig,
                 "this process cannot open the credentials of data node '" + node.name + "'"};
  }
  LANEMQ_ASSIGN_OR_RETURN(core::NodeLogin login, options.vault->Open(node));
  connection.user = std::move(login.user);
  connection.password = std::move(login.password);
  return connection;
}

Result<std::shared_ptr<NodeConnections>> DataNodes::HandleOf(const core::DataNode& node,
                                                             const Handles& old) const {
  LANEMQ_RETURN_IF_ERROR(CheckSchemaPrefix(node.schema_prefix));
  const auto known = old.find(node.id);
  auto connection = ConnectionTo(node, options_);
  if (!connection.ok()) {
    const bool may_stay = known != old.end() && known->second->node.host == node.host &&
                          known->second->node.port == node.port &&
                          known->second->node.schema_prefix == node.schema_prefix;
    LANEMQ_LOG(ERROR, "sql.data_node_credentials_unreadable", {"node", node.name},
               {"error", connection.error().message},
               {"effect", may_stay ? "connected as before" : "not connected"});
    if (may_stay) return known->second;
    return connection.error();
  }
  if (known != old.end() && known->second->connection == *connection) return known->second;
  return std::make_shared<NodeConnections>(node, *std::move(connection), options_.pool,
                                           options_.slow_log, clock_);
}

void DataNodes::Update(std::span<const core::DataNode> nodes) {
  Handles next;
  Handles old;
  std::map<core::NodeId, Error> refused;
  {
    MutexLock lock(mutex_);
    old = nodes_;
  }
  for (const core::DataNode& node : nodes) {
    auto handle = HandleOf(node, old);
    if (!handle.ok()) {
      LANEMQ_LOG(ERROR, "sql.data_node_refused", {"node", node.name},
                 {"error", handle.error().message});
      refused.emplace(node.id,
                      Error{ErrorCode::kDataNodeUnavailable, handle.error().message, 1'000});
      continue;
    }
    (*handle)->pool.SetEnabled(node.state != core::NodeState::kDisabled);
    next.emplace(node.id, *std::move(handle));
  }
  MutexLock lock(mutex_);
  nodes_ = std::move(next);
  refused_ = std::move(refused);
}

Result<std::shared_ptr<NodeConnections>> DataNodes::Find(core::NodeId id) const {
  MutexLock lock(mutex_);
  const auto found = nodes_.find(id);
  if (found == nodes_.end()) {
    if (const auto refused = refused_.find(id); refused != refused_.end()) return refused->second;
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

bool DataNodes::MayLackLogin() const {
  MutexLock lock(mutex_);
  for (const auto& [id, handle] : nodes_) {
    using State = core::CircuitBreaker::State;
    const State breaker = handle->pool.Stats().breaker;
    const bool fails = breaker == State::kOpen || breaker == State::kHalfOpen;
    if (fails && handle->node.sealed_credentials.empty()) return true;
  }
  return false;
}

}  // namespace lanemq::sql
