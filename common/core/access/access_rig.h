#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/access/access_types.h"

namespace lanemq::core::testing {

/// Puts AccessRecords together, for tests.
class AccessRig {
 public:
  AccessRig& AddTeam(std::string name, std::vector<TeamMember> members = {}) {
    Team team;
    team.name = std::move(name);
    team.members = std::move(members);
    records.teams.push_back(std::move(team));
    return *this;
  }
  /// With a token "t-NAME" whose hash is HashOf(name).
  Service& AddService(const std::string& name, std::string team,
                      ServiceKind kind = ServiceKind::kApplication) {
    Token token;
    token.id = "t-" + name;
    token.hash = HashOf(name);
    token.service = name;
    records.tokens.push_back(std::move(token));
    Service service;
    service.name = name;
    service.team = std::move(team);
    service.kind = kind;
    return records.services.emplace_back(std::move(service));
  }
  /// With a token "t-NAME" whose hash is HashOf(name).
  Person& AddPerson(const std::string& name, PersonRole role = PersonRole::kViewer) {
    Token token;
    token.id = "t-" + name;
    token.hash = HashOf(name);
    token.person = name;
    token.is_session = true;
    records.tokens.push_back(std::move(token));
    Person person;
    person.name = name;
    person.role = role;
    return records.people.emplace_back(std::move(person));
  }
  /// A name that ends with '*' is a prefix.
  Grant& AddGrant(ResourceKind kind, std::string name, Principal principal,
                  std::vector<Action> actions) {
    Grant grant;
    grant.id = static_cast<std::int64_t>(records.grants.size()) + 1;
    grant.kind = kind;
    grant.is_prefix = name.ends_with('*');
    if (grant.is_prefix) name.pop_back();
    grant.name = std::move(name);
    grant.principal = std::move(principal);
    grant.actions = std::move(actions);
    return records.grants.emplace_back(std::move(grant));
  }
  AccessRig& Own(ResourceKind kind, std::string name, std::string team) {
    records.owners.push_back({kind, std::move(name), std::move(team)});
    return *this;
  }

  static std::string HashOf(std::string_view name) {
    std::string hash(32, '#');
    return hash.replace(0, name.size(), name);
  }

  AccessRecords records;
};

inline Principal ServiceNamed(std::string name) {
  return {PrincipalKind::kService, std::move(name)};
}
inline Principal PersonNamed(std::string name) { return {PrincipalKind::kPerson, std::move(name)}; }
inline Principal TeamNamed(std::string name) { return {PrincipalKind::kTeam, std::move(name)}; }
inline Resource Topic(std::string name) { return {ResourceKind::kTopic, std::move(name)}; }
inline Resource Group(std::string name) { return {ResourceKind::kGroup, std::move(name)}; }

}  // namespace lanemq::core::testing
