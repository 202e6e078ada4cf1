// What groups promise; see on_call_scope.h.
#include <memory>
#include <string>

#include <fmt/format.h>

#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/alert_table.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/commands/on_call_scope.h"
#include "client/cli/text/alert_flags.h"

namespace lanemq::cli {
namespace {

using rpc::OnCallClient;

struct NoFlags {};

std::string SubjectOf(const idl::LagObjective& objective) {
  return MakeVisible(
      fmt::format("{}{}", objective.group == "*" ? "every group" : "group " + objective.group,
                  objective.topic == "*" ? "" : " on topic " + objective.topic));
}

ExitCode Change(Session& session, const idl::LagObjective& objective, bool is_removal) {
  if (session.flags().is_dry_run) {
    session.out().Note(fmt::format("Would {} the objective of {}.", is_removal ? "remove" : "set",
                                   SubjectOf(objective)));
    return ExitCode::kDone;
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::SetLagObjectiveRequest request;
  request.__set_objective(objective);
  request.objective.__set_updated_by(WhoAsks());
  if (is_removal) request.__set_remove(true);
  auto reply = (*cluster)->Control(&OnCallClient::SetLagObjectiveSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  if (is_removal) {
    session.out().Note(fmt::format("The objective of {} is gone; the next wider one holds.",
                                   SubjectOf(objective)));
    return ExitCode::kDone;
  }
  std::erase_if(reply->objectives, [&](const idl::LagObjective& each) {
    return each.group != objective.group || each.topic != objective.topic;
  });
  session.Show(ObjectivesTable(reply->objectives, TimesOf(session)));
  return ExitCode::kDone;
}

ExitCode Set(Session& session, const ObjectiveFlags& flags) {
  const auto objective = ReadObjective(flags, true);
  if (!objective.ok()) return session.Fail(objective.error());
  return Change(session, *objective, false);
}

ExitCode Remove(Session& session, const ObjectiveFlags& flags) {
  const auto objective = ReadObjective(flags, false);
  if (!objective.ok()) return session.Fail(objective.error());
  return Change(session, *objective, true);
}

ExitCode List(Session& session, const NoFlags& /*flags*/) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply =
      (*cluster)->Control(&OnCallClient::ListLagObjectivesSync, idl::ListLagObjectivesRequest());
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(ObjectivesTable(reply->objectives, TimesOf(session)),
               "No objective: every group promises 60 s, is told to the platform, and pages.");
  return ExitCode::kDone;
}

void AddWhose(CLI::App& leaf, ObjectiveFlags& flags) {
  leaf.add_option("-g,--group", flags.group, "Group (default: every one)")->type_name("GROUP");
  leaf.add_option("-t,--topic", flags.topic, "Topic (default: every one)")->type_name("TOPIC");
}

}  // namespace

void AddAlertObjectives(CLI::App& alert, Action& action) {
  CLI::App* objective =
      alert.add_subcommand("objective", "What groups promise, and whose they are");
  objective->require_subcommand(0, 1);
  Explain(*objective,
          {"lanemq alert objective set -g billing --lag 60s --owner payments",
           "lanemq alert objective list", "lanemq alert objective remove -g billing"},
          "The most specific of group and topic, group, and all counts, field by field");

  const auto set = std::make_shared<ObjectiveFlags>();
  CLI::App* leaf =
      AddLeaf(*objective, "set", "Change some of it; the rest stays", action, set, Set);
  AddWhose(*leaf, *set);
  leaf->add_option("-l,--lag", set->lag, "The oldest unread message may be so old (60s)")
      ->type_name("TIME");
  leaf->add_option("--allow", set->allowed, "So many unread messages are no lag (0)")
      ->type_name("N");
  leaf->add_option("--owner", set->owner, "Who is told: a team, as channels know it")
      ->type_name("NAME");
  leaf->add_option("--tier", set->tier, "page or ticket: how urgent being slow is (page)")
      ->type_name("WORD");
  leaf->add_option("--alerts", set->alerts, "on or off (on)")->type_name("WORD");
  Explain(*leaf,
          {"lanemq alert objective set -g billing --lag 60s --owner payments",
           "lanemq alert objective set -g reports -t orders --lag 6h --tier ticket",
           "lanemq alert objective set -g playground --alerts off"},
          "lanemq alert objective list");

  Explain(
      *AddLeaf(*objective, "list", "List what was set", action, std::make_shared<NoFlags>(), List),
      {"lanemq alert objective list", "lanemq alert objective list --output json",
       "lanemq alert objective list --output csv"},
      "lanemq alert objective set");

  const auto remove = std::make_shared<ObjectiveFlags>();
  leaf = AddLeaf(*objective, "remove", "Go back to the next wider one", action, remove, Remove);
  AddWhose(*leaf, *remove);
  Explain(*leaf,
          {"lanemq alert objective remove -g billing",
           "lanemq alert objective remove -g billing -t orders",
           "lanemq alert objective remove -g billing --dry-run"},
          "lanemq alert objective list");
}

}  // namespace lanemq::cli
