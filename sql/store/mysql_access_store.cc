#include "sql/store/mysql_access_store.h"

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/access_rows.h"
#include "sql/store/audit_rows.h"
#include "sql/store/catalog_rows.h"
#include "sql/store/meta_access.h"
#include "sql/store/meta_error.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {

Status MySqlAccessStore::Change::Tell(std::string_view kind, std::string name, std::string before,
                                      std::string after) {
  has_changed_ = true;
  return AppendAudit(connection_, note_,
                     {std::string(kind), std::move(name), std::move(before), std::move(after)},
                     core::AuditResult::kOk, now_);
}

Status MySqlAccessStore::Run(const core::AuditNote& note, Deadline deadline, const Body& body) {
  return OfMetadata(RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
    const NowParam now(now_);
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kLockAccess, {})));
    // What nobody is shown must not be in anybody's way.
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kPurgeEndedTokens, {now.get()})));
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kPurgeEndedGrants, {now.get()})));
    Change change(connection, note, now.get());
    LANEMQ_RETURN_IF_ERROR(body(change));
    if (!change.has_changed()) return {};
    return ToStatus(connection.Update(statements::kRaiseAccessVersion, {}));
  }));
}

Result<std::int64_t> MySqlAccessStore::LoadVersion(Deadline deadline) {
  std::int64_t version = 0;
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(version, ReadNumber(connection, statements::kReadAccessVersion));
    return {};
  });
  if (!read.ok()) return read.error();
  return version;
}

Result<core::AccessRecords> MySqlAccessStore::Load(Deadline deadline) {
  core::AccessRecords records;
  const NowParam now(now_);
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    records = {};
    // Ended by its destructor: there is nothing to commit.
    LANEMQ_ASSIGN_OR_RETURN(const Transaction snapshot,
                            Transaction::Begin(connection, Isolation::kSnapshot));
    LANEMQ_ASSIGN_OR_RETURN(records.version,
                            ReadNumber(connection, statements::kReadAccessVersion));
    LANEMQ_ASSIGN_OR_RETURN(const ClusterRow cluster, ReadCluster(connection));
    records.cluster_id = cluster.cluster_id;
    return ReadAccess(connection, now.get(), records);
  });
  if (!read.ok()) return read.error();
  return records;
}

}  // namespace lanemq::sql
