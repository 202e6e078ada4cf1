#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "client/cli/app/action.h"
#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/cluster/endpoints.h"
#include "client/cli/commands/capacity_text.h"
#include "client/cli/commands/node_table.h"
#include "client/cli/text/database_password.h"
#include "client/cli/text/node_findings.h"
#include "common/rpc/wire/state_names.h"

namespace lanemq::cli {
namespace {

struct NodeFlags {
  std::string name;
  std::string address;
  std::string prefix;
  std::string state;
  std::string user;
  std::string password_file;
  bool is_login_forgotten = false;
  std::int32_t schemas_max = 0;
  std::int32_t tables_max = 0;
  std::int32_t partitions_ahead = -1;  ///< Negative: not given.
};

Result<idl::NodeState::type> ParseState(const std::string& text) {
  for (const auto state :
       {idl::NodeState::WRITABLE, idl::NodeState::CLOSED, idl::NodeState::DISABLED}) {
    if (text == wire::StateName(state)) return state;
  }
  return Error{ErrorCode::kInvalidRequest,
               fmt::format("unknown state '{}'; there are writable, closed and disabled", text)};
}

Result<rpc::Endpoint> ParseAddress(const std::string& text) {
  LANEMQ_ASSIGN_OR_RETURN(const auto endpoints, ParseEndpoints(text));
  if (endpoints.size() == 1) return endpoints.front();
  return Error{ErrorCode::kInvalidRequest, "a data node has one address"};
}

ExitCode List(Session& session, const NodeFlags& /*flags*/) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply = (*cluster)->Control(&rpc::ControlPlaneClient::ListDataNodesSync, {});
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(NodesTable(reply->nodes),
               "There are no data nodes; `lanemq node add NAME --address HOST:PORT` adds one.");
  return ExitCode::kDone;
}

/// Of --user, --password-file and --forget-login.
template <typename Request>
Status AddLogin(const NodeFlags& flags, Request& request) {
  if (flags.user.empty() && !flags.password_file.empty()) {
    return Error{ErrorCode::kInvalidRequest, "--password-file needs --user"};
  }
  if (flags.user.empty() && !flags.is_login_forgotten) return {};
  LANEMQ_ASSIGN_OR_RETURN(const std::string password, ReadDatabasePassword(flags.password_file));
  request.__set_user(flags.user);
  request.__set_password(password);
  return {};
}

ExitCode Add(Session& session, const NodeFlags& flags) {
  const auto address = ParseAddress(flags.address);
  if (!address.ok()) return session.Fail(address.error());
  idl::AddDataNodeRequest request;
  if (const Status login = AddLogin(flags, request); !login.ok()) {
    return session.Fail(login.error());
  }
  if (session.flags().is_dry_run) {
    session.out().Note(fmt::format("Would add {} at {}.", flags.name, address->ToString()));
    return ExitCode::kDone;
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  request.__set_name(flags.name);
  request.__set_host(address->host);
  request.__set_port(address->port);
  if (!flags.prefix.empty()) request.__set_schema_prefix(flags.prefix);
  if (flags.schemas_max > 0) request.__set_schemas_max(flags.schemas_max);
  if (flags.tables_max > 0) request.__set_tables_per_schema_max(flags.tables_max);
  const auto reply = (*cluster)->Control(&rpc::ControlPlaneClient::AddDataNodeSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(NodesTable({reply->node}));
  return ExitCode::kDone;
}

/// What becomes of partitions in the state that the node has now.
std::string WhatFollows(const idl::DataNode& node) {
  switch (node.state) {
    case idl::NodeState::WRITABLE:
      return fmt::format("{} takes new partitions.", node.name);
    case idl::NodeState::CLOSED:
      return fmt::format(
          "{} keeps its {} partitions, which are read and written as before; new ones go "
          "elsewhere.",
          node.name, node.tables_used);
    case idl::NodeState::DISABLED:
      return fmt::format(
          "{} is not connected to any more: its {} partitions can be neither read nor written "
          "until "
          "`lanemq node alter {} --state writable`.",
          node.name, node.tables_used, node.name);
  }
  return {};
}

ExitCode Alter(Session& session, const NodeFlags& flags) {
  idl::AlterDataNodeRequest request;
  if (const Status login = AddLogin(flags, request); !login.ok()) {
    return session.Fail(login.error());
  }
  if (flags.address.empty() && flags.state.empty() && !request.__isset.user) {
    return session.Fail({ErrorCode::kInvalidRequest, "nothing to alter"},
                        "give --state STATE, --address HOST:PORT or --user USER");
  }
  request.__set_name(flags.name);
  if (!flags.address.empty()) {
    const auto address = ParseAddress(flags.address);
    if (!address.ok()) return session.Fail(address.error());
    request.__set_host(address->host);
    request.__set_port(address->port);
  }
  if (!flags.state.empty()) {
    const auto state = ParseState(flags.state);
    if (!state.ok()) return session.Fail(state.error());
    request.__set_state(*state);
  }
  if (session.flags().is_dry_run) {
    session.out().Note(fmt::format("Would alter {}.", flags.name));
    return ExitCode::kDone;
  }
  ExitCode refused{};
  if (flags.state == "disabled" &&
      !session.Confirm(
          fmt::format("Disable {}? Its partitions cannot be read or written then.", flags.name),
          refused)) {
    return refused;
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply = (*cluster)->Control(&rpc::ControlPlaneClient::AlterDataNodeSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(NodesTable({reply->node}));
  if (!flags.state.empty()) session.out().Note(WhatFollows(reply->node));
  return ExitCode::kDone;
}

/// Exit code: 0 well, 1 warnings, 2 it does not answer.
ExitCode Probe(Session& session, const NodeFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::ListDataNodesRequest request;
  request.__set_include_health(true);
  request.__set_names({flags.name});
  const auto reply = (*cluster)->Control(&rpc::ControlPlaneClient::ListDataNodesSync, request);
  if (!reply.ok()) return session.Fail(reply.error(), "lanemq node list shows the names");
  // An older metaserver knows of no names and answers with all of them.
  const auto node =
      std::find_if(reply->nodes.begin(), reply->nodes.end(),
                   [&](const idl::DataNode& listed) { return listed.name == flags.name; });
  if (node == reply->nodes.end()) {
    return session.Fail({ErrorCode::kNotFound, fmt::format("no data node '{}'", flags.name)},
                        "lanemq node list shows the names");
  }
  session.Show(ProbeTable(*node));
  Verdict worst = Verdict::kOk;
  for (const Finding& finding : FindingsOf(*node)) worst = std::max(worst, finding.verdict);
  return static_cast<ExitCode>(worst);
}

ExitCode Capacity(Session& session, const NodeFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::AdviseCapacityRequest request;
  if (flags.partitions_ahead >= 0) request.__set_partitions_ahead(flags.partitions_ahead);
  const auto advice = (*cluster)->Capacity(request);
  if (!advice.ok()) return session.Fail(advice.error());
  session.Show(CapacityTable(*advice), "There are no data nodes.");
  session.out().Note(CapacityText(*advice));
  return ExitCode::kDone;
}

void AddLoginFlags(CLI::App& leaf, NodeFlags& flags) {
  leaf.add_option("-u,--user", flags.user,
                  "Servers sign in as this user; kept encrypted. Default: as their files say")
      ->type_name("USER");
  leaf.add_option("--password-file", flags.password_file, "File with its password (default: none)")
      ->type_name("FILE");
}

}  // namespace

void AddNodeCommands(CLI::App& root, Action& action) {
  CLI::App* node =
      root.add_subcommand("node", "List, add, alter, probe and empty data nodes (MySQL servers)");
  node->require_subcommand(0, 1);
  Explain(*node, {"lanemq node list", "lanemq node add db2 --address 10.0.0.12:3306",
                  "lanemq node alter db2 --state closed", "lanemq node probe db2",
                  "lanemq node evacuate db2 --wait"});

  auto flags = std::make_shared<NodeFlags>();
  Explain(*AddLeaf(*node, "list", "List data nodes", action, flags, List),
          {"lanemq node list", "lanemq node list --output json", "lanemq node list --output name"},
          "lanemq topic describe");

  flags = std::make_shared<NodeFlags>();
  CLI::App* leaf =
      AddLeaf(*node, "add", "Add a MySQL server that holds partitions", action, flags, Add);
  leaf->add_option("NAME", flags->name, "What to call it")->required();
  leaf->add_option("-a,--address", flags->address, "Where it listens")
      ->type_name("HOST:PORT")
      ->required();
  leaf->add_option("--schema-prefix", flags->prefix,
                   "Its schemas are PREFIX_node, PREFIX_00 ... (default lanemq)")
      ->type_name("PREFIX");
  leaf->add_option("--schemas-max", flags->schemas_max, "1 to 10 (default 10)")
      ->type_name("N")
      ->check(CLI::Range(1, 10));
  leaf->add_option("--tables-max", flags->tables_max, "Tables a schema, 1 to 99 (default 99)")
      ->type_name("N")
      ->check(CLI::Range(1, 99));
  AddLoginFlags(*leaf, *flags);
  Explain(*leaf,
          {"lanemq node add db2 --address 10.0.0.12:3306",
           "lanemq node add db2 --address 10.0.0.12:3306 --user lanemq --password-file db2.pw",
           "lanemq node add test --address 127.0.0.1:3306 --schema-prefix lanemq_test",
           "lanemq node add db3 --address db3.example:3306 --dry-run"},
          "docs/OPERATING.md");

  flags = std::make_shared<NodeFlags>();
  leaf =
      AddLeaf(*node, "alter", "Change a data node's state, address or login", action, flags, Alter);
  leaf->add_option("NAME", flags->name, "Data node")->required();
  leaf->add_option("-s,--state", flags->state, "writable, closed (no new partitions) or disabled")
      ->type_name("STATE");
  leaf->add_option("-a,--address", flags->address, "Where it listens now")->type_name("HOST:PORT");
  AddLoginFlags(*leaf, *flags);
  leaf->add_flag("--forget-login", flags->is_login_forgotten,
                 "Servers sign in there as their own files say, from now on")
      ->excludes("--user")
      ->excludes("--password-file");
  Explain(*leaf,
          {"lanemq node alter db2 --state closed", "lanemq node alter db2 --state writable",
           "lanemq node alter db2 --address 10.0.0.13:3306",
           "lanemq node alter db2 --user lanemq --password-file new.pw"},
          "lanemq node probe. Servers take a new login within seconds, once it was tried");

  flags = std::make_shared<NodeFlags>();
  leaf = AddLeaf(*node, "probe", "Say how a data node is, and what is wrong with it", action, flags,
                 Probe);
  leaf->add_option("NAME", flags->name, "Data node")->required();
  Explain(*leaf,
          {"lanemq node probe db2", "lanemq node probe db2 --output json",
           "lanemq node probe db2 --quiet || echo 'look at db2'"},
          "lanemq doctor. Exit code: 0 well, 1 warnings, 2 it does not answer");

  flags = std::make_shared<NodeFlags>();
  leaf = AddLeaf(*node, "capacity", "Say whether data nodes are too few, or more than it takes",
                 action, flags, Capacity);
  leaf->add_option("--ahead", flags->partitions_ahead,
                   "New partitions that are to fit (default: as many as the last 30 days' topics "
                   "have)")
      ->type_name("N")
      ->check(CLI::Range(0, 1'000'000));
  Explain(*leaf,
          {"lanemq node capacity", "lanemq node capacity --ahead 500",
           "lanemq node capacity --output json"},
          "lanemq node evacuate, lanemq node add. Bytes are of --node-capacity-bytes");
}

}  // namespace lanemq::cli
