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
constexpr std::array kClusterActions = {kNothing, kOperate, kAdminister, kServe};

// In the order of the enumerations.
constexpr std::array<std::string_view, 9> kActionNames = {"describe", "produce",    "consume",
                                                          "peek",     "manage",     "nothing",
                                                          "operate",  "administer", "serve"};
constexpr std::array<std::string_view, 3> kResourceNames = {"topic", "group", "cluster"};
constexpr std::array<std::string_view, 5> kServiceNames = {"application", "server", "gateway",
                                                           "operator", "admin"};
constexpr std::array<std::string_view, 2> kRoleNames = {"member", "lead"};
constexpr std::array<std::string_view, 4> kPrincipalNames = {"anonymous", "service", "person",
                                                             "team"};
/// What the first of these enumerations is.
constexpr std::size_t kFirstService = static_cast<std::size_t>(ServiceKind::kApplication);
constexpr std::size_t kFirstRole = static_cast<std::size_t>(TeamRole::kMember);

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

Status CheckToken(const Token& token) {
  LANEMQ_RETURN_IF_ERROR(CheckAccessName("service", token.service));
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
