// Teams and services of MySqlAccessStore.
#include <algorithm>
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
#include "sql/store/quota_rows.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::AccessLimits;
using core::Service;
using core::Team;
using core::TeamMember;

/// Of a service that is deleted, in one transaction: others wait for it.
constexpr std::size_t kGrantsAtOnce = 500;
constexpr std::int64_t kRetryAfterMs = 100;

bool IsAmong(const TeamMember& member, const std::vector<TeamMember>& members) {
  return std::find(members.begin(), members.end(), member) != members.end();
}

/// Only what differs: a team may have hundreds.
Status SaveMembers(Connection& connection, const Team& team,
                   const std::vector<TeamMember>& before) {
  const std::string_view name = team.name;
  for (const TeamMember& member : before) {
    const bool stays =
        std::any_of(team.members.begin(), team.members.end(),
                    [&](const TeamMember& next) { return next.person == member.person; });
    if (stays) continue;
    LANEMQ_RETURN_IF_ERROR(ToStatus(
        connection.Update(statements::kDeleteTeamMember, {name, std::string_view(member.person)})));
  }
  for (const TeamMember& member : team.members) {
    if (IsAmong(member, before)) continue;
    LANEMQ_RETURN_IF_ERROR(ToStatus(
        connection.Update(statements::kSaveTeamMember,
                          {name, std::string_view(member.person), ToString(member.role)})));
  }
  return {};
}

/// Everybody's book has every member.
Status CheckMembers(Connection& connection, std::size_t wanted, std::size_t before) {
  if (wanted <= before) return {};
  LANEMQ_ASSIGN_OR_RETURN(const std::int64_t present,
                          ReadNumber(connection, statements::kCountTeamMembers));
  const auto left = static_cast<std::int64_t>(AccessLimits::kMembersMax) - present;
  if (static_cast<std::int64_t>(wanted - before) <= left) return {};
  return Error{ErrorCode::kInsufficientCapacity,
               fmt::format("the teams have {} members together; {} is the most", present,
                           AccessLimits::kMembersMax)};
}

/// kFailedPrecondition while something needs the team.
Status CheckUnused(Connection& connection, std::string_view team) {
  const std::string principal =
      ToString(core::Principal{core::PrincipalKind::kTeam, std::string(team)});
  std::int64_t services = 0;
  std::int64_t owned = 0;
  std::int64_t grants = 0;
  LANEMQ_RETURN_IF_ERROR(connection.Query(
      statements::kCountUsesOfTeam, {team, team, std::string_view(principal)}, [&](const Row& row) {
        services = row.Int64(0);
        owned = row.Int64(1);
        grants = row.Int64(2);
        return false;
      }));
  if (services + owned + grants == 0) return {};
  return Error{ErrorCode::kFailedPrecondition,
               fmt::format("team '{}' still has services ({}), owns topics or groups ({}) or has "
                           "grants ({}): give them away or delete them first",
                           team, services, owned, grants)};
}

Status CheckTeamIsThere(Connection& connection, std::string_view team) {
  LANEMQ_ASSIGN_OR_RETURN(const std::optional<Team> found, FindTeam(connection, team));
  if (found) return {};
  return Error{ErrorCode::kFailedPrecondition, fmt::format("there is no team '{}'", team)};
}

/// One step: its tokens first, so that it is out at once, then grants, then itself. Whether it is
/// gone.
Result<bool> DeleteSomeOf(AccessChange& change, std::string_view name) {
  Connection& connection = change.connection();
  LANEMQ_ASSIGN_OR_RETURN(const std::optional<Service> before, FindService(connection, name));
  if (!before) return Error{ErrorCode::kNotFound, fmt::format("there is no service '{}'", name)};
  LANEMQ_ASSIGN_OR_RETURN(const auto tokens, ReadTokensOf(connection, name));
  for (const core::Token& token : tokens) {
    LANEMQ_RETURN_IF_ERROR(
        ToStatus(connection.Update(statements::kDeleteServiceToken, {std::string_view(token.id)})));
    LANEMQ_RETURN_IF_ERROR(
        change.Tell("token", token.id, ToJson(token), "", core::AlsoAbout(token)));
  }
  LANEMQ_ASSIGN_OR_RETURN(
      const auto grants,
      ReadGrantsTo(connection, {core::PrincipalKind::kService, before->name}, kGrantsAtOnce));
  for (const core::Grant& grant : grants) {
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kDeleteAccessGrant, {grant.id})));
    LANEMQ_RETURN_IF_ERROR(
        change.Tell("grant", std::to_string(grant.id), ToJson(grant), "", core::AlsoAbout(grant)));
  }
  if (grants.size() == kGrantsAtOnce) return false;
  LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kDeleteService, {name})));
  LANEMQ_RETURN_IF_ERROR(change.Tell("service", before->name, ToJson(*before), ""));
  return true;
}

}  // namespace

Status PutTeam(AccessChange& change, Team team, std::optional<std::int64_t> if_version) {
  Normalize(team);
  Connection& connection = change.connection();
  LANEMQ_ASSIGN_OR_RETURN(const std::optional<Team> before, FindTeam(connection, team.name));
  if (before == team) return {};
  if (if_version && *if_version != (before ? core::VersionOf(*before) : 0)) {
    return Error{ErrorCode::kConflict,
                 fmt::format("team '{}' was changed meanwhile: look at it again", team.name)};
  }
  if (!before) {
    LANEMQ_RETURN_IF_ERROR(
        CheckRoom(connection, statements::kCountTeams, "teams", AccessLimits::kTeamsMax));
  }
  LANEMQ_RETURN_IF_ERROR(
      CheckMembers(connection, team.members.size(), before ? before->members.size() : 0));
  LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(
      statements::kSaveTeam, {std::string_view(team.name), std::string_view(team.description),
                              std::string_view(team.oncall_route)})));
  LANEMQ_RETURN_IF_ERROR(
      SaveMembers(connection, team, before ? before->members : std::vector<TeamMember>{}));
  return change.Tell("team", team.name, before ? ToJson(*before) : "", ToJson(team));
}

Status DeleteTeam(AccessChange& change, std::string_view name) {
  Connection& connection = change.connection();
  LANEMQ_ASSIGN_OR_RETURN(const std::optional<Team> before, FindTeam(connection, name));
  if (!before) return Error{ErrorCode::kNotFound, fmt::format("there is no team '{}'", name)};
  LANEMQ_RETURN_IF_ERROR(CheckUnused(connection, name));
  LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kDeleteTeamMembers, {name})));
  LANEMQ_RETURN_IF_ERROR(DropQuota(change, name));
  LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kDeleteTeam, {name})));
  return change.Tell("team", before->name, ToJson(*before), "");
}

Status MySqlAccessStore::PutTeam(const Team& team, std::optional<std::int64_t> if_version,
                                 const core::AuditNote& note, Deadline deadline) {
  return Run(note, deadline,
             [&](Change& change) { return sql::PutTeam(change, team, if_version); });
}

Status MySqlAccessStore::DeleteTeam(std::string_view name, const core::AuditNote& note,
                                    Deadline deadline) {
  return Run(note, deadline, [&](Change& change) { return sql::DeleteTeam(change, name); });
}

Status MySqlAccessStore::PutService(const Service& service, const core::AuditNote& note,
                                    Deadline deadline) {
  return Run(note, deadline, [&](Change& change) -> Status {
    Connection& connection = change.connection();
    LANEMQ_ASSIGN_OR_RETURN(const std::optional<Service> before,
                            FindService(connection, service.name));
    if (before == service) return {};
    if (before && before->kind != service.kind) {
      return Error{ErrorCode::kFailedPrecondition,
                   fmt::format("service '{}' is of kind {}, which is fixed: delete it first, or "
                               "take another name",
                               service.name, ToString(before->kind))};
    }
    if (!service.team.empty()) {
      LANEMQ_RETURN_IF_ERROR(CheckTeamIsThere(connection, service.team));
    }
    if (!before) {
      LANEMQ_RETURN_IF_ERROR(CheckRoom(connection, statements::kCountServices, "services",
                                       AccessLimits::kServicesMax));
    }
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(
        statements::kSaveService,
        {std::string_view(service.name), std::string_view(service.team), ToString(service.kind),
         std::string_view(service.description), std::int64_t{service.is_disabled ? 1 : 0}})));
    return change.Tell("service", service.name, before ? ToJson(*before) : "", ToJson(service));
  });
}

Status MySqlAccessStore::DeleteService(std::string_view name, const core::AuditNote& note,
                                       Deadline deadline) {
  for (;;) {
    bool is_gone = false;
    LANEMQ_RETURN_IF_ERROR(Run(note, deadline, [&](Change& change) -> Status {
      LANEMQ_ASSIGN_OR_RETURN(is_gone, DeleteSomeOf(change, name));
      return {};
    }));
    if (is_gone) return {};
    if (deadline.HasPassed(pool_.clock())) {
      return Error{ErrorCode::kThrottled,
                   fmt::format("service '{}' has grants still; those it had before are gone: "
                               "delete it once more",
                               name),
                   kRetryAfterMs};
    }
  }
}

}  // namespace lanemq::sql
