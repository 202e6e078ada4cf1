#include "sql/store/mysql_access_store.h"

#include <utility>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/access_rows.h"
#include "sql/store/catalog_rows.h"
#include "sql/store/meta_access.h"
#include "sql/store/meta_error.h"
#include "sql/store/people_rows.h"
#include "sql/store/quota_rows.h"

namespace lanemq::sql {

namespace {

struct Versions {
  std::int64_t version = 0;
  std::int64_t rights = 0;
};

Result<Versions> ReadVersions(Connection& connection) {
  Versions versions;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadAccessVersions, {}, [&](const Row& row) {
    versions = {row.Int64(0), row.Int64(1)};
    return false;
  }));
  return versions;
}

}  // namespace

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
    LANEMQ_ASSIGN_OR_RETURN(const Versions versions, ReadVersions(connection));
    records.version = versions.version;
    records.rights_version = versions.rights;
    LANEMQ_ASSIGN_OR_RETURN(const ClusterRow cluster, ReadCluster(connection));
    records.cluster_id = cluster.cluster_id;
    LANEMQ_RETURN_IF_ERROR(ReadAccess(connection, now.get(), records));
    return ReadQuotas(connection, records);
  });
  if (!read.ok()) return read.error();
  return records;
}

Result<std::optional<core::PeopleTokens>> MySqlAccessStore::LoadPeopleTokens(
    std::int64_t rights_version, Deadline deadline) {
  std::optional<core::PeopleTokens> people;
  const NowParam now(now_);
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    people.reset();
    // Ended by its destructor: there is nothing to commit.
    LANEMQ_ASSIGN_OR_RETURN(const Transaction snapshot,
                            Transaction::Begin(connection, Isolation::kSnapshot));
    LANEMQ_ASSIGN_OR_RETURN(const Versions versions, ReadVersions(connection));
    if (versions.rights != rights_version) return {};
    LANEMQ_ASSIGN_OR_RETURN(const ClusterRow cluster, ReadCluster(connection));
    LANEMQ_ASSIGN_OR_RETURN(auto tokens, ReadPersonTokens(connection, now.get()));
    people = {versions.version, versions.rights, cluster.cluster_id, std::move(tokens)};
    return {};
  });
  if (!read.ok()) return read.error();
  return people;
}

}  // namespace lanemq::sql
