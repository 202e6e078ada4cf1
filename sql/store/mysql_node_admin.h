#pragma once

#include <memory>

#include "common/core/store/node_admin.h"
#include "sql/store/data_nodes.h"

namespace lanemq::sql {

/// Prepares data nodes over connections of its own, with the same account as DataNodes.
class MySqlNodeAdmin final : public core::NodeAdmin {
 public:
  /// `known`: whose connections are used for what is asked of all nodes again and again; null:
  /// nobody's. Outlives this.
  explicit MySqlNodeAdmin(DataNodeOptions options, const Clock& clock = SystemClock::Instance(),
                          const DataNodes* known = nullptr)
      : options_(std::move(options)), clock_(clock), known_(known) {}

  Status Prepare(const core::DataNode& node, Deadline deadline) override;
  Result<std::int64_t> CountPartitions(const core::DataNode& node, Deadline deadline) override;
  Result<core::NodeHealth> Health(const core::DataNode& node, Deadline deadline) override;
  Result<core::NodeProbe> Probe(const core::DataNode& node, Deadline deadline) override;
  Result<core::NodeInventory> Inventory(const core::DataNode& node, Deadline deadline) override;
  Result<core::AuditPage> SearchAudit(const core::DataNode& node, const core::AuditSearch& search,
                                      Deadline deadline) override;
  Result<std::vector<core::NodeTableFacts>> LookAt(const core::DataNode& node,
                                                   std::span<const core::NodeTable> tables,
                                                   Deadline deadline) override;

 private:
  /// A session in `<prefix>_node` whose calls end by `deadline`.
  Result<std::unique_ptr<Connection>> Open(const core::DataNode& node, Deadline deadline) const;

  const DataNodeOptions options_;
  const Clock& clock_;
  const DataNodes* const known_;
};

}  // namespace lanemq::sql
