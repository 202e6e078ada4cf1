#include <memory>
#include <string>

#include <fmt/format.h>

#include "client/cli/access/access_scope.h"
#include "client/cli/access/access_table.h"

namespace lanemq::cli {
namespace {

using rpc::AccessClient;

struct OwnerFlags {
  std::string team;
  ObjectFlags object;
  bool is_nobody = false;
};

ExitCode List(Session& session, const OwnerFlags& flags) {
  idl::ListOwnersRequest request;
  if (!flags.team.empty()) request.__set_team(flags.team);
  if (!flags.object.topic.empty() || !flags.object.group.empty()) {
    const auto object = ReadObject(flags.object, false);
    if (!object.ok()) return session.Fail(object.error());
    request.__set_kind(object->kind);
    request.__set_name(object->name);
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply = (*cluster)->Control(&AccessClient::ListOwnersSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(OwnersTable(reply->owners), "Nobody owns it; `lanemq owner set` gives it a team.");
  return ExitCode::kDone;
}

ExitCode Set(Session& session, const OwnerFlags& flags) {
  const auto object = ReadObject(flags.object, false);
  if (!object.ok()) return session.Fail(object.error());
  if (flags.team.empty() != flags.is_nobody) {
    return session.Fail({ErrorCode::kInvalidRequest, "give either --team or --nobody"});
  }
  const std::string what = fmt::format("{} {}", object->kind, object->name);
  if (IsRehearsal(session,
                  fmt::format("make {} {}", what,
                              flags.is_nobody ? "nobody's" : "team " + flags.team + "'s"))) {
    return ExitCode::kDone;
  }
  ExitCode refused{};
  if (flags.is_nobody &&
      !session.Confirm(fmt::format("Make {} nobody's? Its team's services may not use it then.",
                                   MakeVisible(what)),
                       refused)) {
    return refused;
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::SetOwnerRequest request;
  request.__set_kind(object->kind);
  request.__set_name(object->name);
  if (!flags.is_nobody) request.__set_team(flags.team);
  auto reply = (*cluster)->Control(&AccessClient::SetOwnerSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  std::erase_if(reply->owners, [&](const idl::Owner& each) {
    return each.kind != object->kind || each.name != object->name;
  });
  session.Show(OwnersTable(reply->owners), MakeVisible(what) + " is nobody's now.");
  return ExitCode::kDone;
}

}  // namespace

void AddOwnerCommands(CLI::App& root, Action& action) {
  CLI::App* owner = AddAccessNoun(
      root, "owner", "Show and set which team topics and groups are of",
      {"lanemq owner list --team payments", "lanemq owner set --topic orders --team payments",
       "lanemq owner list --topic orders"},
      "lanemq team, lanemq acl");
  const auto list = std::make_shared<OwnerFlags>();
  CLI::App* leaf = AddLeaf(*owner, "list", "List who owns what: whom to ask", action, list, List);
  leaf->add_option("--team", list->team, "Only what this team owns")->type_name("TEAM");
  AddObjectFlags(*leaf, list->object, "Only");
  Explain(*leaf,
          {"lanemq owner list", "lanemq owner list --team payments",
           "lanemq owner list --topic orders --output json"},
          "lanemq acl list");
  const auto set = std::make_shared<OwnerFlags>();
  leaf = AddLeaf(*owner, "set", "Give a topic or a group to a team", action, set, Set);
  AddObjectFlags(*leaf, set->object, "Of");
  leaf->add_option("--team", set->team, "Whose it is: its services may use it")->type_name("TEAM");
  leaf->add_flag("--nobody", set->is_nobody, "Nobody's any more");
  Explain(*leaf,
          {"lanemq owner set --topic orders --team payments",
           "lanemq owner set --group billing --team payments --reason 'as agreed'",
           "lanemq owner set --topic orders --nobody"},
          "The topic or group need not exist yet. lanemq owner list, lanemq acl grant");
}

}  // namespace lanemq::cli
