#include "client/cli/commands/topic_history_command.h"

#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/access/access_table.h"
#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/text/message_format.h"

namespace lanemq::cli {
namespace {

constexpr std::int32_t kPageMax = 1'000;

struct HistoryFlags {
  std::string topic;
  std::int32_t max = 100;
  std::string cursor;
};

ExitCode History(Session& session, const HistoryFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::TopicHistoryRequest request;
  request.name = flags.topic;
  request.__set_max(flags.max);
  if (!flags.cursor.empty()) request.__set_cursor(flags.cursor);
  const auto reply = (*cluster)->Control(&rpc::AccessClient::TopicHistorySync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  if (session.flags().format == OutputFormat::kJsonLines) {
    for (const idl::AuditEvent& event : reply->events) {
      session.out().Data(AuditJson(event) + "\n");
    }
  } else {
    session.Show(AuditTable(reply->events),
                 fmt::format("Nothing was done to {}.", MakeVisible(flags.topic)));
  }
  if (reply->has_more) {
    session.out().Note(fmt::format("There are more than these {}: -n, or the same with --cursor {}",
                                   reply->events.size(), reply->next_page));
  }
  if (reply->unreachable.empty()) return ExitCode::kDone;
  std::vector<std::string> names;
  for (const std::string& node : reply->unreachable) names.push_back(MakeVisible(node));
  session.out().Note(
      fmt::format("Not answered by {}: what they keep is missing here.", fmt::join(names, ", ")));
  return ExitCode::kPartlyFailed;
}

}  // namespace

void AddTopicHistory(CLI::App& topic, Action& action) {
  const auto flags = std::make_shared<HistoryFlags>();
  CLI::App* leaf = topic.add_subcommand("history", "Show what was done to a topic, newest first");
  leaf->callback([&action, flags] {
    action = [flags](Session& session) { return History(session, *flags); };
  });
  leaf->add_option("NAME", flags->topic, "Topic")->required();
  leaf->add_option("-n,--max", flags->max, "At most so many (100)")
      ->type_name("N")
      ->check(CLI::Range(1, kPageMax));
  leaf->add_option("--cursor", flags->cursor, "Go on where another one ended")->type_name("CURSOR");
  Explain(*leaf,
          {"lanemq topic history orders", "lanemq topic history orders -n 10",
           "lanemq topic history orders --output jsonl | jq .after"},
          "lanemq audit search; exit code 7: a data node did not answer");
}

}  // namespace lanemq::cli
