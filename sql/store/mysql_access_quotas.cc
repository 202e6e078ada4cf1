// Quotas of MySqlAccessStore.
#include "common/core/access/access_rules.h"
#include "common/core/access/quota_text.h"
#include "sql/statements/statements.h"
#include "sql/store/mysql_access_store.h"
#include "sql/store/quota_rows.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {

Status MySqlAccessStore::PutQuota(const core::QuotaOfTeam& quota, const core::AuditNote& note,
                                  Deadline deadline) {
  return Run(note, deadline, [&](Change& change) { return SaveQuota(change, quota); });
}

Status MySqlAccessStore::SetQuotaMode(core::QuotaMode mode, const core::AuditNote& note,
                                      Deadline deadline) {
  return Run(note, deadline, [&](Change& change) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(const core::QuotaMode before, ReadQuotaMode(change.connection()));
    if (before == mode) return {};
    LANEMQ_RETURN_IF_ERROR(
        ToStatus(change.connection().Update(statements::kSaveQuotaMode, {core::ToString(mode)})));
    return change.Tell("quota", "mode", core::ToJson(before), core::ToJson(mode));
  });
}

}  // namespace lanemq::sql
