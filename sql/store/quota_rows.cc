#include "sql/store/quota_rows.h"

#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "common/core/access/access_rules.h"
#include "common/core/access/quota_text.h"
#include "sql/statements/statements.h"
#include "sql/store/access_rows.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::QuotaOfTeam;
using core::TeamQuota;

/// Columns are those of the statements, in their order.
QuotaOfTeam QuotaFromRow(const Row& row) {
  QuotaOfTeam out;
  out.team = row.String(0);
  unsigned column = 1;
  for (const core::QuotaField& field : core::kQuotaFields) {
    if (!row.IsNull(column)) out.quota.*field.value = row.Int64(column);
    ++column;
  }
  return out;
}

Param OrNull(const std::optional<std::int64_t>& limit) {
  return limit ? Param{*limit} : Param{SqlNull{}};
}

Status Store(Connection& connection, const QuotaOfTeam& quota) {
  const std::string_view team = quota.team;
  const TeamQuota& limits = quota.quota;
  if (IsUnlimited(limits)) {
    return ToStatus(connection.Update(statements::kDeleteTeamQuota, {team}));
  }
  return ToStatus(connection.Update(
      statements::kSaveTeamQuota,
      {team, OrNull(limits.topics), OrNull(limits.partitions), OrNull(limits.stored_bytes),
       OrNull(limits.produce_bytes_per_s), OrNull(limits.fetch_bytes_per_s),
       OrNull(limits.messages_per_s), OrNull(limits.message_bytes_max)}));
}

}  // namespace

Result<std::optional<TeamQuota>> FindQuota(Connection& connection, std::string_view team) {
  std::optional<TeamQuota> found;
  const Status read = connection.Query(statements::kFindTeamQuota, {team}, [&](const Row& row) {
    found = QuotaFromRow(row).quota;
    return false;
  });
  if (!read.ok()) return read.error();
  return found;
}

Status SaveQuota(AccessChange& change, const QuotaOfTeam& quota) {
  Connection& connection = change.connection();
  LANEMQ_ASSIGN_OR_RETURN(const std::optional<core::Team> team, FindTeam(connection, quota.team));
  if (!team) {
    return Error{ErrorCode::kFailedPrecondition, fmt::format("there is no team '{}'", quota.team)};
  }
  LANEMQ_ASSIGN_OR_RETURN(const std::optional<TeamQuota> before, FindQuota(connection, quota.team));
  if (before.value_or(TeamQuota{}) == quota.quota) return {};
  LANEMQ_RETURN_IF_ERROR(Store(connection, quota));
  return change.Tell("quota", quota.team, before ? ToJson(QuotaOfTeam{quota.team, *before}) : "",
                     IsUnlimited(quota.quota) ? "" : ToJson(quota));
}

Status DropQuota(AccessChange& change, std::string_view team) {
  LANEMQ_ASSIGN_OR_RETURN(const std::optional<TeamQuota> before,
                          FindQuota(change.connection(), team));
  if (!before) return {};
  LANEMQ_RETURN_IF_ERROR(
      ToStatus(change.connection().Update(statements::kDeleteTeamQuota, {team})));
  return change.Tell("quota", std::string(team), ToJson(QuotaOfTeam{std::string(team), *before}),
                     "");
}

Result<core::QuotaMode> ReadQuotaMode(Connection& connection) {
  core::QuotaMode mode = core::QuotaMode::kEnforce;
  const Status read = connection.Query(statements::kReadQuotaMode, {}, [&](const Row& row) {
    // One that only a newer version knows is not a reason to do nothing.
    mode = core::QuotaModeFromString(row.String(0)).value_or(mode);
    return false;
  });
  if (!read.ok()) return read.error();
  return mode;
}

Status ReadQuotas(Connection& connection, core::AccessRecords& records) {
  records.quotas.clear();
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadTeamQuotas, {}, [&](const Row& row) {
    records.quotas.push_back(QuotaFromRow(row));
    return true;
  }));
  LANEMQ_ASSIGN_OR_RETURN(records.quota_mode, ReadQuotaMode(connection));
  return {};
}

}  // namespace lanemq::sql
