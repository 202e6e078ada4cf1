#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/core/access/access_types.h"
#include "common/core/types/audit.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

// Identities and rights as rows of the metadata schema. Errors are the driver's, and
// kFailedPrecondition for a row that only a newer version understands.

/// With members.
Result<std::optional<core::Team>> FindTeam(Connection& connection, std::string_view name);
Result<std::optional<core::Service>> FindService(Connection& connection, std::string_view name);
Result<std::optional<core::Token>> FindToken(Connection& connection, std::string_view id);
Result<std::vector<core::Token>> ReadTokensOf(Connection& connection, std::string_view service);
Result<std::optional<core::Grant>> FindGrant(Connection& connection, std::int64_t id);
/// Those of the same principals on the same names or prefixes; at most kRowsAtOnce (in_parts.h) are
/// looked for.
Result<std::vector<core::Grant>> FindGrantsLike(Connection& connection,
                                                std::span<const core::Grant> grants);
/// At most kRowsAtOnce.
Status InsertGrants(Connection& connection, std::span<const core::Grant> grants);
/// The oldest `max` of them.
Result<std::vector<core::Grant>> ReadGrantsTo(Connection& connection,
                                              const core::Principal& principal, std::size_t max);
/// Those that name it exactly.
Result<std::vector<core::Grant>> ReadGrantsOn(Connection& connection, core::ResourceKind kind,
                                              std::string_view name);
/// The actions of a stored grant that only a newer version knows, as its column has them.
Result<std::string> ReadUnknownActions(Connection& connection, std::int64_t grant_id);
/// Of the same topics and groups, of whatever team; at most kRowsAtOnce are looked for.
Result<std::vector<core::Owner>> FindOwners(Connection& connection,
                                            std::span<const core::Owner> owners);
/// At most kRowsAtOnce.
Status SaveOwners(Connection& connection, std::span<const core::Owner> owners);

/// All but the version and the cluster. What is not understood here allows nothing: such rows, and
/// such actions of grants, are left out.
Status ReadAccess(Connection& connection, Param now, core::AccessRecords& records);

/// As their column has them: "describe,produce".
[[nodiscard]] std::string ActionsToText(const std::vector<core::Action>& actions);

/// The only number that the query answers; 0 when it answers nothing.
Result<std::int64_t> ReadNumber(Connection& connection, const Statement& statement);
/// kInsufficientCapacity unless there may be `wanted` more than the query counts. `what`: "teams".
Status CheckRoom(Connection& connection, const Statement& count, std::string_view what,
                 std::size_t max, std::size_t wanted = 1);
/// The same of what ends: where there is no room, some of what has ended is dropped.
Status MakeRoom(Connection& connection, const Statement& count, const Statement& drop_ended,
                Param now, std::string_view what, std::size_t max, std::size_t wanted = 1);

}  // namespace lanemq::sql
