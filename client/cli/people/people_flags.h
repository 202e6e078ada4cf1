#pragma once

#include <governance_types.h>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/output/table.h"
#include "common/base/result.h"
#include "common/base/time.h"

/// People as they are typed and shown: pure. Every Read...() is kInvalidRequest, with what to write
/// instead, for what cannot be meant.
namespace lanemq::cli {

struct PersonFlags {
  std::string name;
  std::string role;
  std::optional<std::string> display_name;
  std::optional<std::string> email;
  std::optional<std::string> oidc_subject;
};
/// `person` with what the flags change.
[[nodiscard]] Result<idl::Person> ChangePerson(idl::Person person, const PersonFlags& flags);

/// "12h" as seconds; nullopt for an empty text.
[[nodiscard]] Result<std::optional<std::int64_t>> ReadLifetime(const std::string& text);

/// With what keeps each from signing in, if anything does.
[[nodiscard]] Table PeopleTable(const std::vector<idl::Person>& people, WallTime now);

/// "payments (lead), shop"; empty: in none.
[[nodiscard]] std::string SeatsText(const std::vector<idl::Seat>& seats);

}  // namespace lanemq::cli
