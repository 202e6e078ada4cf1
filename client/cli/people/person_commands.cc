#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/people/people_scope.h"
#include "common/base/secure.h"
#include "common/rpc/token_file.h"

namespace lanemq::cli {
namespace {

using rpc::GovernanceClient;

struct PasswordFlags {
  std::string name;
  std::string current_file;
  NewPasswordFlags password;
};

ExitCode List(Session& session, const NoAccessFlags& /*flags*/) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply =
      (*cluster)->Control(&GovernanceClient::ListPeopleSync, idl::ListPeopleRequest());
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(PeopleTable(reply->people, WallNow()),
               "There are no people; `lanemq person put NAME` makes one.");
  return ExitCode::kDone;
}

/// kNotFound.
Result<idl::Person> PersonNamed(Cluster& cluster, const std::string& name) {
  LANEMQ_ASSIGN_OR_RETURN(
      auto reply, cluster.Control(&GovernanceClient::ListPeopleSync, idl::ListPeopleRequest()));
  for (idl::Person& person : reply.people) {
    if (person.name == name) return std::move(person);
  }
  return Error{ErrorCode::kNotFound, fmt::format("there is no person '{}'", name)};
}

Result<idl::PeopleResponse> PutOne(Cluster& cluster, const idl::Person& person) {
  idl::PutPersonRequest request;
  request.__set_person(person);
  return cluster.Control(&GovernanceClient::PutPersonSync, request);
}

ExitCode Put(Session& session, const PersonFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  auto before = PersonNamed(**cluster, flags.name);
  if (!before.ok() && before.error().code == ErrorCode::kNotFound) before = idl::Person();
  if (!before.ok()) return session.Fail(before.error());
  const auto person = ChangePerson(*before, flags);
  if (!person.ok()) return session.Fail(person.error(), "lanemq person put --help");
  if (session.flags().is_dry_run) {
    session.Show(PeopleTable({*person}, WallNow()));
    session.out().Note("This is what would be: nothing was changed.");
    return ExitCode::kDone;
  }
  const auto after = PutOne(**cluster, *person);
  if (!after.ok()) return session.Fail(after.error());
  session.Show(PeopleTable(after->people, WallNow()));
  if (before->name.empty() && person->oidc_subject.empty()) {
    session.out().Note(
        fmt::format("`lanemq person password {} --generate` gives a first password.", flags.name));
  }
  return ExitCode::kDone;
}

ExitCode Switch(Session& session, const std::vector<std::string>& names, bool is_on) {
  const std::string verb = is_on ? "enable" : "disable";
  const std::string all = MakeVisible(fmt::format("{}", fmt::join(names, ", ")));
  if (IsRehearsal(session, fmt::format("{} person {}", verb, all))) return ExitCode::kDone;
  ExitCode refused{};
  if (!is_on && !session.Confirm(fmt::format("Disable {}? Open sessions end within seconds.", all),
                                 refused)) {
    return refused;
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  return ForEachName(session, names, "person", [&](const auto& name) -> Result<std::string> {
    LANEMQ_ASSIGN_OR_RETURN(idl::Person person, PersonNamed(**cluster, name));
    person.__set_disabled(!is_on);
    LANEMQ_RETURN_IF_ERROR(PutOne(**cluster, person));
    return verb + "d";
  });
}

ExitCode Disable(Session& session, const NamesFlags& flags) {
  return Switch(session, flags.names, false);
}
ExitCode Enable(Session& session, const NamesFlags& flags) {
  return Switch(session, flags.names, true);
}

ExitCode Delete(Session& session, const NamesFlags& flags) {
  const std::string all = MakeVisible(fmt::format("{}", fmt::join(flags.names, ", ")));
  if (IsRehearsal(session, "delete person " + all)) return ExitCode::kDone;
  ExitCode refused{};
  if (!session.Confirm(fmt::format("Delete {} with sessions, tokens and places in teams?", all),
                       refused)) {
    return refused;
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  return ForEachName(session, flags.names, "person", [&](const auto& name) -> Result<std::string> {
    idl::DeletePersonRequest request;
    request.__set_name(name);
    LANEMQ_RETURN_IF_ERROR((*cluster)->Control(&GovernanceClient::DeletePersonSync, request));
    return std::string("deleted");
  });
}

/// Of 32 signs that nobody takes for one another: 100 random bits.
std::string Generated() {
  constexpr std::string_view kSigns = "abcdefghijkmnpqrstuvwxyz23456789";
  static_assert(kSigns.size() == 32);
  std::array<std::uint8_t, 20> random{};
  SecureRandom(random);
  std::string text;
  for (std::size_t i = 0; i < random.size(); ++i) {
    if (i > 0 && i % 5 == 0) text += '-';
    text += kSigns[random[i] % kSigns.size()];
  }
  return text;
}

Result<idl::SetPasswordRequest> ReadChange(const Session& session, Cluster& cluster,
                                           const PasswordFlags& flags) {
  idl::SetPasswordRequest request;
  request.__set_name(flags.name);
  LANEMQ_ASSIGN_OR_RETURN(const std::string caller, PrincipalOf(session, cluster));
  if (!flags.current_file.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(const std::string current, ReadPasswordFile(flags.current_file));
    request.__set_current_password(current);
  } else if (caller == "person:" + flags.name) {
    LANEMQ_ASSIGN_OR_RETURN(const std::string current, AskPassword("Your password as it is"));
    request.__set_current_password(current);
  }
  LANEMQ_ASSIGN_OR_RETURN(const std::string password, NewPasswordOf(flags.password, flags.name));
  request.__set_new_password(password);
  return request;
}

ExitCode SetPassword(Session& session, const PasswordFlags& flags) {
  if (IsRehearsal(session, "set the password of " + flags.name)) return ExitCode::kDone;
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto request = ReadChange(session, **cluster, flags);
  if (!request.ok()) return session.Fail(request.error(), "lanemq person password --help");
  // Of the servers that were given: who has to change his password may ask nothing else.
  const auto reply = (*cluster)->ControlOfGiven(&GovernanceClient::SetPasswordSync, *request);
  if (!reply.ok()) return session.Fail(reply.error());
  if (flags.password.is_generated) session.out().Data(request->new_password + "\n");
  session.out().Note(
      request->__isset.current_password
          ? fmt::format("The password is set. Other sessions of {} have ended.", flags.name)
          : fmt::format("The password is set; {} must change it at the first `lanemq login`. "
                        "All sessions have ended.",
                        flags.name));
  return ExitCode::kDone;
}

void AddPut(CLI::App& person, Action& action) {
  const auto flags = std::make_shared<PersonFlags>();
  CLI::App* leaf =
      AddLeaf(person, "put", "Make a person, or change what is given of one", action, flags, Put);
  leaf->add_option("NAME", flags->name, "a-z, 0-9, '-', '_', '.'; begins with a letter")
      ->required();
  leaf->add_option("--role", flags->role, "viewer (default), operator or admin")->type_name("ROLE");
  leaf->add_option("--display-name", flags->display_name, "For people")->type_name("TEXT");
  leaf->add_option("--email", flags->email, "Operators see it")->type_name("ADDRESS");
  leaf->add_option("--oidc-subject", flags->oidc_subject,
                   "ISSUER|SUB: signs in with this provider, and not with a password; '' ends that")
      ->type_name("SUBJECT");
  Explain(*leaf,
          {"lanemq person put ann --role admin --email ann@example.com",
           "lanemq person put ann --role viewer --reason 'has changed teams'",
           "lanemq person put ann --oidc-subject 'https://login.example|248289761001'",
           "lanemq person put ann --role operator --dry-run"},
          "lanemq person password, lanemq team put --member");
}

void AddPassword(CLI::App& person, Action& action) {
  const auto flags = std::make_shared<PasswordFlags>();
  CLI::App* leaf = AddLeaf(person, "password", "Set one's own password, or as an admin another's",
                           action, flags, SetPassword);
  leaf->add_option("NAME", flags->name, "Whose")->required();
  CLI::Option* file = leaf->add_option("--password-file", flags->password.file,
                                       "Its first line is the new one; - is standard input (asked "
                                       "for)")
                          ->type_name("FILE");
  leaf->add_flag("--generate", flags->password.is_generated, "Make one up and print it, once")
      ->excludes(file);
  leaf->add_option("--current-password-file", flags->current_file,
                   "Of one's own: its first line is the one so far (asked for)")
      ->type_name("FILE");
  Explain(*leaf,
          {"lanemq person password ann", "lanemq person password bob --generate",
           "lanemq person password ann --password-file new.txt --current-password-file old.txt"},
          "lanemq login");
}

void AddNames(CLI::App& person, Action& action, const std::string& name, const std::string& what,
              ExitCode (*run)(Session&, const NamesFlags&), const std::string& see_also) {
  const auto flags = std::make_shared<NamesFlags>();
  CLI::App* leaf = AddLeaf(person, name, what, action, flags, run);
  leaf->add_option("NAME", flags->names, "People")->required();
  Explain(*leaf,
          {fmt::format("lanemq person {} bob", name),
           fmt::format("lanemq person {} bob --dry-run", name),
           fmt::format("lanemq person {} bob cid --yes --reason 'have left'", name)},
          see_also);
}

}  // namespace

Result<std::string> NewPasswordOf(const NewPasswordFlags& flags, const std::string& name) {
  if (flags.is_generated) return Generated();
  if (!flags.file.empty()) return ReadPasswordFile(flags.file);
  return AskNewPassword(fmt::format("New password of {}", MakeVisible(name)));
}

Result<std::string> PrincipalOf(const Session& session, Cluster& cluster) {
  LANEMQ_ASSIGN_OR_RETURN(const ConnectionSettings connection, session.Connection());
  std::string token = connection.token;
  if (!connection.token_file.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(token, rpc::ReadTokenFile(connection.token_file));
  }
  if (token.empty()) return std::string("anonymous");
  LANEMQ_ASSIGN_OR_RETURN(const auto reply, cluster.Identity(token));
  return reply.principal;
}

void AddPersonCommands(CLI::App& root, Action& action) {
  CLI::App* person =
      AddAccessNoun(root, "person", "List, make, change, disable and delete people who sign in",
                    {"lanemq person list", "lanemq person put ann --role admin",
                     "lanemq person password ann --generate"},
                    "lanemq login, lanemq team");
  Explain(*AddLeaf(*person, "list", "List people, and what keeps any from signing in", action,
                   std::make_shared<NoAccessFlags>(), List),
          {"lanemq person list", "lanemq person list --output name",
           "lanemq person list --output json | jq -r '.items[].person'"},
          "lanemq team list");
  AddPut(*person, action);
  AddPassword(*person, action);
  AddNames(*person, action, "disable", "Let people in no more, for now", Disable,
           "lanemq person enable");
  AddNames(*person, action, "enable", "Let people in again", Enable, "lanemq person disable");
  AddNames(*person, action, "delete", "Delete people with sessions, tokens and places in teams",
           Delete, "lanemq person disable: the same, but it can be undone");
}

}  // namespace lanemq::cli
