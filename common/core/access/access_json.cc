#include "common/core/access/access_json.h"

#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/core/access/access_rules.h"

namespace lanemq::core {
namespace {

using nlohmann::json;

std::string Text(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

void PutUnlessEmpty(json& document, const char* key, const std::string& text) {
  if (!text.empty()) document[key] = text;
}

void PutEnd(json& document, const std::optional<WallTime>& expires_at) {
  if (expires_at) document["expires_at_us"] = expires_at->micros;
}

}  // namespace

std::string ToJson(const Team& team) {
  json members = json::array();
  for (const TeamMember& member : team.members) {
    members.push_back({{"person", member.person}, {"role", ToString(member.role)}});
  }
  json document = {{"name", team.name}, {"members", std::move(members)}};
  PutUnlessEmpty(document, "description", team.description);
  PutUnlessEmpty(document, "oncall_route", team.oncall_route);
  return Text(document);
}

std::int64_t VersionOf(const Team& team) {
  Team sorted = team;
  Normalize(sorted);
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a.
  for (const char c : ToJson(sorted)) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return static_cast<std::int64_t>((hash >> 1) | 1);
}

std::string ToJson(const Service& service) {
  json document = {
      {"name", service.name}, {"kind", ToString(service.kind)}, {"disabled", service.is_disabled}};
  PutUnlessEmpty(document, "team", service.team);
  PutUnlessEmpty(document, "description", service.description);
  return Text(document);
}

std::string ToJson(const Token& token) {
  json document = {{"id", token.id},
                   {"created_at_us", token.created_at.micros},
                   {"created_by", token.created_by}};
  if (token.person.empty()) {
    document["service_name"] = token.service;
  } else {
    document["person"] = token.person;
    document["is_session"] = token.is_session;
  }
  PutUnlessEmpty(document, "note", token.note);
  PutEnd(document, token.expires_at);
  return Text(document);
}

std::string ToJson(const Grant& grant) {
  json actions = json::array();
  for (const Action action : grant.actions) actions.push_back(ToString(action));
  json document = {{"id", grant.id},
                   {"kind", ToString(grant.kind)},
                   {"name", grant.name},
                   {"is_prefix", grant.is_prefix},
                   {"principal", ToString(grant.principal)},
                   {"actions", std::move(actions)}};
  PutEnd(document, grant.expires_at);
  return Text(document);
}

std::string ToJson(const Owner& owner) {
  return Text({{"kind", ToString(owner.kind)}, {"name", owner.name}, {"team", owner.team}});
}

std::string ToJson(const PersonProfile& person) {
  json document = {{"name", person.person.name},
                   {"role", ToString(person.person.role)},
                   {"disabled", person.person.is_disabled}};
  if (person.person.must_change_password) document["must_change_password"] = true;
  PutUnlessEmpty(document, "display_name", person.display_name);
  PutUnlessEmpty(document, "email", person.email);
  PutUnlessEmpty(document, "oidc_subject", person.oidc_subject);
  return Text(document);
}

std::vector<AuditObject> AlsoAbout(const Grant& grant) {
  const std::string principal = ToString(grant.principal);
  const std::size_t colon = principal.find(':');
  std::vector<AuditObject> also = {
      {std::string(ToString(grant.kind)), grant.name + (grant.is_prefix ? "*" : "")}};
  if (colon != std::string::npos)
    also.push_back({principal.substr(0, colon), grant.principal.name});
  return also;
}

std::vector<AuditObject> AlsoAbout(const Owner& owner) {
  std::vector<AuditObject> also = {{std::string(ToString(owner.kind)), owner.name}};
  if (!owner.team.empty()) also.push_back({"team", owner.team});
  return also;
}

std::vector<AuditObject> AlsoAbout(const Token& token) {
  if (token.person.empty()) return {{"service", token.service}};
  return {{"person", token.person}};
}

}  // namespace lanemq::core
