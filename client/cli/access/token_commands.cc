#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/access/access_scope.h"
#include "client/cli/access/access_table.h"
#include "client/cli/people/people_scope.h"
#include "client/cli/terminal/private_file.h"

namespace lanemq::cli {
namespace {

using rpc::AccessClient;

constexpr std::string_view kPersonPrefix = "person:";

struct ListFlags {
  std::string service;
};

ExitCode List(Session& session, const ListFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::ListTokensRequest request;
  if (!flags.service.empty()) request.__set_service_name(flags.service);
  const auto reply = (*cluster)->Control(&AccessClient::ListTokensSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(TokensTable(reply->tokens, WallNow()),
               "There are no tokens; `lanemq token issue SERVICE` makes one.");
  return ExitCode::kDone;
}

/// The only place that prints a token.
void ShowIssued(Session& session, const idl::IssueTokenResponse& issued, const std::string& file) {
  if (session.IsJson()) {
    session.out().Data(IssuedJson(issued, file) + "\n");
  } else {
    session.out().Data((file.empty() ? issued.secret : file) + "\n");
  }
  const std::string& id = issued.token.id;
  if (file.empty()) {
    session.out().Note(
        fmt::format("Token {}, shown this once: keep it where {} alone can read it.", id,
                    MakeVisible(issued.token.service_name.empty() ? issued.token.person
                                                                  : issued.token.service_name)));
  } else {
    session.out().Note(fmt::format("Token {} is in {}, for its owner alone.", id, file));
  }
  session.out().Note(
      fmt::format("It counts within about a second. `lanemq token revoke {}` ends it.", id));
}

ExitCode Issue(Session& session, const TokenFlags& flags) {
  auto request = ReadIssue(flags);
  if (!request.ok()) return session.Fail(request.error(), "lanemq token issue --help");
  const std::string whose = flags.is_mine ? "of your own" : "of service " + flags.service;
  if (IsRehearsal(session, "issue a token " + whose)) return ExitCode::kDone;
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  if (flags.is_mine) {
    const auto principal = PrincipalOf(session, **cluster);
    if (!principal.ok()) return session.Fail(principal.error());
    if (!principal->starts_with(kPersonPrefix)) {
      return session.Fail({ErrorCode::kInvalidRequest,
                           fmt::format("--mine is for who has signed in, not for {}", *principal)},
                          "lanemq login");
    }
    request->__set_person(principal->substr(kPersonPrefix.size()));
  }
  // Before there is a token that could not be kept.
  std::optional<PrivateFile> file;
  if (!flags.output_file.empty()) {
    auto opened = PrivateFile::Open(flags.output_file);
    if (!opened.ok()) return session.Fail(opened.error());
    file.emplace(*std::move(opened));
  }
  const auto issued = (*cluster)->ControlOnce(&AccessClient::IssueTokenSync, *request);
  if (!issued.ok()) {
    if (EffectOf(issued.error().code) == Effect::kNone) return session.Fail(issued.error());
    return session.Fail(issued.error(),
                        fmt::format("it may be there, and nobody has it: `lanemq token list{}{}`, "
                                    "then `lanemq token revoke`",
                                    flags.is_mine ? "" : " ", flags.service));
  }
  if (file) {
    if (const Status written = file->Commit(issued->secret + "\n"); !written.ok()) {
      return session.Fail(
          written.error(),
          fmt::format("nobody has the token: `lanemq token revoke {}`", issued->token.id));
    }
  }
  ShowIssued(session, *issued, flags.output_file);
  return ExitCode::kDone;
}

ExitCode Revoke(Session& session, const NamesFlags& flags) {
  const std::string all = MakeVisible(fmt::format("{}", fmt::join(flags.names, ", ")));
  for (const std::string& id : flags.names) {
    if (id.starts_with("lmq_")) {
      return session.Fail({ErrorCode::kInvalidRequest, "that is a token, not the id of one"},
                          "`lanemq token list` shows ids. A token in a command line shows in lists "
                          "of processes: revoke this one");
    }
  }
  if (IsRehearsal(session, "revoke token " + all)) return ExitCode::kDone;
  ExitCode refused{};
  if (!session.Confirm(fmt::format("Revoke {}? Connections made with it end within seconds.", all),
                       refused)) {
    return refused;
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  return ForEachName(session, flags.names, "token", [&](const auto& id) -> Result<std::string> {
    idl::RevokeTokenRequest request;
    request.__set_id(id);
    LANEMQ_RETURN_IF_ERROR((*cluster)->Control(&AccessClient::RevokeTokenSync, request));
    return std::string("revoked");
  });
}

}  // namespace

void AddTokenCommands(CLI::App& root, Action& action) {
  CLI::App* token =
      AddAccessNoun(root, "token", "Issue, list and revoke tokens of services and people",
                    {"lanemq token issue billing --output-file billing.token",
                     "lanemq token list billing", "lanemq token revoke 4fGh01xYz9"},
                    "lanemq service, docs/OPERATING.md");
  const auto issue = std::make_shared<TokenFlags>();
  CLI::App* leaf =
      AddLeaf(*token, "issue", "Make a token for a service; shown once", action, issue, Issue);
  leaf->add_option("SERVICE", issue->service, "Service");
  leaf->add_flag("--mine", issue->is_mine,
                 "Your own, for programs that you run; needs lanemq login");
  leaf->add_option("--expires", issue->expires,
                   "So long from now; 1m to 10 years (never), with --mine to 90d (90d)")
      ->type_name("TIME");
  leaf->add_option("--note", issue->note, "What it is for")->type_name("TEXT");
  leaf->add_option("-f,--output-file", issue->output_file,
                   "Write it there, readable by you alone, and print the path")
      ->type_name("FILE");
  Explain(*leaf,
          {"lanemq token issue billing --output-file billing.token",
           "lanemq token issue billing --expires 90d --note 'rotation of May'",
           "lanemq token issue --mine --expires 30d --output-file ~/.lanemq.token",
           "lanemq token issue billing --output json | jq -r .token"},
          "To change a token: issue, put it in place, then lanemq token revoke of the old one");

  const auto list = std::make_shared<ListFlags>();
  leaf = AddLeaf(*token, "list", "List tokens, without what is secret of them", action, list, List);
  leaf->add_option("SERVICE", list->service, "Only of this service");
  Explain(*leaf,
          {"lanemq token list", "lanemq token list billing", "lanemq token list --output json"},
          "lanemq token revoke");

  const auto revoke = std::make_shared<NamesFlags>();
  leaf = AddLeaf(*token, "revoke", "End tokens at once", action, revoke, Revoke);
  leaf->add_option("ID", revoke->names, "As `lanemq token list` shows them")->required();
  Explain(*leaf,
          {"lanemq token revoke 4fGh01xYz9", "lanemq token revoke 4fGh01xYz9 --dry-run",
           "lanemq token revoke 4fGh01xYz9 --yes --reason 'it was in a log'"},
          "lanemq service disable ends all of a service");
}

}  // namespace lanemq::cli
