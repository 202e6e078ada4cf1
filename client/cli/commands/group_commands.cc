#include <memory>
#include <string>
#include <unistd.h>

#include <fmt/format.h>

#include "client/cli/app/action.h"
#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/group_queries.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/commands/group_table.h"
#include "client/cli/commands/on_call_scope.h"
#include "client/cli/terminal/interrupt.h"
#include "client/cli/text/group_flags.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using std::chrono_literals::operator""s;

// Offsets are worth showing without the coordinator: do not wait long for it.
constexpr std::chrono::microseconds kCoordinatorPatience = 5s;
// A picture that is late is an old one; and Ctrl-C waits for it.
constexpr std::chrono::microseconds kPicturePatience = 3s;
constexpr std::string_view kClearScreen = "\033[H\033[2J";

struct NoFlags {};
struct NameFlags {
  std::string group;
};
struct WatchFlags {
  std::string group;
  std::string interval = "2s";
  std::int64_t count = 0;  ///< 0: until Ctrl-C.
};

ExitCode List(Session& session, const NoFlags& /*flags*/) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto groups = ListingsOf(**cluster);
  if (!groups.ok()) return session.Fail(groups.error());
  session.Show(GroupsTable(*groups),
               "No member has joined a group yet. Of a group whose readers choose their partitions "
               "themselves, `lanemq group describe GROUP` shows the offsets.");
  return ExitCode::kDone;
}

void ShowDetail(Session& session, const GroupDetail& detail) {
  const OutputFormat format = session.flags().format;
  if (format == OutputFormat::kJson) {
    session.out().Data(GroupJson(detail));
    return;
  }
  if (format == OutputFormat::kTable) session.out().Data(GroupSummary(detail));
  session.Show(GroupPartitionsTable(detail));
  if (format == OutputFormat::kTable) session.out().Data(GroupHistory(detail));
}

ExitCode Describe(Session& session, const NameFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto control = Connect(session, kCoordinatorPatience);
  if (!control.ok()) return session.Fail(control.error());
  const auto detail = DetailOfGroup(**cluster, **control, flags.group);
  if (!detail.ok()) return FailUnknownGroup(session, **cluster, detail.error(), flags.group);
  ShowDetail(session, *detail);
  const auto& missing =
      detail->offsets_missing ? detail->offsets_missing : detail->described_missing;
  if (!missing) return ExitCode::kDone;
  session.Fail(*missing, "what is shown is not all there is");
  return ExitCode::kPartlyFailed;
}

ExitCode Members(Session& session, const NameFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::DescribeGroupRequest request;
  request.__set_group(flags.group);
  auto reply = (*cluster)->Control(&rpc::ControlPlaneClient::DescribeGroupSync, request);
  if (!reply.ok()) {
    return FailUnknownGroup(session, **cluster, reply.error(), flags.group,
                            "`lanemq group describe` shows what readers without a coordinator "
                            "have committed");
  }
  GroupDetail detail;
  detail.name = flags.group;
  detail.described = *std::move(reply);
  session.Show(GroupMembersTable(detail), fmt::format("Group {} has no members; it is {}.",
                                                      flags.group, detail.described->group.state));
  return ExitCode::kDone;
}

Result<GroupDetail> Picture(const Session& session, const std::string& group) {
  LANEMQ_ASSIGN_OR_RETURN(const auto cluster, Connect(session, kPicturePatience));
  LANEMQ_ASSIGN_OR_RETURN(const auto control, Connect(session, kPicturePatience));
  return DetailOfGroup(*cluster, *control, group);
}

/// One picture after another. What goes wrong in one of them may be well in the next.
ExitCode Watch(Session& session, const WatchFlags& flags) {
  const auto interval = ReadWatchInterval(flags.interval);
  if (!interval.ok()) return session.Fail(interval.error());
  if (flags.count < 0) {
    return session.Fail({ErrorCode::kInvalidRequest, "--count is less than none"});
  }
  const OutputFormat format = session.flags().format;
  if (format == OutputFormat::kJson) {
    return session.Fail({ErrorCode::kInvalidRequest, "watch prints many documents, json is one"},
                        "--output jsonl");
  }
  const bool has_screen = format == OutputFormat::kTable && isatty(STDOUT_FILENO) != 0;
  const InterruptGuard interrupt;
  for (std::int64_t shown = 1;; ++shown) {
    const auto detail = Picture(session, flags.group);
    if (interrupt.IsInterrupted()) return ExitCode::kInterrupted;
    if (detail.ok()) {
      if (has_screen) session.out().Data(kClearScreen);
      if (format == OutputFormat::kTable) {
        session.out().Data(fmt::format("{}\n", FormatTime(SystemClock::Instance().WallNow())));
      }
      ShowDetail(session, *detail);
    } else if (shown == 1 || RetryOf(detail.error().code) == Retry::kNever) {
      const auto cluster = Connect(session, kPicturePatience);
      if (!cluster.ok()) return session.Fail(cluster.error());
      return FailUnknownGroup(session, **cluster, detail.error(), flags.group);
    } else {
      session.out().Complain("lanemq: " + MakeVisible(detail.error().ToString()));
    }
    if (!session.out().Flush()) return ExitCode::kDone;  // The reader has gone: `| head`.
    if (flags.count > 0 && shown >= flags.count) return ExitCode::kDone;
    if (!interrupt.Pause(*interval)) return ExitCode::kInterrupted;
    if (format == OutputFormat::kTable && !has_screen) session.out().Data("\n");
  }
}

void AddWithName(CLI::App& group, const std::string& name, const std::string& what, Action& action,
                 ExitCode (*run)(Session&, const NameFlags&),
                 const std::vector<std::string>& examples, std::string_view see_also) {
  const auto flags = std::make_shared<NameFlags>();
  CLI::App* leaf = AddLeaf(group, name, what, action, flags, run);
  leaf->add_option("GROUP", flags->group, "Group")->required();
  Explain(*leaf, examples, see_also);
}

void AddWatch(CLI::App& group, Action& action) {
  const auto flags = std::make_shared<WatchFlags>();
  CLI::App* leaf = AddLeaf(group, "watch", "Describe a group again and again, until Ctrl-C", action,
                           flags, Watch);
  leaf->add_option("GROUP", flags->group, "Group")->required();
  leaf->add_option("-i,--interval", flags->interval, "Between two pictures, 100ms to 1h (2s)")
      ->type_name("TIME");
  leaf->add_option("-n,--count", flags->count, "Stop after so many (default: go on)")
      ->type_name("N");
  Explain(*leaf,
          {"lanemq group watch billing", "lanemq group watch billing --interval 500ms",
           "lanemq group watch billing -n 1 --output jsonl"},
          "lanemq group describe");
}

}  // namespace

void AddGroupCommands(CLI::App& root, Action& action) {
  CLI::App* group = root.add_subcommand("group", "Show, reset, pause and delete consumer groups");
  group->require_subcommand(0, 1);
  Explain(*group, {"lanemq group list", "lanemq group describe billing",
                   "lanemq group reset billing --topic orders --to-earliest"});

  Explain(*AddLeaf(*group, "list", "List the groups that members joined", action,
                   std::make_shared<NoFlags>(), List),
          {"lanemq group list", "lanemq group list --output name",
           "lanemq group list --output jsonl | jq -r 'select(.members == 0).group'"},
          "lanemq group describe, also for groups whose readers choose their partitions");
  AddWithName(*group, "describe", "Show a group's state, offsets, owners and history", action,
              Describe,
              {"lanemq group describe billing", "lanemq group describe billing --output json",
               "lanemq group describe billing --output csv > lag.csv"},
              "lanemq group members, lanemq group watch");
  AddWithName(*group, "members", "Show who is in a group and what each has", action, Members,
              {"lanemq group members billing", "lanemq group members billing --output json",
               "lanemq group members billing --output csv"},
              "lanemq group describe");
  AddGroupLag(*group, action);
  AddGroupLagHistory(*group, action);
  AddGroupOffsets(*group, action);
  AddWatch(*group, action);
  AddGroupReset(*group, action);
  AddGroupPauseAndResume(*group, action);
  AddGroupPolicy(*group, action);
  AddGroupDelete(*group, action);
}

}  // namespace lanemq::cli
