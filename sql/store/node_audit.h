#pragma once

#include <string>

#include "common/base/result.h"
#include "common/core/store/offset_store.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

/// Writes the row of `note` into the data node's audit log, in the transaction that `connection` is
/// in; nothing without one. The documents are JSON; empty: there was, or is, none. Errors:
/// kFailedPrecondition when the node's schema is older than the log; those of the driver.
Status AppendNodeAudit(Connection& connection, const core::OperatorNote& note, std::string before,
                       std::string after);

}  // namespace lanemq::sql
