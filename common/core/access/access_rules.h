#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/core/access/access_types.h"
#include "common/core/access/person.h"

namespace lanemq::core {

// What names, grants and texts must be like, each with an error that says what would be right.
// kInvalidRequest unless said otherwise. Pure.

/// Of teams and services.
inline constexpr std::size_t kDescriptionBytesMax = 1'000;
inline constexpr std::size_t kOncallRouteBytesMax = 64;
inline constexpr std::size_t kTokenNoteBytesMax = 200;
/// Of people.
inline constexpr std::size_t kDisplayNameBytesMax = 200;
inline constexpr std::size_t kEmailBytesMax = 254;
inline constexpr std::size_t kOidcSubjectBytesMax = 255;
inline constexpr std::size_t kPasswordBytesMin = 12;
inline constexpr std::size_t kPasswordBytesMax = 256;
/// Of topics and groups.
inline constexpr std::size_t kResourceNameBytesMax = 249;

/// 1 to AccessLimits::kNameBytesMax of a-z, 0-9, `-`, `_`, `.`, the first a letter. `what` begins
/// the message: "team 'Billing': use lower case: 'billing'".
Status CheckAccessName(std::string_view what, std::string_view name);
Status CheckTeam(const Team& team);
/// Applications have a team, servers and gateways have none; the others may.
Status CheckService(const Service& service);
/// Actions of its kind, at least one; a principal that is a service or a team; a name of 1 to 249
/// bytes, or an empty prefix.
Status CheckGrant(const Grant& grant);
/// The team may be empty: nobody's.
Status CheckOwner(const Owner& owner);
/// Name and texts; an e-mail address has an '@' and no spaces.
Status CheckPerson(const PersonProfile& person);
/// Of a password that a person or an admin chose: kPasswordBytesMin to kPasswordBytesMax, not the
/// name, not one character again and again. Errors never have it in them.
Status CheckPassword(std::string_view name, std::string_view password);
/// As MakeToken() made it, of a service or a person; its note and its end are within bounds.
Status CheckToken(const Token& token);

/// Puts it into the order that the types promise: members by person.
void Normalize(Team& team);
/// Actions sorted, each once.
void Normalize(Grant& grant);

/// Whether who may do `held` may do `wanted`, too.
[[nodiscard]] constexpr bool Implies(Action held, Action wanted) {
  return held == wanted ||
         (wanted == Action::kDescribe &&
          (held == Action::kManage || held == Action::kConsume || held == Action::kProduce));
}

[[nodiscard]] std::string_view ToString(Action action);
[[nodiscard]] std::string_view ToString(ResourceKind kind);
[[nodiscard]] std::string_view ToString(ServiceKind kind);
[[nodiscard]] std::string_view ToString(TeamRole role);
[[nodiscard]] std::string_view ToString(PersonRole role);
[[nodiscard]] std::string_view ToString(QuotaMode mode);
/// "service:billing"; "anonymous".
[[nodiscard]] std::string ToString(const Principal& principal);
[[nodiscard]] std::optional<Action> ActionFromString(std::string_view text);
[[nodiscard]] std::optional<ResourceKind> ResourceKindFromString(std::string_view text);
[[nodiscard]] std::optional<ServiceKind> ServiceKindFromString(std::string_view text);
[[nodiscard]] std::optional<TeamRole> TeamRoleFromString(std::string_view text);
[[nodiscard]] std::optional<PersonRole> PersonRoleFromString(std::string_view text);
[[nodiscard]] std::optional<QuotaMode> QuotaModeFromString(std::string_view text);
[[nodiscard]] std::optional<Principal> PrincipalFromString(std::string_view text);
/// Of topics and groups: what grants may have, in order. Of the cluster: what roles may.
[[nodiscard]] std::span<const Action> ActionsOf(ResourceKind kind);
/// "describe, produce, consume": for people.
[[nodiscard]] std::string ListOf(std::span<const Action> actions);

}  // namespace lanemq::core
