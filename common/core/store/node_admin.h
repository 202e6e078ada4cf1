#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/store/audit_log.h"
#include "common/core/types/catalog.h"
#include "common/core/types/node_inventory.h"

namespace lanemq::core {

/// What a data node says of itself at the moment.
struct NodeHealth {
  std::string engine_version;                 ///< "MySQL 9.1.0", "MariaDB 10.11.14-MariaDB".
  std::int64_t flush_log_at_trx_commit = 0;   ///< innodb_flush_log_at_trx_commit: 0, 1 or 2.
  std::optional<std::int64_t> sync_binlog{};  ///< Nullopt: the server writes no binlog.
};

/// Semi-synchronous replication: whether commits wait for a replica.
struct SemiSync {
  bool is_enabled = false;    ///< The setting.
  bool is_active = false;     ///< Commits do wait; not when every replica is too slow, or away.
  std::int64_t replicas = 0;  ///< That take part.
};

/// All of it, for an operator who wants to know whether the node is as it should be.
struct NodeProbe {
  NodeHealth health;
  std::string account;  ///< Who this process is there, as MySQL says it: "lanemq@10.0.0.%".
  bool is_read_only = false;
  std::chrono::microseconds round_trip{};
  /// The node's clock minus this machine's, give or take half a round trip.
  std::chrono::microseconds clock_ahead{};
  SemiSync semi_sync;
  std::int64_t connections_max = 0;  ///< Of the account, where it has a limit of its own.
  std::int64_t connections_used = 0;
  /// "CREATE on lanemq_00": what the account needs there and has not. Nullopt: it has roles, whose
  /// rights are not looked at.
  std::optional<std::vector<std::string>> missing_rights;
  /// The newest migration of the schema `<prefix>_node`, and of this program.
  std::int32_t schema_version = 0;
  std::int32_t schema_version_known = 0;
  std::optional<std::int64_t> disk_used_bytes;  ///< Nullopt: the account may not know.
};

/// Gets a MySQL server ready to hold partitions, before the catalogue knows it, and asks it how it
/// is.
///
/// Implementation: sql::MySqlNodeAdmin. Thread safety: every method from any thread.
/// Errors of every method: kDataNodeUnavailable; kFailedPrecondition when the schemas there are of
/// another version of this program; those of NodeVault::Open().
class NodeAdmin {
 public:
  virtual ~NodeAdmin() = default;

  /// Makes the node's schemas and tables, or brings them up to date. Harmless when repeated.
  virtual Status Prepare(const DataNode& node, Deadline deadline) = 0;
  /// How many partitions have their state row there.
  virtual Result<std::int64_t> CountPartitions(const DataNode& node, Deadline deadline) = 0;
  /// Opens a session of its own there and reads its settings. The node must have been prepared.
  virtual Result<NodeHealth> Health(const DataNode& node, Deadline deadline) = 0;
  /// Likewise, and everything else there is to know; costs some ten statements.
  virtual Result<NodeProbe> Probe(const DataNode& node, Deadline deadline) = 0;
  /// What is there of partitions and groups, whoever the catalogue says it belongs to.
  virtual Result<NodeInventory> Inventory(const DataNode& node, Deadline deadline) = 0;
  /// The data node's own audit log; as AuditLog::Search(). Empty when its schemas are older than
  /// the log: nothing that belongs there can be done there.
  virtual Result<AuditPage> SearchAudit(const DataNode& node, const AuditSearch& search,
                                        Deadline deadline) = 0;
  /// Rows and age of some of its tables; those that are gone by now are left out.
  virtual Result<std::vector<NodeTableFacts>> LookAt(const DataNode& node,
                                                     std::span<const NodeTable> tables,
                                                     Deadline deadline) = 0;
};

}  // namespace lanemq::core
