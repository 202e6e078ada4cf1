#include <algorithm>
#include <memory>
#include <set>
#include <string>

#include <fmt/format.h>

#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/dlq_queries.h"
#include "client/cli/commands/dlq_table.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/terminal/interrupt.h"
#include "client/cli/text/group_flags.h"
#include "client/cli/text/time_text.h"
#include "common/base/random.h"

namespace lanemq::cli {
namespace {

using std::chrono_literals::operator""ms;

constexpr auto kWatchInterval = 250ms;
constexpr std::string_view kRunning = "running";
constexpr std::string_view kDone = "done";

struct RedriveFlags {
  std::shared_ptr<DeadLetterFlags> choice = std::make_shared<DeadLetterFlags>();
  std::string target = "group";
  std::int32_t rate = 0;
  std::string note;
  bool should_wait = false;
};
struct RedrivesFlags {
  std::string group;
};
struct CancelFlags {
  std::int64_t job = 0;
  std::string note;
};

void ShowJobs(Session& session, const idl::RedriveResponse& reply, std::string_view if_empty) {
  Table table = RedrivesTable(reply.jobs);
  // One id for all data nodes: `--output name` is for $(...).
  if (session.flags().format == OutputFormat::kName) {
    std::set<std::int64_t> shown;
    std::erase_if(table.rows, [&shown](const auto& row) {
      return !shown.insert(std::get<Id>(row.front()).value).second;
    });
  }
  session.Show(table, if_empty);
}

Result<idl::RedriveResponse> JobsOf(Cluster& cluster, std::int64_t id) {
  idl::ListRedrivesRequest request;
  request.__set_id(id);
  return cluster.Data(&rpc::DataPlaneClient::ListRedrivesSync, request);
}

std::int64_t MovedBy(const idl::RedriveResponse& reply) {
  std::int64_t moved = 0;
  for (const idl::Redrive& job : reply.jobs) moved += job.moved;
  return moved;
}

/// Until no data node has the job running. What goes wrong in one question may be well in the next.
ExitCode Wait(Session& session, std::int64_t id, const std::string& group) {
  const std::string how =
      fmt::format("`lanemq dlq redrives -g {}` shows it, `lanemq dlq cancel {}` stops it",
                  MakeVisible(group), id);
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const InterruptGuard interrupt;
  while (true) {
    (*cluster)->RestartTimeout();
    const auto reply = JobsOf(**cluster, id);
    if (interrupt.IsInterrupted()) {
      session.out().Complain(fmt::format("The redrive goes on: {}.", how));
      return ExitCode::kInterrupted;
    }
    if (!reply.ok()) return session.Fail(reply.error(), "the redrive goes on: " + how);
    const auto in_state = [&reply](std::string_view state) {
      return std::ranges::count(reply->jobs, state, &idl::Redrive::state);
    };
    const auto running = in_state(kRunning);
    session.out().Progress(fmt::format("{} moved, {} of {} data nodes done",
                                       FormatCount(MovedBy(*reply)), in_state(kDone),
                                       reply->jobs.size()));
    if (running == 0) {
      ShowJobs(session, *reply, "Nobody knows of this redrive.");
      if (reply->jobs.empty()) return ExitCode::kNotFound;
      if (in_state(kDone) == static_cast<std::ptrdiff_t>(reply->jobs.size())) {
        session.out().Note(fmt::format("{} moved.", FormatCount(MovedBy(*reply))));
        return ExitCode::kDone;
      }
      session.out().Complain("lanemq: somebody cancelled the redrive");
      return ExitCode::kFailed;
    }
    // The question is asked once more at once, so that Ctrl-C is answered in one place.
    static_cast<void>(interrupt.Pause(kWatchInterval));
  }
}

Result<idl::RedriveTarget::type> TargetOf(const std::string& text) {
  if (text == "group") return idl::RedriveTarget::GROUP;
  if (text == "topic") return idl::RedriveTarget::TOPIC;
  return Error{ErrorCode::kInvalidRequest, fmt::format("--to {}: there are group and topic", text)};
}

ExitCode Redrive(Session& session, const RedriveFlags& flags) {
  const auto filter = ReadDeadLetterChoice(*flags.choice, SystemClock::Instance().WallNow());
  if (!filter.ok()) return session.Fail(filter.error(), "lanemq dlq redrive --help");
  const auto target = TargetOf(flags.target);
  if (!target.ok()) return session.Fail(target.error());
  if (const Status note = CheckReason(flags.note); !note.ok()) return session.Fail(note.error());
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const bool is_to_topic = *target == idl::RedriveTarget::TOPIC;
  const std::string where =
      is_to_topic ? "to the topic, where every group gets them" : "to the group";
  if (session.flags().is_dry_run || (is_to_topic && !session.flags().is_yes)) {
    std::int64_t count = 0;
    const auto text = CountMatching(**cluster, *filter, count);
    if (!text.ok()) return session.Fail(text.error());
    if (session.flags().is_dry_run) {
      session.out().Note(
          fmt::format("Would redrive {} ({}) {}.", *text, DescribeFilter(*filter), where));
      return ExitCode::kDone;
    }
    ExitCode refused{};
    if (!session.Confirm(fmt::format("Redrive {} ({}) {}?", *text, DescribeFilter(*filter), where),
                         refused)) {
      return refused;
    }
    (*cluster)->RestartTimeout();  // Whoever was asked may have thought about it.
  }
  idl::RedriveRequest request;
  request.__set_id(Random::FromSystem().PositiveId());
  request.__set_filter(*filter);
  request.__set_target(*target);
  if (flags.rate > 0) request.__set_per_second(flags.rate);
  request.__set_requested_by(WhoAsks());
  if (!flags.note.empty()) request.__set_reason(flags.note);
  const auto reply = (*cluster)->Data(&rpc::DataPlaneClient::RedriveSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  if (flags.should_wait) {
    session.out().Note(fmt::format("Redrive {} has begun.", request.id));
    return Wait(session, request.id, filter->group);
  }
  ShowJobs(session, *reply, {});
  session.out().Note(fmt::format(
      "Brokers carry it out: `lanemq dlq redrives -g {}` shows how far it is, `lanemq dlq cancel "
      "{}` stops it.",
      MakeVisible(filter->group), request.id));
  return ExitCode::kDone;
}

ExitCode Redrives(Session& session, const RedrivesFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::ListRedrivesRequest request;
  if (!flags.group.empty()) request.__set_group(flags.group);
  const auto reply = (*cluster)->Data(&rpc::DataPlaneClient::ListRedrivesSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  ShowJobs(session, *reply,
           flags.group.empty()
               ? "Nothing was redriven yet."
               : fmt::format("Nothing of group {} was redriven yet.", MakeVisible(flags.group)));
  return ExitCode::kDone;
}

ExitCode Cancel(Session& session, const CancelFlags& flags) {
  if (const Status note = CheckReason(flags.note); !note.ok()) return session.Fail(note.error());
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto before = JobsOf(**cluster, flags.job);
  if (!before.ok()) return session.Fail(before.error());
  if (before->jobs.empty()) {
    return session.Fail({ErrorCode::kNotFound, fmt::format("there is no redrive {}", flags.job)},
                        "`lanemq dlq redrives` shows them");
  }
  const auto is_running = [](const idl::Redrive& job) { return job.state == kRunning; };
  if (std::ranges::none_of(before->jobs, is_running)) {
    return session.Fail(
        {ErrorCode::kFailedPrecondition,
         fmt::format("redrive {} is over: {}", flags.job, before->jobs.front().state)},
        "what was moved stays moved");
  }
  if (session.flags().is_dry_run) {
    session.out().Note(fmt::format("Would cancel redrive {}; {} are moved already.", flags.job,
                                   FormatCount(MovedBy(*before))));
    return ExitCode::kDone;
  }
  idl::CancelRedriveRequest request;
  request.__set_id(flags.job);
  request.__set_requested_by(WhoAsks());
  if (!flags.note.empty()) request.__set_reason(flags.note);
  const auto reply = (*cluster)->Data(&rpc::DataPlaneClient::CancelRedriveSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  ShowJobs(session, *reply, {});
  session.out().Note("What was moved stays moved.");
  return ExitCode::kDone;
}

}  // namespace

void AddDlqRedrive(CLI::App& dlq, Action& action) {
  const auto flags = std::make_shared<RedriveFlags>();
  CLI::App* leaf = AddLeaf(dlq, "redrive", "Deliver dead letters again", action, flags, Redrive);
  AddChoice(*leaf, flags->choice, true);
  leaf->add_option("--to", flags->target,
                   "group (its handlers try again) or topic (published anew, every group gets it)")
      ->type_name("TARGET");
  leaf->add_option("--rate", flags->rate, "At most so many a second and data node (no limit)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  leaf->add_option("--note", flags->note, "Kept with it, for people")->type_name("TEXT");
  leaf->add_flag("-w,--wait", flags->should_wait, "Wait until it is done; Ctrl-C lets it go on");
  Explain(*leaf,
          {"lanemq dlq redrive -g billing --id orders/0/42",
           "lanemq dlq redrive -g billing --reason timeout --rate 100 --wait",
           "lanemq dlq redrive -g billing --all --note 'ledger is back'"},
          "lanemq dlq redrives, lanemq dlq cancel, lanemq dlq edit. --dry-run counts");

  const auto list = std::make_shared<RedrivesFlags>();
  leaf = AddLeaf(dlq, "redrives", "Show redrives and how far they are, newest first", action, list,
                 Redrives);
  leaf->add_option("-g,--group", list->group, "Only of this group")->type_name("GROUP");
  Explain(*leaf,
          {"lanemq dlq redrives", "lanemq dlq redrives -g billing",
           "lanemq dlq redrives --output jsonl | jq 'select(.state == \"running\")'"},
          "lanemq dlq cancel, lanemq dlq audit");

  const auto cancel = std::make_shared<CancelFlags>();
  leaf =
      AddLeaf(dlq, "cancel", "Stop a redrive; what was moved stays moved", action, cancel, Cancel);
  leaf->add_option("JOB", cancel->job, "The redrive's id")->required()->check(CLI::PositiveNumber);
  leaf->add_option("--note", cancel->note, "Kept with it, for people")->type_name("TEXT");
  Explain(*leaf,
          {"lanemq dlq cancel 7205759403792793600",
           "lanemq dlq cancel 7205759403792793600 --note 'wrong group'",
           "lanemq dlq redrives --output name | head -n 1 | xargs lanemq dlq cancel"},
          "lanemq dlq redrives");
}

}  // namespace lanemq::cli
