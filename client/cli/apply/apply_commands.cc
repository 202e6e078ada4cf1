// What there should be, from files: begins here; get and export are in get_commands.cc.
#include "client/cli/apply/apply_commands.h"

#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "client/cli/app/help.h"
#include "client/cli/apply/diff_text.h"
#include "client/cli/apply/plan.h"
#include "client/cli/apply/proposing.h"
#include "client/cli/apply/source_files.h"
#include "client/cli/apply/state.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

struct ApplyFlags {
  std::vector<std::string> sources;
  bool is_pruning = false;
  std::string team;
  std::string wait;
  ProposalFlags proposal;
};

/// The files against the cluster.
struct Prepared {
  std::unique_ptr<Cluster> cluster;
  std::size_t objects = 0;
  Plan plan;
};

ExitCode FailFaults(Session& session, const Faults& faults) {
  const std::size_t more = faults.count() - faults.lines().size();
  std::string all;
  for (const std::string& line : faults.lines()) {
    if (!session.IsJson()) session.out().Complain(MakeVisible(line));
    all += (all.empty() ? "" : "; ") + line;
  }
  const std::string rest = more == 0 ? "" : fmt::format(", {} of them not shown", more);
  return session.Fail(
      {ErrorCode::kInvalidRequest,
       session.IsJson() ? all + rest : fmt::format("{} faults{}", faults.count(), rest)});
}

/// kDone: `prepared` is there.
ExitCode Prepare(Session& session, const ApplyFlags& flags, Prepared& prepared) {
  if (flags.is_pruning == flags.team.empty()) {
    return session.Fail({ErrorCode::kInvalidRequest, "--prune and --team belong together"},
                        "--prune --team payments removes what payments owns and no file names");
  }
  Faults faults;
  const Documents documents = ReadSources(flags.sources, faults);
  if (!faults.empty()) return FailFaults(session, faults);
  auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  prepared.cluster = *std::move(cluster);
  const auto world = FetchWorld(*prepared.cluster, documents, flags.team);
  if (!world.ok()) return session.Fail(world.error());
  prepared.objects = documents.size();
  prepared.plan = MakePlan(*world, documents, flags.team, faults);
  if (!faults.empty()) return FailFaults(session, faults);
  return ExitCode::kDone;
}

void ShowDifferences(Session& session, const Prepared& prepared) {
  const auto& differences = prepared.plan.differences;
  if (session.flags().format == OutputFormat::kTable) {
    session.out().Data(DiffText(differences, session.flags().has_color));
  } else {
    session.Show(DiffTable(differences));
  }
  if (differences.empty()) {
    session.out().Note(fmt::format("Nothing to do: all {} objects are as the files say.",
                                   FormatCount(static_cast<std::int64_t>(prepared.objects))));
  }
}

ExitCode Diff(Session& session, const ApplyFlags& flags) {
  Prepared prepared;
  if (const ExitCode code = Prepare(session, flags, prepared); code != ExitCode::kDone) {
    // 1 means a difference here.
    return code == ExitCode::kFailed ? ExitCode::kUnavailable : code;
  }
  ShowDifferences(session, prepared);
  return prepared.plan.changes.empty() ? ExitCode::kDone : ExitCode::kFailed;
}

ExitCode Apply(Session& session, const ApplyFlags& flags) {
  ProposalFlags proposal = flags.proposal;
  if (!flags.wait.empty()) {
    const auto wait = ParseDuration(flags.wait);
    if (!wait.ok()) return session.Fail(wait.error());
    proposal.wait = *wait;
  }
  Prepared prepared;
  if (const ExitCode code = Prepare(session, flags, prepared); code != ExitCode::kDone) return code;
  const Plan& plan = prepared.plan;
  const bool is_dry = session.flags().is_dry_run;
  if (is_dry || plan.changes.empty()) ShowDifferences(session, prepared);
  if (plan.changes.empty()) return ExitCode::kDone;
  const std::vector<core::Bundle> bundles = InBundles(plan.changes);
  if (is_dry) return ShowDecisions(session, *prepared.cluster, bundles, proposal);
  if (plan.RemovesAnything()) {
    std::size_t removed = 0;
    for (const Difference& difference : plan.differences) {
      if (difference.kind != Difference::Kind::kRemoved) continue;
      session.out().Complain(
          MakeVisible(fmt::format("- {} {}", difference.object_kind, difference.name)));
      ++removed;
    }
    ExitCode refused{};
    const std::string question =
        fmt::format("Remove these {}, with every message in topics among them?", removed);
    if (!session.Confirm(question, refused)) return refused;
  }
  session.out().Note(fmt::format(
      "{}: {}.", CountText(plan.differences),
      bundles.size() == 1 ? "one request" : fmt::format("{} requests", bundles.size())));
  return Propose(session, *prepared.cluster, bundles, proposal);
}

void AddSourceFlags(CLI::App& leaf, ApplyFlags& flags) {
  leaf.add_option("-f,--file", flags.sources, "File, folder or - (stdin); may be repeated")
      ->type_name("PATH")
      ->required()
      ->allow_extra_args(false);
  leaf.add_flag("--prune", flags.is_pruning,
                "Also what --team owns and no file names: it goes, with its messages");
  leaf.add_option("--team", flags.team, "Of --prune: whose things")->type_name("TEAM");
}

}  // namespace

void AddApplyCommands(CLI::App& root, Action& action) {
  const auto apply = std::make_shared<ApplyFlags>();
  CLI::App* leaf =
      AddLeaf(root, "apply", "Make topics, groups, grants, teams and quotas as files say", action,
              apply, Apply);
  leaf->group(kAsCodeCommands);
  AddSourceFlags(*leaf, *apply);
  leaf->add_option("--title", apply->proposal.title, "Of the request, for whoever says yes")
      ->type_name("TEXT");
  leaf->add_option("--wait", apply->wait, "Until it is applied (default 5m)")->type_name("TIME");
  leaf->add_option("--break-glass", apply->proposal.break_glass,
                   "Operators: wait for nobody's yes; those concerned are told why")
      ->type_name("REASON");
  Explain(*leaf,
          {"lanemq apply -f topics.yaml --dry-run", "lanemq apply -f env/ --title 'ticket 4711'",
           "lanemq apply -f env/ --prune --team payments",
           "lanemq --context test export | lanemq --context prod apply -f - --dry-run"},
          "docs/guides/as_code.md. Exit code 8: it waits for a yes; the request's number is on "
          "stdout");
  const auto diff = std::make_shared<ApplyFlags>();
  leaf = AddLeaf(root, "diff", "Show what apply would change", action, diff, Diff);
  leaf->group(kAsCodeCommands);
  AddSourceFlags(*leaf, *diff);
  Explain(*leaf,
          {"lanemq diff -f topics.yaml", "lanemq diff -f env/ --prune --team payments",
           "lanemq get topic orders -o yaml | lanemq diff -f -"},
          "Exit code 0: nothing differs, 1: something does. apply --dry-run says what the "
          "policy thinks of it");
  AddGetCommands(root, action);
}

}  // namespace lanemq::cli
