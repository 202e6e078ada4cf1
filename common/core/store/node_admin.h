#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/types/catalog.h"

namespace lanemq::core {

/// What a data node says of itself at the moment.
struct NodeHealth {
  std::string engine_version;                ///< "MySQL 9.1.0", "MariaDB 10.11.14-MariaDB".
  std::int64_t flush_log_at_trx_commit = 0;  ///< innodb_flush_log_at_trx_commit: 0, 1 or 2.
  std::optional<std::int64_t> sync_binlog;   ///< Nullopt: the server writes no binlog.
};

/// Gets a MySQL server ready to hold partitions, before the catalogue knows it, and asks it how it
/// is.
///
/// Implementation: sql::MySqlNodeAdmin. Thread safety: every method from any thread.
/// Errors of every method: kDataNodeUnavailable; kFailedPrecondition when the schemas there are of
/// another version of this program.
class NodeAdmin {
 public:
  virtual ~NodeAdmin() = default;

  /// Makes the node's schemas and tables, or brings them up to date. Harmless when repeated.
  virtual Status Prepare(const DataNode& node, Deadline deadline) = 0;
  /// How many partitions have their state row there.
  virtual Result<std::int64_t> CountPartitions(const DataNode& node, Deadline deadline) = 0;
  /// Opens a session of its own there and reads its settings. The node must have been prepared.
  virtual Result<NodeHealth> Health(const DataNode& node, Deadline deadline) = 0;
};

}  // namespace lanemq::core
