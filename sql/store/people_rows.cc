#include "sql/store/people_rows.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "common/core/access/access_rules.h"
#include "sql/statements/statements.h"

namespace lanemq::sql {
namespace {

using core::Person;
using core::PersonAccount;
using core::Token;

std::optional<WallTime> TimeOrNull(const Row& row, unsigned column) {
  return row.IsNull(column) ? std::nullopt : std::optional(WallTime{row.Int64(column)});
}

// Columns are those of the statements, in their order. Nullopt: not understood here.

std::optional<Person> PersonFromRow(const Row& row) {
  const auto role = core::PersonRoleFromString(row.String(1));
  if (!role) return std::nullopt;
  return Person{row.String(0), *role, row.Int64(2) != 0, row.Int64(3) != 0};
}

std::optional<PersonAccount> AccountFromRow(const Row& row) {
  auto person = PersonFromRow(row);
  if (!person) return std::nullopt;
  PersonAccount account;
  account.profile = {*std::move(person), row.String(4), row.String(5), row.String(6)};
  account.created_at = WallTime{row.Int64(7)};
  account.last_sign_in_at = TimeOrNull(row, 8);
  account.failures = static_cast<int>(row.Int64(9));
  account.last_failed_at = TimeOrNull(row, 10);
  return account;
}

Token TokenFromRow(const Row& row) {
  Token token;
  token.id = row.String(0);
  token.hash = row.String(1);
  token.person = row.String(2);
  token.is_session = row.Int64(3) != 0;
  token.created_at = WallTime{row.Int64(4)};
  token.expires_at = WallTime{row.Int64(5)};
  token.created_by = row.String(6);
  token.note = row.String(7);
  return token;
}

Result<std::vector<PersonAccount>> ReadAccounts(Connection& connection, const Statement& statement,
                                                std::initializer_list<Param> params) {
  std::vector<PersonAccount> people;
  bool is_understood = true;
  const Status read = connection.Query(statement, params, [&](const Row& row) {
    auto account = AccountFromRow(row);
    is_understood = account.has_value();
    if (account) people.push_back(*std::move(account));
    return is_understood;
  });
  if (!read.ok()) return read.error();
  if (is_understood) return people;
  return Error{ErrorCode::kFailedPrecondition,
               fmt::format("{}: a row was written by a newer version; change it with that one",
                           statement.name)};
}

Result<std::optional<PersonAccount>> FindAccount(Connection& connection, const Statement& statement,
                                                 std::string_view key) {
  LANEMQ_ASSIGN_OR_RETURN(auto people, ReadAccounts(connection, statement, {key}));
  if (people.empty()) return std::optional<PersonAccount>();
  return std::optional(std::move(people[0]));
}

Status ReadTokens(Connection& connection, const Statement& statement,
                  std::initializer_list<Param> params, std::vector<Token>& tokens) {
  return connection.Query(statement, params, [&](const Row& row) {
    tokens.push_back(TokenFromRow(row));
    return true;
  });
}

}  // namespace

Result<std::vector<PersonAccount>> ReadPeople(Connection& connection) {
  return ReadAccounts(connection, statements::kListPeople, {});
}

Result<std::optional<PersonAccount>> FindPerson(Connection& connection, std::string_view name) {
  return FindAccount(connection, statements::kFindPerson, name);
}

Result<std::optional<PersonAccount>> FindPersonBySubject(Connection& connection,
                                                         std::string_view subject) {
  return FindAccount(connection, statements::kFindPersonBySubject, subject);
}

Result<std::optional<Token>> FindPersonToken(Connection& connection, std::string_view id) {
  std::vector<Token> tokens;
  const Status read = ReadTokens(connection, statements::kFindPersonToken, {id}, tokens);
  if (!read.ok()) return read.error();
  if (tokens.empty()) return std::optional<Token>();
  return std::optional(std::move(tokens[0]));
}

Result<std::vector<Token>> ReadTokensOfPerson(Connection& connection, std::string_view person) {
  std::vector<Token> tokens;
  const Status read = ReadTokens(connection, statements::kReadTokensOfPerson, {person}, tokens);
  if (!read.ok()) return read.error();
  return tokens;
}

Result<std::optional<Token>> FindSessionThatEndsFirst(Connection& connection) {
  std::vector<Token> tokens;
  const Status read = ReadTokens(connection, statements::kFindSessionThatEndsFirst, {}, tokens);
  if (!read.ok()) return read.error();
  if (tokens.empty()) return std::optional<Token>();
  return std::optional(std::move(tokens[0]));
}

Result<std::vector<Token>> ReadPersonTokens(Connection& connection, Param now) {
  std::vector<Token> tokens;
  const Status read = ReadTokens(connection, statements::kReadPersonTokens, {now, now}, tokens);
  if (!read.ok()) return read.error();
  return tokens;
}

Status ReadPeopleForBook(Connection& connection, Param now, core::AccessRecords& records) {
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadPeople, {}, [&](const Row& row) {
    if (auto person = PersonFromRow(row)) records.people.push_back(*std::move(person));
    return true;
  }));
  LANEMQ_ASSIGN_OR_RETURN(const std::vector<Token> tokens, ReadPersonTokens(connection, now));
  records.tokens.insert(records.tokens.end(), tokens.begin(), tokens.end());
  std::sort(records.tokens.begin(), records.tokens.end(),
            [](const Token& a, const Token& b) { return a.id < b.id; });
  return {};
}

}  // namespace lanemq::sql
