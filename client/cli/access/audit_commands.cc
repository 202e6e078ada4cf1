#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

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

Result<idl::SearchAuditResponse> Page(Cluster& cluster, idl::SearchAuditRequest request,
                                      std::int32_t max, std::optional<std::int64_t> before_id) {
  request.__set_max(max);
  if (before_id) request.__set_before_id(*before_id);
  return cluster.Control(&AccessClient::SearchAuditSync, request);
}

ExitCode Search(Session& session, const SearchFlags& flags) {
  const auto request = ReadSearch(flags.which, WallNow());
  if (!request.ok()) return session.Fail(request.error());
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply = Page(**cluster, *request, flags.max, std::nullopt);
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
    session.out().Note(fmt::format("There are more than these {}: -n, or `lanemq audit export`.",
                                   reply->events.size()));
  }
  return ExitCode::kDone;
}

ExitCode Export(Session& session, const SearchFlags& flags) {
  auto request = ReadSearch(flags.which, WallNow());
  if (!request.ok()) return session.Fail(request.error());
  // All of it: by action or kind alone the servers would look at the last days.
  if (!request->__isset.from_us) request->__set_from_us(0);
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  std::optional<std::int64_t> before_id;
  std::int64_t written = 0;
  while (true) {
    (*cluster)->RestartTimeout();  // It may be long, and each page gets somewhere.
    const auto reply = Page(**cluster, *request, kPageMax, before_id);
    if (!reply.ok()) return session.Fail(reply.error());
    for (const idl::AuditEvent& event : reply->events) {
      session.out().Data(AuditJson(event) + "\n");
      before_id = event.id;
    }
    written += static_cast<std::int64_t>(reply->events.size());
    if (!session.out().Flush()) return ExitCode::kDone;  // The reader has enough.
    if (!reply->has_more || reply->events.empty()) break;
    session.out().Progress(FormatCount(written) + " events");
  }
  session.out().Note(FormatCount(written) + " events, newest first.");
  return ExitCode::kDone;
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
           "lanemq audit search --topic orders --output jsonl | jq .after"},
          "lanemq audit export");
  const auto all = std::make_shared<SearchFlags>();
  leaf =
      AddLeaf(*audit, "export", "Print all of it as JSON, an object a line", action, all, Export);
  AddWhich(*leaf, all->which);
  Explain(*leaf,
          {"lanemq audit export > audit.jsonl", "lanemq audit export --since -30d --denied",
           "lanemq audit export --actor billing | jq -r .action | sort | uniq -c"},
          "lanemq audit search");
}

}  // namespace lanemq::cli
