#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/core/types/catalog.h"
#include "sql/driver/connection_pool.h"

namespace lanemq::sql {

/// How this process connects to every data node; their addresses are in the catalogue.
struct DataNodeOptions {
  std::string user;
  std::string password;  ///< Never logged.
  std::chrono::milliseconds connect_timeout{2'000};
  std::chrono::milliseconds io_timeout{10'000};
  PoolOptions pool;
};

/// A data node and this process's connections to it, whose default schema is `<prefix>_node`.
struct NodeConnections {
  NodeConnections(core::DataNode n, ConnectionOptions connection, PoolOptions options,
                  const Clock& clock)
      : node(std::move(n)), pool("data node " + node.name, std::move(connection), options, clock) {}

  const core::DataNode node;
  ConnectionPool pool;
};

/// The data nodes of the catalogue, each with its pool.
///
/// Thread safety: every method from any thread. Handles stay valid after their node was replaced.
class DataNodes {
 public:
  explicit DataNodes(DataNodeOptions options, const Clock& clock = SystemClock::Instance());

  /// Replaces the known nodes. Nodes whose address and prefix are the same keep their connections;
  /// disabled ones fail at once.
  void Update(std::span<const core::DataNode> nodes);

  /// kDataNodeUnavailable when no such node is known (the catalogue may still be on its way).
  Result<std::shared_ptr<NodeConnections>> Find(core::NodeId id) const;
  [[nodiscard]] std::vector<std::shared_ptr<NodeConnections>> All() const;
  [[nodiscard]] const Clock& clock() const { return clock_; }

 private:
  const DataNodeOptions options_;
  const Clock& clock_;
  mutable Mutex mutex_;
  std::map<core::NodeId, std::shared_ptr<NodeConnections>> nodes_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::sql
