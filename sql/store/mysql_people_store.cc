#include "sql/store/mysql_people_store.h"

#include <string>

#include <fmt/format.h>

#include "common/core/access/access_json.h"
#include "common/core/access/access_rules.h"
#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/access_rows.h"
#include "sql/store/meta_access.h"
#include "sql/store/meta_error.h"
#include "sql/store/people_rows.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::AccessLimits;
using core::PersonAccount;
using core::PersonProfile;

Error NoSuchPerson(std::string_view name) {
  return {ErrorCode::kNotFound, fmt::format("there is no person '{}'", name)};
}

bool Administers(const PersonProfile& person) {
  return person.person.role == core::PersonRole::kAdmin && !person.person.is_disabled;
}

/// kFailedPrecondition when nobody but him could administer.
Status CheckNotLastAdmin(AccessChange& change, std::string_view name) {
  std::int64_t others = 0;
  LANEMQ_RETURN_IF_ERROR(change.connection().Query(statements::kCountOtherAdmins,
                                                   {name, change.now()}, [&](const Row& row) {
                                                     others = row.Int64(0);
                                                     return false;
                                                   }));
  if (others > 0) return {};
  return Error{ErrorCode::kFailedPrecondition,
               fmt::format("person '{}' is the last admin who can sign in, and no service of kind "
                           "admin has a token: make another admin first",
                           name)};
}

Status CheckSubjectIsFree(Connection& connection, const PersonProfile& person) {
  if (person.oidc_subject.empty()) return {};
  LANEMQ_ASSIGN_OR_RETURN(const auto holder, FindPersonBySubject(connection, person.oidc_subject));
  if (!holder || holder->profile.person.name == person.person.name) return {};
  return Error{ErrorCode::kAlreadyExists,
               fmt::format("that subject is person '{}' already", holder->profile.person.name)};
}

Status SavePerson(AccessChange& change, const PersonProfile& person, bool is_new) {
  const std::string_view name = person.person.name;
  const std::string_view role = core::ToString(person.person.role);
  const std::string_view display_name = person.display_name;
  const std::string_view email = person.email;
  const std::int64_t is_disabled = person.person.is_disabled ? 1 : 0;
  const Param subject =
      person.oidc_subject.empty() ? Param{SqlNull{}} : Param{std::string_view(person.oidc_subject)};
  Connection& connection = change.connection();
  if (is_new) {
    return ToStatus(
        connection.Update(statements::kInsertPerson,
                          {name, role, is_disabled, display_name, email, subject, change.now()}));
  }
  LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(
      statements::kUpdatePerson, {role, is_disabled, display_name, email, subject, name})));
  if (person.oidc_subject.empty()) return {};
  return ToStatus(
      connection.Update(statements::kSetPassword, {std::string_view(), std::int64_t{0}, name}));
}

Status LeaveTeams(AccessChange& change, std::string_view name) {
  Connection& connection = change.connection();
  std::vector<std::string> teams;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kReadTeamsOfPerson, {name}, [&](const Row& row) {
        teams.push_back(row.String(0));
        return true;
      }));
  for (const std::string& team : teams) {
    LANEMQ_ASSIGN_OR_RETURN(const auto before, FindTeam(connection, team));
    LANEMQ_RETURN_IF_ERROR(
        ToStatus(connection.Update(statements::kDeleteTeamMember, {std::string_view(team), name})));
    LANEMQ_ASSIGN_OR_RETURN(const auto after, FindTeam(connection, team));
    if (!before || !after) continue;  // Members of a team that is gone.
    LANEMQ_RETURN_IF_ERROR(change.Tell("team", team, ToJson(*before), ToJson(*after)));
  }
  return {};
}

}  // namespace

Status MySqlPeopleStore::Run(const core::AuditNote& note, Deadline deadline,
                             const std::function<Status(AccessChange&)>& body) {
  return RunAccessChange(pool_, now_, note, deadline, [&](AccessChange& change) -> Status {
    LANEMQ_RETURN_IF_ERROR(ToStatus(change.connection().Update(statements::kPurgeEndedPersonTokens,
                                                               {change.now(), change.now()})));
    return body(change);
  });
}

Result<std::vector<PersonAccount>> MySqlPeopleStore::List(Deadline deadline) {
  std::vector<PersonAccount> people;
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(people, ReadPeople(connection));
    return {};
  });
  if (!read.ok()) return read.error();
  return people;
}

Status MySqlPeopleStore::Put(const PersonProfile& given, const core::AuditNote& note,
                             Deadline deadline) {
  return Run(note, deadline, [&](AccessChange& change) -> Status {
    Connection& connection = change.connection();
    PersonProfile person = given;
    LANEMQ_ASSIGN_OR_RETURN(const auto before, FindPerson(connection, person.person.name));
    const bool had_password = before && before->profile.oidc_subject.empty();
    person.person.must_change_password =
        had_password && person.oidc_subject.empty() && before->profile.person.must_change_password;
    if (before && before->profile == person) return {};
    LANEMQ_RETURN_IF_ERROR(CheckSubjectIsFree(connection, person));
    if (!before) {
      LANEMQ_RETURN_IF_ERROR(
          CheckRoom(connection, statements::kCountPeople, "people", AccessLimits::kPeopleMax));
    } else if (Administers(before->profile) && !Administers(person)) {
      LANEMQ_RETURN_IF_ERROR(CheckNotLastAdmin(change, person.person.name));
    }
    LANEMQ_RETURN_IF_ERROR(SavePerson(change, person, !before));
    return change.Tell("person", person.person.name, before ? ToJson(before->profile) : "",
                       ToJson(person));
  });
}

Status MySqlPeopleStore::Delete(std::string_view name, const core::AuditNote& note,
                                Deadline deadline) {
  return Run(note, deadline, [&](AccessChange& change) -> Status {
    Connection& connection = change.connection();
    LANEMQ_ASSIGN_OR_RETURN(const auto before, FindPerson(connection, name));
    if (!before) return NoSuchPerson(name);
    if (Administers(before->profile)) {
      LANEMQ_RETURN_IF_ERROR(CheckNotLastAdmin(change, name));
    }
    LANEMQ_ASSIGN_OR_RETURN(const auto tokens, ReadTokensOfPerson(connection, name));
    for (const core::Token& token : tokens) {
      LANEMQ_RETURN_IF_ERROR(ToStatus(
          connection.Update(statements::kDeletePersonToken, {std::string_view(token.id)})));
      LANEMQ_RETURN_IF_ERROR(
          change.Tell("token", token.id, ToJson(token), "", core::AlsoAbout(token)));
    }
    LANEMQ_RETURN_IF_ERROR(LeaveTeams(change, name));
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kDeletePerson, {name})));
    return change.Tell("person", std::string(name), ToJson(before->profile), "");
  });
}

Status MySqlPeopleStore::SetPassword(const core::PasswordChange& password,
                                     const core::AuditNote& note, Deadline deadline) {
  return Run(note, deadline, [&](AccessChange& change) -> Status {
    Connection& connection = change.connection();
    const std::string_view name = password.name;
    LANEMQ_ASSIGN_OR_RETURN(const auto before, FindPerson(connection, name));
    if (!before) return NoSuchPerson(name);
    if (!before->profile.oidc_subject.empty()) {
      return Error{ErrorCode::kFailedPrecondition,
                   fmt::format("person '{}' signs in with the provider of identities, and has no "
                               "password here",
                               name)};
    }
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(
        statements::kSetPassword,
        {std::string_view(password.hash), std::int64_t{password.must_change ? 1 : 0}, name})));
    LANEMQ_ASSIGN_OR_RETURN(const auto tokens, ReadTokensOfPerson(connection, name));
    for (const core::Token& token : tokens) {
      // Whoever resets the password of somebody else does not know who has what of his.
      const bool goes = token.is_session || password.must_change;
      if (!goes || token.id == password.session_to_keep) continue;
      LANEMQ_RETURN_IF_ERROR(ToStatus(
          connection.Update(statements::kDeletePersonToken, {std::string_view(token.id)})));
      LANEMQ_RETURN_IF_ERROR(
          change.Tell("token", token.id, ToJson(token), "", core::AlsoAbout(token)));
    }
    PersonProfile after = before->profile;
    after.person.must_change_password = password.must_change;
    return change.Tell("person", password.name, ToJson(before->profile), ToJson(after));
  });
}

Result<std::optional<core::SignInFacts>> MySqlPeopleStore::FindForSignIn(std::string_view name,
                                                                         Deadline deadline) {
  std::optional<core::SignInFacts> found;
  const NowParam now(now_);
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    found.reset();
    core::SignInFacts facts;
    bool has_row = false;
    // Before the failures: a wrong one that is counted meanwhile does not count as earlier.
    LANEMQ_RETURN_IF_ERROR(
        connection.Query(statements::kFindPassword, {now.get(), name}, [&](const Row& row) {
          has_row = true;
          facts.password_hash = row.String(0);
          facts.now = WallTime{row.Int64(1)};
          return false;
        }));
    LANEMQ_ASSIGN_OR_RETURN(auto account, FindPerson(connection, name));
    if (!has_row || !account) return {};
    facts.account = *std::move(account);
    found = std::move(facts);
    return {};
  });
  if (!read.ok()) return read.error();
  return found;
}

Result<std::optional<PersonAccount>> MySqlPeopleStore::FindBySubject(std::string_view subject,
                                                                     Deadline deadline) {
  std::optional<PersonAccount> found;
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(found, FindPersonBySubject(connection, subject));
    return {};
  });
  if (!read.ok()) return read.error();
  return found;
}

Result<bool> MySqlPeopleStore::CountAttempt(std::string_view name, int failures,
                                            Deadline deadline) {
  std::int64_t counted = 0;
  const Status done =
      OfMetadata(RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
        const NowParam now(now_);
        LANEMQ_ASSIGN_OR_RETURN(
            counted, connection.Update(statements::kCountAttempt,
                                       {now.get(), name, static_cast<std::int64_t>(failures)}));
        return {};
      }));
  if (!done.ok()) return done.error();
  return counted > 0;
}

}  // namespace lanemq::sql
