#include <algorithm>
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

struct ListFlags {
  std::string principal;
  ObjectFlags object;
};
struct CheckAccessFlags {
  std::string action;
  ObjectFlags object;
  std::string principal;
};

ExitCode List(Session& session, const ListFlags& flags) {
  idl::ListGrantsRequest request;
  if (!flags.principal.empty()) {
    const auto principal = ReadPrincipal(flags.principal);
    if (!principal.ok()) return session.Fail(principal.error());
    request.__set_principal(*principal);
  }
  if (!flags.object.topic.empty() || !flags.object.group.empty()) {
    const auto object = ReadObject(flags.object, false);
    if (!object.ok()) return session.Fail(object.error());
    request.__set_kind(object->kind);
    request.__set_name(object->name);
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply = (*cluster)->Control(&AccessClient::ListGrantsSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(GrantsTable(reply->grants, WallNow()),
               "No such grant. What a team owns its services may use without one: "
               "`lanemq owner list`.");
  return ExitCode::kDone;
}

bool IsSame(const idl::Grant& a, const idl::Grant& b) {
  const auto is_prefix = [](const idl::Grant& grant) {
    return grant.__isset.is_prefix && grant.is_prefix;
  };
  return a.kind == b.kind && a.name == b.name && a.principal == b.principal &&
         is_prefix(a) == is_prefix(b);
}

ExitCode Give(Session& session, const GrantFlags& flags) {
  const auto grant = ReadGrant(flags, WallNow());
  if (!grant.ok()) return session.Fail(grant.error(), "lanemq acl grant --help");
  if (IsRehearsal(session,
                  fmt::format("let {} {} {}", grant->principal, fmt::join(grant->actions, ", "),
                              ObjectText(grant->kind, grant->name, grant->is_prefix)))) {
    return ExitCode::kDone;
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::PutGrantRequest request;
  request.__set_grant(*grant);
  auto reply = (*cluster)->Control(&AccessClient::PutGrantSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  std::erase_if(reply->grants, [&](const idl::Grant& each) { return !IsSame(each, *grant); });
  session.Show(GrantsTable(reply->grants, WallNow()));
  session.out().Note("It counts within about a second.");
  return ExitCode::kDone;
}

ExitCode Revoke(Session& session, const NamesFlags& flags) {
  std::vector<std::int64_t> ids;
  for (const std::string& word : flags.names) {
    const auto id = ReadGrantId(word);
    if (!id.ok()) return session.Fail(id.error());
    ids.push_back(*id);
  }
  const std::string all = fmt::format("{}", fmt::join(ids, ", "));
  if (IsRehearsal(session, "revoke grant " + all)) return ExitCode::kDone;
  ExitCode refused{};
  if (!session.Confirm(fmt::format("Revoke grant {}?", all), refused)) return refused;
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  return ForEachName(session, flags.names, "grant", [&](const auto& word) -> Result<std::string> {
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t id, ReadGrantId(word));
    idl::DeleteGrantRequest request;
    request.__set_id(id);
    LANEMQ_RETURN_IF_ERROR((*cluster)->Control(&AccessClient::DeleteGrantSync, request));
    return std::string("revoked");
  });
}

ExitCode Check(Session& session, const CheckAccessFlags& flags) {
  const auto object = ReadObject(flags.object, false);
  if (!object.ok()) return session.Fail(object.error());
  idl::ExplainAccessRequest request;
  if (!flags.principal.empty()) {
    const auto principal = ReadPrincipal(flags.principal);
    if (!principal.ok()) return session.Fail(principal.error());
    request.__set_principal(*principal);
  }
  request.__set_kind(object->kind);
  request.__set_name(object->name);
  request.__set_action(flags.action);
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply = (*cluster)->Control(&AccessClient::ExplainAccessSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show({{"allowed", "because"}, {{reply->is_allowed, MakeVisible(reply->because)}}});
  return reply->is_allowed ? ExitCode::kDone : ExitCode::kDenied;
}

void AddGrant(CLI::App& acl, Action& action) {
  const auto flags = std::make_shared<GrantFlags>();
  CLI::App* leaf =
      AddLeaf(acl, "grant", "Let a service or a team do something with topics or groups", action,
              flags, Give);
  leaf->add_option("PRINCIPAL", flags->principal, "service:NAME (or NAME alone) or team:NAME")
      ->required();
  leaf->add_option("ACTION", flags->actions, "What it may do")->required();
  AddObjectFlags(*leaf, flags->object, "On", "; with * at the end all that begin so");
  leaf->add_option("--expires", flags->expires, "So long from now, or then (never)")
      ->type_name("TIME");
  Explain(
      *leaf,
      {"lanemq acl grant billing produce --topic orders",
       "lanemq acl grant team:analytics describe consume --topic 'orders.*' --expires 90d",
       "lanemq acl grant analytics consume --group nightly --reason 'ticket 4711'"},
      "On topics: describe, produce, consume, peek, manage; on groups: describe, consume, manage");
}

void AddCheck(CLI::App& acl, Action& action) {
  const auto flags = std::make_shared<CheckAccessFlags>();
  CLI::App* leaf =
      AddLeaf(acl, "check", "Say whether something is allowed, and why", action, flags, Check);
  leaf->add_option("ACTION", flags->action, "describe, produce, consume, peek or manage")
      ->required();
  AddObjectFlags(*leaf, flags->object, "On");
  leaf->add_option("--principal", flags->principal, "Of this service or team (yourself)")
      ->type_name("NAME");
  Explain(*leaf,
          {"lanemq acl check produce --topic orders",
           "lanemq acl check consume --group nightly --principal analytics",
           "lanemq acl check produce --topic orders --output json | jq -r .items[0].because"},
          "Exit code 0: allowed, 4: not. About others only operators may ask");
}

}  // namespace

void AddAclCommands(CLI::App& root, Action& action) {
  CLI::App* acl = AddAccessNoun(
      root, "acl", "Grants: list, give, revoke, check",
      {"lanemq acl list --topic orders", "lanemq acl grant billing produce --topic orders",
       "lanemq acl check produce --topic orders"},
      "lanemq owner, lanemq service");
  const auto list = std::make_shared<ListFlags>();
  CLI::App* leaf = AddLeaf(*acl, "list", "List grants", action, list, List);
  leaf->add_option("--principal", list->principal, "Only to this service or team")
      ->type_name("NAME");
  AddObjectFlags(*leaf, list->object, "Only those that concern");
  Explain(*leaf,
          {"lanemq acl list", "lanemq acl list --principal team:analytics",
           "lanemq acl list --topic orders --output json"},
          "lanemq owner list: what a team owns needs no grant");
  AddGrant(*acl, action);
  const auto revoke = std::make_shared<NamesFlags>();
  leaf = AddLeaf(*acl, "revoke", "Take grants back", action, revoke, Revoke);
  leaf->add_option("ID", revoke->names, "As `lanemq acl list` shows them")->required();
  Explain(*leaf,
          {"lanemq acl revoke 17", "lanemq acl revoke 17 --dry-run",
           "lanemq acl list --principal analytics --output name | xargs lanemq acl revoke --yes"},
          "lanemq acl list");
  AddCheck(*acl, action);
}

}  // namespace lanemq::cli
