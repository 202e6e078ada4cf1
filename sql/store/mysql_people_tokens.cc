// Sessions and tokens of MySqlPeopleStore.
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "common/core/access/access_json.h"
#include "sql/statements/statements.h"
#include "sql/store/access_rows.h"
#include "sql/store/mysql_people_store.h"
#include "sql/store/people_rows.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::AccessLimits;
using core::Token;

Status DeleteToken(AccessChange& change, const Token& token) {
  LANEMQ_RETURN_IF_ERROR(ToStatus(
      change.connection().Update(statements::kDeletePersonToken, {std::string_view(token.id)})));
  return change.Tell("token", token.id, ToJson(token), "", core::AlsoAbout(token));
}

/// Among the tokens of all people. Nobody is kept from signing in by the sessions of others: what
/// has ended goes, and then, for a session, the one that ends first.
Status MakeRoomInAll(AccessChange& change, bool is_session) {
  Connection& connection = change.connection();
  const Status room =
      MakeRoom(connection, statements::kCountPersonTokens, statements::kDropEndedPersonTokens,
               change.now(), "tokens of people", AccessLimits::kTokensMax);
  if (room.ok() || room.error().code != ErrorCode::kInsufficientCapacity || !is_session) {
    return room;
  }
  LANEMQ_ASSIGN_OR_RETURN(const auto first, FindSessionThatEndsFirst(connection));
  if (!first) return room;
  return DeleteToken(change, *first);
}

/// Of sessions the oldest ones go; of tokens that people named nothing goes by itself.
Status MakeRoomFor(AccessChange& change, const Token& token) {
  Connection& connection = change.connection();
  LANEMQ_ASSIGN_OR_RETURN(auto tokens, ReadTokensOfPerson(connection, token.person));
  std::erase_if(tokens, [&](const Token& one) { return one.is_session != token.is_session; });
  if (tokens.size() >= AccessLimits::kTokensPerPersonMax) {
    if (!token.is_session) {
      return Error{ErrorCode::kInsufficientCapacity,
                   fmt::format("person '{}' has {} tokens already: revoke those that nobody uses",
                               token.person, tokens.size())};
    }
    const std::size_t too_many = tokens.size() - AccessLimits::kTokensPerPersonMax + 1;
    for (std::size_t i = 0; i < too_many; ++i) {
      LANEMQ_RETURN_IF_ERROR(DeleteToken(change, tokens[i]));
    }
  }
  return MakeRoomInAll(change, token.is_session);
}

Status CheckIdIsFree(Connection& connection, std::string_view id) {
  LANEMQ_ASSIGN_OR_RETURN(const std::optional<Token> of_person, FindPersonToken(connection, id));
  LANEMQ_ASSIGN_OR_RETURN(const std::optional<Token> of_service, FindToken(connection, id));
  if (!of_person && !of_service) return {};
  return Error{ErrorCode::kAlreadyExists, fmt::format("there is a token '{}'", id)};
}

}  // namespace

Result<Token> MySqlPeopleStore::AddToken(const Token& token, const core::AuditNote& note,
                                         Deadline deadline) {
  Token stored;
  const Status done = Run(note, deadline, [&](AccessChange& change) -> Status {
    change.OnlyPeopleTokens();
    Connection& connection = change.connection();
    const std::string_view id = token.id;
    const std::string_view person = token.person;
    LANEMQ_ASSIGN_OR_RETURN(const auto owner, FindPerson(connection, person));
    if (!owner || owner->profile.person.is_disabled) {
      return Error{ErrorCode::kFailedPrecondition,
                   fmt::format("there is no person '{}', or he is disabled", person)};
    }
    LANEMQ_RETURN_IF_ERROR(CheckIdIsFree(connection, id));
    LANEMQ_RETURN_IF_ERROR(MakeRoomFor(change, token));
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(
        statements::kInsertPersonToken,
        {id, std::string_view(token.hash), person, std::int64_t{token.is_session ? 1 : 0},
         change.now(), token.expires_at.value_or(WallTime{}).micros,
         std::string_view(token.created_by), std::string_view(token.note)})));
    if (token.is_session) {
      LANEMQ_RETURN_IF_ERROR(
          ToStatus(connection.Update(statements::kNoteSignIn, {change.now(), person})));
    }
    LANEMQ_ASSIGN_OR_RETURN(const std::optional<Token> inserted, FindPersonToken(connection, id));
    stored = inserted.value_or(token);
    return change.Tell("token", stored.id, "", ToJson(stored), core::AlsoAbout(stored));
  });
  if (!done.ok()) return done.error();
  return stored;
}

Status MySqlPeopleStore::RevokeToken(std::string_view id, const core::AuditNote& note,
                                     Deadline deadline) {
  return Run(note, deadline, [&](AccessChange& change) -> Status {
    change.OnlyPeopleTokens();
    LANEMQ_ASSIGN_OR_RETURN(const auto before, FindPersonToken(change.connection(), id));
    if (!before) return Error{ErrorCode::kNotFound, fmt::format("there is no token '{}'", id)};
    return DeleteToken(change, *before);
  });
}

}  // namespace lanemq::sql
