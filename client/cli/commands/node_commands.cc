#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "client/cli/app/action.h"
#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/cluster/endpoints.h"
#include "common/rpc/wire/state_names.h"

namespace lanemq::cli {
namespace {

struct NodeFlags {
  std::string name;
  std::string address;
  std::string prefix;
  std::string state;
  std::int32_t schemas_max = 0;
  std::int32_t tables_max = 0;
};

Result<idl::NodeState::type> ParseState(const std::string& text) {
  for (const auto state :
       {idl::NodeState::WRITABLE, idl::NodeState::CLOSED, idl::NodeState::DISABLED}) {
    if (text == wire::StateName(state)) return state;
  }
  return Error{ErrorCode::kInvalidRequest,
               fmt::format("unknown state '{}'; there are writable, closed and disabled", text)};
}

Table NodesTable(const std::vector<idl::DataNode>& nodes) {
  Table table{{"node", "address", "state", "tables_used", "tables_max", "schema_prefix", "node_id"},
              {}};
  for (const idl::DataNode& node : nodes) {
    Cell tables_max;
    Cell used;
    if (node.__isset.schemas_max && node.__isset.tables_per_schema_max) {
      tables_max = std::int64_t{node.schemas_max} * node.tables_per_schema_max;
    }
    if (node.__isset.tables_used) used = std::int64_t{node.tables_used};
    table.rows.push_back({node.name, fmt::format("{}:{}", node.host, node.port),
                          wire::StateName(node.state), used, tables_max, node.schema_prefix,
                          Id{node.node_id}});
  }
  return table;
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

ExitCode Add(Session& session, const NodeFlags& flags) {
  const auto address = ParseAddress(flags.address);
  if (!address.ok()) return session.Fail(address.error());
  if (session.flags().is_dry_run) {
    session.out().Note(fmt::format("Would add {} at {}.", flags.name, address->ToString()));
    return ExitCode::kDone;
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::AddDataNodeRequest request;
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

ExitCode Alter(Session& session, const NodeFlags& flags) {
  if (flags.address.empty() && flags.state.empty()) {
    return session.Fail({ErrorCode::kInvalidRequest, "nothing to alter"},
                        "give --state STATE or --address HOST:PORT");
  }
  idl::AlterDataNodeRequest request;
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
  return ExitCode::kDone;
}

CLI::App* Leaf(CLI::App& parent, const std::string& name, const std::string& what, Action& action,
               const std::shared_ptr<NodeFlags>& flags,
               ExitCode (*run)(Session&, const NodeFlags&)) {
  CLI::App* leaf = parent.add_subcommand(name, what);
  leaf->callback([&action, flags, run] {
    action = [flags, run](Session& session) { return run(session, *flags); };
  });
  return leaf;
}

}  // namespace

void AddNodeCommands(CLI::App& root, Action& action) {
  CLI::App* node = root.add_subcommand("node", "List, add and alter data nodes (MySQL servers)");
  node->require_subcommand(0, 1);
  Explain(*node, {"lanemq node list", "lanemq node add db2 --address 10.0.0.12:3306",
                  "lanemq node alter db2 --state closed"});

  auto flags = std::make_shared<NodeFlags>();
  Explain(*Leaf(*node, "list", "List data nodes", action, flags, List),
          {"lanemq node list", "lanemq node list --output json", "lanemq node list --output name"},
          "lanemq topic describe");

  flags = std::make_shared<NodeFlags>();
  CLI::App* leaf =
      Leaf(*node, "add", "Add a MySQL server that holds partitions", action, flags, Add);
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
  Explain(*leaf,
          {"lanemq node add db2 --address 10.0.0.12:3306",
           "lanemq node add test --address 127.0.0.1:3306 --schema-prefix lanemq_test",
           "lanemq node add db3 --address db3.example:3306 --dry-run"},
          "docs/OPERATING.md");

  flags = std::make_shared<NodeFlags>();
  leaf = Leaf(*node, "alter", "Change a data node's state or address", action, flags, Alter);
  leaf->add_option("NAME", flags->name, "Data node")->required();
  leaf->add_option("-s,--state", flags->state, "writable, closed (no new partitions) or disabled")
      ->type_name("STATE");
  leaf->add_option("-a,--address", flags->address, "Where it listens now")->type_name("HOST:PORT");
  Explain(*leaf,
          {"lanemq node alter db2 --state closed", "lanemq node alter db2 --state writable",
           "lanemq node alter db2 --address 10.0.0.13:3306"},
          "lanemq node list");
}

}  // namespace lanemq::cli
