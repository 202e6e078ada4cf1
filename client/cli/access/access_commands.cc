// Who may do what: begins here; a file for each noun. See access_scope.h.
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "client/cli/access/access_scope.h"
#include "client/cli/governance/governance_scope.h"
#include "client/cli/people/people_scope.h"
#include "client/cli/text/time_text.h"
#include "common/rpc/token_file.h"

namespace lanemq::cli {
namespace {

/// The token in force; empty: there is none.
Result<std::string> TokenOf(const ConnectionSettings& connection) {
  if (connection.token_file.empty()) return connection.token;
  return rpc::ReadTokenFile(connection.token_file);
}

/// Where the token came from, for people.
std::string SourceOf(const Session& session, const ConnectionSettings& connection) {
  if (!connection.token_file.empty()) return connection.token_file;
  const bool is_of_environment = !session.flags().connection.environment.token.empty();
  if (!connection.token.empty()) return is_of_environment ? "LANEMQ_TOKEN" : "lanemq login";
  if (!connection.certificate_file.empty()) return connection.certificate_file;
  return {};
}

ExitCode WhoAmI(Session& session, const NoAccessFlags& /*flags*/) {
  const auto connection = session.Connection();
  if (!connection.ok()) return session.Fail(connection.error());
  const auto token = TokenOf(*connection);
  if (!token.ok()) return session.Fail(token.error());
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply = (*cluster)->Identity(*token);
  if (!reply.ok()) {
    const std::string source = SourceOf(session, *connection);
    if (source == "lanemq login") {
      return session.Fail(reply.error(), "the session has ended: `lanemq login`");
    }
    return session.Fail(reply.error(), source.empty() ? "`lanemq login`, --token-file or a context "
                                                        "(`lanemq context add`) says it"
                                                      : "");
  }
  const auto text = [](bool is_set, const std::string& value) {
    return is_set && !value.empty() ? Cell(MakeVisible(value)) : Cell(std::monostate{});
  };
  Cell expires;
  if (reply->__isset.expires_at_us) expires = FormatTime(WallTime{reply->expires_at_us});
  const std::string teams =
      reply->__isset.seats ? SeatsText(reply->seats) : std::string(reply->team);
  session.Show({{"principal", "role", "team", "expires_at", "by", "servers", "tls"},
                {{reply->principal, text(reply->__isset.role, reply->role), text(true, teams),
                  expires, text(true, SourceOf(session, *connection)), connection->bootstrap,
                  connection->tls.value_or(false)}}});
  if (reply->must_change_password) {
    session.out().Note(
        "Somebody else has set your password: `lanemq person password` changes it, "
        "and nothing else is allowed before.");
  }
  return ExitCode::kDone;
}

}  // namespace

CLI::App* AddAccessNoun(CLI::App& root, const std::string& name, const std::string& what,
                        const std::vector<std::string>& examples, std::string_view see_also) {
  CLI::App* noun = root.add_subcommand(name, what);
  noun->group(kAccessCommands);
  noun->require_subcommand(0, 1);
  Explain(*noun, examples, see_also);
  return noun;
}

void AddObjectFlags(CLI::App& leaf, ObjectFlags& object, const std::string& what,
                    const std::string& more) {
  CLI::Option* topic =
      leaf.add_option("-t,--topic", object.topic, what + " this topic" + more)->type_name("TOPIC");
  leaf.add_option("-g,--group", object.group, what + " this group" + more)
      ->type_name("GROUP")
      ->excludes(topic);
}

void AddAccessCommands(CLI::App& root, Action& action) {
  AddLoginCommands(root, action);
  AddPersonCommands(root, action);
  AddTeamCommands(root, action);
  AddServiceCommands(root, action);
  AddTokenCommands(root, action);
  AddAclCommands(root, action);
  AddOwnerCommands(root, action);
  AddQuotaCommands(root, action);
  AddPolicyCommands(root, action);
  AddRequestCommands(root, action);
  AddAuditCommands(root, action);
  AddHygieneCommand(root, action);
  CLI::App* leaf = AddLeaf(root, "whoami", "Show whom servers take you for", action,
                           std::make_shared<NoAccessFlags>(), WhoAmI);
  leaf->group(kAccessCommands);
  Explain(*leaf,
          {"lanemq whoami", "lanemq whoami --token-file billing.token",
           "lanemq whoami --context prod --output json"},
          "lanemq context, lanemq acl check");
}

}  // namespace lanemq::cli
