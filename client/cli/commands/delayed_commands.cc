#include <algorithm>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "client/cli/app/action.h"
#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/dlq_table.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

constexpr std::int64_t kPageMax = 1'000;
constexpr std::size_t kHandlesPerCall = 1'000;

struct ListFlags {
  std::string topic;
  std::optional<std::int32_t> partition;
  std::int64_t max = 100;
};
struct CancelFlags {
  std::vector<std::string> handles;
};

/// True: there are more.
Result<bool> ReadDelayed(Cluster& cluster, const ListFlags& flags,
                         std::vector<idl::DelayedListing>& messages) {
  idl::ListDelayedRequest request;
  request.__set_topic(flags.topic);
  if (flags.partition) request.__set_partition(*flags.partition);
  while (true) {
    const std::int64_t left = flags.max - static_cast<std::int64_t>(messages.size());
    request.__set_max_count(static_cast<std::int32_t>(std::min(left, kPageMax)));
    LANEMQ_ASSIGN_OR_RETURN(const idl::ListDelayedResponse reply,
                            cluster.Data(&rpc::DataPlaneClient::ListDelayedSync, request));
    messages.insert(messages.end(), reply.messages.begin(), reply.messages.end());
    if (!reply.__isset.next_page) return false;
    if (static_cast<std::int64_t>(messages.size()) >= flags.max) return true;
    if (request.__isset.after && request.after == reply.next_page) {
      return Error{ErrorCode::kUnknownServerError, "the broker answers the same page for ever"};
    }
    request.__set_after(reply.next_page);
    cluster.RestartTimeout();
  }
}

ExitCode List(Session& session, const ListFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  if (const auto topic = (*cluster)->Topic(flags.topic); !topic.ok()) {
    return session.Fail(topic.error());
  }
  std::vector<idl::DelayedListing> messages;
  const auto has_more = ReadDelayed(**cluster, flags, messages);
  if (!has_more.ok()) return session.Fail(has_more.error());
  if (session.flags().format == OutputFormat::kJsonLines) {
    for (const auto& each : messages) session.out().Data(DelayedJson(flags.topic, each) + "\n");
  } else if (session.flags().format == OutputFormat::kJson) {
    std::string text = "{\"items\":[";
    for (std::size_t i = 0; i < messages.size(); ++i) {
      text += (i > 0 ? ",\n  " : "\n  ") + DelayedJson(flags.topic, messages[i]);
    }
    session.out().Data(text + (messages.empty() ? "]}\n" : "\n]}\n"));
  } else {
    session.Show(DelayedTable(messages),
                 fmt::format("Nothing of topic {} waits for its time.", MakeVisible(flags.topic)));
  }
  if (*has_more) {
    session.out().Note(fmt::format("These are the first {}; --max shows more.",
                                   FormatCount(static_cast<std::int64_t>(messages.size()))));
  }
  return ExitCode::kDone;
}

/// What became of handles.
struct Cancelled {
  Table table{{"handle", "status"}, {}};
  std::size_t done = 0;
  std::size_t delivered = 0;
  std::size_t unknown = 0;
  std::optional<Error> failure;  ///< The first one.
};

void Take(Cancelled& cancelled, const idl::CancelOne& one) {
  std::string status;
  if (one.__isset.error) {
    const Error error{ErrorCodeFromNumber(one.error.code), one.error.message};
    if (!cancelled.failure) cancelled.failure = error;
    status = error.ToString();
  } else if (one.state == idl::CancelState::CANCELLED) {
    ++cancelled.done;
    status = "cancelled";
  } else if (one.state == idl::CancelState::DELIVERED) {
    ++cancelled.delivered;
    status = "already delivered";
  } else {
    ++cancelled.unknown;
    status = "not found";
  }
  cancelled.table.rows.push_back({one.handle, status});
}

/// As with several names: 7 when only some went well.
ExitCode ExitOf(const Cancelled& cancelled) {
  if (cancelled.done == cancelled.table.rows.size()) return ExitCode::kDone;
  if (cancelled.done > 0) return ExitCode::kPartlyFailed;
  if (cancelled.failure) return ExitCodeOf(cancelled.failure->code);
  return cancelled.delivered > 0 ? ExitCode::kConflict : ExitCode::kNotFound;
}

ExitCode Cancel(Session& session, const CancelFlags& flags) {
  if (session.flags().is_dry_run) {
    session.out().Note(fmt::format("Would cancel {} delayed message{}.", flags.handles.size(),
                                   flags.handles.size() == 1 ? "" : "s"));
    return ExitCode::kDone;
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  Cancelled cancelled;
  for (std::size_t begin = 0; begin < flags.handles.size(); begin += kHandlesPerCall) {
    const std::size_t end = std::min(begin + kHandlesPerCall, flags.handles.size());
    idl::CancelRequest request;
    request.__set_handles({flags.handles.begin() + static_cast<std::ptrdiff_t>(begin),
                           flags.handles.begin() + static_cast<std::ptrdiff_t>(end)});
    (*cluster)->RestartTimeout();
    const auto reply = (*cluster)->Data(&rpc::DataPlaneClient::CancelDelayedSync, request);
    if (!reply.ok()) {
      if (begin == 0) return session.Fail(reply.error());
      session.Show(cancelled.table);
      session.Fail(reply.error(), "the table has those that were asked before; repeat the others");
      return ExitCode::kPartlyFailed;
    }
    for (const idl::CancelOne& one : reply->results) Take(cancelled, one);
  }
  session.Show(cancelled.table);
  if (cancelled.failure) session.Fail(*cancelled.failure, "the table says which; repeat those");
  return ExitOf(cancelled);
}

}  // namespace

void AddDelayedCommands(CLI::App& root, Action& action) {
  CLI::App* delayed = root.add_subcommand("delayed", "List and cancel messages that wait");
  delayed->require_subcommand(0, 1);
  Explain(*delayed, {"lanemq delayed list reminders", "lanemq delayed list reminders --partition 0",
                     "lanemq delayed cancel HANDLE"});

  const auto list = std::make_shared<ListFlags>();
  CLI::App* leaf = AddLeaf(*delayed, "list", "List the delayed messages of a topic, earliest first",
                           action, list, List);
  leaf->add_option("TOPIC", list->topic, "Topic")->required();
  leaf->add_option("-p,--partition", list->partition, "Only of this partition")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  leaf->add_option("-n,--max", list->max, "At most so many (100)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  Explain(*leaf,
          {"lanemq delayed list reminders", "lanemq delayed list reminders -p 0 -n 10",
           "lanemq delayed list reminders --output jsonl | jq -r 'select(.key == \"c-1\").handle'"},
          "lanemq delayed cancel. Earliest first within each partition");

  const auto cancel = std::make_shared<CancelFlags>();
  leaf = AddLeaf(*delayed, "cancel", "Cancel delayed messages before their time", action, cancel,
                 Cancel);
  leaf->add_option("HANDLE", cancel->handles, "What sending it answered, or `delayed list` shows")
      ->required();
  Explain(*leaf,
          {"lanemq delayed cancel HANDLE", "lanemq delayed cancel HANDLE1 HANDLE2 --output json",
           "lanemq delayed list reminders --output name | xargs lanemq delayed cancel"},
          "lanemq delayed list. The exit code is 0 only if every one was cancelled");
}

}  // namespace lanemq::cli
