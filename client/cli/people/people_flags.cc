#include "client/cli/people/people_flags.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include <fmt/format.h>

#include "client/cli/output/cells.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

constexpr std::array<std::string_view, 3> kRoles = {"viewer", "operator", "admin"};

std::string StateOf(const idl::Person& person, WallTime now) {
  if (person.disabled) return "disabled";
  if (person.__isset.locked_until_us && now.micros < person.locked_until_us) {
    return "has to wait until " + FormatTime(WallTime{person.locked_until_us});
  }
  return person.must_change_password ? "must change password" : "active";
}

}  // namespace

Result<idl::Person> ChangePerson(idl::Person person, const PersonFlags& flags) {
  person.__set_name(flags.name);
  if (!flags.role.empty()) {
    if (std::find(kRoles.begin(), kRoles.end(), flags.role) == kRoles.end()) {
      return Error{ErrorCode::kInvalidRequest,
                   fmt::format("--role is viewer, operator or admin, not '{}'", flags.role)};
    }
    person.__set_role(flags.role);
  }
  if (flags.display_name) person.__set_display_name(*flags.display_name);
  if (flags.email) person.__set_email(*flags.email);
  if (flags.oidc_subject) person.__set_oidc_subject(*flags.oidc_subject);
  return person;
}

Result<std::optional<std::int64_t>> ReadLifetime(const std::string& text) {
  if (text.empty()) return std::optional<std::int64_t>();
  const auto duration = ParseDuration(text);
  if (!duration.ok()) {
    return Error{ErrorCode::kInvalidRequest, "--lifetime: " + duration.error().message};
  }
  return std::optional(
      std::int64_t{std::chrono::duration_cast<std::chrono::seconds>(*duration).count()});
}

Table PeopleTable(const std::vector<idl::Person>& people, WallTime now) {
  Table table{{"person", "role", "state", "display_name", "email", "signs_in_with", "last_sign_in"},
              {}};
  for (const idl::Person& person : people) {
    table.rows.push_back({person.name, person.role, StateOf(person, now),
                          TextCell(person.__isset.display_name, person.display_name),
                          TextCell(person.__isset.email, person.email),
                          person.oidc_subject.empty() ? "password" : "provider",
                          TimeCell(person.__isset.last_sign_in_at_us, person.last_sign_in_at_us)});
  }
  return table;
}

std::string SeatsText(const std::vector<idl::Seat>& seats) {
  std::string text;
  for (const idl::Seat& seat : seats) {
    text += fmt::format("{}{}{}", text.empty() ? "" : ", ", seat.team,
                        seat.role == "lead" ? " (lead)" : "");
  }
  return text;
}

}  // namespace lanemq::cli
