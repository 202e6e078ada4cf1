#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "client/cli/access/access_scope.h"
#include "client/cli/access/access_table.h"

namespace lanemq::cli {
namespace {

using rpc::AccessClient;

struct HygieneFlags {
  std::string team;
  std::vector<std::string> kinds;
  std::int32_t idle_days = 60;
  std::int32_t max = 1'000;
};

ExitCode Hygiene(Session& session, const HygieneFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::ListHygieneRequest request;
  if (!flags.team.empty()) request.__set_team(flags.team);
  if (!flags.kinds.empty()) request.__set_kinds(flags.kinds);
  request.__set_idle_days(flags.idle_days);
  request.__set_max(flags.max);
  const auto reply = (*cluster)->Control(&AccessClient::ListHygieneSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(HygieneTable(reply->findings), "Nothing is to be tidied up.");
  if (!reply->is_whole) session.out().Note("There is more: -n, --team or --kind.");
  if (reply->topics_not_known > 0) {
    session.out().Note(fmt::format(
        "{} topics have been watched for less than {} days: that nobody uses them is not said.",
        reply->topics_not_known, flags.idle_days));
  }
  return ExitCode::kDone;
}

}  // namespace

void AddHygieneCommand(CLI::App& root, Action& action) {
  const auto flags = std::make_shared<HygieneFlags>();
  CLI::App* leaf =
      AddLeaf(root, "hygiene",
              "List what should be tidied up: grants that end, owners that are gone, unused topics",
              action, flags, Hygiene);
  leaf->group(kAccessCommands);
  leaf->add_option("--team", flags->team, "What concerns this team")->type_name("TEAM");
  leaf->add_option("--kind", flags->kinds,
                   "Only grant_ends, owner_gone, nobody_writes or nobody_reads; repeatable")
      ->type_name("KIND");
  leaf->add_option("--idle-days", flags->idle_days,
                   "Topics that nobody writes to or reads for so long (60)")
      ->type_name("DAYS")
      ->check(CLI::Range(1, 3'650));
  leaf->add_option("-n,--max,--limit", flags->max, "At most so many (1000)")
      ->type_name("N")
      ->check(CLI::Range(1, 5'000));
  Explain(*leaf,
          {"lanemq hygiene", "lanemq hygiene --team payments --idle-days 30",
           "lanemq hygiene --kind nobody_writes --output name"},
          "lanemq owner, lanemq acl, lanemq group lag");
}

}  // namespace lanemq::cli
