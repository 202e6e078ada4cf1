#pragma once

#include <utility>

#include "common/base/result.h"
#include "common/core/types/catalog.h"
#include "sql/driver/transaction.h"
#include "sql/store/data_nodes.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {

/// Runs `body(Connection&, const core::DataNode&)`, which only reads, on a connection of the node.
/// A connection that broke is replaced once. `access` kWrite: only a server that takes writes will
/// do, not one that was demoted meanwhile.
template <typename T, typename Body>
Result<T> ReadOn(const DataNodes& nodes, core::NodeId id, Deadline deadline, const Body& body,
                 Access access = Access::kRead) {
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes.Find(id));
  for (int attempt = 1;; ++attempt) {
    LANEMQ_ASSIGN_OR_RETURN(PooledConnection connection, node->pool.Checkout(access, deadline));
    Result<T> result = body(*connection, node->node);
    if (result.ok() || connection->is_usable() || attempt == 2 ||
        deadline.HasPassed(nodes.clock())) {
      return result;
    }
  }
}

/// Runs `body`, autocommitted writes that may be repeated, on a connection of the node; again
/// when it lost a race.
template <typename Body>
Status WriteOn(const DataNodes& nodes, core::NodeId id, Deadline deadline, const Body& body) {
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes.Find(id));
  return RunAutocommitted(node->pool, deadline, [&](Connection& connection) -> Status {
    return body(connection, node->node);
  });
}

}  // namespace lanemq::sql
