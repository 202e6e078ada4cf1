// lanemq server: brokers and metaservers alike.
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/app/action.h"
#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/cluster/servers.h"
#include "client/cli/commands/settings_table.h"
#include "client/cli/output/cells.h"

namespace lanemq::cli {
namespace {

/// Of one server. One that hangs is not waited for longer.
constexpr std::chrono::milliseconds kPatience{5'000};

struct Flags {
  std::string server;  ///< Empty: all.
  bool is_all = false;
  bool is_differing = false;
};

ExitCode List(Session& session, const Flags& flags) {
  Table table{{"address", "role", "state", "version", "duties", "started_at", "catalogue"}, {}};
  const ExitCode code =
      ForServers(session, flags.server, [&](Cluster& cluster, const Server& server) -> Status {
        const std::string address = server.endpoint.ToString();
        const auto info = cluster.InfoOf(server.endpoint, kPatience);
        if (!info.ok()) {
          table.rows.push_back({address, server.role, "no answer", {}, {}, {}, {}});
          return info.error();
        }
        const std::string duties = fmt::format("{}", fmt::join(info->duties, ", "));
        table.rows.push_back({address, server.role, info->is_draining ? "drains" : "active",
                              info->version, TextCell(true, duties),
                              TimeCell(info->__isset.started_at_us, info->started_at_us),
                              std::int64_t{info->metadata_version}});
        return {};
      });
  if (!table.rows.empty()) session.Show(table);
  return code;
}

WhichSettings WhichOf(const Flags& flags) {
  if (flags.is_differing) return WhichSettings::kDiffering;
  return flags.is_all ? WhichSettings::kAll : WhichSettings::kGiven;
}

std::string NothingText(WhichSettings which) {
  return which == WhichSettings::kDiffering
             ? "Servers of a kind were started with the same settings."
             : "Nothing was given: every server runs with the defaults (--all).";
}

ExitCode Settings(Session& session, const Flags& flags) {
  std::vector<SettingsOfServer> said;
  const ExitCode code =
      ForServers(session, flags.server, [&](Cluster& cluster, const Server& server) -> Status {
        LANEMQ_ASSIGN_OR_RETURN(auto reply, cluster.SettingsOf(server.endpoint, kPatience));
        said.push_back({server.endpoint.ToString(), std::move(reply)});
        return {};
      });
  const WhichSettings which = WhichOf(flags);
  if (!said.empty()) session.Show(SettingsTable(said, which), NothingText(which));
  return code;
}

void AddServerFlag(CLI::App& leaf, Flags& flags) {
  leaf.add_option("-s,--server", flags.server, "Only this one (default: all servers)")
      ->type_name("HOST:PORT");
}

}  // namespace

void AddServerCommands(CLI::App& root, Action& action) {
  CLI::App* server =
      root.add_subcommand("server", "Brokers and metaservers: who is there, with which settings");
  server->require_subcommand(0, 1);
  Explain(*server, {"lanemq server list", "lanemq server settings --all",
                    "lanemq server settings --differing"});
  auto flags = std::make_shared<Flags>();
  CLI::App* leaf = AddLeaf(*server, "list", "List brokers and metaservers, as each says itself",
                           action, flags, List);
  AddServerFlag(*leaf, *flags);
  Explain(*leaf,
          {"lanemq server list", "lanemq server list --output json",
           "lanemq server list -s broker1:9300"},
          "lanemq doctor, lanemq broker list. Duties are what one metaserver does for all");

  flags = std::make_shared<Flags>();
  leaf =
      AddLeaf(*server, "settings", "Show what servers were started with", action, flags, Settings);
  AddServerFlag(*leaf, *flags);
  leaf->add_flag("-a,--all", flags->is_all, "Defaults too (default: what was given)");
  leaf->add_flag("--differing", flags->is_differing,
                 "Only what differs among brokers, or among metaservers")
      ->excludes("--server");
  Explain(*leaf,
          {"lanemq server settings", "lanemq server settings --differing",
           "lanemq server settings --all -s broker1:9300",
           "lanemq server settings --all --output json"},
          "lanemq-broker --help, lanemq-metaserver --help. Secrets are not told");
}

}  // namespace lanemq::cli
