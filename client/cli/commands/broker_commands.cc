#include <memory>
#include <string>

#include <fmt/format.h>

#include "client/cli/app/action.h"
#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/text/time_text.h"
#include "common/rpc/wire/state_names.h"

namespace lanemq::cli {
namespace {

Cell TimeCell(bool is_set, std::int64_t micros) {
  if (!is_set || micros == 0) return std::monostate{};
  return FormatTime(WallTime{micros});
}

ExitCode List(Session& session, bool should_include_dead) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::ListBrokersRequest request;
  request.__set_include_dead(should_include_dead);
  const auto reply = (*cluster)->Control(&rpc::ControlPlaneClient::ListBrokersSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  Table table{
      {"broker", "address", "state", "version", "admin_port", "started_at", "last_heartbeat"}, {}};
  for (const idl::Broker& broker : reply->brokers) {
    Cell admin_port;
    if (broker.__isset.admin_port && broker.admin_port != 0)
      admin_port = std::int64_t{broker.admin_port};
    table.rows.push_back({std::int64_t{broker.broker_id},
                          fmt::format("{}:{}", broker.host, broker.port),
                          wire::StateName(broker.state), broker.version, admin_port,
                          TimeCell(broker.__isset.started_at_us, broker.started_at_us),
                          TimeCell(broker.__isset.last_heartbeat_us, broker.last_heartbeat_us)});
  }
  session.Show(table, "No broker is alive.");
  return ExitCode::kDone;
}

}  // namespace

void AddBrokerCommands(CLI::App& root, Action& action) {
  CLI::App* broker = root.add_subcommand("broker", "List brokers");
  broker->require_subcommand(0, 1);
  Explain(*broker,
          {"lanemq broker list", "lanemq broker list --all", "lanemq broker list --output json"});
  CLI::App* leaf = broker->add_subcommand("list", "List brokers");
  const auto should_include_dead = std::make_shared<bool>(false);
  leaf->add_flag("-a,--all", *should_include_dead, "Dead ones too");
  leaf->callback([&action, should_include_dead] {
    action = [should_include_dead](Session& session) {
      return List(session, *should_include_dead);
    };
  });
  Explain(*leaf,
          {"lanemq broker list", "lanemq broker list --all", "lanemq broker list --output json"},
          "lanemq doctor");
}

}  // namespace lanemq::cli
