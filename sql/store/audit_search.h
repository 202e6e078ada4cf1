#pragma once

#include <cstdint>

#include "common/base/result.h"
#include "common/core/store/audit_log.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

/// What there is of an audit log.
enum class AuditTables : std::uint8_t {
  kEvents,            ///< On data nodes.
  kEventsAndObjects,  ///< In the metadata schema: events are found under others' names, too.
};

/// kInvalidRequest: more events are wanted than a page has, or none.
Status CheckSearch(const core::AuditSearch& search);

/// A page of the audit log in the connection's default schema, as AuditLog::Search() has it. By
/// object or by actor an index leads to the events; other conditions look through those of the time
/// that is asked for, from the newest on. `now`: NULL, but in tests. Errors: CheckSearch(), and
/// those of the driver.
Result<core::AuditPage> SearchAudit(Connection& connection, const core::AuditSearch& search,
                                    AuditTables tables, Param now);

}  // namespace lanemq::sql
