#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/access/access_scope.h"
#include "client/cli/access/access_table.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using rpc::AccessClient;

constexpr std::int32_t kPageMax = 1'000;

struct SearchFlags {
  AuditFlags which;
  std::int32_t max = 100;
};

Result<idl::SearchAuditResponse> Page(Cluster& cluster, const idl::SearchAuditRequest& request) {
  return cluster.Control(&AccessClient::SearchAuditSync, request);
}

/// That data nodes did not answer, on stderr, and what to exit with for it.
ExitCode TellMissing(Session& session, const std::vector<std::string>& nodes,
                     const std::string& how_to_go_on) {
  if (nodes.empty()) return ExitCode::kDone;
  std::vector<std::string> names;
  for (const std::string& node : nodes) names.push_back(MakeVisible(node));
  session.out().Note(fmt::format("Not answered by {}: what they keep is missing here. {}",
                                 fmt::join(names, ", "), how_to_go_on));
  return ExitCode::kPartlyFailed;
}

ExitCode Search(Session& session, const SearchFlags& flags) {
  auto request = ReadSearch(flags.which, WallNow());
  if (!request.ok()) return session.Fail(request.error());
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  request->__set_max(flags.max);
  const auto reply = Page(**cluster, *request);
  if (!reply.ok()) return session.Fail(reply.error());
  if (session.flags().format == OutputFormat::kJsonLines) {
    for (const idl::AuditEvent& event : reply->events) {
      session.out().Data(AuditJson(event) + "\n");
    }
  } else {
    session.Show(AuditTable(reply->events),
                 "Nothing of the kind is in the log; without an actor or an object, and without "
                 "--since, that is of the last 7 days.");
  }
  if (reply->has_more) {
    session.out().Note(fmt::format(
        "There are more than these {}: -n, `lanemq audit export`, or the same with --cursor {}",
        reply->events.size(), reply->next_page));
  }
  return TellMissing(session, reply->unreachable, "`lanemq node list --health` tells more.");
}

/// All pages from the request's on, until nobody who answers has more.
ExitCode ExportAll(Session& session, Cluster& cluster, idl::SearchAuditRequest& request) {
  std::int64_t written = 0;
  while (true) {
    cluster.RestartTimeout();  // It may be long, and each page gets somewhere.
    const auto reply = Page(cluster, request);
    const std::string so_far = request.cursor;
    if (!reply.ok()) {
      return session.Fail(reply.error(),
                          so_far.empty() ? "" : "go on with the same and --cursor " + so_far);
    }
    for (const idl::AuditEvent& event : reply->events) {
      session.out().Data(AuditJson(event) + "\n");
    }
    written += static_cast<std::int64_t>(reply->events.size());
    if (!session.out().Flush()) return ExitCode::kDone;  // The reader has enough.
    if (!reply->has_more) break;
    if (reply->__isset.next_page) {
      request.__set_cursor(reply->next_page);
    } else if (!reply->events.empty()) {
      request.__set_before_id(reply->events.back().id);  // An older server has one log.
    } else {
      break;
    }
    // What is left is with those who do not answer.
    if (reply->events.empty() && !reply->unreachable.empty()) {
      session.out().Note(FormatCount(written) + " events, newest first.");
      return TellMissing(session, reply->unreachable,
                         "Get the rest later with the same and --cursor " + reply->next_page);
    }
    session.out().Progress(FormatCount(written) + " events");
  }
  session.out().Note(FormatCount(written) + " events, newest first.");
  return ExitCode::kDone;
}

ExitCode Export(Session& session, const SearchFlags& flags) {
  auto request = ReadSearch(flags.which, WallNow());
  if (!request.ok()) return session.Fail(request.error());
  // All of it: by action or kind alone the servers would look at the last days.
  if (!request->__isset.from_us) request->__set_from_us(0);
  request->__set_max(kPageMax);
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  return ExportAll(session, **cluster, *request);
}

void AddWhich(CLI::App& leaf, AuditFlags& which) {
  leaf.add_option("--actor", which.actor, "Of this one: service:NAME (or NAME), person:NAME")
      ->type_name("WHO");
  AddObjectFlags(leaf, which.object, "About");
  leaf.add_option("--kind", which.kind, "About one of team, service, token, grant, owner, ...")
      ->type_name("KIND");
  leaf.add_option("--name", which.name, "About what is called so")->type_name("NAME");
  leaf.add_option("--action", which.action, "This call: createTopic, issueToken, ...")
      ->type_name("CALL");
  leaf.add_option("--since", which.since, "From then on: -1h, 2026-11-21")->type_name("TIME");
  leaf.add_option("--until", which.until, "Before then")->type_name("TIME");
  leaf.add_flag("--denied", which.is_denied_only, "Only what was refused");
  leaf.add_option("--source", which.source, "Only this log: metadata, or a data node's name")
      ->type_name("LOG");
  leaf.add_option("--cursor", which.cursor, "Go on where another one of the same kind ended")
      ->type_name("CURSOR");
}

}  // namespace

void AddAuditCommands(CLI::App& root, Action& action) {
  CLI::App* audit =
      AddAccessNoun(root, "audit", "Who changed what, when and why; what was refused",
                    {"lanemq audit search --since -1h", "lanemq audit search --topic orders",
                     "lanemq audit export --since 2026-11-01 > november.jsonl"},
                    "--reason of every command that changes something is in it");
  const auto search = std::make_shared<SearchFlags>();
  CLI::App* leaf =
      AddLeaf(*audit, "search", "List changes and refusals, newest first", action, search, Search);
  AddWhich(*leaf, search->which);
  leaf->add_option("-n,--max,--limit", search->max, "At most so many (100)")
      ->type_name("N")
      ->check(CLI::Range(1, kPageMax));
  Explain(*leaf,
          {"lanemq audit search --since -1h", "lanemq audit search --actor billing --denied",
           "lanemq audit search --topic orders --output jsonl | jq .after",
           "lanemq audit search --source node-1 --kind group"},
          "lanemq audit export; exit code 7: a data node did not answer");
  const auto all = std::make_shared<SearchFlags>();
  leaf =
      AddLeaf(*audit, "export", "Print all of it as JSON, an object a line", action, all, Export);
  AddWhich(*leaf, all->which);
  Explain(*leaf,
          {"lanemq audit export > audit.jsonl", "lanemq audit export --since -30d --denied",
           "lanemq audit export --actor billing | jq -r .action | sort | uniq -c",
           "lanemq audit export --cursor AWhm4... >> audit.jsonl"},
          "lanemq audit search; exit code 7: a data node did not answer");
}

}  // namespace lanemq::cli
