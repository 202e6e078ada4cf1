#include <memory>
#include <string>

#include <fmt/format.h>

#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/alert_table.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/commands/on_call_scope.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using rpc::OnCallClient;

constexpr std::int32_t kDaysMax = 90;  // What is kept.
constexpr std::int32_t kAlertsMax = 5'000;
constexpr std::int32_t kEventsMax = 1'000;

struct NoFlags {};
struct ListFlags {
  std::string owner;
  std::int32_t resolved_days = 0;
  std::int32_t max = 500;
  bool is_firing_only = false;
};
struct ShowFlags {
  std::string incident;
};
struct EventsFlags {
  std::string incident;
  std::int32_t max = 100;
};

WallTime Now() { return SystemClock::Instance().WallNow(); }

ExitCode List(Session& session, const ListFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::ListAlertsRequest request;
  if (!flags.owner.empty()) request.__set_owner(flags.owner);
  request.__set_resolved_days(flags.resolved_days);
  request.__set_max(flags.max);
  auto reply = (*cluster)->Control(&OnCallClient::ListAlertsSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  if (flags.is_firing_only) {
    std::erase_if(reply->alerts, [](const idl::Alert& alert) { return alert.state != "firing"; });
  }
  session.Show(AlertsTable(std::move(reply->alerts), Now(), TimesOf(session)),
               flags.resolved_days > 0 ? "There were no alerts." : "No alert.");
  return ExitCode::kDone;
}

ExitCode Show(Session& session, const ShowFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::ListAlertsRequest request;
  request.__set_resolved_days(kDaysMax);
  request.__set_max(kAlertsMax);
  const auto reply = (*cluster)->Control(&OnCallClient::ListAlertsSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  const auto alert = FindIncident(reply->alerts, flags.incident);
  if (!alert.ok()) {
    return session.Fail(alert.error(), "`lanemq alert list --resolved 7` shows incidents");
  }
  idl::ListAlertEventsRequest of_it;
  of_it.__set_incident(alert->incident);
  of_it.__set_max(kEventsMax);
  const auto events = (*cluster)->Control(&OnCallClient::ListAlertEventsSync, of_it);
  if (!events.ok()) return session.Fail(events.error());
  session.out().Data(session.IsJson()
                         ? AlertJson(*alert, events->events)
                         : AlertText(*alert, events->events, Now(), ScreenOf(session)));
  return ExitCode::kDone;
}

ExitCode Events(Session& session, const EventsFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::ListAlertEventsRequest request;
  if (!flags.incident.empty()) request.__set_incident(flags.incident);
  request.__set_max(flags.max);
  const auto reply = (*cluster)->Control(&OnCallClient::ListAlertEventsSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(AlertEventsTable(reply->events), "Nothing has happened.");
  return ExitCode::kDone;
}

ExitCode Rules(Session& session, const NoFlags& /*flags*/) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply =
      (*cluster)->Control(&OnCallClient::ListAlertRulesSync, idl::ListAlertRulesRequest());
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(AlertRulesTable(reply->rules, TimesOf(session)));
  return ExitCode::kDone;
}

ExitCode Channels(Session& session, const NoFlags& /*flags*/) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply =
      (*cluster)->Control(&OnCallClient::ListAlertChannelsSync, idl::ListAlertChannelsRequest());
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(AlertChannelsTable(reply->channels),
               "No channel: nobody is told of alerts. `lanemq alert channel add` makes one.");
  return ExitCode::kDone;
}

ExitCode Silences(Session& session, const NoFlags& /*flags*/) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply =
      (*cluster)->Control(&OnCallClient::ListSilencesSync, idl::ListSilencesRequest());
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(SilencesTable(reply->silences), "Nothing is silenced.");
  return ExitCode::kDone;
}

void AddList(CLI::App& alert, Action& action) {
  const auto flags = std::make_shared<ListFlags>();
  CLI::App* leaf =
      AddLeaf(alert, "list", "List alerts that fire or are about to", action, flags, List);
  leaf->add_option("--owner", flags->owner, "Only of this owner")->type_name("NAME");
  leaf->add_option("--resolved", flags->resolved_days, "Also those resolved in so many days (0)")
      ->type_name("DAYS")
      ->check(CLI::Range(0, kDaysMax));
  leaf->add_flag("--firing", flags->is_firing_only, "Only those that fire");
  leaf->add_option("-n,--max,--limit", flags->max, "At most so many (500)")
      ->type_name("N")
      ->check(CLI::Range(1, kAlertsMax));
  Explain(*leaf,
          {"lanemq alert list", "lanemq alert list --owner payments --resolved 7",
           "lanemq alert list --firing --output json | jq -r '.items[].summary'"},
          "lanemq alert show INCIDENT");
}

}  // namespace

void AddAlertCommands(CLI::App& root, Action& action) {
  CLI::App* alert =
      root.add_subcommand("alert", "Alerts: look, silence, route, set what groups promise");
  alert->require_subcommand(0, 1);
  Explain(*alert,
          {"lanemq alert list",
           "lanemq alert silence --subject 'group billing*' --for 2h --reason deploy",
           "lanemq alert objective set -g billing --lag 60s --owner payments"},
          "docs/OPERATING.md, docs/runbooks");
  AddList(*alert, action);

  const auto show = std::make_shared<ShowFlags>();
  CLI::App* leaf = AddLeaf(*alert, "show", "Everything about one incident", action, show, Show);
  leaf->add_option("INCIDENT", show->incident, "Its id, or how it begins")->required();
  Explain(*leaf,
          {"lanemq alert show 4f21", "lanemq alert show 4f21 --output json",
           "lanemq alert list --output name | xargs -n1 lanemq alert show"},
          "lanemq alert list");

  const auto events = std::make_shared<EventsFlags>();
  leaf = AddLeaf(*alert, "events", "What happened to alerts, newest first", action, events, Events);
  leaf->add_option("INCIDENT", events->incident, "Only of this one");
  leaf->add_option("-n,--max,--limit", events->max, "At most so many (100)")
      ->type_name("N")
      ->check(CLI::Range(1, kEventsMax));
  Explain(*leaf,
          {"lanemq alert events", "lanemq alert events -n 1000 --output jsonl",
           "lanemq alert events --output csv > events.csv"},
          "lanemq alert show INCIDENT");

  Explain(*AddLeaf(*alert, "rules", "List what is looked for, and from when on it is told", action,
                   std::make_shared<NoFlags>(), Rules),
          {"lanemq alert rules", "lanemq alert rules --output name",
           "lanemq alert rules --output json | jq '.items[] | select(.on)'"},
          "lanemq alert rule set");
  Explain(*AddLeaf(*alert, "channels", "List where notices go, and how that works", action,
                   std::make_shared<NoFlags>(), Channels),
          {"lanemq alert channels", "lanemq alert channels --output json",
           "lanemq alert channels --output name | xargs -n1 lanemq alert channel test"},
          "lanemq alert channel add");
  Explain(*AddLeaf(*alert, "silences", "List what nobody is told about at the moment", action,
                   std::make_shared<NoFlags>(), Silences),
          {"lanemq alert silences", "lanemq alert silences --output json",
           "lanemq alert silences --output name | xargs -n1 lanemq alert unsilence"},
          "lanemq alert silence, lanemq alert unsilence");
  AddAlertChanges(*alert, action);
  AddAlertObjectives(*alert, action);
}

}  // namespace lanemq::cli
