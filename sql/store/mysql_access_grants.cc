// Grants and owners of MySqlAccessStore.
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "common/core/access/access_json.h"
#include "common/core/access/access_rules.h"
#include "sql/statements/statements.h"
#include "sql/store/access_edits.h"
#include "sql/store/access_rows.h"
#include "sql/store/mysql_access_store.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::AccessLimits;
using core::Grant;
using core::Owner;

Param OrNull(const std::optional<WallTime>& time) {
  return time ? Param{time->micros} : Param{SqlNull{}};
}

/// kFailedPrecondition unless there is such a service or team.
Status CheckIsThere(Connection& connection, const core::Principal& principal) {
  bool is_there = false;
  if (principal.kind == core::PrincipalKind::kService) {
    LANEMQ_ASSIGN_OR_RETURN(const auto service, FindService(connection, principal.name));
    is_there = service.has_value();
  } else if (principal.kind == core::PrincipalKind::kTeam) {
    LANEMQ_ASSIGN_OR_RETURN(const auto team, FindTeam(connection, principal.name));
    is_there = team.has_value();
  }
  if (is_there) return {};
  return Error{ErrorCode::kFailedPrecondition, fmt::format("there is no {}", ToString(principal))};
}

Status Insert(Connection& connection, const Grant& grant, Param now) {
  LANEMQ_RETURN_IF_ERROR(MakeRoom(connection, statements::kCountAccessGrants,
                                  statements::kDropEndedGrants, now, "grants",
                                  AccessLimits::kGrantsMax));
  const std::string principal = ToString(grant.principal);
  const std::string actions = ActionsToText(grant.actions);
  return ToStatus(
      connection.Update(statements::kInsertAccessGrant,
                        {std::string_view(principal), ToString(grant.kind),
                         std::string_view(grant.name), std::int64_t{grant.is_prefix ? 1 : 0},
                         std::string_view(actions), OrNull(grant.expires_at)}));
}

/// What only a newer version knows of its actions stays.
Status Update(Connection& connection, const Grant& grant) {
  LANEMQ_ASSIGN_OR_RETURN(const std::string unknown, ReadUnknownActions(connection, grant.id));
  std::string actions = ActionsToText(grant.actions);
  if (!unknown.empty()) actions += "," + unknown;
  return ToStatus(
      connection.Update(statements::kUpdateAccessGrant,
                        {std::string_view(actions), OrNull(grant.expires_at), grant.id}));
}

}  // namespace

Result<Grant> PutGrant(AccessChange& change, Grant grant) {
  Normalize(grant);
  Connection& connection = change.connection();
  LANEMQ_RETURN_IF_ERROR(CheckIsThere(connection, grant.principal));
  LANEMQ_ASSIGN_OR_RETURN(const std::optional<Grant> before, FindGrantLike(connection, grant));
  if (before) {
    grant.id = before->id;
    if (before == grant) return grant;
    LANEMQ_RETURN_IF_ERROR(Update(connection, grant));
  } else {
    LANEMQ_RETURN_IF_ERROR(Insert(connection, grant, change.now()));
    LANEMQ_ASSIGN_OR_RETURN(const std::optional<Grant> made, FindGrantLike(connection, grant));
    grant.id = made ? made->id : 0;
  }
  LANEMQ_RETURN_IF_ERROR(change.Tell("grant", std::to_string(grant.id),
                                     before ? ToJson(*before) : "", ToJson(grant),
                                     AlsoAbout(grant)));
  return grant;
}

Status DeleteGrant(AccessChange& change, std::int64_t id) {
  LANEMQ_ASSIGN_OR_RETURN(const std::optional<Grant> before, FindGrant(change.connection(), id));
  if (!before) return Error{ErrorCode::kNotFound, fmt::format("there is no grant {}", id)};
  LANEMQ_RETURN_IF_ERROR(
      ToStatus(change.connection().Update(statements::kDeleteAccessGrant, {id})));
  return change.Tell("grant", std::to_string(id), ToJson(*before), "", AlsoAbout(*before));
}

Status SetOwner(AccessChange& change, const Owner& owner) {
  Connection& connection = change.connection();
  const std::string_view kind = ToString(owner.kind);
  const std::string_view name = owner.name;
  LANEMQ_ASSIGN_OR_RETURN(const std::optional<Owner> before,
                          FindOwner(connection, owner.kind, name));
  const bool is_to_be = !owner.team.empty();
  if (is_to_be ? before == owner : !before.has_value()) return {};
  if (is_to_be) {
    LANEMQ_RETURN_IF_ERROR(CheckIsThere(connection, {core::PrincipalKind::kTeam, owner.team}));
    if (!before) {
      LANEMQ_RETURN_IF_ERROR(CheckRoom(connection, statements::kCountAccessOwners,
                                       "owned topics and groups", AccessLimits::kOwnersMax));
    }
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kSaveAccessOwner,
                                                      {kind, name, std::string_view(owner.team)})));
  } else {
    LANEMQ_RETURN_IF_ERROR(
        ToStatus(connection.Update(statements::kDeleteAccessOwner, {kind, name})));
  }
  return change.Tell("owner", fmt::format("{}:{}", kind, name), before ? ToJson(*before) : "",
                     is_to_be ? ToJson(owner) : "", AlsoAbout(is_to_be ? owner : *before));
}

Status DeleteRightsOn(AccessChange& change, core::ResourceKind kind, std::string_view name) {
  LANEMQ_RETURN_IF_ERROR(SetOwner(change, {kind, std::string(name), ""}));
  LANEMQ_ASSIGN_OR_RETURN(const std::vector<Grant> grants,
                          ReadGrantsOn(change.connection(), kind, name));
  for (const Grant& grant : grants) {
    LANEMQ_RETURN_IF_ERROR(
        ToStatus(change.connection().Update(statements::kDeleteAccessGrant, {grant.id})));
    LANEMQ_RETURN_IF_ERROR(
        change.Tell("grant", std::to_string(grant.id), ToJson(grant), "", AlsoAbout(grant)));
  }
  return {};
}

Result<Grant> MySqlAccessStore::PutGrant(const Grant& given, const core::AuditNote& note,
                                         Deadline deadline) {
  Grant grant;
  const Status done = Run(note, deadline, [&](Change& change) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(grant, sql::PutGrant(change, given));
    return {};
  });
  if (!done.ok()) return done.error();
  return grant;
}

Status MySqlAccessStore::DeleteGrant(std::int64_t id, const core::AuditNote& note,
                                     Deadline deadline) {
  return Run(note, deadline, [&](Change& change) { return sql::DeleteGrant(change, id); });
}

Status MySqlAccessStore::SetOwner(const Owner& owner, const core::AuditNote& note,
                                  Deadline deadline) {
  return Run(note, deadline, [&](Change& change) { return sql::SetOwner(change, owner); });
}

Status MySqlAccessStore::DeleteRightsOn(core::ResourceKind kind, std::string_view name,
                                        const core::AuditNote& note, Deadline deadline) {
  return Run(note, deadline,
             [&](Change& change) { return sql::DeleteRightsOn(change, kind, name); });
}

}  // namespace lanemq::sql
