// Tokens of MySqlAccessStore.
#include <optional>
#include <string>

#include <fmt/format.h>

#include "common/core/access/access_json.h"
#include "sql/statements/statements.h"
#include "sql/store/access_rows.h"
#include "sql/store/mysql_access_store.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::AccessLimits;
using core::Token;

Param OrNull(const std::optional<WallTime>& time) {
  return time ? Param{time->micros} : Param{SqlNull{}};
}

Status CheckTokenRoom(Connection& connection, std::string_view service, Param now) {
  std::int64_t all = 0;
  std::int64_t of_service = 0;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kCountServiceTokens, {service, now}, [&](const Row& row) {
        all = row.Int64(0);
        of_service = row.Int64(1);
        return false;
      }));
  if (of_service >= static_cast<std::int64_t>(AccessLimits::kTokensPerServiceMax)) {
    return Error{ErrorCode::kInsufficientCapacity,
                 fmt::format("service '{}' has {} tokens already: revoke those that nobody uses",
                             service, of_service)};
  }
  if (all < static_cast<std::int64_t>(AccessLimits::kTokensMax)) return {};
  LANEMQ_ASSIGN_OR_RETURN(const std::int64_t dropped,
                          connection.Update(statements::kDropEndedTokens, {now}));
  if (dropped > 0) return {};
  return Error{ErrorCode::kInsufficientCapacity,
               fmt::format("there are {} tokens already, as many as there may be", all)};
}

}  // namespace

Result<Token> MySqlAccessStore::AddToken(const Token& token, const core::AuditNote& note,
                                         Deadline deadline) {
  Token stored;
  const Status done = Run(note, deadline, [&](Change& change) -> Status {
    Connection& connection = change.connection();
    const std::string_view id = token.id;
    const std::string_view service = token.service;
    LANEMQ_ASSIGN_OR_RETURN(const auto owner, FindService(connection, service));
    if (!owner) {
      return Error{ErrorCode::kFailedPrecondition,
                   fmt::format("there is no service '{}'", service)};
    }
    LANEMQ_ASSIGN_OR_RETURN(const std::optional<Token> taken, FindToken(connection, id));
    if (taken) return Error{ErrorCode::kAlreadyExists, fmt::format("there is a token '{}'", id)};
    LANEMQ_RETURN_IF_ERROR(CheckTokenRoom(connection, service, change.now()));
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(
        statements::kInsertServiceToken,
        {id, std::string_view(token.hash), service, change.now(), OrNull(token.expires_at),
         std::string_view(token.created_by), std::string_view(token.note)})));
    LANEMQ_ASSIGN_OR_RETURN(const std::optional<Token> inserted, FindToken(connection, id));
    stored = inserted.value_or(token);
    return change.Tell("token", stored.id, "", ToJson(stored), core::AlsoAbout(stored));
  });
  if (!done.ok()) return done.error();
  return stored;
}

Status MySqlAccessStore::RevokeToken(std::string_view id, const core::AuditNote& note,
                                     Deadline deadline) {
  return Run(note, deadline, [&](Change& change) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(const std::optional<Token> before, FindToken(change.connection(), id));
    if (!before) return Error{ErrorCode::kNotFound, fmt::format("there is no token '{}'", id)};
    LANEMQ_RETURN_IF_ERROR(
        ToStatus(change.connection().Update(statements::kDeleteServiceToken, {id})));
    return change.Tell("token", before->id, ToJson(*before), "", core::AlsoAbout(*before));
  });
}

}  // namespace lanemq::sql
