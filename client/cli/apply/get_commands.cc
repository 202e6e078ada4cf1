#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/app/help.h"
#include "client/cli/apply/apply_commands.h"
#include "client/cli/apply/document_text.h"
#include "client/cli/apply/state.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/text/suggest.h"

namespace lanemq::cli {
namespace {

// In the order in which they are made.
constexpr std::array<const char*, 5> kKinds = {"team", "quota", "topic", "group", "grant"};

struct GetFlags {
  std::string kind;
  StateFlags state;
  std::string format;
};

/// The bundle as --output says; `kind` is whose table it is, empty: YAML instead of a table.
ExitCode ShowState(Session& session, const core::Bundle& bundle, const std::string& format,
                   const std::string& kind) {
  const bool is_json = format.empty() && session.flags().format == OutputFormat::kJson;
  if (format == "json" || is_json) {
    session.out().Data(ToJson(bundle));
    return ExitCode::kDone;
  }
  if (format == "yaml" || (format.empty() && !session.flags().has_format)) {
    session.out().Data(ToYaml(bundle));
    return ExitCode::kDone;
  }
  TableStyle style{.format = session.flags().format, .has_headers = session.flags().has_headers};
  if (!format.empty()) {
    const auto parsed = ParseOutputFormat(format);
    if (!parsed.ok() || kind.empty()) {
      return session.Fail({ErrorCode::kInvalidRequest,
                           fmt::format("'{}' is none of yaml, json{}", format,
                                       kind.empty() ? "" : ", table, jsonl, name, csv")});
    }
    style.format = *parsed;
  }
  session.out().Data(kind.empty() ? ToYaml(bundle) : Render(ToTable(bundle, kind), style));
  return ExitCode::kDone;
}

/// Names that were asked for and are not there.
std::vector<std::string> Missing(const core::Bundle& bundle, const GetFlags& flags) {
  std::set<std::string> found;
  for (const core::Change& change : bundle.changes) {
    if (const auto* topic = std::get_if<core::CreateTopicChange>(&change))
      found.insert(topic->name);
    if (const auto* group = std::get_if<core::PutGroupChange>(&change)) found.insert(group->name);
    if (const auto* team = std::get_if<core::PutTeamChange>(&change)) found.insert(team->team.name);
    if (const auto* quota = std::get_if<core::SetQuotaChange>(&change)) found.insert(quota->team);
    if (const auto* grant = std::get_if<core::PutGrantChange>(&change)) {
      found.insert(grant->grant.name);
    }
  }
  std::vector<std::string> missing;
  for (const std::string& name : flags.state.names) {
    if (!found.contains(name)) missing.push_back(name);
  }
  return missing;
}

ExitCode Get(Session& session, const GetFlags& given) {
  GetFlags flags = given;
  std::string& kind = flags.kind;
  if (kind.ends_with('s')) kind.pop_back();  // "topics"
  const std::vector<std::string> kinds(kKinds.begin(), kKinds.end());
  if (std::ranges::find(kinds, kind) == kinds.end()) {
    const auto near = Suggest(kind, kinds);
    return session.Fail(
        {ErrorCode::kInvalidRequest,
         fmt::format("kind '{}' is none of {}{}", given.kind, fmt::join(kinds, ", "),
                     near ? fmt::format(" (did you mean '{}'?)", *near) : "")});
  }
  flags.state.kinds = {kind};
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto bundle = FetchState(**cluster, flags.state);
  if (!bundle.ok()) return session.Fail(bundle.error());
  if (bundle->changes.empty() && flags.state.names.empty()) {
    session.out().Note(fmt::format("There is no such {}.", kind));
  }
  const ExitCode code = ShowState(session, *bundle, flags.format, kind);
  if (code != ExitCode::kDone) return code;
  const std::vector<std::string> missing = Missing(*bundle, flags);
  if (missing.empty()) return ExitCode::kDone;
  return session.Fail(
      {ErrorCode::kNotFound, fmt::format("there is no {} {}", kind, fmt::join(missing, ", "))});
}

ExitCode Export(Session& session, const GetFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  core::Bundle all;
  for (const char* const kind : kKinds) {  // One by one, so that each has the room of an answer.
    StateFlags state = flags.state;
    state.kinds = {kind};
    auto bundle = FetchState(**cluster, state);
    if (!bundle.ok()) return session.Fail(bundle.error());
    std::ranges::move(bundle->changes, std::back_inserter(all.changes));
  }
  return ShowState(session, all, flags.format, "");
}

void AddStateFlags(CLI::App& leaf, GetFlags& flags, const std::string& formats) {
  leaf.add_option("--team", flags.state.team, "Only what it owns, and grants on that and to it")
      ->type_name("TEAM");
  leaf.add_option("--prefix", flags.state.prefix, "Only names that begin so")->type_name("TEXT");
  leaf.add_option("-o,--output", flags.format, formats)->type_name("FORMAT");
}

}  // namespace

void AddGetCommands(CLI::App& root, Action& action) {
  const auto get = std::make_shared<GetFlags>();
  CLI::App* leaf =
      AddLeaf(root, "get", "Show topics, groups, grants, teams, quotas as apply takes them", action,
              get, Get);
  leaf->group(kAsCodeCommands);
  leaf->add_option("KIND", get->kind, "topic, group, grant, team or quota")->required();
  leaf->add_option("NAME", get->state.names,
                   "Only these; of grants: the topic or group they are on");
  AddStateFlags(*leaf, *get, "yaml (default), json, table, jsonl, name or csv");
  Explain(*leaf,
          {"lanemq get topic orders", "lanemq get topics --team payments -o table",
           "lanemq get grant orders -o json | jq .items"},
          "lanemq export, lanemq apply");
  const auto everything = std::make_shared<GetFlags>();
  leaf =
      AddLeaf(root, "export", "Show everything that apply takes, for another cluster or a folder",
              action, everything, Export);
  leaf->group(kAsCodeCommands);
  AddStateFlags(*leaf, *everything, "yaml (default) or json");
  Explain(*leaf,
          {"lanemq export > env.yaml", "lanemq export --team payments > payments.yaml",
           "lanemq --context test export --prefix orders. | lanemq --context prod diff -f -"},
          "docs/guides/as_code.md");
}

}  // namespace lanemq::cli
