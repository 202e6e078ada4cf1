#include "common/core/access/access_rules.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "common/base/utf8.h"
#include "common/core/access/access_text.h"
#include "common/core/access/token_text.h"

namespace lanemq::core {
namespace {

using enum Action;

constexpr std::array kTopicActions = {kDescribe, kProduce, kConsume, kPeek, kManage};
constexpr std::array kGroupActions = {kDescribe, kConsume, kManage};
constexpr std::array kClusterActions = {kNothing, kOperate, kAdminister, kServe, kActFor};

// In the order of the enumerations.
constexpr std::array<std::string_view, 10> kActionNames = {
    "describe", "produce", "consume",    "peek",  "manage",
    "nothing",  "operate", "administer", "serve", "act-for"};
constexpr std::array<std::string_view, 3> kResourceNames = {"topic", "group", "cluster"};
constexpr std::array<std::string_view, 5> kServiceNames = {"application", "server", "gateway",
                                                           "operator", "admin"};
constexpr std::array<std::string_view, 2> kRoleNames = {"member", "lead"};
constexpr std::array<std::string_view, 3> kPersonRoleNames = {"viewer", "operator", "admin"};
constexpr std::array<std::string_view, 3> kQuotaModeNames = {"off", "log", "enforce"};
constexpr std::array<std::string_view, 4> kPrincipalNames = {"anonymous", "service", "person",
                                                             "team"};
/// What the first of these enumerations is.
constexpr std::size_t kFirstService = static_cast<std::size_t>(ServiceKind::kApplication);
constexpr std::size_t kFirstRole = static_cast<std::size_t>(TeamRole::kMember);
constexpr std::size_t kFirstPersonRole = static_cast<std::size_t>(PersonRole::kViewer);
constexpr std::size_t kFirstQuotaMode = static_cast<std::size_t>(QuotaMode::kOff);

/// What the tables' times can be: up to the year 2200.
constexpr WallTime kTimeMax{7'258'118'400'000'000};

constexpr std::size_t kHashBytes = 32;

template <std::size_t n>
std::optional<std::size_t> PlaceOf(const std::array<std::string_view, n>& names,
                                   std::string_view text) {
  const auto* found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

Error Invalid(std::string message) { return {ErrorCode::kInvalidRequest, std::move(message)}; }

bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsNameByte(char c) {
  return IsLetter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

Status CheckText(std::string_view what, std::string_view text, std::size_t bytes_max) {
  if (text.size() > bytes_max) {
    return Invalid(fmt::format("{} has {} bytes; {} at most", what, text.size(), bytes_max));
  }
  while (!text.empty()) {
    const std::size_t bytes = Utf8CharacterBytes(text);
    if (bytes == 0) return Invalid(fmt::format("{} is not UTF-8", what));
    if (static_cast<unsigned char>(text[0]) < 0x20 || text[0] == 0x7f) {
      return Invalid(fmt::format("{} has control characters; one line of text, please", what));
    }
    text.remove_prefix(bytes);
  }
  return {};
}

Status CheckEnd(std::string_view what, const std::optional<WallTime>& expires_at) {
  if (!expires_at || (expires_at->micros >= 0 && *expires_at <= kTimeMax)) return {};
  return Invalid(fmt::format("{}: it ends at {} us, which is not between 1970 and 2200", what,
                             expires_at->micros));
}

Status CheckResourceName(ResourceKind kind, std::string_view name, bool may_be_empty) {
  if (kind == ResourceKind::kCluster) {
    return Invalid("the kind is 'topic' or 'group': nothing of the cluster is granted or owned");
  }
  if (name.empty() && !may_be_empty) {
    return Invalid(fmt::format("the {}'s name is empty", ToString(kind)));
  }
  if (name.size() <= kResourceNameBytesMax) return {};
  return Invalid(fmt::format("the {}'s name has {} bytes; {} at most", ToString(kind), name.size(),
                             kResourceNameBytesMax));
}

}  // namespace

Status CheckAccessName(std::string_view what, std::string_view name) {
  const auto refuse = [&](std::string why) -> Status {
    return Invalid(fmt::format("{} {}: {}", what, Quoted(name), why));
  };
  if (name.empty()) return Invalid(fmt::format("{}: the name is missing", what));
  if (name.size() > AccessLimits::kNameBytesMax) {
    return refuse(
        fmt::format("it has {} bytes; {} at most", name.size(), AccessLimits::kNameBytesMax));
  }
  std::string lower(name);
  std::transform(name.begin(), name.end(), lower.begin(),
                 [](char c) { return IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : c; });
  const bool is_fine_in_lower_case =
      IsLetter(lower[0]) && std::all_of(lower.begin(), lower.end(), IsNameByte);
  if (!is_fine_in_lower_case) {
    return refuse("use a-z, 0-9, '-', '_' and '.', beginning with a letter");
  }
  if (lower != name) return refuse(fmt::format("use lower case: '{}'", lower));
  return {};
}

Status CheckTeam(const Team& team) {
  LANEMQ_RETURN_IF_ERROR(CheckAccessName("team", team.name));
  LANEMQ_RETURN_IF_ERROR(CheckText("the description", team.description, kDescriptionBytesMax));
  LANEMQ_RETURN_IF_ERROR(CheckText("the on-call route", team.oncall_route, kOncallRouteBytesMax));
  if (team.members.size() > AccessLimits::kMembersPerTeamMax) {
    return Invalid(fmt::format("team '{}' would have {} members; {} at most", team.name,
                               team.members.size(), AccessLimits::kMembersPerTeamMax));
  }
  std::set<std::string_view> people;
  for (const TeamMember& member : team.members) {
    LANEMQ_RETURN_IF_ERROR(CheckAccessName("person", member.person));
    if (!people.insert(member.person).second) {
      return Invalid(
          fmt::format("team '{}': person '{}' is named twice", team.name, member.person));
    }
  }
  return {};
}

Status CheckService(const Service& service) {
  LANEMQ_RETURN_IF_ERROR(CheckAccessName("service", service.name));
  LANEMQ_RETURN_IF_ERROR(CheckText("the description", service.description, kDescriptionBytesMax));
  const bool is_ours =
      service.kind == ServiceKind::kServer || service.kind == ServiceKind::kGateway;
  if (service.team.empty()) {
    if (service.kind != ServiceKind::kApplication) return {};
    return Invalid(fmt::format("service '{}' is an application: name the team that it belongs to",
                               service.name));
  }
  LANEMQ_RETURN_IF_ERROR(CheckAccessName("team", service.team));
  if (!is_ours) return {};
  return Invalid(fmt::format("service '{}' is of kind {}, which no team owns: leave team '{}' out",
                             service.name, ToString(service.kind), service.team));
}

Status CheckGrant(const Grant& grant) {
  LANEMQ_RETURN_IF_ERROR(CheckResourceName(grant.kind, grant.name, grant.is_prefix));
  if (grant.principal.kind != PrincipalKind::kService &&
      grant.principal.kind != PrincipalKind::kTeam) {
    return Invalid(
        fmt::format("nothing is granted to {}: name a service or a team, as in "
                    "'service:billing' or 'team:payments'",
                    ToString(grant.principal)));
  }
  LANEMQ_RETURN_IF_ERROR(CheckAccessName(
      kPrincipalNames[static_cast<std::size_t>(grant.principal.kind)], grant.principal.name));
  const std::span<const Action> known = ActionsOf(grant.kind);
  if (grant.actions.empty()) {
    return Invalid(fmt::format("a grant allows something: one or more of {}", ListOf(known)));
  }
  for (const Action action : grant.actions) {
    if (std::find(known.begin(), known.end(), action) == known.end()) {
      return Invalid(fmt::format("a {} has no action '{}'; it has {}", ToString(grant.kind),
                                 ToString(action), ListOf(known)));
    }
  }
  return CheckEnd("the grant", grant.expires_at);
}

Status CheckOwner(const Owner& owner) {
  LANEMQ_RETURN_IF_ERROR(CheckResourceName(owner.kind, owner.name, false));
  return owner.team.empty() ? Status{} : CheckAccessName("team", owner.team);
}

Status CheckPerson(const PersonProfile& person) {
  LANEMQ_RETURN_IF_ERROR(CheckAccessName("person", person.person.name));
  LANEMQ_RETURN_IF_ERROR(CheckText("the display name", person.display_name, kDisplayNameBytesMax));
  LANEMQ_RETURN_IF_ERROR(CheckText("the e-mail address", person.email, kEmailBytesMax));
  LANEMQ_RETURN_IF_ERROR(CheckText("the subject", person.oidc_subject, kOidcSubjectBytesMax));
  const std::string& email = person.email;
  const std::size_t at = email.find('@');
  const bool is_address = at != 0 && at != std::string::npos && at + 1 < email.size() &&
                          email.find(' ') == std::string::npos;
  if (email.empty() || is_address) return {};
  return Invalid(fmt::format("{} is no e-mail address", Quoted(email)));
}

Status CheckPassword(std::string_view name, std::string_view password) {
  if (password.size() < kPasswordBytesMin || password.size() > kPasswordBytesMax) {
    return Invalid(fmt::format("a password has {} to {} bytes, not {}", kPasswordBytesMin,
                               kPasswordBytesMax, password.size()));
  }
  const bool is_one_byte =
      std::all_of(password.begin(), password.end(), [&](char c) { return c == password[0]; });
  if (is_one_byte || password == name) {
    return Invalid("that password is the first that anybody would try: take another one");
  }
  return {};
}

Status CheckToken(const Token& token) {
  const bool is_persons = !token.person.empty();
  if (is_persons && !token.service.empty()) {
    return Invalid("a token is a service's or a person's, not both");
  }
  LANEMQ_RETURN_IF_ERROR(is_persons ? CheckAccessName("person", token.person)
                                    : CheckAccessName("service", token.service));
  LANEMQ_RETURN_IF_ERROR(CheckText("the note", token.note, kTokenNoteBytesMax));
  if (token.id.size() != TokenText::kIdBytes || token.hash.size() != kHashBytes) {
    return Invalid(fmt::format("a token has an id of {} bytes and a hash of {}, not {} and {}",
                               TokenText::kIdBytes, kHashBytes, token.id.size(),
                               token.hash.size()));
  }
  return CheckEnd("the token", token.expires_at);
}

void Normalize(Team& team) {
  std::sort(team.members.begin(), team.members.end(),
            [](const TeamMember& a, const TeamMember& b) { return a.person < b.person; });
}

void Normalize(Grant& grant) {
  std::sort(grant.actions.begin(), grant.actions.end());
  grant.actions.erase(std::unique(grant.actions.begin(), grant.actions.end()), grant.actions.end());
}

std::string_view ToString(Action action) { return kActionNames[static_cast<std::size_t>(action)]; }

std::string_view ToString(ResourceKind kind) {
  return kResourceNames[static_cast<std::size_t>(kind)];
}

std::string_view ToString(ServiceKind kind) {
  return kServiceNames[static_cast<std::size_t>(kind) - kFirstService];
}

std::string_view ToString(TeamRole role) {
  return kRoleNames[static_cast<std::size_t>(role) - kFirstRole];
}

std::string_view ToString(PersonRole role) {
  return kPersonRoleNames[static_cast<std::size_t>(role) - kFirstPersonRole];
}

std::string_view ToString(QuotaMode mode) {
  return kQuotaModeNames[static_cast<std::size_t>(mode) - kFirstQuotaMode];
}

std::string ToString(const Principal& principal) {
  const std::string_view kind = kPrincipalNames[static_cast<std::size_t>(principal.kind)];
  if (principal.kind == PrincipalKind::kAnonymous) return std::string(kind);
  return fmt::format("{}:{}", kind, principal.name);
}

std::optional<Action> ActionFromString(std::string_view text) {
  const auto place = PlaceOf(kActionNames, text);
  if (!place) return std::nullopt;
  return static_cast<Action>(*place);
}

std::optional<ResourceKind> ResourceKindFromString(std::string_view text) {
  const auto place = PlaceOf(kResourceNames, text);
  if (!place) return std::nullopt;
  return static_cast<ResourceKind>(*place);
}

std::optional<ServiceKind> ServiceKindFromString(std::string_view text) {
  const auto place = PlaceOf(kServiceNames, text);
  if (!place) return std::nullopt;
  return static_cast<ServiceKind>(*place + kFirstService);
}

std::optional<TeamRole> TeamRoleFromString(std::string_view text) {
  const auto place = PlaceOf(kRoleNames, text);
  if (!place) return std::nullopt;
  return static_cast<TeamRole>(*place + kFirstRole);
}

std::optional<PersonRole> PersonRoleFromString(std::string_view text) {
  const auto place = PlaceOf(kPersonRoleNames, text);
  if (!place) return std::nullopt;
  return static_cast<PersonRole>(*place + kFirstPersonRole);
}

std::optional<QuotaMode> QuotaModeFromString(std::string_view text) {
  const auto place = PlaceOf(kQuotaModeNames, text);
  if (!place) return std::nullopt;
  return static_cast<QuotaMode>(*place + kFirstQuotaMode);
}

std::optional<Principal> PrincipalFromString(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto place = PlaceOf(kPrincipalNames, text.substr(0, colon));
  if (!place) return std::nullopt;
  const auto kind = static_cast<PrincipalKind>(*place);
  if (kind == PrincipalKind::kAnonymous) {
    return colon == std::string_view::npos ? std::optional(Principal{}) : std::nullopt;
  }
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view name = text.substr(colon + 1);
  if (!CheckAccessName("", name).ok()) return std::nullopt;
  return Principal{kind, std::string(name)};
}

std::span<const Action> ActionsOf(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::kTopic:
      return kTopicActions;
    case ResourceKind::kGroup:
      return kGroupActions;
    case ResourceKind::kCluster:
      break;
  }
  return kClusterActions;
}

std::string ListOf(std::span<const Action> actions) {
  std::string list;
  for (const Action action : actions) {
    if (!list.empty()) list += ", ";
    list += ToString(action);
  }
  return list;
}

}  // namespace lanemq::core
