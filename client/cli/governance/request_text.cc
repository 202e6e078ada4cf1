#include "client/cli/governance/request_text.h"

#include <optional>
#include <string_view>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "client/cli/access/access_table.h"
#include "client/cli/text/time_text.h"
#include "common/core/access/access_rules.h"
#include "common/core/policy/bundle_json.h"
#include "common/core/policy/policy_text.h"

namespace lanemq::cli {
namespace {

using Json = nlohmann::ordered_json;

/// "key value, key value".
class Facts {
 public:
  void Add(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    text_ += fmt::format("{}{} {}", text_.empty() ? "" : ", ", name, value);
  }
  void Add(const core::TopicConfig& config) {
    for (const auto& [name, value] : config) {
      text_ += fmt::format("{}{}={}", text_.empty() ? "" : ", ", name, value);
    }
  }
  void Add(const std::optional<core::Traffic>& traffic) {
    if (!traffic) return;
    Add("traffic", fmt::format("{} messages a day of {} bytes", traffic->messages_per_day,
                               traffic->message_bytes));
  }
  /// ": facts"; nothing without any.
  [[nodiscard]] std::string After(std::string head) const {
    return text_.empty() ? head : head + ": " + text_;
  }

 private:
  std::string text_;
};

std::string ThingOf(core::ResourceKind kind, const std::string& name, bool is_prefix) {
  return ObjectText(std::string(core::ToString(kind)), name, is_prefix);
}

/// One kind of change each.
struct LineOf {
  std::string operator()(const core::CreateTopicChange& c) const {
    Facts facts;
    facts.Add("owner", c.owner);
    facts.Add("tier", c.tier);
    facts.Add("partitions", std::to_string(c.partitions));
    facts.Add(c.config);
    facts.Add(c.traffic);
    facts.Add("description", c.description);
    return facts.After("+ topic " + c.name);
  }
  std::string operator()(const core::AlterTopicChange& c) const {
    Facts facts;
    facts.Add("tier", c.tier.value_or(""));
    facts.Add(c.set);
    for (const std::string& name : c.unset) facts.Add(name, "as by default");
    facts.Add(c.traffic);
    facts.Add("description", c.description.value_or(""));
    return facts.After("~ topic " + c.name);
  }
  std::string operator()(const core::AddPartitionsChange& c) const {
    return fmt::format("~ topic {}: partitions {}", c.name, c.partitions);
  }
  std::string operator()(const core::DeleteTopicChange& c) const {
    return fmt::format("- topic {}, with its messages", c.name);
  }
  std::string operator()(const core::PutGroupChange& c) const {
    Facts facts;
    facts.Add("owner", c.owner);
    facts.Add("tier", c.tier);
    facts.Add("description", c.description);
    return facts.After("+ group " + c.name);
  }
  std::string operator()(const core::DeleteGroupChange& c) const { return "- group " + c.name; }
  std::string operator()(const core::PutGrantChange& c) const {
    const core::Grant& grant = c.grant;
    return fmt::format("+ grant: {} may {} {}{}", core::ToString(grant.principal),
                       core::ListOf(grant.actions),
                       ThingOf(grant.kind, grant.name, grant.is_prefix),
                       grant.expires_at ? ", until " + FormatTime(*grant.expires_at) : "");
  }
  std::string operator()(const core::RevokeGrantChange& c) const {
    return fmt::format("- grant: to {} on {}", core::ToString(c.principal),
                       ThingOf(c.kind, c.name, c.is_prefix));
  }
  std::string operator()(const core::SetOwnerChange& c) const {
    return fmt::format("~ {}: owner {}", ThingOf(c.kind, c.name, false),
                       c.team.empty() ? "nobody" : c.team);
  }
  std::string operator()(const core::SetQuotaChange& c) const {
    Facts facts;
    for (const core::QuotaField& field : core::kQuotaFields) {
      const auto& value = c.quota.*field.value;
      if (value) facts.Add(field.name, std::to_string(*value));
    }
    return facts.After(fmt::format("~ quota of {}", c.team));
  }
  std::string operator()(const core::PutTeamChange& c) const {
    Facts facts;
    for (const core::TeamMember& member : c.team.members) {
      facts.Add(core::ToString(member.role), member.person);
    }
    facts.Add("on-call route", c.team.oncall_route);
    facts.Add("description", c.team.description);
    return facts.After("+ team " + c.team.name);
  }
  std::string operator()(const core::DeleteTeamChange& c) const { return "- team " + c.name; }
};

/// What somebody may do about a request in this state.
std::vector<std::string> NextSteps(const idl::ChangeRequest& request) {
  if (request.state == "draft") {
    return {fmt::format("lanemq request submit {}", request.id),
            fmt::format("lanemq request edit {} -f FILE", request.id)};
  }
  if (request.state == "pending") {
    return {fmt::format("lanemq request approve {} --if-version {}", request.id, request.version),
            fmt::format("lanemq request decline {} --reason '...'", request.id),
            fmt::format("lanemq request withdraw {}", request.id)};
  }
  if (request.state == "applying") {
    return {fmt::format("lanemq request give-up {} --reason '...'", request.id)};
  }
  return {};
}

std::string WhenText(std::int64_t micros) { return FormatTime(WallTime{micros}); }

void AddWho(const idl::ChangeRequest& request, std::string& text) {
  for (const idl::Approval& approval : request.approvals) {
    text += fmt::format("  agreed    {} for {}, {}\n", MakeVisible(approval.by),
                        MakeVisible(approval.approver), WhenText(approval.at_us));
  }
  if (!request.missing.empty()) {
    text += fmt::format("  missing   the yes of {}\n",
                        MakeVisible(fmt::format("{}", fmt::join(request.missing, ", and of "))));
  }
  if (request.__isset.break_glass_reason) {
    text += fmt::format("  by force  without the yes it needs: {}\n",
                        MakeVisible(request.break_glass_reason));
  }
  if (request.__isset.reason) text += fmt::format("  reason    {}\n", MakeVisible(request.reason));
  if (request.__isset.last_error) {
    text += fmt::format("  trouble   {}\n", MakeVisible(request.last_error));
  }
}

}  // namespace

std::vector<std::string> BundleLines(const core::Bundle& bundle) {
  std::vector<std::string> lines;
  for (const core::Change& change : bundle.changes) {
    lines.push_back(MakeVisible(std::visit(LineOf{}, change)));
  }
  return lines;
}

Table RequestsTable(const std::vector<idl::ChangeRequest>& requests) {
  Table table{{"request", "state", "author", "changes", "missing", "changed_at", "title"}, {}};
  for (const idl::ChangeRequest& request : requests) {
    Cell missing;
    if (!request.missing.empty()) {
      missing = MakeVisible(fmt::format("{}", fmt::join(request.missing, ", ")));
    }
    Cell title;
    if (!request.title.empty()) title = MakeVisible(request.title);
    table.rows.push_back({Id{request.id}, request.state, MakeVisible(request.author),
                          std::int64_t{request.changes}, missing, WhenText(request.changed_at_us),
                          title});
  }
  return table;
}

std::string RequestText(const idl::ChangeRequest& request) {
  std::string text = fmt::format("Request {}{}{}\n", request.id, request.title.empty() ? "" : ": ",
                                 MakeVisible(request.title));
  text += fmt::format("  state     {}", request.state);
  if (request.__isset.expires_at_us) {
    text += fmt::format(" (expires {})", WhenText(request.expires_at_us));
  }
  if (request.state == "applying" && request.__isset.steps) {
    text += fmt::format(" ({} of {} steps done)", request.steps_done, request.steps);
  }
  text += fmt::format("\n  author    {}, {}\n", MakeVisible(request.author),
                      WhenText(request.created_at_us));
  AddWho(request, text);
  const auto bundle = core::BundleFromText(request.bundle_json);
  if (bundle.ok()) {
    text += fmt::format("  changes   {}\n", request.changes);
    for (const std::string& line : BundleLines(*bundle)) text += "    " + line + "\n";
  }
  const std::vector<std::string> next = NextSteps(request);
  if (!next.empty()) text += fmt::format("  next      {}\n", fmt::join(next, "\n            "));
  return text;
}

std::string RequestJson(const idl::ChangeRequest& request) {
  Json page = {{"request", std::to_string(request.id)},
               {"state", request.state},
               {"version", std::to_string(request.version)},
               {"author", request.author},
               {"title", request.title},
               {"changes", request.changes},
               {"approvers", request.approvers},
               {"missing", request.missing}};
  page["approvals"] = Json::array();
  for (const idl::Approval& approval : request.approvals) {
    page["approvals"].push_back(
        {{"approver", approval.approver}, {"by", approval.by}, {"at", WhenText(approval.at_us)}});
  }
  if (request.__isset.reason) page["reason"] = request.reason;
  if (request.__isset.break_glass_reason) page["break_glass_reason"] = request.break_glass_reason;
  if (request.__isset.last_error) page["last_error"] = request.last_error;
  page["created_at"] = WhenText(request.created_at_us);
  page["changed_at"] = WhenText(request.changed_at_us);
  if (request.__isset.expires_at_us) page["expires_at"] = WhenText(request.expires_at_us);
  if (request.__isset.bundle_json) {
    page["bundle"] = Json::parse(request.bundle_json, nullptr, /*allow_exceptions=*/false);
  }
  return page.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lanemq::cli
