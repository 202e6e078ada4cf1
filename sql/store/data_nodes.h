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
#include "sql/driver/slow_statements.h"

namespace lanemq::sql {

/// How this process connects to every data node; their addresses are in the catalogue.
struct DataNodeOptions {
  std::string user;
  std::string password;  ///< Never logged.
  std::chrono::milliseconds connect_timeout{2'000};
  std::chrono::milliseconds io_timeout{10'000};
  PoolOptions pool;
  /// Where statements that took long are written down; null: nowhere. Outlives the connections.
  /// Not together with an observer in `pool`.
  SlowLog* slow_log = nullptr;
};

/// A data node and this process's connections to it, whose default schema is `<prefix>_node`.
struct NodeConnections {
  NodeConnections(core::DataNode n, ConnectionOptions connection, PoolOptions options,
                  SlowLog* slow_log, const Clock& clock)
      : node(std::move(n)),
        slow(slow_log != nullptr
                 ? std::make_unique<SlowStatements>(*slow_log, "data node " + node.name)
                 : nullptr),
        pool("data node " + node.name, std::move(connection), Observed(options, slow.get()),
             clock) {}

  const core::DataNode node;
  const std::unique_ptr<SlowStatements> slow;
  ConnectionPool pool;

 private:
  static PoolOptions Observed(PoolOptions options, StatementObserver* observer) {
    if (observer != nullptr) options.observer = observer;
    return options;
  }
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
