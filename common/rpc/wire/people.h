#pragma once

#include <optional>

#include "common/base/result.h"
#include "common/base/time.h"
#include "common/core/access/person.h"

namespace lanemq::idl {
class BookPerson;
class Person;
class TeamQuota;
}  // namespace lanemq::idl

namespace lanemq::wire {

/// A person as servers know him.
[[nodiscard]] idl::BookPerson ToBook(const core::Person& person);
/// kInvalidRequest for a role that this build does not know.
Result<core::Person> FromWire(const idl::BookPerson& person);

/// A person as people are told of him: also when he was made and came, and until when he has to
/// wait.
[[nodiscard]] idl::Person ToWire(const core::PersonAccount& account,
                                 const std::optional<WallTime>& locked_until);
/// Without what is told and never taken. kInvalidRequest for a role that does not exist;
/// core/access/access_rules.h checks the rest.
Result<core::PersonProfile> FromWire(const idl::Person& person);

[[nodiscard]] idl::TeamQuota ToWire(const core::QuotaOfTeam& quota);
/// kInvalidRequest for an amount below 0.
Result<core::QuotaOfTeam> FromWire(const idl::TeamQuota& quota);

}  // namespace lanemq::wire
