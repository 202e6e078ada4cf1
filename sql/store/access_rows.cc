#include "sql/store/access_rows.h"

#include <algorithm>
#include <initializer_list>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "common/core/access/access_rules.h"
#include "sql/statements/statements.h"
#include "sql/store/in_parts.h"
#include "sql/store/people_rows.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::Grant;
using core::Owner;
using core::Service;
using core::Team;
using core::TeamMember;
using core::Token;

std::optional<WallTime> TimeOrNull(const Row& row, unsigned column) {
  return row.IsNull(column) ? std::nullopt : std::optional(WallTime{row.Int64(column)});
}

// Columns are those of the statements, in their order. Nullopt: not understood here.

std::optional<Team> TeamFromRow(const Row& row) {
  Team team;
  team.name = row.String(0);
  team.description = row.String(1);
  team.oncall_route = row.String(2);
  return team;
}

/// A role that is not known here is the lowest.
TeamMember MemberFromRow(const Row& row) {
  return {row.String(1), core::TeamRoleFromString(row.String(2)).value_or(core::TeamRole::kMember)};
}

std::optional<Service> ServiceFromRow(const Row& row) {
  const auto kind = core::ServiceKindFromString(row.String(2));
  if (!kind) return std::nullopt;
  Service service;
  service.name = row.String(0);
  service.team = row.String(1);
  service.kind = *kind;
  service.description = row.String(3);
  service.is_disabled = row.Int64(4) != 0;
  return service;
}

std::optional<Token> TokenFromRow(const Row& row) {
  Token token;
  token.id = row.String(0);
  token.hash = row.String(1);
  token.service = row.String(2);
  token.created_at = WallTime{row.Int64(3)};
  token.expires_at = TimeOrNull(row, 4);
  token.created_by = row.String(5);
  token.note = row.String(6);
  return token;
}

/// `unknown` gets what is no action here, with commas; null: nobody wants it.
std::vector<core::Action> ActionsFromText(std::string_view text, std::string* unknown = nullptr) {
  std::vector<core::Action> actions;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view word = text.substr(0, comma);
    if (const auto action = core::ActionFromString(word)) {
      actions.push_back(*action);
    } else if (unknown != nullptr) {
      *unknown += unknown->empty() ? "" : ",";
      *unknown += word;
    }
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return actions;
}

std::optional<Grant> GrantFromRow(const Row& row) {
  auto principal = core::PrincipalFromString(row.String(1));
  const auto kind = core::ResourceKindFromString(row.String(2));
  if (!principal || !kind) return std::nullopt;
  Grant grant;
  grant.id = row.Int64(0);
  grant.principal = *std::move(principal);
  grant.kind = *kind;
  grant.name = row.String(3);
  grant.is_prefix = row.Int64(4) != 0;
  grant.actions = ActionsFromText(row.String(5));
  grant.expires_at = TimeOrNull(row, 6);
  return grant;
}

std::optional<Owner> OwnerFromRow(const Row& row) {
  const auto kind = core::ResourceKindFromString(row.String(0));
  if (!kind) return std::nullopt;
  return Owner{*kind, row.String(1), row.String(2)};
}

/// Every row that is understood; `left_out` counts the others.
template <typename T>
Result<std::vector<T>> ReadRows(Connection& connection, const Statement& statement,
                                std::initializer_list<Param> params,
                                std::optional<T> (*from_row)(const Row&), int* left_out) {
  std::vector<T> all;
  const Status read = connection.Query(statement, params, [&](const Row& row) {
    if (auto one = from_row(row)) {
      all.push_back(*std::move(one));
    } else {
      ++*left_out;
    }
    return true;
  });
  if (!read.ok()) return read.error();
  return all;
}

/// The same for changes, which must know what they change.
template <typename T>
Result<std::vector<T>> ReadForChange(Connection& connection, const Statement& statement,
                                     std::initializer_list<Param> params,
                                     std::optional<T> (*from_row)(const Row&)) {
  int left_out = 0;
  auto all = ReadRows<T>(connection, statement, params, from_row, &left_out);
  if (!all.ok() || left_out == 0) return all;
  return Error{ErrorCode::kFailedPrecondition,
               fmt::format("{}: a row was written by a newer version; change it with that one",
                           statement.name)};
}

template <typename T>
Result<std::optional<T>> FindForChange(Connection& connection, const Statement& statement,
                                       std::initializer_list<Param> params,
                                       std::optional<T> (*from_row)(const Row&)) {
  auto all = ReadForChange<T>(connection, statement, params, from_row);
  if (!all.ok()) return all.error();
  if (all->empty()) return std::optional<T>();
  return std::optional<T>(std::move((*all)[0]));
}

/// For what is read whole: what is not understood is left out.
template <typename T>
Status ReadInto(Connection& connection, const Statement& statement,
                std::initializer_list<Param> params, std::optional<T> (*from_row)(const Row&),
                std::vector<T>& into) {
  int left_out = 0;
  auto all = ReadRows<T>(connection, statement, params, from_row, &left_out);
  if (!all.ok()) return all.error();
  into = *std::move(all);
  return {};
}

/// By which a grant is found, as the columns have it.
nlohmann::json KeyOf(const Grant& grant) {
  return {ToString(grant.principal), ToString(grant.kind), HexOf(grant.name),
          grant.is_prefix ? 1 : 0};
}

/// Both are sorted by team.
Status ReadMembers(Connection& connection, std::vector<Team>& teams) {
  auto team = teams.begin();
  return connection.Query(statements::kReadAllTeamMembers, {}, [&](const Row& row) {
    const std::string name = row.String(0);
    while (team != teams.end() && team->name < name) ++team;
    if (team == teams.end()) return false;
    if (team->name == name) team->members.push_back(MemberFromRow(row));
    return true;
  });
}

}  // namespace

Result<std::optional<Team>> FindTeam(Connection& connection, std::string_view name) {
  auto team = FindForChange<Team>(connection, statements::kFindTeam, {name}, TeamFromRow);
  if (!team.ok() || !team->has_value()) return team;
  const Status read = connection.Query(statements::kReadTeamMembers, {name}, [&](const Row& row) {
    (*team)->members.push_back(MemberFromRow(row));
    return true;
  });
  if (!read.ok()) return read.error();
  return team;
}

Result<std::optional<Service>> FindService(Connection& connection, std::string_view name) {
  return FindForChange<Service>(connection, statements::kFindService, {name}, ServiceFromRow);
}

Result<std::optional<Token>> FindToken(Connection& connection, std::string_view id) {
  return FindForChange<Token>(connection, statements::kFindServiceToken, {id}, TokenFromRow);
}

Result<std::vector<Token>> ReadTokensOf(Connection& connection, std::string_view service) {
  return ReadForChange<Token>(connection, statements::kReadTokensOfService, {service},
                              TokenFromRow);
}

Result<std::optional<Grant>> FindGrant(Connection& connection, std::int64_t id) {
  return FindForChange<Grant>(connection, statements::kFindAccessGrant, {id}, GrantFromRow);
}

Result<std::vector<Grant>> FindGrantsLike(Connection& connection, std::span<const Grant> grants) {
  nlohmann::json wanted = nlohmann::json::array();
  for (const Grant& grant : grants) wanted.push_back(KeyOf(grant));
  const std::string text = RowsText(wanted);
  return ReadForChange<Grant>(connection, statements::kFindAllAccessGrants,
                              {std::string_view(text)}, GrantFromRow);
}

Status InsertGrants(Connection& connection, std::span<const Grant> grants) {
  nlohmann::json rows = nlohmann::json::array();
  for (const Grant& grant : grants) {
    nlohmann::json row = KeyOf(grant);
    row.push_back(ActionsToText(grant.actions));
    if (grant.expires_at) row.push_back(grant.expires_at->micros);
    rows.push_back(std::move(row));
  }
  const std::string text = RowsText(rows);
  return ToStatus(connection.Update(statements::kInsertAllAccessGrants, {std::string_view(text)}));
}

Result<std::vector<Grant>> ReadGrantsTo(Connection& connection, const core::Principal& principal,
                                        std::size_t max) {
  const std::string text = ToString(principal);
  return ReadForChange<Grant>(connection, statements::kReadAccessGrantsTo,
                              {std::string_view(text), static_cast<std::int64_t>(max)},
                              GrantFromRow);
}

Result<std::vector<Grant>> ReadGrantsOn(Connection& connection, core::ResourceKind kind,
                                        std::string_view name) {
  return ReadForChange<Grant>(connection, statements::kReadAccessGrantsOn, {ToString(kind), name},
                              GrantFromRow);
}

Result<std::string> ReadUnknownActions(Connection& connection, std::int64_t grant_id) {
  std::string unknown;
  const Status read =
      connection.Query(statements::kFindAccessGrant, {grant_id}, [&](const Row& row) {
        static_cast<void>(ActionsFromText(row.String(5), &unknown));
        return false;
      });
  if (!read.ok()) return read.error();
  return unknown;
}

Result<std::vector<Owner>> FindOwners(Connection& connection, std::span<const Owner> owners) {
  nlohmann::json wanted = nlohmann::json::array();
  for (const Owner& owner : owners) wanted.push_back({ToString(owner.kind), HexOf(owner.name)});
  const std::string text = RowsText(wanted);
  return ReadForChange<Owner>(connection, statements::kFindAllAccessOwners,
                              {std::string_view(text)}, OwnerFromRow);
}

Status SaveOwners(Connection& connection, std::span<const Owner> owners) {
  nlohmann::json rows = nlohmann::json::array();
  for (const Owner& owner : owners)
    rows.push_back({ToString(owner.kind), HexOf(owner.name), owner.team});
  const std::string text = RowsText(rows);
  return ToStatus(connection.Update(statements::kSaveAllAccessOwners, {std::string_view(text)}));
}

Status ReadAccess(Connection& connection, Param now, core::AccessRecords& records) {
  LANEMQ_RETURN_IF_ERROR(
      ReadInto<Team>(connection, statements::kReadTeams, {}, TeamFromRow, records.teams));
  LANEMQ_RETURN_IF_ERROR(ReadMembers(connection, records.teams));
  LANEMQ_RETURN_IF_ERROR(ReadInto<Service>(connection, statements::kReadServices, {},
                                           ServiceFromRow, records.services));
  LANEMQ_RETURN_IF_ERROR(ReadInto<Token>(connection, statements::kReadServiceTokens, {now},
                                         TokenFromRow, records.tokens));
  LANEMQ_RETURN_IF_ERROR(ReadInto<Grant>(connection, statements::kReadAccessGrants, {now},
                                         GrantFromRow, records.grants));
  LANEMQ_RETURN_IF_ERROR(
      ReadInto<Owner>(connection, statements::kReadAccessOwners, {}, OwnerFromRow, records.owners));
  // The tables sort kinds by their names.
  std::sort(records.owners.begin(), records.owners.end(), [](const Owner& a, const Owner& b) {
    return std::tie(a.kind, a.name) < std::tie(b.kind, b.name);
  });
  return ReadPeopleForBook(connection, now, records);
}

std::string ActionsToText(const std::vector<core::Action>& actions) {
  std::string text;
  for (const core::Action action : actions) {
    if (!text.empty()) text += ',';
    text += ToString(action);
  }
  return text;
}

Result<std::int64_t> ReadNumber(Connection& connection, const Statement& statement) {
  std::int64_t number = 0;
  const Status read = connection.Query(statement, {}, [&](const Row& row) {
    number = row.Int64(0);
    return false;
  });
  if (!read.ok()) return read.error();
  return number;
}

Status CheckRoom(Connection& connection, const Statement& count, std::string_view what,
                 std::size_t max, std::size_t wanted) {
  LANEMQ_ASSIGN_OR_RETURN(const std::int64_t present, ReadNumber(connection, count));
  const auto limit = static_cast<std::int64_t>(max);
  if (present + static_cast<std::int64_t>(wanted) <= limit) return {};
  if (present >= limit) {
    return Error{ErrorCode::kInsufficientCapacity,
                 fmt::format("there are {} {} already, as many as there may be", present, what)};
  }
  return Error{ErrorCode::kInsufficientCapacity,
               fmt::format("there are {} {} already, and {} more are wanted: {} is the most",
                           present, what, wanted, max)};
}

Status MakeRoom(Connection& connection, const Statement& count, const Statement& drop_ended,
                Param now, std::string_view what, std::size_t max, std::size_t wanted) {
  // Each round drops a hundred, so that there are few.
  for (;;) {
    Status room = CheckRoom(connection, count, what, max, wanted);
    if (room.ok() || room.error().code != ErrorCode::kInsufficientCapacity) return room;
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t dropped, connection.Update(drop_ended, {now}));
    if (dropped == 0) return room;
  }
}

}  // namespace lanemq::sql
