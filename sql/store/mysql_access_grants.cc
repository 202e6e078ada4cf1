// Grants and owners of MySqlAccessStore.
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "common/core/access/access_json.h"
#include "common/core/access/access_rules.h"
#include "sql/statements/statements.h"
#include "sql/store/access_edits.h"
#include "sql/store/access_rows.h"
#include "sql/store/in_parts.h"
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

/// By which grants, and owned things, are found.
using GrantKey = std::tuple<std::string, core::ResourceKind, std::string, bool>;
using OwnedKey = std::pair<core::ResourceKind, std::string>;

GrantKey KeyOf(const Grant& grant) {
  return {ToString(grant.principal), grant.kind, grant.name, grant.is_prefix};
}

Result<std::map<GrantKey, Grant>> FindLike(Connection& connection, std::span<const Grant> grants) {
  std::map<GrantKey, Grant> found;
  LANEMQ_ASSIGN_OR_RETURN(std::vector<Grant> rows, FindGrantsLike(connection, grants));
  for (Grant& row : rows) found.emplace(KeyOf(row), std::move(row));
  return found;
}

/// What only a newer version knows of its actions stays.
Status Update(Connection& connection, const Grant& grant) {
  LANEMQ_ASSIGN_OR_RETURN(const std::string unknown, ReadUnknownActions(connection, grant.id));
  std::string actions = ActionsToText(grant.actions);
  if (!unknown.empty()) actions += "," + unknown;
  LANEMQ_ASSIGN_OR_RETURN(
      const std::int64_t found,
      connection.Update(statements::kUpdateAccessGrant,
                        {std::string_view(actions), OrNull(grant.expires_at), grant.id}));
  if (found > 0) return {};
  return Error{ErrorCode::kConflict, fmt::format("grant {} is gone meanwhile", grant.id)};
}

/// At most kRowsAtOnce of them, each normal and to somebody who is there.
Status PutSome(AccessChange& change, std::span<Grant> grants) {
  Connection& connection = change.connection();
  LANEMQ_ASSIGN_OR_RETURN(const auto before, FindLike(connection, grants));
  std::vector<Grant> fresh;
  // First of all, so that one that has ended and is renewed does not make room for others.
  for (Grant& grant : grants) {
    const auto was = before.find(KeyOf(grant));
    if (was == before.end()) {
      fresh.push_back(grant);
      continue;
    }
    grant.id = was->second.id;
    if (!(was->second == grant)) LANEMQ_RETURN_IF_ERROR(Update(connection, grant));
  }
  std::map<GrantKey, Grant> made;
  if (!fresh.empty()) {
    LANEMQ_RETURN_IF_ERROR(MakeRoom(connection, statements::kCountAccessGrants,
                                    statements::kDropEndedGrants, change.now(), "grants",
                                    AccessLimits::kGrantsMax, fresh.size()));
    LANEMQ_RETURN_IF_ERROR(InsertGrants(connection, fresh));
    LANEMQ_ASSIGN_OR_RETURN(made, FindLike(connection, fresh));
  }
  for (Grant& grant : grants) {
    const auto was = before.find(KeyOf(grant));
    const bool is_new = was == before.end();
    if (is_new) {
      const auto is = made.find(KeyOf(grant));
      if (is == made.end())
        return Error{ErrorCode::kUnknownServerError, "a new grant is not there"};
      grant.id = is->second.id;
    } else if (was->second == grant) {
      continue;
    }
    LANEMQ_RETURN_IF_ERROR(change.Tell("grant", std::to_string(grant.id),
                                       is_new ? "" : ToJson(was->second), ToJson(grant),
                                       AlsoAbout(grant)));
  }
  return {};
}

/// At most kRowsAtOnce of them, each of a team that is there.
Status SetSome(AccessChange& change, std::span<const Owner> owners) {
  Connection& connection = change.connection();
  std::map<OwnedKey, Owner> before;
  LANEMQ_ASSIGN_OR_RETURN(std::vector<Owner> rows, FindOwners(connection, owners));
  for (Owner& row : rows) before.emplace(OwnedKey{row.kind, row.name}, row);
  std::vector<Owner> saved;
  std::size_t fresh = 0;
  for (const Owner& owner : owners) {
    const auto was = before.find({owner.kind, owner.name});
    const bool is_there = was != before.end();
    if (owner.team.empty() || (is_there && was->second == owner)) continue;
    saved.push_back(owner);
    if (!is_there) ++fresh;
  }
  if (fresh > 0) {
    LANEMQ_RETURN_IF_ERROR(CheckRoom(connection, statements::kCountAccessOwners,
                                     "owned topics and groups", AccessLimits::kOwnersMax, fresh));
  }
  if (!saved.empty()) LANEMQ_RETURN_IF_ERROR(SaveOwners(connection, saved));
  for (const Owner& owner : owners) {
    const auto was = before.find({owner.kind, owner.name});
    const bool is_there = was != before.end();
    const bool is_to_be = !owner.team.empty();
    if (is_to_be ? is_there && was->second == owner : !is_there) continue;
    const std::string_view kind = ToString(owner.kind);
    if (!is_to_be) {
      LANEMQ_RETURN_IF_ERROR(ToStatus(
          connection.Update(statements::kDeleteAccessOwner, {kind, std::string_view(owner.name)})));
    }
    LANEMQ_RETURN_IF_ERROR(change.Tell(
        "owner", fmt::format("{}:{}", kind, owner.name), is_there ? ToJson(was->second) : "",
        is_to_be ? ToJson(owner) : "", AlsoAbout(is_to_be ? owner : was->second)));
  }
  return {};
}

}  // namespace

Result<std::vector<Grant>> PutGrants(AccessChange& change, std::vector<Grant> grants) {
  Connection& connection = change.connection();
  std::set<std::string> seen;
  for (Grant& grant : grants) {
    Normalize(grant);
    if (!seen.insert(ToString(grant.principal)).second) continue;
    LANEMQ_RETURN_IF_ERROR(CheckIsThere(connection, grant.principal));
  }
  LANEMQ_RETURN_IF_ERROR(
      InParts<Grant>(grants, [&](std::span<Grant> part) { return PutSome(change, part); }));
  return grants;
}

Status DeleteGrant(AccessChange& change, std::int64_t id) {
  LANEMQ_ASSIGN_OR_RETURN(const std::optional<Grant> before, FindGrant(change.connection(), id));
  if (!before) return Error{ErrorCode::kNotFound, fmt::format("there is no grant {}", id)};
  LANEMQ_RETURN_IF_ERROR(
      ToStatus(change.connection().Update(statements::kDeleteAccessGrant, {id})));
  return change.Tell("grant", std::to_string(id), ToJson(*before), "", AlsoAbout(*before));
}

Status SetOwners(AccessChange& change, std::span<const Owner> owners) {
  std::set<std::string> seen;
  for (const Owner& owner : owners) {
    if (owner.team.empty() || !seen.insert(owner.team).second) continue;
    LANEMQ_RETURN_IF_ERROR(
        CheckIsThere(change.connection(), {core::PrincipalKind::kTeam, owner.team}));
  }
  return InParts<const Owner>(owners,
                              [&](std::span<const Owner> part) { return SetSome(change, part); });
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
    LANEMQ_ASSIGN_OR_RETURN(std::vector<Grant> stored, sql::PutGrants(change, {given}));
    grant = std::move(stored.front());
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
