// Signing in and out: the session is kept for the commands that follow.
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "client/cli/cluster/caller_flags.h"
#include "client/cli/cluster/endpoints.h"
#include "client/cli/context/session_file.h"
#include "client/cli/people/people_scope.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using rpc::GovernanceClient;

struct LoginFlags {
  std::string name;
  std::string password_file;
  std::string new_password_file;
  std::string lifetime;
};

/// The cluster, called by the holder of `token`, or by nobody.
Result<std::unique_ptr<Cluster>> ConnectAs(const Session& session, ConnectionSettings connection,
                                           const std::string& token) {
  connection.token = token;
  connection.token_file.clear();
  LANEMQ_ASSIGN_OR_RETURN(auto endpoints, ParseEndpoints(connection.bootstrap));
  LANEMQ_ASSIGN_OR_RETURN(CallerFlags caller, MakeCallerFlags(connection, session.flags().reason));
  return std::make_unique<Cluster>(std::move(endpoints), session.flags().timeout,
                                   std::move(caller));
}

std::string NameOr(const std::string& given) {
  if (!given.empty()) return given;
  const char* const user = std::getenv("USER");
  return user == nullptr ? std::string() : std::string(user);
}

Result<std::string> PasswordOf(const LoginFlags& flags, const std::string& name) {
  if (!flags.password_file.empty()) return ReadPasswordFile(flags.password_file);
  return AskPassword(fmt::format("Password of {}", MakeVisible(name)));
}

Result<idl::SessionResponse> SignIn(Cluster& cluster, const LoginFlags& flags,
                                    const std::string& name, const std::string& password) {
  LANEMQ_ASSIGN_OR_RETURN(const auto lifetime_s, ReadLifetime(flags.lifetime));
  idl::SignInRequest request;
  request.__set_name(name);
  request.__set_password(password);
  if (lifetime_s) request.__set_lifetime_s(*lifetime_s);
  return cluster.ControlOfGiven(&GovernanceClient::SignInSync, request);
}

/// Sets the password that he has to set before anything else.
Status ChangeFirst(const Session& session, const ConnectionSettings& connection,
                   const std::string& token, const LoginFlags& flags, const std::string& name,
                   const std::string& password) {
  NewPasswordFlags given;
  given.file = flags.new_password_file;
  LANEMQ_ASSIGN_OR_RETURN(const std::string new_password, NewPasswordOf(given, name));
  LANEMQ_ASSIGN_OR_RETURN(const auto cluster, ConnectAs(session, connection, token));
  idl::SetPasswordRequest request;
  request.__set_name(name);
  request.__set_new_password(new_password);
  request.__set_current_password(password);
  const auto reply = cluster->ControlOfGiven(&GovernanceClient::SetPasswordSync, request);
  return reply.ok() ? Status{} : Status{reply.error()};
}

Status Keep(const std::string& key, const idl::SessionResponse& reply) {
  const std::string path = SessionsPath();
  LANEMQ_ASSIGN_OR_RETURN(KeptSessions sessions, LoadSessions(path));
  sessions[key] = {reply.token, reply.person.name, WallTime{reply.expires_at_us}};
  return SaveSessions(path, std::move(sessions), WallNow());
}

ExitCode Login(Session& session, const LoginFlags& flags) {
  const auto place = session.WithoutSession();
  if (!place.ok()) return session.Fail(place.error());
  const std::string name = NameOr(flags.name);
  if (name.empty()) return session.Fail({ErrorCode::kInvalidRequest, "who are you? Give a NAME"});
  if (IsRehearsal(session, "sign in as " + name)) return ExitCode::kDone;
  const auto password = PasswordOf(flags, name);
  if (!password.ok()) return session.Fail(password.error());
  const auto cluster = ConnectAs(session, place->connection, {});
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply = SignIn(**cluster, flags, name, *password);
  if (!reply.ok())
    return session.Fail(reply.error(), "an admin sets a new one: `lanemq person password`");
  if (const Status kept = Keep(place->session_key, *reply); !kept.ok()) {
    return session.Fail(kept.error(), "the session is there until it ends, and nobody has it");
  }
  if (reply->person.must_change_password) {
    const bool can_ask = !flags.new_password_file.empty() || isatty(STDIN_FILENO) != 0;
    if (!can_ask) {
      session.out().Note(fmt::format(
          "Somebody else has set this password: set one of your own, `lanemq person password {}`.",
          name));
    } else if (const Status changed =
                   ChangeFirst(session, place->connection, reply->token, flags, name, *password);
               !changed.ok()) {
      return session.Fail(changed.error(),
                          fmt::format("`lanemq person password {}` before anything else", name));
    }
  }
  session.Show({{"person", "role", "expires_at", "servers"},
                {{reply->person.name, reply->person.role,
                  FormatTime(WallTime{reply->expires_at_us}), place->connection.bootstrap}}});
  if (!place->connection.token_file.empty() || !place->connection.token.empty()) {
    session.out().Note("A token is given as well, and goes before the session.");
  }
  return ExitCode::kDone;
}

ExitCode Logout(Session& session, const NoAccessFlags& /*flags*/) {
  const auto place = session.WithoutSession();
  if (!place.ok()) return session.Fail(place.error());
  const std::string path = SessionsPath();
  auto sessions = LoadSessions(path);
  if (!sessions.ok()) return session.Fail(sessions.error());
  const auto kept = sessions->find(place->session_key);
  if (kept == sessions->end()) {
    session.out().Note(fmt::format("You are not signed in at {}.", place->connection.bootstrap));
    return ExitCode::kDone;
  }
  const KeptSession ended = kept->second;
  if (IsRehearsal(session, "sign out " + ended.person)) return ExitCode::kDone;
  const auto cluster = ConnectAs(session, place->connection, ended.token);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply =
      (*cluster)->ControlOfGiven(&GovernanceClient::SignOutSync, idl::SignOutRequest());
  // It has ended already, or nobody is asked who he is, and it did not count.
  const bool is_over = reply.ok() || reply.error().code == ErrorCode::kAuthenticationFailed ||
                       reply.error().code == ErrorCode::kFailedPrecondition;
  if (!is_over) {
    return session.Fail(reply.error(),
                        "the session is kept: try again, so that it ends on servers, too");
  }
  sessions->erase(kept);
  if (const Status saved = SaveSessions(path, *std::move(sessions), WallNow()); !saved.ok()) {
    return session.Fail(saved.error());
  }
  session.out().Note(fmt::format("Signed out {}.", MakeVisible(ended.person)));
  return ExitCode::kDone;
}

}  // namespace

void AddLoginCommands(CLI::App& root, Action& action) {
  const auto login = std::make_shared<LoginFlags>();
  CLI::App* leaf =
      AddLeaf(root, "login", "Sign in with a name and a password", action, login, Login);
  leaf->group(kAccessCommands);
  leaf->add_option("NAME", login->name, "Who you are ($USER)");
  leaf->add_option("--password-file", login->password_file,
                   "Its first line is the password; - is standard input (asked for)")
      ->type_name("FILE");
  leaf->add_option("--new-password-file", login->new_password_file,
                   "The one of your own, where somebody else has set the password (asked for)")
      ->type_name("FILE");
  leaf->add_option("--lifetime", login->lifetime, "Of the session; 1m to 30d (12h)")
      ->type_name("TIME");
  Explain(*leaf,
          {"lanemq login ann", "lanemq login ann --context prod --lifetime 1h",
           "pass show lanemq | lanemq login ann --password-file -"},
          "lanemq logout, lanemq whoami, lanemq person password");
  leaf = AddLeaf(root, "logout", "End the session of lanemq login", action,
                 std::make_shared<NoAccessFlags>(), Logout);
  leaf->group(kAccessCommands);
  Explain(
      *leaf,
      {"lanemq logout", "lanemq logout --context prod", "lanemq logout -b mq1.example.com:9650"},
      "lanemq login");
}

}  // namespace lanemq::cli
