#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/access/access_scope.h"
#include "client/cli/access/access_table.h"

namespace lanemq::cli {
namespace {

using rpc::AccessClient;

ExitCode List(Session& session, const NoAccessFlags& /*flags*/) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply = (*cluster)->Control(&AccessClient::ListTeamsSync, idl::ListTeamsRequest());
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(TeamsTable(reply->teams), "There are no teams; `lanemq team put NAME` makes one.");
  return ExitCode::kDone;
}

/// The team as it is; a new one when there is none of the name.
Result<idl::Team> FindTeam(Cluster& cluster, const std::string& name) {
  LANEMQ_ASSIGN_OR_RETURN(const auto reply,
                          cluster.Control(&AccessClient::ListTeamsSync, idl::ListTeamsRequest()));
  for (const idl::Team& team : reply.teams) {
    if (team.name == name) return team;
  }
  return idl::Team();
}

ExitCode Put(Session& session, const TeamFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto before = FindTeam(**cluster, flags.name);
  if (!before.ok()) return session.Fail(before.error());
  const auto team = ChangeTeam(*before, flags);
  if (!team.ok()) return session.Fail(team.error(), "lanemq team put --help");
  if (session.flags().is_dry_run) {
    session.Show(TeamsTable({*team}));
    session.out().Note("This is what would be: nothing was changed.");
    return ExitCode::kDone;
  }
  idl::PutTeamRequest request;
  request.__set_team(*team);
  auto reply = (*cluster)->Control(&AccessClient::PutTeamSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  std::erase_if(reply->teams, [&](const idl::Team& each) { return each.name != flags.name; });
  session.Show(TeamsTable(reply->teams));
  return ExitCode::kDone;
}

ExitCode Delete(Session& session, const NamesFlags& flags) {
  const std::string all = MakeVisible(fmt::format("{}", fmt::join(flags.names, ", ")));
  if (IsRehearsal(session, "delete team " + all)) return ExitCode::kDone;
  ExitCode refused{};
  if (!session.Confirm(fmt::format("Delete team {}?", all), refused)) return refused;
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  return ForEachName(session, flags.names, "team", [&](const auto& name) -> Result<std::string> {
    idl::DeleteTeamRequest request;
    request.__set_name(name);
    LANEMQ_RETURN_IF_ERROR((*cluster)->Control(&AccessClient::DeleteTeamSync, request));
    return std::string("deleted");
  });
}

void AddPut(CLI::App& team, Action& action) {
  const auto flags = std::make_shared<TeamFlags>();
  CLI::App* leaf =
      AddLeaf(team, "put", "Make a team, or change what is given of it", action, flags, Put);
  leaf->add_option("NAME", flags->name, "a-z, 0-9, '-', '_', '.'; begins with a letter")
      ->required();
  leaf->add_option("--lead", flags->leads, "This person is a lead of it; may be repeated")
      ->type_name("PERSON")
      ->allow_extra_args(false);
  leaf->add_option("--member", flags->members, "This person is a member of it; may be repeated")
      ->type_name("PERSON")
      ->allow_extra_args(false);
  leaf->add_option("--remove", flags->removed, "This person is none any more; may be repeated")
      ->type_name("PERSON")
      ->allow_extra_args(false);
  leaf->add_option("--description", flags->description, "What it is for")->type_name("TEXT");
  leaf->add_option("--oncall-route", flags->oncall_route, "Alert channel that its alerts go to")
      ->type_name("CHANNEL");
  Explain(*leaf,
          {"lanemq team put payments --lead ann --member bob",
           "lanemq team put payments --remove bob --reason 'bob has left'",
           "lanemq team put payments --oncall-route pay --dry-run"},
          "lanemq service put, lanemq owner set");
}

}  // namespace

void AddTeamCommands(CLI::App& root, Action& action) {
  CLI::App* team = AddAccessNoun(
      root, "team", "List, make, change and delete teams",
      {"lanemq team list", "lanemq team put payments --lead ann", "lanemq team delete payments"},
      "lanemq service, lanemq owner");
  Explain(*AddLeaf(*team, "list", "List teams and who is in them", action,
                   std::make_shared<NoAccessFlags>(), List),
          {"lanemq team list", "lanemq team list --output name",
           "lanemq team list --output json | jq -r '.items[].members'"},
          "lanemq service list");
  AddPut(*team, action);
  const auto flags = std::make_shared<NamesFlags>();
  CLI::App* leaf =
      AddLeaf(*team, "delete", "Delete teams that have nothing any more", action, flags, Delete);
  leaf->add_option("NAME", flags->names, "Teams")->required();
  Explain(
      *leaf,
      {"lanemq team delete payments", "lanemq team delete payments --dry-run",
       "lanemq team delete payments ledger --yes"},
      "Its services, grants and what it owns go first: lanemq service, lanemq acl, lanemq owner");
}

}  // namespace lanemq::cli
