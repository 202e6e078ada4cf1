#include "sql/store/mysql_audit_log.h"

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/audit_rows.h"
#include "sql/store/audit_search.h"
#include "sql/store/meta_access.h"
#include "sql/store/meta_error.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {

using core::AuditPage;
using core::AuditSearch;

Status MySqlAuditLog::Append(const core::AuditNote& note, const core::AuditedChange& change,
                             core::AuditResult result, Deadline deadline) {
  return OfMetadata(RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
    const NowParam now(now_);
    return AppendAudit(connection, note, change, result, now.get());
  }));
}

Status MySqlAuditLog::AppendDenied(const core::AuditNote& note,
                                   const core::AuditedChange& attempted, Deadline deadline) {
  return Append(note, attempted, core::AuditResult::kDenied, deadline);
}

Status MySqlAuditLog::AppendDone(const core::AuditNote& note, const core::AuditedChange& done,
                                 Deadline deadline) {
  return Append(note, done, core::AuditResult::kOk, deadline);
}

Result<AuditPage> MySqlAuditLog::Search(const AuditSearch& search, Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(CheckSearch(search));
  AuditPage page;
  const NowParam now(now_);
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(
        page, SearchAudit(connection, search, AuditTables::kEventsAndObjects, now.get()));
    return {};
  });
  if (!read.ok()) return read.error();
  return page;
}

Result<std::int64_t> MySqlAuditLog::Expire(std::chrono::microseconds age, std::size_t max,
                                           const core::Fence& fence, Deadline deadline) {
  std::int64_t expired = 0;
  const Status done = RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
    const NowParam now(now_);
    LANEMQ_RETURN_IF_ERROR(CheckFence(connection, fence));
    LANEMQ_ASSIGN_OR_RETURN(expired, connection.Update(statements::kExpireAuditEvents,
                                                       {now.get(), std::int64_t{age.count()},
                                                        static_cast<std::int64_t>(max)}));
    return ToStatus(
        connection.Update(statements::kExpireAuditObjects, {static_cast<std::int64_t>(max)}));
  });
  if (!done.ok()) return OfMetadata(done.error());
  return expired;
}

}  // namespace lanemq::sql
