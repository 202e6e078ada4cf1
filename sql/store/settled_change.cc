#include "sql/store/settled_change.h"

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/audit_rows.h"
#include "sql/store/meta_error.h"

namespace lanemq::sql {
namespace {

constexpr int kAttempts = 3;

Result<AuditMark> ReadMark(Connection& connection) {
  AuditMark mark;
  const Status read = connection.Query(statements::kReadAuditMark, {}, [&](const Row& row) {
    mark = {row.Int64(0), row.Int64(1)};
    return false;
  });
  if (!read.ok()) return read.error();
  return mark;
}

/// Whether the row is there. Waits for the transaction that wrote it.
Result<bool> IsThere(Connection& connection, const AuditMark& mark) {
  bool is_there = false;
  const Status read =
      connection.Query(statements::kFindAuditMark, {mark.id, mark.at_us}, [&](const Row&) {
        is_there = true;
        return false;
      });
  if (!read.ok()) return read.error();
  return is_there;
}

}  // namespace

Status SettledChange::Tell(const core::AuditedChange& change) {
  LANEMQ_RETURN_IF_ERROR(AppendAudit(connection_, note_, change, core::AuditResult::kOk, now_));
  return Mark();
}

Status SettledChange::Tell(std::span<const core::AuditedChange> changes) {
  if (changes.empty()) return {};
  LANEMQ_RETURN_IF_ERROR(AppendAudits(connection_, note_, changes, now_));
  return Mark();
}

Status SettledChange::Mark() {
  if (mark_) return {};
  LANEMQ_ASSIGN_OR_RETURN(mark_, ReadMark(connection_));
  return {};
}

Status RunSettled(ConnectionPool& pool, const MetaNow& now, const core::AuditNote& note,
                  Deadline deadline, const std::function<Status(SettledChange&)>& body) {
  std::optional<AuditMark> doubtful;  // Of the attempt whose reply was lost.
  Status lost;
  for (int attempt = 1;; ++attempt) {
    std::optional<AuditMark> mark;
    const Status done = RunInTransaction(pool, deadline, [&](Connection& connection) -> Status {
      mark.reset();
      if (doubtful) {
        LANEMQ_ASSIGN_OR_RETURN(const bool has_happened, IsThere(connection, *doubtful));
        if (has_happened) return {};
        doubtful.reset();
      }
      const NowParam at(now);
      SettledChange change(connection, note, at.get());
      Status changed = body(change);
      mark = change.mark();
      return changed;
    });
    if (done.ok()) return {};
    const bool is_lost = done.error().code == ErrorCode::kOutcomeUnknown;
    // Whether the attempt before has happened is not known yet.
    if (!is_lost && doubtful) return OfMetadata(lost);
    if (!is_lost || attempt == kAttempts || deadline.HasPassed(pool.clock())) {
      return OfMetadata(done);
    }
    // With a reply lost while the last attempt was looked for, it is that one still.
    if (!doubtful) doubtful = mark;
    lost = done;
  }
}

}  // namespace lanemq::sql
