#include "client/cli/access/access_flags.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/text/suggest.h"
#include "client/cli/text/time_text.h"
#include "common/core/access/access_rules.h"

namespace lanemq::cli {
namespace {

using std::chrono::microseconds;

Error Bad(std::string why) { return {ErrorCode::kInvalidRequest, std::move(why)}; }

/// One of `words`, or an error that names them all.
Status CheckWord(std::string_view what, const std::string& word,
                 const std::vector<std::string>& words) {
  if (std::ranges::find(words, word) != words.end()) return {};
  const auto near = Suggest(word, words);
  return Bad(fmt::format("{} '{}' is none of {}{}", what, word, fmt::join(words, ", "),
                         near ? fmt::format(" (did you mean '{}'?)", *near) : ""));
}

std::vector<std::string> ActionsFor(const std::string& kind) {
  std::vector<std::string> names;
  for (const core::Action action : core::ActionsOf(*core::ResourceKindFromString(kind))) {
    names.emplace_back(core::ToString(action));
  }
  return names;
}

/// "90d" from `now` on, or the time itself; it must be to come.
Result<std::int64_t> ReadExpiry(const std::string& text, WallTime now) {
  if (const auto duration = ParseDuration(text); duration.ok()) {
    return now.micros + duration->count();
  }
  const auto time = ParseTime(text, now);
  if (!time.ok()) {
    return Bad(
        fmt::format("--expires: '{}' is neither a duration (90d) nor a time (2027-01-31)", text));
  }
  if (time->micros <= now.micros) return Bad(fmt::format("--expires: {} is over", text));
  return time->micros;
}

void SetMember(std::vector<idl::TeamMember>& members, const std::string& person,
               std::string_view role) {
  const auto found =
      std::ranges::find_if(members, [&](const auto& member) { return member.person == person; });
  idl::TeamMember& member = found == members.end() ? members.emplace_back() : *found;
  member.__set_person(person);
  member.__set_role(std::string(role));
}

}  // namespace

Result<std::string> ReadPrincipal(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string kind = colon == std::string::npos ? "service" : text.substr(0, colon);
  const std::string name = colon == std::string::npos ? text : text.substr(colon + 1);
  if (kind != "service" && kind != "team") {
    return Bad(
        fmt::format("'{}' is neither a service nor a team; try service:billing or "
                    "team:payments",
                    text));
  }
  LANEMQ_RETURN_IF_ERROR(core::CheckAccessName(kind, name));
  return kind + ":" + name;
}

Result<ObjectName> ReadObject(const ObjectFlags& flags, bool may_be_prefix) {
  if (flags.topic.empty() == flags.group.empty()) return Bad("give either --topic or --group");
  ObjectName object;
  object.kind = flags.topic.empty() ? "group" : "topic";
  object.name = flags.topic.empty() ? flags.group : flags.topic;
  const std::size_t star = object.name.find('*');
  if (star == std::string::npos) return object;
  if (!may_be_prefix) return Bad(fmt::format("--{} is one name here, without '*'", object.kind));
  if (star + 1 != object.name.size()) {
    return Bad(fmt::format("'{}': a '*' stands at the end alone, as in 'orders.*'", object.name));
  }
  object.is_prefix = true;
  object.name.pop_back();
  return object;
}

Result<idl::Grant> ReadGrant(const GrantFlags& flags, WallTime now) {
  idl::Grant grant;
  LANEMQ_ASSIGN_OR_RETURN(const ObjectName object, ReadObject(flags.object, true));
  grant.__set_kind(object.kind);
  grant.__set_name(object.name);
  if (object.is_prefix) grant.__set_is_prefix(true);
  LANEMQ_ASSIGN_OR_RETURN(const std::string principal, ReadPrincipal(flags.principal));
  grant.__set_principal(principal);
  if (flags.actions.empty()) return Bad("which actions? Name at least one");
  for (const std::string& action : flags.actions) {
    LANEMQ_RETURN_IF_ERROR(
        CheckWord(fmt::format("action on {}s", object.kind), action, ActionsFor(object.kind)));
  }
  grant.__set_actions(flags.actions);
  if (!flags.expires.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t expires_at, ReadExpiry(flags.expires, now));
    grant.__set_expires_at_us(expires_at);
  }
  return grant;
}

Result<idl::Team> ChangeTeam(idl::Team team, const TeamFlags& flags) {
  team.__set_name(flags.name);
  if (flags.description) team.__set_description(*flags.description);
  if (flags.oncall_route) team.__set_oncall_route(*flags.oncall_route);
  std::vector<idl::TeamMember> members = team.members;
  for (const std::string& person : flags.removed) {
    const auto is_gone = [&](const auto& member) { return member.person == person; };
    if (std::erase_if(members, is_gone) == 0) {
      return Error{ErrorCode::kNotFound,
                   fmt::format("{} is no member of team {}", person, flags.name)};
    }
  }
  for (const std::string& person : flags.members) SetMember(members, person, "member");
  for (const std::string& person : flags.leads) {
    if (std::ranges::find(flags.members, person) != flags.members.end()) {
      return Bad(fmt::format("is {} a member or a lead? Give one of the two", person));
    }
    SetMember(members, person, "lead");
  }
  team.__set_members(members);
  return team;
}

Result<idl::Service> ChangeService(idl::Service service, const ServiceFlags& flags) {
  service.__set_name(flags.name);
  if (!flags.team.empty()) service.__set_team(flags.team);
  if (!flags.kind.empty()) {
    LANEMQ_RETURN_IF_ERROR(
        CheckWord("--kind", flags.kind, {"application", "server", "gateway", "operator", "admin"}));
    service.__set_kind(flags.kind);
  }
  if (flags.description) service.__set_description(*flags.description);
  return service;
}

Result<idl::IssueTokenRequest> ReadIssue(const TokenFlags& flags) {
  if (flags.is_mine != flags.service.empty()) {
    return Bad("whose token? Name a SERVICE, or say --mine");
  }
  idl::IssueTokenRequest request;
  request.__set_service_name(flags.service);
  if (!flags.expires.empty()) {
    const auto duration = ParseDuration(flags.expires);
    if (!duration.ok()) return Bad("--expires: " + duration.error().message);
    request.__set_expires_in_s(std::chrono::duration_cast<std::chrono::seconds>(*duration).count());
  }
  if (!flags.note.empty()) request.__set_note(flags.note);
  return request;
}

Result<idl::SearchAuditRequest> ReadSearch(const AuditFlags& flags, WallTime now) {
  idl::SearchAuditRequest request;
  if (!flags.actor.empty()) {
    // People are asked about, too.
    request.__set_actor(flags.actor.find(':') == std::string::npos && flags.actor != "anonymous"
                            ? "service:" + flags.actor
                            : flags.actor);
  }
  if (!flags.object.topic.empty() || !flags.object.group.empty()) {
    if (!flags.kind.empty() || !flags.name.empty()) {
      return Bad("--topic and --group say the object: give no --kind and --name with them");
    }
    LANEMQ_ASSIGN_OR_RETURN(const ObjectName object, ReadObject(flags.object, false));
    request.__set_object_kind(object.kind);
    request.__set_object_name(object.name);
  }
  if (!flags.kind.empty()) request.__set_object_kind(flags.kind);
  if (!flags.name.empty()) request.__set_object_name(flags.name);
  if (!flags.action.empty()) request.__set_action(flags.action);
  if (flags.is_denied_only) request.__set_result("denied");
  if (!flags.source.empty()) request.__set_source(flags.source);
  if (!flags.cursor.empty()) request.__set_cursor(flags.cursor);
  if (!flags.since.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(const WallTime since, ParseTime(flags.since, now));
    request.__set_from_us(since.micros);
  }
  if (!flags.until.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(const WallTime until, ParseTime(flags.until, now));
    request.__set_until_us(until.micros);
  }
  return request;
}

Result<std::int64_t> ReadGrantId(const std::string& text) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error == std::errc{} && end == text.data() + text.size() && id > 0) return id;
  return Bad(fmt::format("'{}' is no id of a grant; `lanemq acl list` shows them", text));
}

}  // namespace lanemq::cli
