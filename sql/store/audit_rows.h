#pragma once

#include <span>

#include "common/base/result.h"
#include "common/core/types/audit.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

/// Writes the audit row of a change, or of a refused attempt, in the transaction that `connection`
/// is in, so that both are there or neither. What is longer than its column is cut between two
/// UTF-8 characters, and bytes that are not UTF-8 become '?'; a document that is too long, or is
/// not UTF-8, gives way to one that says so. No text can make it fail. `now`: see MetaNow. Errors:
/// those of the driver.
Status AppendAudit(Connection& connection, const core::AuditNote& note,
                   const core::AuditedChange& change, core::AuditResult result,
                   Param now = SqlNull{});

/// The same of several changes, in two round trips. Nobody else may append events of these objects
/// before the transaction ends: the caller holds what they are changed under. Precondition: there
/// is one.
Status AppendAudits(Connection& connection, const core::AuditNote& note,
                    std::span<const core::AuditedChange> changes, Param now = SqlNull{});

/// Of a row of search_audit and its like. A document that is longer than AppendAudit() writes gives
/// way here, too.
[[nodiscard]] core::AuditEvent AuditEventFromRow(const Row& row);

}  // namespace lanemq::sql
