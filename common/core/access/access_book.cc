#include "common/core/access/access_book.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include "common/core/access/access_rules.h"

namespace lanemq::core {
namespace {

using enum Action;

/// What the secret of an unknown token is compared with, so that it takes as long.
constexpr std::string_view kNobodysHash = "................................";
static_assert(kNobodysHash.size() == 32);

/// In the same time wherever they differ. Lengths are no secret.
bool IsSameSecret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<unsigned char>(
        difference | (static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i])));
  }
  return difference == 0;
}

/// What names of LaneMQ's own topics and groups begin with: canaries work on them.
constexpr std::string_view kOwnPrefix = "lanemq.";

/// Whether the kind of the service allows it.
bool RoleAllows(ServiceKind kind, Action action, const Resource& resource) {
  switch (kind) {
    case ServiceKind::kApplication:
      return false;
    case ServiceKind::kServer:
      if (action == kProduce || action == kConsume || action == kManage) {
        return resource.kind != ResourceKind::kCluster && resource.name.starts_with(kOwnPrefix);
      }
      return action == kNothing || action == kServe ||
             (action == kDescribe && resource.kind != ResourceKind::kCluster);
    case ServiceKind::kGateway:
      return action == kNothing || action == kActFor;
    case ServiceKind::kOperator:
      return action != kAdminister && action != kServe && action != kActFor;
    case ServiceKind::kAdmin:
      return action != kServe && action != kActFor;
  }
  return false;
}

/// The same of a person's role.
bool RoleAllows(PersonRole role, Action action, const Resource& resource) {
  switch (role) {
    case PersonRole::kViewer:
      return action == kDescribe && resource.kind != ResourceKind::kCluster;
    case PersonRole::kOperator:
      return RoleAllows(ServiceKind::kOperator, action, resource);
    case PersonRole::kAdmin:
      return RoleAllows(ServiceKind::kAdmin, action, resource);
  }
  return false;
}

/// What the services of the team may do with what it owns.
bool OwnerServicesMay(Action action) {
  return action == kDescribe || action == kProduce || action == kConsume;
}

bool OwnerPeopleMay(TeamRole role, Action action) {
  return action == kDescribe || action == kManage || (action == kPeek && role == TeamRole::kLead);
}

bool IsOfTheCluster(Action action) {
  return action == kNothing || action == kOperate || action == kAdminister || action == kServe ||
         action == kActFor;
}

/// Whether the kind has such an action. What names nothing is judged by roles alone.
bool IsKnown(Action action, ResourceKind kind) {
  if (IsOfTheCluster(action) || kind == ResourceKind::kCluster) return true;
  const std::span<const Action> known = ActionsOf(kind);
  return std::find(known.begin(), known.end(), action) != known.end();
}

template <typename Map>
const typename Map::mapped_type* Find(const Map& map, std::string_view key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

AccessBook::AccessBook(AccessRecords records) : records_(std::move(records)) {
  for (const Team& team : records_.teams) {
    teams_.emplace(team.name, &team);
    for (const TeamMember& member : team.members) {
      people_[member.person].memberships.push_back({&team, member.role});
    }
  }
  for (const Person& person : records_.people) people_[person.name].person = &person;
  for (const QuotaOfTeam& quota : records_.quotas) quotas_.emplace(quota.team, &quota.quota);
  for (const Grant& grant : records_.grants) {
    if (grant.kind == ResourceKind::kCluster) continue;
    if (grant.principal.kind == PrincipalKind::kService) {
      service_grants_[grant.principal.name].Add(grant);
    } else if (grant.principal.kind == PrincipalKind::kTeam) {
      team_grants_[grant.principal.name].Add(grant);
    }
  }
  for (const Service& service : records_.services) {
    services_.emplace(service.name,
                      KnownService{&service, Find(service_grants_, service.name),
                                   service.team.empty() ? nullptr : GrantsToTeam(service.team)});
  }
  for (const Token& token : records_.tokens) {
    const bool is_persons = !token.person.empty();
    tokens_.emplace(token.id, KnownToken{&token, is_persons ? nullptr : FindService(token.service),
                                         is_persons ? FindPerson(token.person) : nullptr});
  }
  for (const Owner& owner : records_.owners) {
    if (owner.kind == ResourceKind::kCluster) continue;
    owners_[static_cast<std::size_t>(owner.kind)].emplace(owner.name, owner.team);
  }
}

Result<Caller> AccessBook::Authenticate(std::string_view token_id, std::string_view secret_hash,
                                        WallTime now) const {
  const KnownToken* known = Find(tokens_, token_id);
  const bool is_same =
      IsSameSecret(known == nullptr ? kNobodysHash : known->token->hash, secret_hash);
  if (known != nullptr && is_same && !HasEnded(known->token->expires_at, now)) {
    const Service* service = known->service;
    const Person* person = known->person;
    if (service != nullptr && !service->is_disabled) {
      return Caller{{PrincipalKind::kService, service->name}, known->token->id};
    }
    if (person != nullptr && !person->is_disabled) {
      return Caller{{PrincipalKind::kPerson, person->name}, known->token->id};
    }
  }
  return Error{ErrorCode::kAuthenticationFailed,
               "the token is not known here, or it has expired or was revoked"};
}

Result<Caller> AccessBook::AuthenticateService(std::string_view service) const {
  const Service* known = FindService(service);
  if (known != nullptr && !known->is_disabled) {
    return Caller{{PrincipalKind::kService, known->name}, {}};
  }
  return Error{ErrorCode::kAuthenticationFailed,
               "the certificate names a service that is not known here, or is disabled"};
}

bool AccessBook::IsValid(const Caller& caller, WallTime now) const {
  const std::string_view name = caller.principal.name;
  switch (caller.principal.kind) {
    case PrincipalKind::kService: {
      if (caller.token_id.empty()) {
        const Service* service = FindService(name);
        return service != nullptr && !service->is_disabled;
      }
      const KnownToken* known = Find(tokens_, caller.token_id);
      return known != nullptr && known->service != nullptr && known->service->name == name &&
             !known->service->is_disabled && !HasEnded(known->token->expires_at, now);
    }
    case PrincipalKind::kPerson: {
      if (caller.token_id.empty()) {
        const KnownPerson* known = Find(people_, name);
        return known != nullptr && (known->person == nullptr || !known->person->is_disabled);
      }
      const KnownToken* known = Find(tokens_, caller.token_id);
      return known != nullptr && known->person != nullptr && known->person->name == name &&
             !known->person->is_disabled && !HasEnded(known->token->expires_at, now);
    }
    case PrincipalKind::kAnonymous:
    case PrincipalKind::kTeam:
      break;
  }
  return false;
}

bool AccessBook::Allows(const Caller& caller, Action action, const Resource& resource,
                        WallTime now) const {
  return IsValid(caller, now) &&
         Judge(caller.principal, action, resource, now).ground != Ground::kNone;
}

AccessBook::Verdict AccessBook::Judge(const Principal& principal, Action action,
                                      const Resource& resource, WallTime now) const {
  if (!IsKnown(action, resource.kind)) return {};
  switch (principal.kind) {
    case PrincipalKind::kService:
      return JudgeService(principal.name, action, resource, now);
    case PrincipalKind::kPerson:
      return JudgePerson(principal.name, action, resource, now);
    case PrincipalKind::kTeam:
      return JudgeTeam(principal.name, action, resource, now);
    case PrincipalKind::kAnonymous:
      break;
  }
  return {};
}

AccessBook::Verdict AccessBook::JudgeService(std::string_view name, Action action,
                                             const Resource& resource, WallTime now) const {
  const KnownService* known = Find(services_, name);
  if (known == nullptr || known->service->is_disabled) return {};
  if (action == kNothing) return {Ground::kAnybody};
  if (RoleAllows(known->service->kind, action, resource)) return {Ground::kRole};
  if (IsOfTheCluster(action) || resource.kind == ResourceKind::kCluster) return {};
  const std::string_view team = known->service->team;
  if (OwnerServicesMay(action) && !team.empty() && OwnerOf(resource.kind, resource.name) == team) {
    return {Ground::kOwnership};
  }
  for (const GrantIndex* grants : {known->own_grants, known->team_grants}) {
    if (grants == nullptr) continue;
    if (const Grant* grant = grants->Find(action, resource, now)) return {Ground::kGrant, grant};
  }
  return {};
}

AccessBook::Verdict AccessBook::JudgePerson(std::string_view name, Action action,
                                            const Resource& resource, WallTime now) const {
  const KnownPerson* known = Find(people_, name);
  if (known == nullptr || (known->person != nullptr && known->person->is_disabled)) return {};
  if (action == kNothing) return {Ground::kAnybody};
  if (known->person != nullptr && RoleAllows(known->person->role, action, resource)) {
    return {Ground::kRole};
  }
  if (IsOfTheCluster(action) || resource.kind == ResourceKind::kCluster) return {};
  const Membership* owner = FindMembership(name, OwnerOf(resource.kind, resource.name));
  if (owner != nullptr && OwnerPeopleMay(owner->role, action)) return {Ground::kOwnership};
  for (const Membership& membership : known->memberships) {
    const GrantIndex* grants = GrantsToTeam(membership.team->name);
    if (grants == nullptr) continue;
    if (const Grant* grant = grants->Find(action, resource, now)) return {Ground::kGrant, grant};
  }
  return {};
}

AccessBook::Verdict AccessBook::JudgeTeam(std::string_view name, Action action,
                                          const Resource& resource, WallTime now) const {
  if (FindTeam(name) == nullptr) return {};
  if (action == kNothing) return {Ground::kAnybody};
  if (IsOfTheCluster(action) || resource.kind == ResourceKind::kCluster) return {};
  if (OwnerServicesMay(action) && OwnerOf(resource.kind, resource.name) == name) {
    return {Ground::kOwnership};
  }
  const GrantIndex* grants = GrantsToTeam(name);
  if (grants == nullptr) return {};
  const Grant* grant = grants->Find(action, resource, now);
  return grant == nullptr ? Verdict{} : Verdict{Ground::kGrant, grant};
}

std::vector<const GrantIndex*> AccessBook::GrantsTo(const Principal& principal) const {
  std::vector<const GrantIndex*> all;
  if (principal.kind == PrincipalKind::kService) {
    if (const KnownService* known = Find(services_, principal.name)) {
      all = {known->own_grants, known->team_grants};
    }
  } else if (principal.kind == PrincipalKind::kTeam) {
    all = {GrantsToTeam(principal.name)};
  } else if (const KnownPerson* known = Find(people_, principal.name);
             known != nullptr && principal.kind == PrincipalKind::kPerson) {
    for (const Membership& membership : known->memberships) {
      all.push_back(GrantsToTeam(membership.team->name));
    }
  }
  std::erase(all, nullptr);
  return all;
}

const GrantIndex* AccessBook::GrantsToTeam(std::string_view name) const {
  return Find(team_grants_, name);
}

const AccessBook::Membership* AccessBook::FindMembership(std::string_view person,
                                                         std::string_view team) const {
  const KnownPerson* known = Find(people_, person);
  if (known == nullptr || team.empty()) return nullptr;
  const auto found =
      std::find_if(known->memberships.begin(), known->memberships.end(),
                   [&](const Membership& membership) { return membership.team->name == team; });
  return found == known->memberships.end() ? nullptr : &*found;
}

const Person* AccessBook::FindPerson(std::string_view name) const {
  const KnownPerson* known = Find(people_, name);
  return known == nullptr ? nullptr : known->person;
}

const Token* AccessBook::FindToken(std::string_view id) const {
  const KnownToken* known = Find(tokens_, id);
  return known == nullptr ? nullptr : known->token;
}

std::vector<AccessBook::Seat> AccessBook::SeatsOf(std::string_view person) const {
  std::vector<Seat> seats;
  if (const KnownPerson* known = Find(people_, person)) {
    for (const Membership& membership : known->memberships) {
      seats.push_back({membership.team->name, membership.role});
    }
  }
  return seats;
}

const TeamQuota* AccessBook::QuotaOf(std::string_view team) const {
  const TeamQuota* const* quota = Find(quotas_, team);
  return quota == nullptr ? nullptr : *quota;
}

const Service* AccessBook::FindService(std::string_view name) const {
  const KnownService* known = Find(services_, name);
  return known == nullptr ? nullptr : known->service;
}

const Team* AccessBook::FindTeam(std::string_view name) const {
  const Team* const* team = Find(teams_, name);
  return team == nullptr ? nullptr : *team;
}

std::string_view AccessBook::OwnerOf(ResourceKind kind, std::string_view name) const {
  if (kind == ResourceKind::kCluster) return {};
  const std::string_view* team = Find(owners_[static_cast<std::size_t>(kind)], name);
  return team == nullptr ? std::string_view() : *team;
}

}  // namespace lanemq::core
