#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/core/store/node_vault.h"
#include "common/core/types/catalog.h"
#include "sql/driver/connection_pool.h"
#include "sql/driver/slow_statements.h"

namespace lanemq::sql {

/// How this process connects to every data node; their addresses are in the catalogue.
struct DataNodeOptions {
  std::string user;      ///< At nodes without credentials of their own in the catalogue.
  std::string password;  ///< Never logged.
  std::chrono::milliseconds connect_timeout{2'000};
  std::chrono::milliseconds io_timeout{10'000};
  PoolOptions pool;
  /// Where statements that took long are written down; null: nowhere. Outlives the connections.
  /// Not together with an observer in `pool`.
  SlowLog* slow_log = nullptr;
  /// Opens the credentials that the catalogue has; not owned, outlives the connections. Null: nodes
  /// that have some cannot be connected to.
  const core::NodeVault* vault = nullptr;
};

/// Where `node` is and how this process signs in there. Errors: those of NodeVault::Open().
Result<ConnectionOptions> ConnectionTo(const core::DataNode& node, const DataNodeOptions& options);

/// A data node and this process's connections to it, whose default schema is `<prefix>_node`.
struct NodeConnections {
  NodeConnections(core::DataNode n, ConnectionOptions c, PoolOptions options, SlowLog* slow_log,
                  const Clock& clock)
      : node(std::move(n)),
        connection(std::move(c)),
        slow(slow_log != nullptr
                 ? std::make_unique<SlowStatements>(*slow_log, "data node " + node.name)
                 : nullptr),
        pool("data node " + node.name, connection, Observed(options, slow.get()), clock) {}

  const core::DataNode node;
  const ConnectionOptions connection;
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

  /// Replaces the known nodes. Nodes whose address, prefix and login are the same keep their
  /// connections, and so do those whose new credentials cannot be opened here, which the log then
  /// says. Others get new ones; what is under way on the old ones may end. Disabled ones fail at
  /// once.
  void Update(std::span<const core::DataNode> nodes);

  /// kDataNodeUnavailable when no such node is known (the catalogue may still be on its way), or
  /// its credentials cannot be opened here.
  Result<std::shared_ptr<NodeConnections>> Find(core::NodeId id) const;
  [[nodiscard]] std::vector<std::shared_ptr<NodeConnections>> All() const;
  /// Whether some node that is in use has no credentials in the catalogue, and does not let this
  /// process in with its own (or is down).
  [[nodiscard]] bool MayLackLogin() const;
  [[nodiscard]] const Clock& clock() const { return clock_; }

 private:
  using Handles = std::map<core::NodeId, std::shared_ptr<NodeConnections>>;

  /// The connections of `node`: those that it has in `old`, or new ones.
  Result<std::shared_ptr<NodeConnections>> HandleOf(const core::DataNode& node,
                                                    const Handles& old) const;

  const DataNodeOptions options_;
  const Clock& clock_;
  mutable Mutex mutex_;
  Handles nodes_ LANEMQ_GUARDED_BY(mutex_);
  std::map<core::NodeId, Error> refused_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::sql
