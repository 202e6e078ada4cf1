// Requests for changes: proposing, deciding, looking.
#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "client/cli/access/access_scope.h"
#include "client/cli/apply/diff_text.h"
#include "client/cli/apply/proposing.h"
#include "client/cli/governance/governance_scope.h"
#include "client/cli/governance/request_text.h"
#include "client/cli/text/time_text.h"
#include "common/core/policy/bundle_json.h"
#include "common/rpc/governance_client.h"
#include "governance_types.h"

namespace lanemq::cli {
namespace {

using rpc::GovernanceClient;

struct ProposeFlags {
  std::string file;
  std::string title;
  std::string break_glass;
  std::string wait;
  bool is_draft = false;
};
struct ListFlags {
  std::vector<std::string> states;
  std::string author;
  std::string waits_for;
  std::int32_t max = 100;
};
struct DeedFlags {
  std::int64_t id = 0;
  std::string deed;
  std::string file;
  std::optional<std::string> title;
  std::optional<std::int64_t> if_version;
};

/// What is left of a call's time is for the call itself.
std::int32_t WaitMs(const Session& session) {
  const auto timeout =
      std::chrono::duration_cast<std::chrono::milliseconds>(session.flags().timeout);
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(timeout.count() / 2, 0, 60'000));
}

ExitCode CodeOf(const idl::Decision& decision) {
  if (decision.kind == "needs_approval") return ExitCode::kNeedsApproval;
  return decision.kind == "refuse" ? ExitCode::kDenied : ExitCode::kDone;
}

/// Shows one request as it is, or its number alone.
void ShowOne(Session& session, const idl::ChangeRequest& request) {
  if (session.IsJson()) {
    session.out().Data(RequestJson(request) + "\n");
  } else if (session.flags().has_format && session.flags().format != OutputFormat::kTable) {
    session.Show(RequestsTable({request}));
  } else {
    session.out().Data(RequestText(request));
  }
}

ExitCode DryRun(Session& session, Cluster& cluster, const std::string& bundle,
                const ProposeFlags& flags) {
  idl::ProposeChangeRequest request;
  request.__set_bundle_json(bundle);
  request.__set_dry_run(true);
  if (!flags.break_glass.empty()) request.__set_break_glass_reason(flags.break_glass);
  const auto reply = cluster.Control(&GovernanceClient::ProposeChangeSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  for (const std::string& line : DecisionLines(reply->decision)) session.out().Note(line);
  session.out().Note("Nothing was asked for or changed.");
  return CodeOf(reply->decision);
}

ExitCode KeepDraft(Session& session, Cluster& cluster, const std::string& bundle,
                   const ProposeFlags& flags) {
  idl::ProposeChangeRequest request;
  request.__set_bundle_json(bundle);
  request.__set_submit(false);
  if (!flags.title.empty()) request.__set_title(flags.title);
  const auto reply = cluster.ControlOnce(&GovernanceClient::ProposeChangeSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  for (const std::string& line : DecisionLines(reply->decision)) session.out().Note(line);
  session.out().Data(fmt::format("{}\n", reply->request.id));
  return ExitCode::kDone;
}

ExitCode ProposeFile(Session& session, const ProposeFlags& flags) {
  const auto text = ReadWhole(flags.file, core::kBundleBytesMax);
  if (!text.ok()) return session.Fail(text.error());
  const auto bundle = core::BundleFromText(*text);
  if (!bundle.ok()) return session.Fail(bundle.error(), "lanemq request propose --help");
  ProposalFlags proposal{.title = flags.title, .break_glass = flags.break_glass};
  if (!flags.wait.empty()) {
    const auto wait = ParseDuration(flags.wait);
    if (!wait.ok()) return session.Fail(wait.error());
    proposal.wait = *wait;
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const std::string json = core::BundleToText(*bundle);
  if (session.flags().is_dry_run) return DryRun(session, **cluster, json, flags);
  if (flags.is_draft) return KeepDraft(session, **cluster, json, flags);
  return Propose(session, **cluster, {*bundle}, proposal);
}

ExitCode List(Session& session, const ListFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::ListChangesRequest request;
  if (!flags.states.empty()) request.__set_states(flags.states);
  if (!flags.author.empty()) request.__set_author(flags.author);
  if (!flags.waits_for.empty()) request.__set_waits_for(flags.waits_for);
  request.__set_max(flags.max);
  const auto reply = (*cluster)->Control(&GovernanceClient::ListChangesSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(RequestsTable(reply->requests), "There are no such requests.");
  if (reply->has_more) session.out().Note("There are more: --max shows up to 1,000.");
  return ExitCode::kDone;
}

ExitCode Show(Session& session, const DeedFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::DescribeChangeRequest request;
  request.__set_id(flags.id);
  const auto reply = (*cluster)->Control(&GovernanceClient::DescribeChangeSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  ShowOne(session, reply->request);
  if (reply->__isset.decision) {
    for (const std::string& line : DecisionLines(reply->decision)) session.out().Note(line);
  }
  return ExitCode::kDone;
}

/// What a deed left: waiting, failed, or as it was meant.
ExitCode CodeOf(const idl::ChangeRequest& request, const std::string& deed) {
  if (deed == "submit" && request.state == "pending") return ExitCode::kNeedsApproval;
  const bool is_meant = deed == "approve" || deed == "submit" || deed == "break_glass";
  return is_meant && request.state == "failed" ? ExitCode::kFailed : ExitCode::kDone;
}

/// A yes is to what was seen, and to nothing that came after it.
bool NeedsVersion(const std::string& deed) { return deed == "approve" || deed == "break_glass"; }

/// Shows what the deed is about, on the screen's side of the output. The version that was shown.
Result<std::int64_t> ShowBefore(Session& session, Cluster& cluster, std::int64_t id) {
  idl::DescribeChangeRequest request;
  request.__set_id(id);
  LANEMQ_ASSIGN_OR_RETURN(const auto reply,
                          cluster.Control(&GovernanceClient::DescribeChangeSync, request));
  const std::string text = RequestText(reply.request);
  session.out().Note(std::string_view(text).substr(0, text.find_last_not_of('\n') + 1));
  return reply.request.version;
}

ExitCode Act(Session& session, const DeedFlags& flags) {
  idl::ActOnChangeRequest request;
  request.__set_id(flags.id);
  request.__set_deed(flags.deed);
  if (!session.flags().reason.empty()) request.__set_reason(session.flags().reason);
  if (!flags.file.empty()) {
    const auto text = ReadWhole(flags.file, core::kBundleBytesMax);
    if (!text.ok()) return session.Fail(text.error());
    const auto bundle = core::BundleFromText(*text);
    if (!bundle.ok()) return session.Fail(bundle.error(), "lanemq request propose --help");
    request.__set_bundle_json(core::BundleToText(*bundle));
  }
  if (flags.title) request.__set_title(*flags.title);
  request.__set_wait_ms(WaitMs(session));
  if (IsRehearsal(session, fmt::format("{} request {}", flags.deed, flags.id))) {
    return ExitCode::kDone;
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  if (flags.if_version) {
    request.__set_if_version(*flags.if_version);
  } else if (NeedsVersion(flags.deed)) {
    const auto seen = ShowBefore(session, **cluster, flags.id);
    if (!seen.ok()) return session.Fail(seen.error(), "lanemq request list");
    request.__set_if_version(*seen);
  }
  const auto reply = (*cluster)->ControlOnce(&GovernanceClient::ActOnChangeSync, request);
  if (!reply.ok()) {
    return session.Fail(reply.error(), fmt::format("lanemq request show {}", flags.id));
  }
  ShowOne(session, reply->request);
  return CodeOf(reply->request, flags.deed);
}

std::shared_ptr<DeedFlags> AddDeed(CLI::App& noun, Action& action, const std::string& name,
                                   const std::string& what, const std::string& deed,
                                   const std::vector<std::string>& examples,
                                   std::string_view see_also, CLI::App** leaf_out = nullptr) {
  const auto flags = std::make_shared<DeedFlags>();
  flags->deed = deed;
  CLI::App* leaf = AddLeaf(noun, name, what, action, flags, deed.empty() ? Show : Act);
  leaf->add_option("REQUEST", flags->id, "Its number")->required();
  if (NeedsVersion(deed)) {
    leaf->add_option("--if-version", flags->if_version,
                     "Only if it is still this one (default: the one that is shown first)")
        ->type_name("N");
  }
  Explain(*leaf, examples, see_also);
  if (leaf_out != nullptr) *leaf_out = leaf;
  return flags;
}

void AddPropose(CLI::App& noun, Action& action) {
  const auto flags = std::make_shared<ProposeFlags>();
  CLI::App* leaf = AddLeaf(
      noun, "propose",
      "Ask for changes: what the policy lets through is applied, the rest waits for a yes (exit 8)",
      action, flags, ProposeFile);
  leaf->add_option("-f,--file", flags->file,
                   "{\"changes\": [{\"kind\": \"create_topic\", ...}]}; - is stdin")
      ->type_name("FILE")
      ->required();
  leaf->add_option("--title", flags->title, "What it is for, on one line")->type_name("TEXT");
  leaf->add_flag("--draft", flags->is_draft, "Keep it as a draft; `submit` asks for it");
  leaf->add_option("--break-glass", flags->break_glass,
                   "Operators: wait for nobody, and say why; those who were needed are told")
      ->type_name("REASON");
  leaf->add_option("--wait", flags->wait, "How long for it to be applied (default 5m)")
      ->type_name("TIME");
  Explain(*leaf,
          {"lanemq request propose -f refunds.json --title 'Topics for refunds'",
           "lanemq request propose -f refunds.json --dry-run",
           "echo '{\"changes\": [{\"kind\": \"create_topic\", \"name\": \"refund\", "
           "\"owner\": \"pay\"}]}' | lanemq request propose -f -"},
          "lanemq apply, lanemq request show, docs/reference");
}

void AddList(CLI::App& noun, Action& action) {
  const auto flags = std::make_shared<ListFlags>();
  CLI::App* leaf = AddLeaf(noun, "list", "List requests, newest first", action, flags, List);
  leaf->add_option("--state", flags->states, "pending, applied, failed, ...; may be repeated")
      ->type_name("STATE")
      ->allow_extra_args(false);
  leaf->add_option("--author", flags->author, "Of this one: person:ann")->type_name("WHO");
  leaf->add_option("--waits-for", flags->waits_for, "That this person may say yes to: person:ann")
      ->type_name("WHO");
  leaf->add_option("--max", flags->max, "At most so many (default 100, up to 1,000)")
      ->type_name("N");
  Explain(*leaf,
          {"lanemq request list", "lanemq request list --state pending --output json",
           "lanemq request list --waits-for person:ann"},
          "lanemq request show");
}

void AddEdit(CLI::App& noun, Action& action) {
  CLI::App* leaf = nullptr;
  const auto flags =
      AddDeed(noun, action, "edit", "Change what is asked for; it is a draft again", "edit",
              {"lanemq request edit 12 -f refunds.json", "lanemq request edit 12 --title 'Refunds'",
               "lanemq request edit 12 -f refunds.json && lanemq request submit 12"},
              "lanemq request submit", &leaf);
  leaf->add_option("-f,--file", flags->file, "What to ask for instead; - is stdin")
      ->type_name("FILE");
  leaf->add_option("--title", flags->title, "What it is for, on one line")->type_name("TEXT");
}

}  // namespace

void AddRequestCommands(CLI::App& root, Action& action) {
  CLI::App* noun = AddAccessNoun(
      root, "request", "Ask for changes of topics, grants, quotas and teams, and decide on them",
      {"lanemq request propose -f refunds.json", "lanemq request list --state pending",
       "lanemq request approve 12"},
      "lanemq apply, lanemq policy");
  AddPropose(*noun, action);
  AddList(*noun, action);
  AddDeed(*noun, action, "show", "Show what is asked for, and whose yes is missing", "",
          {"lanemq request show 12", "lanemq request show 12 --output json",
           "lanemq request show 12 --output json | jq .bundle"},
          "lanemq request approve");
  AddDeed(*noun, action, "approve", "Say yes; with the last one it is applied", "approve",
          {"lanemq request approve 12", "lanemq request approve 12 --reason 'agreed in the review'",
           "lanemq request approve 12 --if-version 3 --output json"},
          "Nobody says yes to his own; lanemq request decline");
  AddDeed(*noun, action, "decline", "Say no, with --reason", "decline",
          {"lanemq request decline 12 --reason 'use payments.events'",
           "lanemq request decline 12 --reason 'too large' --output json",
           "lanemq request decline 12 --reason 'see the review' --dry-run"},
          "lanemq request approve");
  AddDeed(*noun, action, "submit", "Ask for what is in a draft", "submit",
          {"lanemq request submit 12", "lanemq request submit 12 --output json",
           "lanemq request submit 12 || test $? -eq 8"},
          "lanemq request edit");
  AddDeed(
      *noun, action, "withdraw", "Take one's own request back", "withdraw",
      {"lanemq request withdraw 12", "lanemq request withdraw 12 --reason 'not needed any more'",
       "lanemq request withdraw 12 --dry-run"},
      "lanemq request give-up");
  AddDeed(*noun, action, "break-glass",
          "Operators: apply it without the yes that it needs, with --reason; all are told",
          "break_glass",
          {"lanemq request break-glass 12 --reason 'payments are down, ann is asleep'",
           "lanemq request break-glass 12 --reason 'INC-42' --output json",
           "lanemq request break-glass 12 --reason 'INC-42' --dry-run"},
          "lanemq audit search");
  AddDeed(*noun, action, "give-up", "Undo what is being applied, if that is still possible",
          "give_up",
          {"lanemq request give-up 12 --reason 'the wrong cluster'",
           "lanemq request give-up 12 --reason 'no room' --output json",
           "lanemq request give-up 12 --reason 'no room' --dry-run"},
          "lanemq request show");
  AddEdit(*noun, action);
}

}  // namespace lanemq::cli
