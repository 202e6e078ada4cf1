#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "client/cli/app/action.h"
#include "client/cli/app/help.h"
#include "client/cli/cluster/endpoints.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/context/context_file.h"
#include "client/cli/context/context_scope.h"

namespace lanemq::cli {
namespace {

constexpr char kExplainedFlags[] = "Explained";

struct AddFlags {
  std::string name;
  ConnectionSettings settings;
};
struct NameFlags {
  std::string name;
};

Cell TextCell(const std::string& text) {
  return text.empty() ? Cell(std::monostate{}) : Cell(MakeVisible(text));
}

Table TableOf(const Contexts& contexts, const std::string& only) {
  Table table{{"context", "current", "servers", "tls", "token_file", "certificate_file", "ca_file"},
              {}};
  for (const auto& [name, settings] : contexts.all) {
    if (!only.empty() && name != only) continue;
    table.rows.push_back({name, name == contexts.current, TextCell(settings.bootstrap),
                          settings.tls.value_or(false), TextCell(settings.token_file),
                          TextCell(settings.certificate_file), TextCell(settings.ca_file)});
  }
  return table;
}

Error NoSuch(const std::string& name) {
  return {ErrorCode::kNotFound, fmt::format("there is no context '{}'", name)};
}

/// What stands after `add` and before it are the same flags.
ConnectionSettings Merge(ConnectionSettings settings, const ConnectionSettings& global) {
  const auto take = [](std::string& field, const std::string& from) {
    if (field.empty()) field = from;
  };
  take(settings.bootstrap, global.bootstrap);
  take(settings.ca_file, global.ca_file);
  take(settings.server_name, global.server_name);
  take(settings.certificate_file, global.certificate_file);
  take(settings.key_file, global.key_file);
  take(settings.token_file, global.token_file);
  if (!settings.tls) settings.tls = global.tls;
  return settings;
}

/// Paths mean the same from everywhere.
void MakeAbsolute(ConnectionSettings& settings) {
  for (std::string* const path :
       {&settings.ca_file, &settings.certificate_file, &settings.key_file, &settings.token_file}) {
    if (path->empty()) continue;
    std::error_code error;
    const auto absolute = std::filesystem::absolute(*path, error);
    if (!error) *path = absolute.lexically_normal().string();
  }
}

ExitCode Add(Session& session, const AddFlags& flags) {
  if (const Status named = CheckContextName(flags.name); !named.ok()) {
    return session.Fail(named.error());
  }
  ConnectionSources given;
  given.flags = Merge(flags.settings, session.flags().connection.flags);
  auto settings = ResolveConnection(given, {});
  if (!settings.ok()) return session.Fail(settings.error());
  if (settings->bootstrap.empty()) {
    return session.Fail({ErrorCode::kInvalidRequest, "where are its servers? Give -b HOST:PORT"});
  }
  if (const auto servers = ParseEndpoints(settings->bootstrap); !servers.ok()) {
    return session.Fail(servers.error());
  }
  MakeAbsolute(*settings);
  const std::string path = ContextPath();
  auto contexts = LoadContexts(path);
  if (!contexts.ok()) return session.Fail(contexts.error());
  if (contexts->all.empty()) contexts->current = flags.name;
  contexts->all[flags.name] = *settings;
  if (!session.flags().is_dry_run) {
    if (const Status saved = SaveContexts(path, *contexts); !saved.ok()) {
      return session.Fail(saved.error());
    }
  }
  session.Show(TableOf(*contexts, flags.name));
  return ExitCode::kDone;
}

ExitCode List(Session& session, const NameFlags& /*flags*/) {
  const auto contexts = LoadContexts(ContextPath());
  if (!contexts.ok()) return session.Fail(contexts.error());
  session.Show(TableOf(*contexts, {}), "There are none; `lanemq context add NAME` makes one.");
  return ExitCode::kDone;
}

/// What commands would do now: not only the current context counts.
ExitCode ShowInForce(Session& session, const NameFlags& /*flags*/) {
  const auto connection = session.Connection();
  if (!connection.ok()) return session.Fail(connection.error());
  const std::string& token =
      connection->token.empty() ? connection->token_file : std::string("$LANEMQ_TOKEN");
  session.Show({{"servers", "tls", "token", "certificate_file", "ca_file", "server_name"},
                {{connection->bootstrap, connection->tls.value_or(false), TextCell(token),
                  TextCell(connection->certificate_file), TextCell(connection->ca_file),
                  TextCell(connection->server_name)}}});
  return ExitCode::kDone;
}

/// Loads, changes and saves; `change` says whether there is such a context.
template <typename Change>
ExitCode Edit(Session& session, const std::string& name, const Change& change) {
  const std::string path = ContextPath();
  auto contexts = LoadContexts(path);
  if (!contexts.ok()) return session.Fail(contexts.error());
  if (!contexts->all.contains(name)) {
    return session.Fail(NoSuch(name), "`lanemq context list` shows those there are");
  }
  change(*contexts);
  if (!session.flags().is_dry_run) {
    if (const Status saved = SaveContexts(path, *contexts); !saved.ok()) {
      return session.Fail(saved.error());
    }
  }
  session.Show(TableOf(*contexts, {}), "There are none any more.");
  return ExitCode::kDone;
}

ExitCode Use(Session& session, const NameFlags& flags) {
  return Edit(session, flags.name, [&](Contexts& contexts) { contexts.current = flags.name; });
}

ExitCode Remove(Session& session, const NameFlags& flags) {
  ExitCode refused{};
  if (!session.flags().is_dry_run &&
      !session.Confirm(fmt::format("Remove context {}?", MakeVisible(flags.name)), refused)) {
    return refused;
  }
  return Edit(session, flags.name, [&](Contexts& contexts) {
    contexts.all.erase(flags.name);
    if (contexts.current == flags.name) contexts.current.clear();
  });
}

void AddAdd(CLI::App& context, Action& action) {
  const auto flags = std::make_shared<AddFlags>();
  CLI::App* leaf =
      AddLeaf(context, "add", "Keep servers, TLS and token under a name, or replace it", action,
              flags, Add);
  leaf->add_option("NAME", flags->name, "What to call it")->required();
  leaf->add_option("-b,--bootstrap-server", flags->settings.bootstrap, "Servers of the cluster")
      ->type_name("HOST:PORT,...");
  AddConnectionFlags(*leaf, flags->settings, kExplainedFlags);
  Explain(
      *leaf,
      {"lanemq context add test -b 127.0.0.1:9650",
       "lanemq context add prod -b mq1:9650,mq2:9650 --ca-file ca.pem --token-file prod.token",
       "lanemq context add edge -b mq1:9650 --tls-certificate-file me.pem --tls-key-file me.key"},
      "A token itself is never kept, only where its file is. Flags of one command are before it");
}

}  // namespace

void AddConnectionFlags(CLI::App& app, ConnectionSettings& settings, const std::string& group) {
  app.add_option("--token-file", settings.token_file,
                 "File with the token to present [$LANEMQ_TOKEN_FILE; $LANEMQ_TOKEN: a token]")
      ->type_name("FILE")
      ->take_last()
      ->group(group);
  app.add_flag_function(
         "--tls,!--no-tls", [&settings](std::int64_t count) { settings.tls = count > 0; },
         "The servers speak TLS; the other flags about it imply this [$LANEMQ_TLS]")
      ->group(group);
  app.add_option("--ca-file", settings.ca_file,
                 "Whose certificates to trust (the system's authorities) [$LANEMQ_CA_FILE]")
      ->type_name("FILE")
      ->take_last()
      ->group(group);
  app.add_option("--tls-server-name", settings.server_name,
                 "Name in the servers' certificates (the host that is called)")
      ->type_name("NAME")
      ->take_last()
      ->group(group);
  app.add_option("--tls-certificate-file", settings.certificate_file,
                 "Certificate to present; it says who you are, without a token")
      ->type_name("FILE")
      ->take_last()
      ->group(group);
  app.add_option("--tls-key-file", settings.key_file, "The key to it")
      ->type_name("FILE")
      ->take_last()
      ->group(group);
}

void AddContextCommands(CLI::App& root, Action& action) {
  CLI::App* context = root.add_subcommand("context", "Clusters by name: servers, TLS, token");
  context->group(kAccessCommands);
  context->require_subcommand(0, 1);
  Explain(*context,
          {"lanemq context add prod -b mq1:9650 --ca-file ca.pem --token-file prod.token",
           "lanemq context use prod", "lanemq --context test topic list"},
          "Kept in ~/.config/lanemq/contexts.json, readable by you alone");
  AddAdd(*context, action);
  auto flags = std::make_shared<NameFlags>();
  Explain(*AddLeaf(*context, "list", "List contexts", action, flags, List),
          {"lanemq context list", "lanemq context list --output name",
           "lanemq context list --output json"},
          "lanemq context show");
  flags = std::make_shared<NameFlags>();
  CLI::App* leaf =
      AddLeaf(*context, "use", "Make a context the one that counts when nothing is said", action,
              flags, Use);
  leaf->add_option("NAME", flags->name, "Context")->required();
  Explain(*leaf,
          {"lanemq context use prod", "lanemq context use prod --dry-run",
           "lanemq context use prod --output json"},
          "--context NAME is for one command, LANEMQ_CONTEXT for a shell");
  flags = std::make_shared<NameFlags>();
  Explain(
      *AddLeaf(*context, "show", "Show what a command would use now", action, flags, ShowInForce),
      {"lanemq context show", "lanemq context show --context prod",
       "lanemq context show --output json"},
      "Flags, the context of --context, the environment, then the current context");
  flags = std::make_shared<NameFlags>();
  leaf = AddLeaf(*context, "remove", "Forget a context", action, flags, Remove);
  leaf->add_option("NAME", flags->name, "Context")->required();
  Explain(*leaf,
          {"lanemq context remove test", "lanemq context remove test --dry-run",
           "lanemq context remove test --yes"},
          "Its files stay where they are");
}

}  // namespace lanemq::cli
