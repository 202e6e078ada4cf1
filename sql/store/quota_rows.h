#pragma once

#include <optional>
#include <string_view>

#include "common/base/result.h"
#include "common/core/access/access_types.h"
#include "sql/driver/connection.h"
#include "sql/store/access_change.h"

namespace lanemq::sql {

// Quotas of teams as rows of the metadata schema. Errors are the driver's.

/// nullopt: the team has none.
Result<std::optional<core::TeamQuota>> FindQuota(Connection& connection, std::string_view team);
/// Sets the team's quota as a whole, as part of a change, and tells of it unless it was so before;
/// one without a limit is none. kFailedPrecondition: there is no such team.
Status SaveQuota(AccessChange& change, const core::QuotaOfTeam& quota);
/// The team goes, and its quota with it.
Status DropQuota(AccessChange& change, std::string_view team);

Result<core::QuotaMode> ReadQuotaMode(Connection& connection);
/// Quotas and mode, as of the transaction.
Status ReadQuotas(Connection& connection, core::AccessRecords& records);

}  // namespace lanemq::sql
