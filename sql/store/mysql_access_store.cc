#include "sql/store/mysql_access_store.h"

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/access_rows.h"
#include "sql/store/catalog_rows.h"
#include "sql/store/meta_access.h"
#include "sql/store/meta_error.h"
#include "sql/store/quota_rows.h"

namespace lanemq::sql {

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
    LANEMQ_RETURN_IF_ERROR(ReadAccess(connection, now.get(), records));
    return ReadQuotas(connection, records);
  });
  if (!read.ok()) return read.error();
  return records;
}

}  // namespace lanemq::sql
