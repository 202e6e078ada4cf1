#pragma once

#include <cstdint>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/types/catalog.h"

namespace lanemq::core {

/// Gets a MySQL server ready to hold partitions, before the catalogue knows it.
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
};

}  // namespace lanemq::core
