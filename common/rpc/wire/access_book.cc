#include "common/rpc/wire/access_book.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "common/core/access/access_rules.h"
#include "common/rpc/wire/people.h"
#include "lanemq_types.h"

namespace lanemq::wire {
namespace {

Error Unknown(const char* what, const std::string& text) {
  return {ErrorCode::kInvalidRequest, std::string("there is no ") + what + " '" + text + "'"};
}

core::Grant WithKnownActions(const idl::Grant& grant) {
  core::Grant out;
  out.id = grant.__isset.id ? grant.id : 0;
  out.name = grant.name;
  out.is_prefix = grant.__isset.is_prefix && grant.is_prefix;
  if (grant.__isset.expires_at_us) out.expires_at = WallTime{grant.expires_at_us};
  for (const std::string& text : grant.actions) {
    if (const auto action = core::ActionFromString(text)) out.actions.push_back(*action);
  }
  std::ranges::sort(out.actions);
  const auto repeated = std::ranges::unique(out.actions);
  out.actions.erase(repeated.begin(), repeated.end());
  return out;
}

idl::BookToken ToBook(const core::Token& token) {
  idl::BookToken out;
  out.id = token.id;
  out.hash = token.hash;
  out.service_name = token.service;
  if (token.expires_at) out.__set_expires_at_us(token.expires_at->micros);
  if (!token.person.empty()) out.__set_person(token.person);
  return out;
}

core::Token FromBook(const idl::BookToken& token) {
  core::Token out;
  out.id = token.id;
  out.hash = token.hash;
  out.service = token.service_name;
  out.person = token.person;
  if (token.__isset.expires_at_us) out.expires_at = WallTime{token.expires_at_us};
  return out;
}

// False: of a kind, or to somebody, that this build does not know.
bool SetSubject(const idl::Grant& grant, core::Grant& out) {
  const auto kind = core::ResourceKindFromString(grant.kind);
  const auto principal = core::PrincipalFromString(grant.principal);
  if (!kind || !principal) return false;
  out.kind = *kind;
  out.principal = *principal;
  return true;
}

}  // namespace

idl::Team ToWire(const core::Team& team) {
  idl::Team out;
  out.name = team.name;
  if (!team.description.empty()) out.__set_description(team.description);
  if (!team.oncall_route.empty()) out.__set_oncall_route(team.oncall_route);
  out.__isset.members = true;
  for (const core::TeamMember& member : team.members) {
    idl::TeamMember& to = out.members.emplace_back();
    to.person = member.person;
    to.role = core::ToString(member.role);
  }
  return out;
}

Result<core::Team> FromWire(const idl::Team& team) {
  core::Team out;
  out.name = team.name;
  out.description = team.description;
  out.oncall_route = team.oncall_route;
  for (const idl::TeamMember& member : team.members) {
    const auto role = core::TeamRoleFromString(member.role);
    if (!role) return Unknown("role", member.role);
    out.members.push_back({member.person, *role});
  }
  std::ranges::sort(out.members, {}, &core::TeamMember::person);
  return out;
}

idl::Service ToWire(const core::Service& service) {
  idl::Service out;
  out.name = service.name;
  if (!service.team.empty()) out.__set_team(service.team);
  out.__set_kind(std::string(core::ToString(service.kind)));
  if (!service.description.empty()) out.__set_description(service.description);
  out.__set_disabled(service.is_disabled);
  return out;
}

Result<core::Service> FromWire(const idl::Service& service) {
  core::Service out;
  out.name = service.name;
  out.team = service.team;
  if (service.__isset.kind) {
    const auto kind = core::ServiceKindFromString(service.kind);
    if (!kind) return Unknown("kind of services", service.kind);
    out.kind = *kind;
  }
  out.description = service.description;
  out.is_disabled = service.__isset.disabled && service.disabled;
  return out;
}

idl::Grant ToWire(const core::Grant& grant) {
  idl::Grant out;
  out.__set_id(grant.id);
  out.kind = core::ToString(grant.kind);
  out.name = grant.name;
  out.__set_is_prefix(grant.is_prefix);
  out.principal = core::ToString(grant.principal);
  for (const core::Action action : grant.actions) out.actions.emplace_back(core::ToString(action));
  if (grant.expires_at) out.__set_expires_at_us(grant.expires_at->micros);
  return out;
}

Result<core::Grant> FromWire(const idl::Grant& grant) {
  if (!core::ResourceKindFromString(grant.kind)) return Unknown("kind of resources", grant.kind);
  if (!core::PrincipalFromString(grant.principal)) {
    return Error{ErrorCode::kInvalidRequest,
                 "a principal is service:NAME or team:NAME, not '" + grant.principal + "'"};
  }
  for (const std::string& action : grant.actions) {
    if (!core::ActionFromString(action)) return Unknown("action", action);
  }
  core::Grant out = WithKnownActions(grant);
  SetSubject(grant, out);
  return out;
}

idl::Owner ToWire(const core::Owner& owner) {
  idl::Owner out;
  out.kind = core::ToString(owner.kind);
  out.name = owner.name;
  out.team = owner.team;
  return out;
}

Result<core::Owner> FromWire(const idl::Owner& owner) {
  const auto kind = core::ResourceKindFromString(owner.kind);
  if (!kind) return Unknown("kind of resources", owner.kind);
  return core::Owner{*kind, owner.name, owner.team};
}

idl::Token ToWire(const core::Token& token) {
  idl::Token out;
  out.id = token.id;
  out.service_name = token.service;
  out.created_at_us = token.created_at.micros;
  if (token.expires_at) out.__set_expires_at_us(token.expires_at->micros);
  out.created_by = token.created_by;
  if (!token.note.empty()) out.__set_note(token.note);
  if (!token.person.empty()) {
    out.__set_person(token.person);
    out.__set_is_session(token.is_session);
  }
  return out;
}

idl::AccessBookResponse ToWire(const core::AccessRecords& records) {
  idl::AccessBookResponse out;
  out.version = records.version;
  out.cluster_id = records.cluster_id;
  out.__isset.teams = out.__isset.services = out.__isset.tokens = true;
  out.__isset.grants = out.__isset.owners = true;
  for (const core::Team& team : records.teams) out.teams.push_back(ToWire(team));
  for (const core::Service& service : records.services) out.services.push_back(ToWire(service));
  for (const core::Token& token : records.tokens) out.tokens.push_back(ToBook(token));
  for (const core::Grant& grant : records.grants) out.grants.push_back(ToWire(grant));
  for (const core::Owner& owner : records.owners) out.owners.push_back(ToWire(owner));
  out.__isset.people = out.__isset.quotas = true;
  for (const core::Person& person : records.people) out.people.push_back(ToBook(person));
  for (const core::QuotaOfTeam& quota : records.quotas) out.quotas.push_back(ToWire(quota));
  out.__set_quota_mode(std::string(core::ToString(records.quota_mode)));
  if (records.rights_version > 0) out.__set_rights_version(records.rights_version);
  return out;
}

core::AccessRecords FromWire(const idl::AccessBookResponse& book) {
  core::AccessRecords out;
  out.version = book.version;
  out.cluster_id = book.cluster_id;
  const auto add = [](const auto& from, auto& to) {
    for (const auto& one : from) {
      if (auto known = FromWire(one); known.ok()) to.push_back(std::move(known).value());
    }
  };
  add(book.teams, out.teams);
  add(book.services, out.services);
  add(book.owners, out.owners);
  add(book.people, out.people);
  add(book.quotas, out.quotas);
  if (const auto mode = core::QuotaModeFromString(book.quota_mode)) out.quota_mode = *mode;
  if (book.__isset.rights_version) out.rights_version = book.rights_version;
  for (const idl::BookToken& token : book.tokens) out.tokens.push_back(FromBook(token));
  for (const idl::Grant& grant : book.grants) {
    core::Grant to = WithKnownActions(grant);
    if (SetSubject(grant, to) && !to.actions.empty()) out.grants.push_back(std::move(to));
  }
  std::ranges::sort(out.teams, {}, &core::Team::name);
  std::ranges::sort(out.services, {}, &core::Service::name);
  std::ranges::sort(out.tokens, {}, &core::Token::id);
  std::ranges::sort(out.grants, {}, &core::Grant::id);
  std::ranges::sort(out.people, {}, &core::Person::name);
  std::ranges::sort(out.quotas, {}, &core::QuotaOfTeam::team);
  std::ranges::sort(out.owners, {},
                    [](const core::Owner& owner) { return std::tie(owner.kind, owner.name); });
  return out;
}

idl::AccessBookResponse ToWire(const core::PeopleTokens& people) {
  idl::AccessBookResponse out;
  out.version = people.version;
  out.cluster_id = people.cluster_id;
  out.__set_rights_version(people.rights_version);
  out.__set_people_tokens_only(true);
  out.__isset.tokens = true;
  for (const core::Token& token : people.tokens) out.tokens.push_back(ToBook(token));
  return out;
}

core::PeopleTokens PeopleTokensFromWire(const idl::AccessBookResponse& book) {
  core::PeopleTokens out{book.version, book.rights_version, book.cluster_id, {}};
  for (const idl::BookToken& token : book.tokens) {
    if (!token.person.empty()) out.tokens.push_back(FromBook(token));
  }
  std::ranges::sort(out.tokens, {}, &core::Token::id);
  return out;
}

}  // namespace lanemq::wire
