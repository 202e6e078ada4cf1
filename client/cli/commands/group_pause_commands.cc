#include <string>
#include <vector>

#include <fmt/format.h>

#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/group_queries.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/commands/group_table.h"
#include "client/cli/text/group_flags.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

struct PauseFlags {
  std::string group;
  std::vector<std::string> topics;
  std::string until;
  std::string duration;
  std::string reason;
};

struct DeleteFlags {
  std::vector<std::string> groups;
};

ExitCode SetPause(Session& session, const PauseFlags& flags, bool is_paused) {
  const auto end = ReadPauseEnd(flags.until, flags.duration, SystemClock::Instance().WallNow());
  if (!end.ok()) return session.Fail(end.error());
  if (const Status reason = CheckReason(flags.reason); !reason.ok()) {
    return session.Fail(reason.error());
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::PauseGroupRequest request;
  request.__set_group(flags.group);
  request.__set_is_paused(is_paused);
  request.__set_requested_by(WhoAsks());
  if (*end) request.__set_until_us((*end)->micros);
  if (!flags.reason.empty()) request.__set_reason(flags.reason);
  if (!flags.topics.empty()) {
    const auto named = PartitionsNamed(**cluster, flags.topics);
    if (!named.ok()) return session.Fail(named.error());
    request.__set_partitions(ToIdl(*named));
  }
  const std::string_view done = is_paused ? "paused" : "resumed";
  const std::string until = *end ? " until " + FormatTime(**end) : "";
  if (session.flags().is_dry_run) {
    const std::string which =
        flags.topics.empty() ? "everything" : PartitionsText(request.partitions);
    session.out().Note(
        fmt::format("Would have {} {} of group {}{}.", done, which, flags.group, until));
    return ExitCode::kDone;
  }
  const auto reply = (*cluster)->Data(&rpc::DataPlaneClient::PauseGroupSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  if (reply->partitions.empty() && is_paused) {
    return FailUnknownGroup(
        session, **cluster,
        {ErrorCode::kNotFound, fmt::format("group '{}' has read nothing yet", flags.group)},
        flags.group, "--topic TOPIC pauses partitions before they are read");
  }
  Table table{{"topic", "partition", "status"}, {}};
  for (const idl::TopicPartition& each : reply->partitions) {
    table.rows.push_back(
        {each.topic, std::int64_t{each.partition}, fmt::format("{}{}", done, until)});
  }
  session.Show(table, fmt::format("Nothing of group {} was paused.", flags.group));
  return ExitCode::kDone;
}

ExitCode Pause(Session& session, const PauseFlags& flags) { return SetPause(session, flags, true); }
ExitCode Resume(Session& session, const PauseFlags& flags) {
  return SetPause(session, flags, false);
}

/// The coordinator refuses while there are members; then the offsets can go.
Result<std::string> DeleteOne(Cluster& cluster, const std::string& group) {
  idl::DeleteGroupRequest request;
  request.__set_group(group);
  const auto gone = cluster.Control(&rpc::ControlPlaneClient::DeleteGroupSync, request);
  if (!gone.ok() && gone.error().code == ErrorCode::kFailedPrecondition) {
    return Error{gone.error().code,
                 fmt::format("{}; `lanemq group members {}` shows who has to leave first",
                             gone.error().message, group)};
  }
  const bool was_known = gone.ok();
  if (!was_known && gone.error().code != ErrorCode::kNotFound) return gone.error();
  idl::DeleteOffsetsRequest offsets;
  offsets.__set_group(group);
  const auto reply = cluster.Data(&rpc::DataPlaneClient::DeleteOffsetsSync, offsets);
  if (!reply.ok()) {
    return Error{reply.error().code, fmt::format("its offsets are not all deleted, repeat it: {}",
                                                 reply.error().message)};
  }
  if (!was_known && reply->deleted == 0) {
    return Error{ErrorCode::kNotFound, fmt::format("there is no group '{}'", group)};
  }
  return fmt::format("deleted, with the offsets of {} partitions", reply->deleted);
}

ExitCode Delete(Session& session, const DeleteFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const bool is_dry = session.flags().is_dry_run;
  ExitCode refused{};
  const std::string question = fmt::format(
      "Delete {} {} and where {} left off?", flags.groups.size() == 1 ? "group" : "groups",
      MakeVisible(fmt::format("{}", fmt::join(flags.groups, ", "))),
      flags.groups.size() == 1 ? "it" : "they");
  if (!is_dry && !session.Confirm(question, refused)) {
    return refused;
  }
  return ForEachName(session, flags.groups, "group", [&](const auto& name) -> Result<std::string> {
    if (!is_dry) return DeleteOne(**cluster, name);
    LANEMQ_ASSIGN_OR_RETURN(const GroupDetail detail, DetailOfGroup(**cluster, **cluster, name));
    const auto& missing =
        detail.described_missing ? detail.described_missing : detail.offsets_missing;
    if (missing) return *missing;
    if (detail.described && !detail.described->members.empty()) {
      return Error{ErrorCode::kFailedPrecondition, fmt::format("group '{}' has {} members", name,
                                                               detail.described->members.size())};
    }
    return fmt::format("would be deleted, with the offsets of {} partitions",
                       detail.partitions.size());
  });
}

void AddScope(CLI::App& leaf, const std::shared_ptr<PauseFlags>& flags) {
  leaf.add_option("GROUP", flags->group, "Group")->required();
  leaf.add_option("-t,--topic", flags->topics, "orders or orders:0,2-3 (default: all it reads)")
      ->type_name("TOPIC[:LIST]")
      ->allow_extra_args(false);
  leaf.add_option("--reason", flags->reason, "Kept with it, for people")->type_name("TEXT");
}

}  // namespace

void AddGroupPauseAndResume(CLI::App& group, Action& action) {
  auto flags = std::make_shared<PauseFlags>();
  CLI::App* leaf =
      AddLeaf(group, "pause", "Stop the delivery of messages to a group", action, flags, Pause);
  AddScope(*leaf, flags);
  leaf->add_option("--for", flags->duration, "Resume by itself after this long")->type_name("TIME");
  leaf->add_option("--until", flags->until, "Resume by itself then")->type_name("TIME");
  Explain(*leaf,
          {"lanemq group pause billing --reason 'ledger is down'",
           "lanemq group pause billing --topic orders:0,2 --for 30m",
           "lanemq group pause billing --until 2026-11-22T06:00:00Z"},
          "lanemq group resume. Members stay in the group; they notice within a second or two");

  flags = std::make_shared<PauseFlags>();
  leaf = AddLeaf(group, "resume", "Let a paused group go on", action, flags, Resume);
  AddScope(*leaf, flags);
  Explain(*leaf,
          {"lanemq group resume billing", "lanemq group resume billing --topic orders:0",
           "lanemq group resume billing --output jsonl"},
          "lanemq group pause");
}

void AddGroupDelete(CLI::App& group, Action& action) {
  const auto flags = std::make_shared<DeleteFlags>();
  CLI::App* leaf = AddLeaf(group, "delete", "Delete groups without members, and their offsets",
                           action, flags, Delete);
  leaf->add_option("GROUP", flags->groups, "Groups")->required();
  Explain(*leaf, {"lanemq group delete billing", "lanemq group delete billing --dry-run",
                  "lanemq group delete billing audit --yes"});
}

}  // namespace lanemq::cli
