#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/cli/app/action.h"
#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/cluster/servers.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

/// Of one server. One that hangs is not waited for longer.
constexpr std::chrono::milliseconds kPatience{5'000};
constexpr std::int32_t kShownMax = 200;

struct Flags {
  std::string server;  ///< Empty: all.
  std::string kind;    ///< Empty: both.
  std::int32_t max = 50;
};

ExitCode Show(Session& session, const Flags& flags) {
  idl::SlowCallsRequest request;
  request.__set_max(kShownMax);
  std::vector<std::pair<std::string, idl::SlowCall>> calls;
  const ExitCode code =
      ForServers(session, flags.server, [&](Cluster& cluster, const Server& server) -> Status {
        LANEMQ_ASSIGN_OR_RETURN(const auto reply,
                                cluster.SlowCallsOf(server.endpoint, request, kPatience));
        for (const idl::SlowCall& call : reply.calls) {
          if (flags.kind.empty() || call.kind == flags.kind) {
            calls.emplace_back(server.endpoint.ToString(), call);
          }
        }
        return {};
      });
  if (code != ExitCode::kDone && code != ExitCode::kPartlyFailed) return code;
  std::stable_sort(calls.begin(), calls.end(),
                   [](const auto& a, const auto& b) { return a.second.at_us > b.second.at_us; });
  calls.resize(std::min(calls.size(), static_cast<std::size_t>(flags.max)));
  Table table{{"at", "server", "kind", "what", "took_ms", "detail", "request_id", "peer"}, {}};
  for (const auto& [server, call] : calls) {
    table.rows.push_back({FormatTime(WallTime{call.at_us}), server, call.kind, call.what,
                          std::int64_t{call.took_ms}, call.detail, call.request_id, call.peer});
  }
  session.Show(table, "Nothing took long since the servers started.");
  return code;
}

}  // namespace

void AddSlowCommand(CLI::App& root, Action& action) {
  CLI::App* slow = root.add_subcommand("slow", "Requests and SQL statements that took long");
  const auto flags = std::make_shared<Flags>();
  slow->add_option("-s,--server", flags->server, "Only this one (default: all servers)")
      ->type_name("HOST:PORT");
  slow->add_option("--kind", flags->kind, "Only these")->check(CLI::IsMember({"request", "sql"}));
  slow->add_option("-n,--max", flags->max, "At most so many (default 50)")
      ->check(CLI::Range(1, 10'000));
  slow->callback(
      [&action, flags] { action = [flags](Session& session) { return Show(session, *flags); }; });
  Explain(*slow, {"lanemq slow", "lanemq slow --kind sql -n 20", "lanemq slow -s broker1:9300"},
          "lanemq doctor. Servers remember the last 200 each (--slow-request-ms, --slow-sql-ms)");
}

}  // namespace lanemq::cli
