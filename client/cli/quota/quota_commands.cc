#include <memory>
#include <string>

#include <fmt/format.h>

#include "client/cli/access/access_scope.h"
#include "client/cli/quota/quota_flags.h"
#include "client/cli/quota/quota_table.h"

namespace lanemq::cli {
namespace {

using rpc::GovernanceClient;

struct ShowFlags {
  std::string team;
};
struct ModeFlags {
  std::string mode;
};

std::string MeaningOf(const std::string& mode) {
  if (mode == "off") return "quotas are off: rates are not looked at";
  if (mode == "log") return "quotas are in log mode: what is above a rate is counted and served";
  return "quotas are enforced: what is above a rate is throttled";
}

Result<idl::QuotasResponse> Ask(Cluster& cluster, const std::string& team) {
  idl::ListQuotasRequest request;
  if (!team.empty()) request.__set_team(team);
  return cluster.Control(&GovernanceClient::ListQuotasSync, request);
}

ExitCode Show(Session& session, const ShowFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply = Ask(**cluster, flags.team);
  if (!reply.ok()) return session.Fail(reply.error(), "lanemq team list");
  if (flags.team.empty()) {
    session.Show(QuotasTable(*reply), "There are no teams; `lanemq team put NAME` makes one.");
  } else {
    for (const idl::TeamQuotaUse& use : reply->teams) session.Show(QuotaTable(use));
  }
  session.out().Note(MeaningOf(reply->mode) + ".");
  return ExitCode::kDone;
}

ExitCode Set(Session& session, const QuotaFlags& flags) {
  // What cannot be meant is said before anybody is asked.
  if (const auto checked = ChangeQuota({}, flags); !checked.ok()) {
    return session.Fail(checked.error(), "lanemq quota set --help");
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto before = Ask(**cluster, flags.team);
  if (!before.ok()) return session.Fail(before.error(), "lanemq team list");
  idl::TeamQuotaUse use = before->teams.empty() ? idl::TeamQuotaUse() : before->teams.front();
  auto quota = ChangeQuota(use.quota, flags);
  if (!quota.ok()) return session.Fail(quota.error());
  if (session.flags().is_dry_run) {
    use.quota = *quota;
    session.Show(QuotaTable(use));
    session.out().Note("This is what would be: nothing was changed.");
    return ExitCode::kDone;
  }
  idl::PutQuotaRequest request;
  request.__set_quota(*quota);
  const auto reply = (*cluster)->Control(&GovernanceClient::PutQuotaSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  for (const idl::TeamQuotaUse& now : reply->teams) session.Show(QuotaTable(now));
  return ExitCode::kDone;
}

ExitCode Mode(Session& session, const ModeFlags& flags) {
  if (IsRehearsal(session, "set the mode of quotas to " + flags.mode)) return ExitCode::kDone;
  ExitCode refused{};
  if (flags.mode == "off" &&
      !session.Confirm("Turn quotas off? Any team may then take all there is.", refused)) {
    return refused;
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::SetQuotaModeRequest request;
  request.__set_mode(flags.mode);
  const auto reply = (*cluster)->Control(&GovernanceClient::SetQuotaModeSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show({{"mode", "meaning"}, {{reply->mode, MeaningOf(reply->mode)}}});
  return ExitCode::kDone;
}

void AddSet(CLI::App& quota, Action& action) {
  const auto flags = std::make_shared<QuotaFlags>();
  CLI::App* leaf = AddLeaf(quota, "set", "Limit what a team may have; what is not given stays",
                           action, flags, Set);
  leaf->add_option("TEAM", flags->team, "The team")->required();
  const auto add = [&](const char* name, std::string& text, const char* what) {
    leaf->add_option(name, text, what)->type_name("AMOUNT");
  };
  add("--produce-bytes-per-s", flags->produce_bytes_per_s, "10MB; none: no limit, here and below");
  add("--messages-per-s", flags->messages_per_s, "Produced");
  add("--fetch-bytes-per-s", flags->fetch_bytes_per_s, "Read, all its groups together");
  add("--message-bytes-max", flags->message_bytes_max, "Largest body, whatever the topic allows");
  add("--topics", flags->topics, "How many it may own");
  add("--partitions", flags->partitions, "Of all its topics together");
  add("--stored-bytes", flags->stored_bytes, "As estimated when topics are asked for");
  Explain(*leaf,
          {"lanemq quota set payments --produce-bytes-per-s 10MB --messages-per-s 20k",
           "lanemq quota set payments --topics 50 --partitions 400 --dry-run",
           "lanemq quota set payments --fetch-bytes-per-s none --reason 'agreed with ops'"},
          "lanemq quota show, lanemq quota mode");
}

}  // namespace

void AddQuotaCommands(CLI::App& root, Action& action) {
  CLI::App* quota =
      AddAccessNoun(root, "quota", "Show and set how much teams may have, store, produce and read",
                    {"lanemq quota show", "lanemq quota set payments --produce-bytes-per-s 10MB",
                     "lanemq quota mode log"},
                    "lanemq team, lanemq owner");
  const auto show = std::make_shared<ShowFlags>();
  CLI::App* leaf =
      AddLeaf(*quota, "show", "Show quotas and what of them is used", action, show, Show);
  leaf->add_option("TEAM", show->team, "Only this team, a line for each limit");
  Explain(*leaf,
          {"lanemq quota show", "lanemq quota show payments",
           "lanemq quota show --output json | jq '.items[] | select(.topics > .topics_max)'"},
          "lanemq quota set");
  AddSet(*quota, action);
  const auto mode = std::make_shared<ModeFlags>();
  leaf = AddLeaf(*quota, "mode",
                 "Say what is done about rates above a quota: off (nothing), log (count), enforce",
                 action, mode, Mode);
  leaf->add_option("MODE", mode->mode, "off, log or enforce")
      ->required()
      ->check(CLI::IsMember({"off", "log", "enforce"}));
  Explain(*leaf,
          {"lanemq quota mode log", "lanemq quota mode enforce --reason 'watched for a week'",
           "lanemq quota mode off --yes"},
          "Brokers follow within seconds; limits on topics and partitions stay. lanemq quota show");
}

}  // namespace lanemq::cli
