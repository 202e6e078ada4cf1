#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/access/access_scope.h"
#include "client/cli/access/access_table.h"
#include "client/cli/text/suggest.h"

namespace lanemq::cli {
namespace {

using rpc::AccessClient;

struct ListFlags {
  std::string team;
};

ExitCode List(Session& session, const ListFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::ListServicesRequest request;
  if (!flags.team.empty()) request.__set_team(flags.team);
  const auto reply = (*cluster)->Control(&AccessClient::ListServicesSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(ServicesTable(reply->services),
               "There are no services; `lanemq service put NAME --team TEAM` makes one.");
  return ExitCode::kDone;
}

Result<std::vector<idl::Service>> AllServices(Cluster& cluster) {
  LANEMQ_ASSIGN_OR_RETURN(
      auto reply, cluster.Control(&AccessClient::ListServicesSync, idl::ListServicesRequest()));
  return std::move(reply.services);
}

Result<idl::Service> ServiceNamed(Cluster& cluster, const std::string& name) {
  LANEMQ_ASSIGN_OR_RETURN(const auto services, AllServices(cluster));
  std::vector<std::string> names;
  for (const idl::Service& service : services) {
    if (service.name == name) return service;
    names.push_back(service.name);
  }
  const auto near = Suggest(name, names);
  return Error{ErrorCode::kNotFound,
               fmt::format("there is no service '{}'{}", name,
                           near ? fmt::format(" (did you mean '{}'?)", *near) : "")};
}

Result<idl::Service> PutOne(Cluster& cluster, const idl::Service& service) {
  idl::PutServiceRequest request;
  request.__set_definition(service);
  LANEMQ_ASSIGN_OR_RETURN(const auto reply,
                          cluster.Control(&AccessClient::PutServiceSync, request));
  for (const idl::Service& each : reply.services) {
    if (each.name == service.name) return each;
  }
  return service;
}

ExitCode Put(Session& session, const ServiceFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  auto before = ServiceNamed(**cluster, flags.name);
  if (!before.ok() && before.error().code == ErrorCode::kNotFound) before = idl::Service();
  if (!before.ok()) return session.Fail(before.error());
  const auto service = ChangeService(*before, flags);
  if (!service.ok()) return session.Fail(service.error(), "lanemq service put --help");
  if (session.flags().is_dry_run) {
    session.Show(ServicesTable({*service}));
    session.out().Note("This is what would be: nothing was changed.");
    return ExitCode::kDone;
  }
  const auto after = PutOne(**cluster, *service);
  if (!after.ok()) return session.Fail(after.error());
  session.Show(ServicesTable({*after}));
  if (before->name.empty()) {
    session.out().Note(fmt::format("`lanemq token issue {}` gives it a token.", flags.name));
  }
  return ExitCode::kDone;
}

ExitCode Switch(Session& session, const std::vector<std::string>& names, bool is_on) {
  const std::string verb = is_on ? "enable" : "disable";
  const std::string all = MakeVisible(fmt::format("{}", fmt::join(names, ", ")));
  if (IsRehearsal(session, fmt::format("{} service {}", verb, all))) return ExitCode::kDone;
  ExitCode refused{};
  if (!is_on && !session.Confirm(
                    fmt::format("Disable {}? Its connections end within seconds.", all), refused)) {
    return refused;
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  return ForEachName(session, names, "service", [&](const auto& name) -> Result<std::string> {
    LANEMQ_ASSIGN_OR_RETURN(idl::Service service, ServiceNamed(**cluster, name));
    service.__set_disabled(!is_on);
    LANEMQ_RETURN_IF_ERROR(PutOne(**cluster, service));
    return verb + "d";
  });
}

ExitCode Disable(Session& session, const NamesFlags& flags) {
  return Switch(session, flags.names, false);
}
ExitCode Enable(Session& session, const NamesFlags& flags) {
  return Switch(session, flags.names, true);
}

ExitCode Delete(Session& session, const NamesFlags& flags) {
  const std::string all = MakeVisible(fmt::format("{}", fmt::join(flags.names, ", ")));
  if (IsRehearsal(session, "delete service " + all)) return ExitCode::kDone;
  ExitCode refused{};
  if (!session.Confirm(fmt::format("Delete {} with all tokens and grants?", all), refused)) {
    return refused;
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  return ForEachName(session, flags.names, "service", [&](const auto& name) -> Result<std::string> {
    idl::DeleteServiceRequest request;
    request.__set_name(name);
    LANEMQ_RETURN_IF_ERROR((*cluster)->Control(&AccessClient::DeleteServiceSync, request));
    return std::string("deleted");
  });
}

void AddPut(CLI::App& service, Action& action) {
  const auto flags = std::make_shared<ServiceFlags>();
  CLI::App* leaf =
      AddLeaf(service, "put", "Make a service, or change what is given of it", action, flags, Put);
  leaf->add_option("NAME", flags->name, "a-z, 0-9, '-', '_', '.'; begins with a letter")
      ->required();
  leaf->add_option("--team", flags->team, "Whose it is; an application needs one")
      ->type_name("TEAM");
  leaf->add_option("--kind", flags->kind,
                   "application (default), operator, admin, server or gateway; for good")
      ->type_name("KIND");
  leaf->add_option("--description", flags->description, "What it does")->type_name("TEXT");
  Explain(*leaf,
          {"lanemq service put billing --team payments",
           "lanemq service put billing --description 'Writes invoices'",
           "lanemq service put oncall-tools --kind operator --dry-run"},
          "lanemq token issue, lanemq acl grant");
}

void AddNames(CLI::App& service, Action& action, const std::string& name, const std::string& what,
              ExitCode (*run)(Session&, const NamesFlags&), const std::string& see_also) {
  const auto flags = std::make_shared<NamesFlags>();
  CLI::App* leaf = AddLeaf(service, name, what, action, flags, run);
  leaf->add_option("NAME", flags->names, "Services")->required();
  Explain(*leaf,
          {fmt::format("lanemq service {} billing", name),
           fmt::format("lanemq service {} billing --dry-run", name),
           fmt::format("lanemq service {} billing ledger --yes --reason 'ticket 4711'", name)},
          see_also);
}

}  // namespace

void AddServiceCommands(CLI::App& root, Action& action) {
  CLI::App* service =
      AddAccessNoun(root, "service", "List, make, change, disable and delete services",
                    {"lanemq service list", "lanemq service put billing --team payments",
                     "lanemq service disable billing"},
                    "lanemq token, lanemq acl");
  const auto flags = std::make_shared<ListFlags>();
  CLI::App* leaf = AddLeaf(*service, "list", "List services", action, flags, List);
  leaf->add_option("--team", flags->team, "Only of this team")->type_name("TEAM");
  Explain(*leaf,
          {"lanemq service list", "lanemq service list --team payments",
           "lanemq service list --output json"},
          "lanemq token list");
  AddPut(*service, action);
  AddNames(*service, action, "disable", "Let no token of services count, for now", Disable,
           "lanemq service enable, lanemq token revoke");
  AddNames(*service, action, "enable", "Let tokens of services count again", Enable,
           "lanemq service disable");
  AddNames(*service, action, "delete", "Delete services with their tokens and grants", Delete,
           "lanemq service disable: the same, but it can be undone");
}

}  // namespace lanemq::cli
