#include "sql/store/node_audit.h"

#include <utility>

#include "sql/store/audit_rows.h"

namespace lanemq::sql {

Status AppendNodeAudit(Connection& connection, const core::OperatorNote& note, std::string before,
                       std::string after) {
  if (!note.audit) return {};
  Status written = AppendAudit(
      connection, note.audit->note,
      {note.audit->object.kind, note.audit->object.name, std::move(before), std::move(after)},
      core::AuditResult::kOk);
  // The table is missing. The operator asked for a group or topic that may well exist.
  if (!written.ok() && written.error().code == ErrorCode::kUnknownTopicOrPartition) {
    return Error{ErrorCode::kFailedPrecondition,
                 connection.server_name() + " has an older schema: repeat lanemq node add"};
  }
  return written;
}

}  // namespace lanemq::sql
