#include "client/cli/commands/alert_table.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "client/cli/output/json_text.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

Cell TextCell(bool is_set, const std::string& text) {
  if (!is_set || text.empty()) return std::monostate{};
  return MakeVisible(text);
}

Cell TimeCell(bool is_set, std::int64_t micros) {
  if (!is_set || micros == 0) return std::monostate{};
  return FormatTime(WallTime{micros});
}

Cell MillisCell(bool is_set, std::int64_t millis, Times times) {
  if (!is_set) return std::monostate{};
  if (times == Times::kMillis) return millis;
  return FormatDuration(milliseconds{millis});
}

int StateRank(const idl::Alert& alert) {
  return alert.state == "firing" ? 0 : alert.state == "pending" ? 1 : 2;
}

/// Why nobody is told of it, or nothing.
std::string QuietText(const idl::Alert& alert) {
  if (alert.__isset.is_silenced && alert.is_silenced) return "silenced";
  if (!alert.inhibited_by.empty()) return "explained by " + alert.inhibited_by;
  return {};
}

Table AllColumns(const std::vector<idl::Alert>& alerts) {
  Table table{{"incident", "state", "severity", "kind", "subject", "owner", "summary", "cause",
               "since", "fired", "resolved", "is_silenced", "silence_reason", "silenced_until",
               "inhibited_by", "runbook"},
              {}};
  for (const idl::Alert& alert : alerts) {
    table.rows.push_back(
        {alert.incident, alert.state, alert.severity, alert.kind, alert.subject,
         TextCell(true, alert.owner), TextCell(true, alert.summary), TextCell(true, alert.cause),
         TimeCell(true, alert.since_us), TimeCell(alert.__isset.fired_us, alert.fired_us),
         TimeCell(alert.__isset.resolved_us, alert.resolved_us),
         alert.__isset.is_silenced && alert.is_silenced, TextCell(true, alert.silence_reason),
         TimeCell(alert.__isset.silenced_until_us, alert.silenced_until_us),
         TextCell(true, alert.inhibited_by), TextCell(true, alert.runbook)});
  }
  return table;
}

}  // namespace

Table AlertsTable(std::vector<idl::Alert> alerts, WallTime now, Times times) {
  std::ranges::stable_sort(alerts, [](const idl::Alert& a, const idl::Alert& b) {
    // Of what is over, the newest first.
    const auto age = [](const idl::Alert& x) {
      return StateRank(x) == 2 ? -x.resolved_us : x.since_us;
    };
    return std::make_tuple(StateRank(a), a.severity != "page", age(a)) <
           std::make_tuple(StateRank(b), b.severity != "page", age(b));
  });
  if (times == Times::kMillis) return AllColumns(alerts);
  Table table{{"incident", "state", "severity", "for", "kind", "subject", "owner", "quiet"}, {}};
  for (const idl::Alert& alert : alerts) {
    const std::int64_t end = alert.__isset.resolved_us ? alert.resolved_us : now.micros;
    table.rows.push_back(
        {alert.incident, alert.state, alert.severity,
         FormatDuration(microseconds{std::max<std::int64_t>(end - alert.since_us, 0)}), alert.kind,
         alert.subject, TextCell(true, alert.owner), TextCell(true, QuietText(alert))});
  }
  if (std::ranges::all_of(alerts, [](const auto& a) { return QuietText(a).empty(); })) {
    table.columns.pop_back();
    for (auto& row : table.rows) row.pop_back();
  }
  return table;
}

Result<idl::Alert> FindIncident(const std::vector<idl::Alert>& alerts, const std::string& word) {
  const idl::Alert* found = nullptr;
  for (const idl::Alert& alert : alerts) {
    if (alert.incident == word) return alert;
    if (word.empty() || !alert.incident.starts_with(word)) continue;
    if (found != nullptr) {
      return Error{ErrorCode::kInvalidRequest,
                   fmt::format("several incidents begin with '{}': type more of it", word)};
    }
    found = &alert;
  }
  if (found != nullptr) return *found;
  return Error{ErrorCode::kNotFound,
               fmt::format("there is no incident '{}' of the last 90 days", word)};
}

std::string AlertText(const idl::Alert& alert, const std::vector<idl::AlertEvent>& events,
                      WallTime now, const Screen& screen) {
  std::string text;
  const auto line = [&](std::string_view label, const std::string& value) {
    if (value.empty()) return;
    const std::string wrapped = Wrap(MakeVisible(value), screen.columns, 10);
    text += fmt::format("{:<10}", label) + (wrapped.size() > 10 ? wrapped.substr(10) : "\n");
  };
  const std::int64_t end = alert.__isset.resolved_us ? alert.resolved_us : now.micros;
  line("INCIDENT", alert.incident);
  line("ALERT", fmt::format("{} ({}): {}", alert.kind, alert.severity, alert.subject));
  line("STATE",
       fmt::format("{}{} for {}", alert.state, alert.state == "resolved" ? ", lasted" : "",
                   FormatDuration(microseconds{std::max<std::int64_t>(end - alert.since_us, 0)})));
  line("SUMMARY", alert.summary);
  line("CAUSE", alert.cause);
  line("OWNER", alert.owner.empty() ? "the platform" : alert.owner);
  line("SINCE", FormatTime(WallTime{alert.since_us}));
  if (alert.__isset.fired_us) line("FIRED", FormatTime(WallTime{alert.fired_us}));
  if (alert.__isset.resolved_us) line("RESOLVED", FormatTime(WallTime{alert.resolved_us}));
  if (alert.__isset.is_silenced && alert.is_silenced) {
    line("SILENCED", fmt::format("until {}: {}", FormatTime(WallTime{alert.silenced_until_us}),
                                 alert.silence_reason));
  }
  if (!alert.inhibited_by.empty()) line("EXPLAINED", "by " + alert.inhibited_by);
  line("RUNBOOK", alert.runbook);
  if (events.empty()) return text;
  Table table = AlertEventsTable(events);
  for (auto& row : table.rows) row.erase(row.begin() + 1);  // The incident is above.
  table.columns.erase(table.columns.begin() + 1);
  std::ranges::reverse(table.rows);
  return text + "\n" + Render(table, {});
}

std::string AlertJson(const idl::Alert& alert, const std::vector<idl::AlertEvent>& events) {
  const Table table = AlertEventsTable(events);
  std::string rows;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    rows += (row > 0 ? "," : "") + JsonRow(table, row);
  }
  std::string head = JsonRow(AllColumns({alert}), 0);
  head.pop_back();  // Its brace.
  return fmt::format("{},\"events\":[{}]}}\n", head, rows);
}

Table AlertEventsTable(const std::vector<idl::AlertEvent>& events) {
  Table table{{"at", "incident", "what", "detail"}, {}};
  for (const idl::AlertEvent& event : events) {
    table.rows.push_back({FormatTime(WallTime{event.at_us}), event.incident, event.what,
                          TextCell(true, event.detail)});
  }
  return table;
}

Table AlertRulesTable(const std::vector<idl::AlertRule>& rules, Times times) {
  const bool is_for_people = times == Times::kForPeople;
  Table table{
      {"kind", "on", "severity", is_for_people ? "for" : "for_ms", "threshold", "owner", "meaning"},
      {}};
  for (const idl::AlertRule& rule : rules) {
    Cell threshold;
    if (rule.__isset.threshold && is_for_people) threshold = fmt::format("{:g}", rule.threshold);
    if (rule.__isset.threshold && !is_for_people) threshold = rule.threshold;
    table.rows.push_back({rule.kind, !rule.__isset.is_on || rule.is_on,
                          TextCell(rule.__isset.severity, rule.severity),
                          MillisCell(rule.__isset.for_ms, rule.for_ms, times), threshold,
                          TextCell(rule.__isset.owner, rule.owner),
                          TextCell(rule.__isset.meaning, rule.meaning)});
  }
  return table;
}

Table AlertChannelsTable(const std::vector<idl::AlertChannel>& channels) {
  Table table{{"channel", "type", "on", "severity", "owners", "url", "recipients", "queued",
               "last_delivered", "last_error"},
              {}};
  for (const idl::AlertChannel& channel : channels) {
    table.rows.push_back({channel.name, channel.type, !channel.__isset.is_on || channel.is_on,
                          TextCell(channel.__isset.severity, channel.severity),
                          TextCell(true, fmt::format("{}", fmt::join(channel.owners, ","))),
                          channel.url,
                          TextCell(true, fmt::format("{}", fmt::join(channel.recipients, ","))),
                          channel.__isset.queued ? Cell(std::int64_t{channel.queued}) : Cell(),
                          TimeCell(channel.__isset.last_delivered_us, channel.last_delivered_us),
                          TextCell(channel.__isset.last_error, channel.last_error)});
  }
  return table;
}

Table SilencesTable(const std::vector<idl::AlertSilence>& silences) {
  Table table{{"id", "kind", "subject", "until", "by", "reason"}, {}};
  for (const idl::AlertSilence& silence : silences) {
    table.rows.push_back({Id{silence.id}, silence.kind, silence.subject,
                          FormatTime(WallTime{silence.until_us}),
                          TextCell(true, silence.created_by), TextCell(true, silence.reason)});
  }
  return table;
}

Table ObjectivesTable(const std::vector<idl::LagObjective>& objectives, Times times) {
  Table table{{"group", "topic", times == Times::kForPeople ? "lag" : "lag_ms", "allowed", "owner",
               "tier", "alerts", "updated_by", "updated"},
              {}};
  for (const idl::LagObjective& each : objectives) {
    Cell allowed;
    if (each.__isset.allowed_messages) allowed = each.allowed_messages;
    Cell alerts;
    if (each.__isset.alerts_on) alerts = std::string(each.alerts_on ? "on" : "off");
    table.rows.push_back(
        {each.group, each.topic, MillisCell(each.__isset.objective_ms, each.objective_ms, times),
         allowed, TextCell(each.__isset.owner, each.owner), TextCell(each.__isset.tier, each.tier),
         alerts, TextCell(each.__isset.updated_by, each.updated_by),
         TimeCell(each.__isset.updated_us, each.updated_us)});
  }
  return table;
}

}  // namespace lanemq::cli
