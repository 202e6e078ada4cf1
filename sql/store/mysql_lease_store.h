#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "common/core/store/lease_store.h"
#include "sql/driver/connection_pool.h"
#include "sql/store/data_nodes.h"
#include "sql/store/meta_time.h"

namespace lanemq::sql {

/// Leases in the metadata schema, or in that of a data node.
class MySqlLeaseStore final : public core::LeaseStore {
 public:
  /// `pool`, whose default schema is the metadata schema, must outlive the store.
  explicit MySqlLeaseStore(ConnectionPool& pool, MetaNow now = {})
      : pool_(&pool), now_(std::move(now)) {}
  /// Those of a data node. `nodes` must outlive the store.
  MySqlLeaseStore(DataNodes& nodes, core::NodeId node, MetaNow now = {})
      : nodes_(&nodes), node_(node), now_(std::move(now)) {}

  Result<core::Lease> Acquire(std::string_view name, std::string_view owner,
                              std::chrono::milliseconds ttl, Deadline deadline) override;
  Status Renew(const core::Lease& lease, std::chrono::milliseconds ttl, Deadline deadline) override;
  Status Release(const core::Lease& lease, Deadline deadline) override;
  Result<std::vector<core::Lease>> Running(std::string_view prefix, Deadline deadline) override;

 private:
  /// Runs `body`, and says errors of the server in the words of where it is.
  Status InTransaction(Deadline deadline, const std::function<Status(Connection&)>& body);
  Status Autocommitted(Deadline deadline, const std::function<Status(Connection&)>& body);
  Result<std::shared_ptr<ConnectionPool>> FindPool() const;
  [[nodiscard]] Status Translate(Status status) const;

  ConnectionPool* const pool_ = nullptr;  ///< The metadata database's; null: a data node's.
  DataNodes* const nodes_ = nullptr;
  const core::NodeId node_;
  const MetaNow now_;
};

}  // namespace lanemq::sql
