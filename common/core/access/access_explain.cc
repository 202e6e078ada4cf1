// Why an AccessBook allows or refuses, in sentences for people.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "common/core/access/access_book.h"
#include "common/core/access/access_rules.h"
#include "common/core/access/access_text.h"

namespace lanemq::core {
namespace {

/// People of a team that a sentence names.
constexpr std::size_t kLeadsShownMax = 3;

/// What stands before the name of the resource.
std::string_view Verb(Action action, ResourceKind kind) {
  switch (action) {
    case Action::kProduce:
      return "produce to";
    case Action::kConsume:
      return kind == ResourceKind::kGroup ? "consume with" : "consume from";
    case Action::kPeek:
      return "peek at";
    case Action::kDescribe:
    case Action::kManage:
    case Action::kNothing:
    case Action::kOperate:
    case Action::kAdminister:
    case Action::kServe:
    case Action::kActFor:
      break;
  }
  return ToString(action);
}

/// "topics 'orders.*' to team:payments".
std::string Described(const Grant& grant) {
  const std::string to = ToString(grant.principal);
  if (!grant.is_prefix)
    return fmt::format("{} to {}", Described(Resource{grant.kind, grant.name}), to);
  return fmt::format("{}s {} to {}", ToString(grant.kind), Quoted(grant.name + "*"), to);
}

/// Who may do what is not about a topic or group.
std::string_view WhoMay(Action action) {
  switch (action) {
    case Action::kAdminister:
      return "a service or person that is admin";
    case Action::kServe:
      return "a service of kind server";
    case Action::kActFor:
      return "a service of kind gateway";
    case Action::kNothing:
    case Action::kOperate:
    case Action::kDescribe:
    case Action::kProduce:
    case Action::kConsume:
    case Action::kPeek:
    case Action::kManage:
      break;
  }
  return "a service or person that is operator or admin";
}

bool IsOfTheCluster(Action action) {
  const std::span<const Action> known = ActionsOf(ResourceKind::kCluster);
  return std::find(known.begin(), known.end(), action) != known.end();
}

}  // namespace

AccessVerdict AccessBook::Explain(const Principal& principal, Action action,
                                  const Resource& resource, WallTime now) const {
  if (std::string why = WhyUnknown(principal); !why.empty()) return {false, std::move(why)};
  const Verdict verdict = Judge(principal, action, resource, now);
  if (verdict.ground != Ground::kNone) return {true, WhyAllowed(verdict, principal, resource)};
  return {false, WhyRefused(principal, action, resource)};
}

std::string AccessBook::WhyUnknown(const Principal& principal) const {
  switch (principal.kind) {
    case PrincipalKind::kService: {
      const Service* service = FindService(principal.name);
      if (service == nullptr) return fmt::format("there is no service {}", Quoted(principal.name));
      return service->is_disabled ? fmt::format("service '{}' is disabled", service->name) : "";
    }
    case PrincipalKind::kPerson: {
      if (!people_.contains(principal.name)) {
        return fmt::format("there is no person {}, and no team has one", Quoted(principal.name));
      }
      const Person* person = FindPerson(principal.name);
      return person != nullptr && person->is_disabled
                 ? fmt::format("person '{}' is disabled", person->name)
                 : "";
    }
    case PrincipalKind::kTeam:
      return FindTeam(principal.name) != nullptr
                 ? ""
                 : fmt::format("there is no team {}", Quoted(principal.name));
    case PrincipalKind::kAnonymous:
      break;
  }
  return "whoever does not say who he is may do nothing";
}

std::string AccessBook::WhyAllowed(const Verdict& verdict, const Principal& principal,
                                   const Resource& resource) const {
  switch (verdict.ground) {
    case Ground::kRole:
      if (principal.kind == PrincipalKind::kPerson) {
        return fmt::format("{} has the role {}", ToString(principal),
                           ToString(FindPerson(principal.name)->role));
      }
      return fmt::format("{} is of kind {}", ToString(principal),
                         ToString(FindService(principal.name)->kind));
    case Ground::kOwnership: {
      const std::string_view team = OwnerOf(resource.kind, resource.name);
      const std::string owned = fmt::format("{} belongs to team:{}", Described(resource), team);
      if (principal.kind == PrincipalKind::kTeam) return owned;
      const Membership* person =
          principal.kind == PrincipalKind::kPerson ? FindMembership(principal.name, team) : nullptr;
      if (person == nullptr) return fmt::format("{}, as {} does", owned, ToString(principal));
      return fmt::format("{}, of which {} is a {}", owned, ToString(principal),
                         ToString(person->role));
    }
    case Ground::kGrant:
      return fmt::format("grant {}: {}", verdict.grant->id, Described(*verdict.grant));
    case Ground::kAnybody:
    case Ground::kNone:
      break;
  }
  return "whoever has said who he is may";
}

std::string AccessBook::WhyRefused(const Principal& principal, Action action,
                                   const Resource& resource) const {
  if (resource.kind == ResourceKind::kCluster || IsOfTheCluster(action)) {
    return fmt::format("{} may not {} the cluster: that takes {}", ToString(principal),
                       ToString(action), WhoMay(action));
  }
  const std::span<const Action> known = ActionsOf(resource.kind);
  if (std::find(known.begin(), known.end(), action) == known.end()) {
    return fmt::format("a {} has no action '{}'; it has {}", ToString(resource.kind),
                       ToString(action), ListOf(known));
  }
  std::string ended;
  for (const GrantIndex* grants : GrantsTo(principal)) {
    const Grant* grant = grants->Find(action, resource, std::nullopt);
    if (grant == nullptr) continue;
    ended = fmt::format("grant {} did until it ended; ", grant->id);
    break;
  }
  return fmt::format("no role, ownership or grant lets {} {} {}; {}{}", ToString(principal),
                     Verb(action, resource.kind), Described(resource), ended, WhomToAsk(resource));
}

std::string AccessBook::WhomToAsk(const Resource& resource) const {
  const std::string_view owner = OwnerOf(resource.kind, resource.name);
  if (owner.empty()) return "nobody owns it: ask who administers LaneMQ here";
  std::string leads;
  std::size_t shown = 0;
  if (const Team* team = FindTeam(owner)) {
    for (const TeamMember& member : team->members) {
      if (member.role != TeamRole::kLead || shown == kLeadsShownMax) continue;
      leads += (shown++ == 0 ? "" : ", ") + member.person;
    }
  }
  return fmt::format("ask team:{}, which owns it{}", owner,
                     leads.empty() ? "" : fmt::format(" (its leads: {})", leads));
}

}  // namespace lanemq::core
