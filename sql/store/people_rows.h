#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/core/access/access_types.h"
#include "common/core/access/person.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

// People and their tokens as rows of the metadata schema. Errors are the driver's, and
// kFailedPrecondition for a row that only a newer version understands.

Result<std::vector<core::PersonAccount>> ReadPeople(Connection& connection);
Result<std::optional<core::PersonAccount>> FindPerson(Connection& connection,
                                                      std::string_view name);
Result<std::optional<core::PersonAccount>> FindPersonBySubject(Connection& connection,
                                                               std::string_view subject);
Result<std::optional<core::Token>> FindPersonToken(Connection& connection, std::string_view id);
/// The oldest first of each kind.
Result<std::vector<core::Token>> ReadTokensOfPerson(Connection& connection,
                                                    std::string_view person);

/// Of all people; nullopt: there is no session.
Result<std::optional<core::Token>> FindSessionThatEndsFirst(Connection& connection);

/// Those that the book has, by id.
Result<std::vector<core::Token>> ReadPersonTokens(Connection& connection, Param now);
/// What the book has of people: adds their tokens to those that are there. Who is not understood
/// here is left out.
Status ReadPeopleForBook(Connection& connection, Param now, core::AccessRecords& records);

}  // namespace lanemq::sql
