#include "client/cli/access/access_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "client/cli/output/cells.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using Json = nlohmann::ordered_json;

/// "billing"; of a person "person:ann".
std::string HolderOf(const idl::Token& token) {
  return token.__isset.person ? "person:" + token.person : token.service_name;
}

/// "ann (lead), bob".
std::string MembersText(const idl::Team& team) {
  std::string text;
  for (const idl::TeamMember& member : team.members) {
    text += fmt::format("{}{}{}", text.empty() ? "" : ", ", member.person,
                        member.role == "lead" ? " (lead)" : "");
  }
  return text;
}

/// What a field of the log holds: JSON as JSON, anything else as the text that it is.
Json Document(const std::string& text) {
  Json page = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  return page.is_discarded() ? Json(text) : page;
}

std::string OneLine(const Json& page) {
  return page.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Who keeps the event.
std::string LogOf(const idl::AuditEvent& event) {
  return event.__isset.source_node ? MakeVisible(event.source_node) : "metadata";
}

}  // namespace

std::string ObjectText(const std::string& kind, const std::string& name, bool is_prefix) {
  if (!is_prefix) return fmt::format("{} {}", kind, name);
  if (name.empty()) return "every " + kind;
  return fmt::format("{}s beginning with '{}'", kind, name);
}

Table TeamsTable(const std::vector<idl::Team>& teams) {
  Table table{{"team", "members", "oncall_route", "description"}, {}};
  for (const idl::Team& team : teams) {
    table.rows.push_back({team.name, TextCell(true, MembersText(team)),
                          TextCell(team.__isset.oncall_route, team.oncall_route),
                          TextCell(team.__isset.description, team.description)});
  }
  return table;
}

Table ServicesTable(const std::vector<idl::Service>& services) {
  Table table{{"service", "team", "kind", "enabled", "description"}, {}};
  for (const idl::Service& service : services) {
    table.rows.push_back({service.name, TextCell(service.__isset.team, service.team),
                          service.__isset.kind ? service.kind : std::string("application"),
                          !(service.__isset.disabled && service.disabled),
                          TextCell(service.__isset.description, service.description)});
  }
  return table;
}

Table TokensTable(const std::vector<idl::Token>& tokens, WallTime now) {
  Table table{{"token", "service", "state", "created_at", "expires_at", "created_by", "note"}, {}};
  for (const idl::Token& token : tokens) {
    const bool is_over = token.__isset.expires_at_us && token.expires_at_us <= now.micros;
    table.rows.push_back({token.id, HolderOf(token), std::string(is_over ? "expired" : "valid"),
                          TimeCell(true, token.created_at_us),
                          TimeCell(token.__isset.expires_at_us, token.expires_at_us),
                          TextCell(true, token.created_by),
                          token.is_session ? Cell(std::string("session"))
                                           : TextCell(token.__isset.note, token.note)});
  }
  return table;
}

Table GrantsTable(const std::vector<idl::Grant>& grants, WallTime now) {
  Table table{{"grant", "principal", "actions", "kind", "name", "state", "expires_at"}, {}};
  for (const idl::Grant& grant : grants) {
    const bool is_prefix = grant.__isset.is_prefix && grant.is_prefix;
    const bool is_over = grant.__isset.expires_at_us && grant.expires_at_us <= now.micros;
    table.rows.push_back({Id{grant.id}, grant.principal,
                          fmt::format("{}", fmt::join(grant.actions, ",")), grant.kind,
                          grant.name + (is_prefix ? "*" : ""),
                          std::string(is_over ? "expired" : "valid"),
                          TimeCell(grant.__isset.expires_at_us, grant.expires_at_us)});
  }
  return table;
}

Table OwnersTable(const std::vector<idl::Owner>& owners) {
  Table table{{"name", "kind", "team"}, {}};
  for (const idl::Owner& owner : owners) {
    table.rows.push_back({owner.name, owner.kind, owner.team});
  }
  return table;
}

Table AuditTable(const std::vector<idl::AuditEvent>& events) {
  Table table{{"id", "at", "log", "actor", "action", "object", "result", "source", "reason"}, {}};
  for (const idl::AuditEvent& event : events) {
    const bool has_other = event.__isset.on_behalf_of && !event.on_behalf_of.empty();
    table.rows.push_back(
        {Id{event.id}, FormatTime(WallTime{event.at_us}), LogOf(event),
         TextCell(true, has_other ? fmt::format("{} by {}", event.on_behalf_of, event.actor)
                                  : event.actor),
         event.action, TextCell(true, event.object_kind + " " + event.object_name), event.result,
         TextCell(true, event.source), TextCell(event.__isset.reason, event.reason)});
  }
  return table;
}

std::string AuditJson(const idl::AuditEvent& event) {
  Json page;
  page["id"] = std::to_string(event.id);
  page["at"] = FormatTime(WallTime{event.at_us});
  page["log"] = LogOf(event);
  page["actor"] = event.actor;
  if (event.__isset.on_behalf_of) page["on_behalf_of"] = event.on_behalf_of;
  page["source"] = event.source;
  page["request_id"] = event.request_id;
  page["action"] = event.action;
  page["object_kind"] = event.object_kind;
  page["object_name"] = event.object_name;
  if (event.__isset.before_json) page["before"] = Document(event.before_json);
  if (event.__isset.after_json) page["after"] = Document(event.after_json);
  if (event.__isset.reason) page["reason"] = event.reason;
  page["result"] = event.result;
  return OneLine(page);
}

Table HygieneTable(const std::vector<idl::HygieneFinding>& findings) {
  Table table{{"object", "kind", "at", "teams", "what"}, {}};
  for (const idl::HygieneFinding& finding : findings) {
    table.rows.push_back({MakeVisible(finding.object_kind + " " + finding.object_name),
                          finding.kind, TimeCell(finding.__isset.at_us, finding.at_us),
                          TextCell(true, fmt::format("{}", fmt::join(finding.teams, ", "))),
                          TextCell(true, finding.text)});
  }
  return table;
}

std::string IssuedJson(const idl::IssueTokenResponse& issued, const std::string& file) {
  Json page;
  page["id"] = issued.token.id;
  page["service"] = HolderOf(issued.token);
  if (issued.token.__isset.expires_at_us) {
    page["expires_at"] = FormatTime(WallTime{issued.token.expires_at_us});
  }
  if (file.empty()) {
    page["token"] = issued.secret;
  } else {
    page["file"] = file;
  }
  return OneLine(page);
}

}  // namespace lanemq::cli
